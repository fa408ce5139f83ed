// Events and choices in words.
import { payloadText } from "./payload.js";

/** @typedef {import("./types.js").Event} Event */
/** @typedef {import("./types.js").Model} Model */
/** @typedef {import("./types.js").Operation} Operation */

const errorWords = /** @type {Record<string, string>} */ ({
    canceled: "it was canceled",
    reset: "the connection was reset by the peer",
    broken: "the connection can no longer send",
    refused: "the connection was refused",
    unreachable: "the host cannot be reached",
    timed_out: "the peer did not answer in time",
    no_buffers: "the system has no buffers left",
    too_many_handles: "too many handles are open",
    would_block: "nothing is there yet",
});

/** What each fault has done, and the benign way. */
export const faultWords = /** @type {Record<string, [string, string]>} */ ({
    partial_receive: ["a receive gives less than has arrived", "all that has arrived"],
    short_send: ["a send takes fewer bytes than there is room for", "all that there is room for"],
    whole_send: ["a send completes when all its bytes are taken", "it completes with what fits"],
    small_pipe: ["the connection holds only a few bytes", "a roomy connection"],
    reorder: ["a completion overtakes others that were ready before it", "first in, first out"],
    delay: ["a completion comes out late", "it comes out at once"],
    interleave: ["other coroutines run before one enters a monitor", "it enters at once"],
    latency: ["what is sent takes time to arrive", "it arrives at once"],
    network_reset: ["the network resets the connection", "the connection stays up"],
    reset_discards: ["the reset destroys bytes that had arrived", "they can still be received"],
    cancel_loses: ["a receive succeeds although it was canceled", "the cancel wins"],
    no_buffers: ["a start fails: the system has no buffers left", "the start succeeds"],
    accept_reset: ["a connection is gone before it is accepted", "it is accepted"],
    accept_shortage: [
        "an accept fails: too many handles are open, or no buffers are left",
        "it is accepted",
    ],
    connect_refused: ["the connect is refused", "it is accepted"],
    connect_timed_out: ["the connect gets no answer", "it is answered"],
    crash: ["a host crashes, and comes back when the world is calm", "it stays up"],
    restart: ["a host crashes, and comes back after a while", "it stays up"],
    partition: ["nothing gets from some hosts to others for a while", "all hosts reach each other"],
    clock_skew: ["the clock of a host is wrong", "it is right"],
});

/** Which fault a choice of the simulator decides about, by its label. */
export const faultOfLabel = /** @type {Record<string, string>} */ ({
    "receive: partial": "partial_receive",
    "send: short": "short_send",
    "completion: overtakes": "reorder",
    "completion: late": "delay",
    "step: others first": "interleave",
    "network: latency": "latency",
    "network: reset": "network_reset",
    "cancel: receive wins": "cancel_loses",
    "receive: no buffers": "no_buffers",
    "send: no buffers": "no_buffers",
    "accept: reset before accept": "accept_reset",
    "accept: connection gone": "accept_reset",
    "accept: shortage": "accept_shortage",
    "connect: refused": "connect_refused",
    "connect: never answered": "connect_timed_out",
    "host: crash": "crash",
    "host: restart": "restart",
    "network: partition": "partition",
    "host: clock": "clock_skew",
});

const farewells = ["its program is killed", "it is rebooted", "its power is cut"];

/** What the choice "host: how its clock runs" means, by its value. */
const clocks = [
    "it is 1.5 s ahead",
    "it is 30 h ahead",
    "it runs a tenth too fast",
    "it runs a tenth too slow",
    "it is 40 s ahead and runs at twice the speed",
];

/** The choice of what a loss of power costs. */
export const lostWrites = "host: writes that are lost";

/** @param {number} value */
function lostText(value) {
    const count = (value + 1) >> 1;
    const isCut = value % 2 === 1; // an odd value keeps the first half of the first, if it can be cut
    if (count === 1)
        return `the last write since the last sync is ${isCut ? "cut or lost" : "lost"}`;
    return (
        `the last ${count} writes since the last sync are lost` +
        (isCut ? ", but for a part of the first" : "")
    );
}

export const amounts = /** @type {Record<string, (value: number) => string>} */ ({
    "receive: bytes held back": (value) => `${plural(value + 1, "byte")} held back`,
    "send: bytes left out": (value) => `${plural(value + 1, "byte")} left out`,
    "completion: how late": (value) => `${["20 µs", "900 µs", "25 ms"][value] ?? value} late`,
    "completion: overtakes": (value) => `it overtakes ${plural(value, "other")}`,
    "host: how it ends": (value) => farewells[value] ?? String(value),
    "host: how it ends, and for how long": (value) =>
        `${farewells[value % 3]}, for ${["1 ms", "500 ms", "10 s"][Math.floor(value / 3)] ?? value}`,
    "host: how its clock runs": (value) => clocks[value] ?? String(value),
    [lostWrites]: lostText,
    "network: which partition": (value) =>
        `cut ${Math.floor(value / 9) + 1}, ` +
        `${["both ways", "one way", "the other way"][Math.floor(value / 3) % 3]}, ` +
        `for ${["300 ms", "5 s", "40 s"][value % 3]}`,
});

/** @param {number} number @param {string} noun @returns {string} */
export const plural = (number, noun) =>
    `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

/** @param {string} text @returns {string} */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * A virtual time: "60.470 s", "1.25 ms".
 * @param {number} nanoseconds
 * @returns {string}
 */
export function timeText(nanoseconds) {
    if (nanoseconds === 0) return "0";
    if (nanoseconds < 1e3) return `${nanoseconds} ns`;
    if (nanoseconds < 1e6) return `${trimmed(nanoseconds / 1e3)} µs`;
    if (nanoseconds < 1e9) return `${trimmed(nanoseconds / 1e6)} ms`;
    return `${trimmed(nanoseconds / 1e9)} s`;
}

/** @param {number} value @returns {string} */
const trimmed = (value) => String(Number(value.toFixed(3)));

/** @param {import("./types.js").Place | null} place @returns {string} "server.cpp:33" */
export function placeText(place) {
    if (place === null) return "";
    return `${place.file.slice(place.file.lastIndexOf("/") + 1)}:${place.line}`;
}

/**
 * "client 1", or "client 1, visit 2" if it has several connections; empty: not known.
 * @param {Model} model @param {number} number of the connection @returns {string}
 */
export function clientOf(model, number) {
    const connection = model.connections.find((each) => each.number === number);
    if (connection === undefined || connection.role === "") return "";
    const { role, client } = connection;
    const own = model.connections.filter((each) => each.role === role && each.client === client);
    const visit = own.length > 1 ? `, visit ${own.indexOf(connection) + 1}` : "";
    return `${role} ${client}${visit}`;
}

/** The host of an end; empty: the world's own machine. @param {Model} model @param {{connection: number, accepted: boolean}} end */
export function hostOfEnd(model, { connection, accepted }) {
    const known = model.connections.find((each) => each.number === connection);
    return known?.hosts[accepted ? 1 : 0] ?? "";
}

/** "a, b and c". @param {string[]} names */
export const listText = (names) =>
    names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** @param {import("./types.js").Partition} partition */
export function partitionText({ from, to, bothWays, span }) {
    const sides = bothWays
        ? `nothing passes between ${listText(from)} on one side and ${listText(to)} on the other`
        : `nothing gets from ${listText(from)} to ${listText(to)}`;
    return `${sides}, for ${timeText(span)} or until the world is calm`;
}

/**
 * One end of a connection: "client 1", "the server (connection 1)", "broker (connection 1)".
 * @param {Model} model @param {{connection: number, accepted: boolean, host?: string}} end
 */
export function endText(model, { connection, accepted, host = "" }) {
    if (connection === 0) return host === "" ? "the program" : `the program on ${host}`;
    const on = hostOfEnd(model, { connection, accepted });
    if (on !== "") return `${on} (connection ${connection})`;
    if (accepted) return `the server (connection ${connection})`;
    const client = clientOf(model, connection);
    return client === "" ? `the connecting side of connection ${connection}` : client;
}

const previewLetters = 40;

/** @param {Uint8Array} bytes */
const inLine = (bytes) => payloadText(bytes).replaceAll("\n", "");

/**
 * The first or the last bytes, as many as fit in a preview: a byte that is no text takes four letters.
 * @param {Uint8Array} bytes @param {(size: number) => Uint8Array} part
 */
function preview(bytes, part) {
    let size = Math.min(bytes.length, previewLetters);
    while (size > 1 && inLine(part(size)).length > previewLetters) size--;
    return inLine(part(size));
}

/**
 * A few bytes as text, the first and the last of them if they are many: `: “1.0.0:a\n”`.
 * @param {Event} event
 */
export function snippet({ data, dataSize }) {
    if (data === null || data.length === 0) return "";
    const isWhole = data.length >= dataSize;
    if (isWhole && data.length <= 2 * previewLetters) {
        const all = inLine(data);
        if (all.length <= 2 * previewLetters) return `: “${all}”`;
    }
    const head = preview(data, (size) => data.subarray(0, size));
    // The last bytes are not known if the recording has left them out.
    const tail = isWhole ? preview(data, (size) => data.subarray(-size)) : "";
    return `: “${head} ... ${tail}”`;
}

/** @param {Event} event @returns {string} */
function resultWords(event) {
    if (event.error !== "ok") return `fails: ${errorWords[event.error] ?? event.error}`;
    if (event.operation === "receive" || event.kind === "tried_receive") {
        if (event.bytes > 0)
            return `completes with ${plural(event.bytes, "byte")}${snippet(event)}`;
        return "completes with 0 bytes: the end of the stream";
    }
    if (event.operation === "send") {
        if (event.bytes >= event.size)
            return event.bytes === 1
                ? "completes: its byte is taken"
                : `completes: all ${plural(event.bytes, "byte")} are taken`;
        const left = event.size - event.bytes;
        const verb = (/** @type {number} */ count) => (count === 1 ? "is" : "are");
        return (
            `is short: ${event.bytes} of ${plural(event.size, "byte")} ${verb(event.bytes)} taken, ` +
            `${left} ${verb(left)} left`
        );
    }
    if (event.operation === "timer") return "fires";
    return "completes";
}

/** @param {Event} event @returns {string} "a receive of up to 64 bytes" */
function requestWords(event) {
    if (event.operation === "receive" && event.size > 0)
        return `a receive of up to ${plural(event.size, "byte")}`;
    if (event.operation === "send" && event.size > 0)
        return `a send of ${plural(event.size, "byte")}`;
    return /^[aeiou]/.test(event.operation) ? `an ${event.operation}` : `a ${event.operation}`;
}

/** The place of an event, in brackets. @param {{place: import("./types.js").Place | null}} event */
export const at = (event) => (event.place === null ? "" : ` (${placeText(event.place)})`);

/**
 * What a choice has chosen, and what the benign value would have been.
 * @param {import("./types.js").Choice} choice
 * @returns {{chosen: string, benign: string}}
 */
export function choiceWords(choice) {
    const { label, value, options, valueText } = choice;
    const fault = faultWords[faultOfLabel[label] ?? ""];
    const amount = amounts[label]?.(value) ?? "";
    if (fault !== undefined) {
        return {
            chosen: value === 0 ? fault[1] : fault[0] + (amount && ` (${amount})`),
            benign: fault[1],
        };
    }
    const number = `${value} of 0 to ${options - 1}`;
    return {
        chosen: amount || (valueText === "" ? number : `${valueText} (${number})`),
        benign: amount && value > 0 ? "the least" : "0",
    };
}

/** @param {Event} event */
const onHost = ({ host }) => (host === "" ? "" : ` on ${host}`);

/** @type {Record<string, (event: Event, end: string, model: Model) => string>} */
const sentences = {
    started: (event, end) => `${end} starts ${requestWords(event)}${at(event)}`,
    completed: (event, end) =>
        event.connection === 0 || event.operation === "timer"
            ? `${event.host === "" ? "The" : `On ${event.host}, the`} ` +
              `${event.operation} started at ${placeText(event.place)} ${resultWords(event)}`
            : `${end}: the ${event.operation}${at(event)} ${resultWords(event)}`,
    tried_receive: (event, end) => `${end}: a try to receive ${resultWords(event)}`,
    span_begun: (event) => `Choices for "${event.name}" begin`,
    span_ended: () => "Choices that belong together end",
    fault: (event) => `Fault ${event.fault}: ${faultWords[event.fault]?.[0] ?? "it struck"}`,
    bytes_sent: (event, end) =>
        `${plural(event.size, "byte")} ${event.size === 1 ? "leaves" : "leave"} ${end}${snippet(event)}`,
    bytes_arrived: (event, end) =>
        `${plural(event.size, "byte")} ${event.size === 1 ? "arrives" : "arrive"} at ${end}${snippet(event)}`,
    end_sent: (_, end) => `${end} ends its stream`,
    end_arrived: (_, end) => `The end of the stream arrives at ${end}`,
    reset_sent: (_, end) => `The connection is reset from the side of ${end}`,
    reset_arrived: (event, end, model) =>
        event.unsent && model.hosts.length > 0
            ? `${capital(end)} gives the connection up: the other end does not answer`
            : `A reset arrives at ${end}`,
    socket_opened: (event, end) => `${end} gets its socket${at(event)}`,
    socket_closed: (_, end) => `${end} closes its socket`,
    identified: (event) =>
        `Connection ${event.connection} belongs to ${event.name} ${event.number}`,
    task_joined: (event) => `Task ${event.number} is spawned${onHost(event)}${at(event)}`,
    task_left: (event) => `Task ${event.number} ends${onHost(event)}`,
    probe: (event, end) => `${end} passes the probe "${event.name}"`,
    printed: (event) => `The program writes to ${event.name}: ${event.text}`,
    host_started: (event) =>
        event.number > 1
            ? `Host ${event.host} starts again: start ${event.number}`
            : `Host ${event.host} starts`,
    host_ended: (event) => `Host ${event.host} goes down: ${event.text}`,
    partitioned: (event, _, model) => {
        const known = model.partitions.find((each) => model.events[each.event] === event);
        return `Partition: ${known === undefined ? event.text : partitionText(known)}`;
    },
    became_calm: () => "The world becomes calm: no fault strikes from here on",
    verdict: (event) => `The run fails ${event.name}: ${event.text}`,
};

/**
 * An event as a sentence without a full stop.
 * @param {Model} model @param {number} index
 * @returns {string}
 */
export function describe(model, index) {
    const event = model.events[index];
    if (event === undefined) return "";
    if (event.choice !== null) {
        const { label, value } = event.choice;
        const { chosen, benign } = choiceWords(event.choice);
        return `Choice “${label}”: ${chosen}` + (value > 0 ? ` (benign: ${benign})` : " (benign)");
    }
    const sentence = sentences[event.kind];
    if (sentence === undefined) return event.kind;
    return capital(sentence(event, endText(model, event), model));
}
