// The account of a run: what happened, in order, in a few sentences.
import {
    amounts,
    at,
    capital,
    choiceWords,
    clientOf,
    describe,
    endText,
    faultOfLabel,
    faultWords,
    lostWrites,
    partitionText,
    plural,
    snippet,
    timeText,
} from "./words.js";

import { setupText } from "./setup.js";
import {
    failsInHarness,
    isHarnessTurn,
    lastOfServer,
    namedConnections,
    sentToOthers,
    unansweredReceive,
} from "./server_part.js";

/** @typedef {import("./types.js").Event} Event */
/** @typedef {import("./types.js").Model} Model */

/**
 * @typedef {object} Item a sentence of the account
 * @property {number} event index; -1: it is about none
 * @property {"notbenign" | "more" | "event" | "marked" | "failure"} kind
 * @property {string} text
 */

const mostNotBenign = 7;
const mostMarked = 10;
const mostNotable = 6;
const mostOfOthers = 2;
const mostRepeated = 500;

/**
 * Choices that say nothing to a reader: which faults may strike, not what happens.
 * @param {string} label
 */
const isPlumbing = (label) => /^(swarm: |pct: |program: |fault\.)/.test(label);

/**
 * The choices and faults that were not benign, one for each strike: the fault or "how much" that
 * follows a choice belongs to it.
 * @param {Model} model
 * @returns {number[]}
 */
export function strikes(model) {
    const found = [];
    for (const index of model.notBenign) {
        const event = /** @type {Event} */ (model.events[index]);
        if (event.choice !== null && isPlumbing(event.choice.label)) continue;
        if (event.kind === "fault" && belongsToChoice(model, index)) continue;
        if (
            event.choice !== null &&
            event.choice.label in amounts &&
            event.choice.label !== lostWrites &&
            !(event.choice.label in faultOfLabel)
        )
            continue;
        found.push(index);
    }
    return found;
}

/** @param {Event} event */
const isOfScenario = ({ choice }) =>
    choice !== null && !(choice.label in faultOfLabel) && !(choice.label in amounts);

/** @param {Model} model @param {number} index of a fault */
function belongsToChoice(model, index) {
    const { fault, step } = /** @type {Event} */ (model.events[index]);
    for (let i = index - 1; i >= 0 && i >= index - 4; i--) {
        const event = model.events[i];
        if (event === undefined || event.step < step - 1) return false;
        if (event.choice !== null && event.choice.value > 0) {
            if (faultOfLabel[event.choice.label] === fault) return true;
        }
    }
    return false;
}

const near = 12;
const lateness = [20e3, 900e3, 25e6]; // nanoseconds, by the value of "completion: how late"

/** The choice of how much that belongs to a strike. @param {Model} model @param {number} index */
function amountOf(model, index) {
    for (let i = index + 1; i <= index + 3; i++) {
        const choice = model.events[i]?.choice;
        if (choice && choice.label in amounts && !(choice.label in faultOfLabel)) return choice;
        if (model.events[i]?.kind === "span_ended") break;
    }
    return null;
}

/**
 * The completion that was made late: the one in flight that comes out just then.
 * @param {Model} model @param {number} index
 */
function lateCompletion(model, index) {
    const { time } = /** @type {Event} */ (model.events[index]);
    const due = time + (lateness[amountOf(model, index)?.value ?? 0] ?? 0);
    for (const { started, completed } of model.operations) {
        if (started < index && completed > index && model.events[completed]?.time === due)
            return model.events[completed];
    }
    return undefined;
}

/** The kind of event that follows a choice and says what it has done. */
const consequences = /** @type {Record<string, string>} */ ({
    "completion: overtakes": "completed",
    "network: reset": "reset_sent",
    "host: crash": "host_ended",
    "host: restart": "host_ended",
    "network: partition": "partitioned",
});

/**
 * The event that a choice of the simulator is about: the operation that was just started, the
 * completion that comes out next, the reset that follows.
 * @param {Model} model @param {number} index @returns {Event | undefined}
 */
function subjectOf(model, index) {
    const label = model.events[index]?.choice?.label ?? "";
    if (label === "completion: late") return lateCompletion(model, index);
    const kind = consequences[label];
    if (kind !== undefined) {
        return model.events.slice(index + 1, index + 1 + near).find((event) => event.kind === kind);
    }
    if (!/^(send|receive|connect|accept|network): /.test(label)) return undefined;
    const before =
        model.events[model.events[index - 1]?.kind === "span_begun" ? index - 2 : index - 1];
    const isSubject =
        before !== undefined && /^(started|bytes_sent|end_sent|reset_sent)$/.test(before.kind);
    return isSubject ? before : undefined;
}

/** What is on its way. @param {Model} model @param {Event} event */
function cargo(model, event) {
    if (event.kind === "started") return `the ${event.operation}`;
    const what =
        event.kind === "bytes_sent"
            ? plural(event.size, "byte")
            : event.kind === "end_sent"
              ? "the end of the stream"
              : "the reset";
    return `${what} from ${endText(model, event)}`;
}

/**
 * What a completion has overtaken.
 * @param {Model} model
 * @param {Event} event
 * @param {number} count
 */
function overtaken(model, event, count) {
    const were = count === 1 ? "was" : "were";
    const names = event.overtook.slice(0, 2).flatMap((start) => {
        const operation = model.operations[start - 1];
        return operation === undefined
            ? []
            : [`the ${operation.kind} of ${endText(model, operation)}${at(operation)}`];
    });
    if (names.length < count) return `${plural(count, "completion")} that ${were} ready earlier`;
    return `${names.join(" and ")}, which ${were} ready earlier`;
}

/** @type {Record<string, (model: Model, subject: Event, value: number, amount: string) => string>} */
const strikeSentences = {
    "completion: overtakes": (model, subject, value) =>
        `${endText(model, subject)}: the ${subject.operation}` +
        `${at(subject)} comes out before ${overtaken(model, subject, value)}`,
    "completion: late": (model, subject, _, amount) =>
        `${endText(model, subject)}: the ${subject.operation}${at(subject)} comes out ${amount || "late"}`,
    "network: reset": (_, subject) => `the network resets connection ${subject.connection}`,
    "host: crash": (_, subject) =>
        `host ${subject.host} goes down (${subject.text}), and comes back when the world is calm`,
    "host: restart": (_, subject, __, amount) =>
        `host ${subject.host} goes down (${amount || subject.text})`,
    "network: partition": (model, subject) => {
        const known = model.partitions.find((each) => model.events[each.event] === subject);
        return known === undefined ? `partition: ${subject.text}` : partitionText(known);
    },
    "network: latency": (model, subject) =>
        `${cargo(model, subject)} ${subject.size > 1 ? "take" : "takes"} time to arrive`,
};

/** The sentence of a strike, with its amount. @param {Model} model @param {number} index */
function strikeText(model, index) {
    const event = /** @type {Event} */ (model.events[index]);
    if (event.choice === null) {
        const benign = faultWords[event.fault]?.[1] ?? "it does not strike";
        return `${describe(model, index)} (benign: ${benign})`;
    }
    const { label, value } = event.choice;
    const { chosen, benign } = choiceWords(event.choice);
    if (label === lostWrites) return `${capital(chosen)}. Benign: all writes last`;
    if (!(label in faultOfLabel)) return `Choice “${label}” is ${chosen}. Benign: ${benign}`;
    const much = amountOf(model, index);
    const amount = much === null ? "" : (amounts[much.label]?.(much.value) ?? "");
    const subject = subjectOf(model, index);
    const said =
        subject === undefined ? undefined : strikeSentences[label]?.(model, subject, value, amount);
    if (said !== undefined) return `${capital(said)}. Benign: ${benign}`;
    const who = subject === undefined ? "" : `${endText(model, subject)}: `;
    const where = subject ? at(subject) : "";
    return `${capital(`${who}${chosen}`)}${amount && `, ${amount}`}${where}. Benign: ${benign}`;
}

/** @param {Model} model @param {number[]} indices @returns {Item} */
function summary(model, indices) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const index of indices) {
        const event = /** @type {Event} */ (model.events[index]);
        const name = event.choice?.label ?? event.fault;
        counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const names = [...counts].map(([name, n]) => (n > 1 ? `${name} (${n} times)` : name));
    return {
        event: indices[0] ?? -1,
        kind: "more",
        text:
            `${plural(indices.length, "choice")} ${indices.length === 1 ? "is" : "are"} not benign: ` +
            names.join(", "),
    };
}

/**
 * The first and the last of a list, and those between.
 * @param {number[]} all
 * @param {number} most
 */
function ends(all, most) {
    if (all.length <= most) return { first: all, between: [], last: [] };
    // Those shortly before the end matter most.
    const few = 2;
    return {
        first: all.slice(0, few),
        between: all.slice(few, few - most),
        last: all.slice(few - most),
    };
}

/** More are counted without a look at each. */
const manyStrikes = 200;

/** @param {string} text @param {number} times */
function counted(text, times) {
    if (times === 1) return text;
    const before = text.search(/\. Benign: | \(benign: /);
    const at = before < 0 ? text.length : before;
    return `${text.slice(0, at)}, ${times} times${text.slice(at)}`;
}

/**
 * Equal sentences that follow each other become one, about the last of their events.
 * @param {Item[]} items @returns {Item[]}
 */
function merged(items) {
    /** @type {(Item & {times: number})[]} */
    const kept = [];
    for (const item of items) {
        const last = kept.at(-1);
        if (last?.text !== item.text) kept.push({ ...item, times: 1 });
        else Object.assign(last, { times: last.times + 1, event: item.event, kind: item.kind });
    }
    return kept.map(({ times, text, ...item }) => ({ ...item, text: counted(text, times) }));
}

/**
 * A choice of what the server and the clients are, made before the first connection or by a label.
 * @param {Model} model
 */
function setupOf(model) {
    const opening = model.events.findIndex(({ kind }) => kind === "socket_opened");
    return (/** @type {number} */ index) => {
        const event = model.events[index];
        if (event === undefined || !isOfScenario(event)) return false;
        const label = event.choice?.label ?? "";
        return opening < 0 || index < opening || /^(client|member|swarm|server): /.test(label);
    };
}

/** @param {Model} model @param {number[]} all @returns {Item[]} */
function setupItems(model, all) {
    const [first] = all;
    if (first === undefined) return [];
    const choices = all.flatMap((index) => model.events[index]?.choice ?? []);
    return [{ event: first, kind: "notbenign", text: setupText(model.options, choices) }];
}

/** @param {Model} model @param {number[]} all @returns {Item[]} */
function strikeItems(model, all) {
    /** @param {number} event @returns {Item} */
    const item = (event) => ({ event, kind: "notbenign", text: strikeText(model, event) });
    const items = merged(all.length <= manyStrikes ? all.map(item) : []);
    if (items.length > 0 && items.length <= mostNotBenign) return items;
    const { first, between, last } = ends(all, mostNotBenign);
    return [
        ...first.map(item),
        ...(between.length > 0 ? [summary(model, between)] : []),
        ...last.map(item),
    ];
}

/** @param {Model} model @param {number} index @returns {string} */
function markedText(model, index) {
    const operation = model.operations[model.operationOf[index] ?? -1];
    const text = describe(model, index);
    if (operation === undefined || operation.started !== index || operation.completed >= 0)
        return text;
    if (operation.cut >= 0) return `${text}. It ended with its host`;
    // A start that the verdict names and follows at once is what broke the rule.
    const isBreach = model.events[model.failure]?.start === operation.start;
    if (isBreach && index === model.failure - 1) return `${text}: here the run fails`;
    return `${text}. It is still in flight at the end`;
}

/**
 * The events that the verdict is about, the last of them if there are many.
 * @param {Model} model @param {boolean} withHarness also the posts and timers of the harness
 * @returns {Item[]}
 */
function markedItems(model, withHarness) {
    const indices = [...model.marked].filter((index) => {
        const event = model.events[index];
        return index !== model.failure && (withHarness || !(event && isHarnessTurn(event)));
    });
    indices.sort((a, b) => a - b);
    return indices
        .slice(-mostMarked)
        .map((event) => ({ event, kind: "marked", text: markedText(model, event) }));
}

/** What ends or breaks something, and so is worth telling. @param {Event} event */
function isNotable(event) {
    // Timers are canceled all the time, and accepts when the server stops.
    if (event.operation === "timer") return false;
    if (event.operation === "accept" && event.error === "canceled") return false;
    if (event.kind === "completed") return event.error !== "ok" || isEndOfStream(event);
    if (event.kind === "socket_closed") return event.accepted;
    return event.kind === "reset_sent" || event.kind === "printed";
}

/** @param {Event} event */
const isEndOfStream = (event) =>
    event.accepted && event.operation === "receive" && event.bytes === 0;

/** @param {Event} event that is notable */
const isRegularEnd = (event) =>
    event.kind === "socket_closed" || (event.error === "ok" && isEndOfStream(event));

/**
 * The last notable events before the failure: first those of the connections that the verdict names.
 * @param {Model} model @param {Set<number>} named @returns {Item[]}
 */
function notableItems(model, named) {
    /** @type {Item[]} */
    const own = [];
    /** @type {Item[]} */
    const others = [];
    let different = 0;
    for (let i = model.failure - 1; i >= 0 && different < mostNotable; i--) {
        const event = /** @type {Event} */ (model.events[i]);
        if (!isNotable(event) || own.length === mostRepeated) continue;
        /** @type {Item} */
        const item = { event: i, kind: "event", text: describe(model, i) };
        if (event.connection === 0 || named.has(event.connection)) {
            // Equal sentences that follow each other become one.
            if (own.at(-1)?.text !== item.text) different++;
            own.push(item);
        } else if (!isRegularEnd(event)) others.push(item);
    }
    const room = Math.min(mostOfOthers, mostNotable - different);
    return [...own, ...others.slice(0, Math.max(0, room))];
}

/**
 * Sockets of the server that stay open though it does nothing with them, in a run that is stuck.
 * @param {Model} model @param {Set<number>} named @returns {Item[]}
 */
function forgottenSockets(model, named) {
    if (model.property !== "stuck") return [];
    const open = new Map();
    model.events.forEach(({ kind, accepted, connection }, index) => {
        if (!accepted || !named.has(connection)) return;
        if (kind === "socket_opened") open.set(connection, index);
        if (kind === "socket_closed") open.delete(connection);
    });
    for (const { accepted, connection, completed } of model.operations) {
        if (accepted && completed < 0) open.delete(connection);
    }
    return [...open.values()].slice(-2).map((event) => ({
        event,
        kind: "event",
        text: `${describe(model, event)}. It is still open at the end, with nothing in flight on it`,
    }));
}

/** @param {Event | undefined} event of the server */
const serverOf = (event) => event?.host || "the server";

const mostOfHosts = 8;

/**
 * Hosts that went down without a choice, and hosts that came back: the last of them.
 * @param {Model} model @returns {Item[]}
 */
function hostItems(model) {
    if (model.hosts.length === 0) return [];
    const told = new Set(strikes(model).map((index) => subjectOf(model, index)));
    /** @type {Item[]} */
    const items = [];
    model.events.forEach((event, index) => {
        const crashed = event.kind === "host_ended" && event.text !== "it was shut down";
        const returned = event.kind === "host_started" && event.number > 1;
        if ((!crashed && !returned) || told.has(event)) return;
        items.push({ event: index, kind: "event", text: describe(model, index) });
    });
    return items.slice(-mostOfHosts);
}

/**
 * Which other connections the server sent to when it had received bytes on the only connection that
 * the verdict names.
 * @param {Model} model @param {number[]} last what the server did there last @returns {Item[]}
 */
function sentItems(model, last) {
    const receive = last.findLast((index) => {
        const event = model.events[index];
        return event?.operation === "receive" && event.bytes > 0;
    });
    const [first, ...more] = receive === undefined ? [] : sentToOthers(model, receive);
    const event = model.events[first ?? -1];
    if (first === undefined || event === undefined) return [];
    const to = new Set([first, ...more].map((index) => model.events[index]?.connection ?? 0));
    const text =
        `${capital(serverOf(event))} sends ${plural(event.size, "byte")} to ` +
        [...to].map((connection) => clientOf(model, connection) || connection).join(", ") +
        snippet(event);
    return [{ event: first, kind: "event", text }];
}

/**
 * What the server did last on the connections that the verdict names, and the bytes that it received
 * and sent to no one.
 * @param {Model} model @param {Set<number>} named @returns {Item[]}
 */
function serverItems(model, named) {
    if (model.failure < 0) return [];
    const last = lastOfServer(model, named);
    /** @type {Item[]} */
    const items = last.map((event) => ({ event, kind: "event", text: markedText(model, event) }));
    if (named.size === 1 && failsInHarness(model)) items.push(...sentItems(model, last));
    const receive = unansweredReceive(model, named);
    if (receive < 0) return items;
    const again = model.events.findIndex(
        (event, index) =>
            index > receive &&
            event.kind === "completed" &&
            event.operation === "receive" &&
            event.accepted &&
            event.bytes > 0 &&
            event.connection === model.events[receive]?.connection,
    );
    const until = again < 0 ? "After that" : "Until bytes come again";
    const who = serverOf(model.events[receive]);
    const text = `${describe(model, receive)}. ${until}, ${who} sends nothing`;
    return [...items, { event: receive, kind: "event", text }];
}

/**
 * Sends of the server that never completed, the last of them.
 * @param {Model} model @param {Set<number>} named
 * @returns {Item[]}
 */
function unfinishedItems(model, named) {
    if (model.failure < 0) return [];
    const open = model.operations.filter(
        ({ kind, accepted, connection, completed, cut, started }) =>
            kind === "send" &&
            accepted &&
            named.has(connection) &&
            completed < 0 &&
            cut < 0 &&
            started < model.failure - 1,
    );
    return open.slice(-2).map(({ started }) => ({
        event: started,
        kind: "event",
        text: markedText(model, started),
    }));
}

/**
 * Where the bytes came from that a marked receive of a client has got.
 * @param {Model} model
 * @returns {Item[]}
 */
function originItems(model) {
    /** @type {Item[]} */
    const items = [];
    for (const transfer of model.transfers) {
        if (!transfer.fromAccepted || !model.marked.has(transfer.received)) continue;
        const event = /** @type {Event} */ (model.events[transfer.sent]);
        const operation = model.events[transfer.sent - 1];
        const place = operation?.kind === "started" ? at(operation) : "";
        const who = capital(endText(model, event));
        const text = `${who} sends ${plural(event.size, "byte")}${place}${snippet(event)}`;
        items.push({ event: transfer.sent, kind: "event", text });
    }
    return items.slice(-3);
}

/**
 * What happened, in order: choices that were not benign, what broke or ended shortly before the
 * failure, and the events that the verdict is about.
 * @param {Model} model
 * @returns {Item[]}
 */
export function account(model) {
    const all = strikes(model);
    const isSetup = setupOf(model);
    const named = namedConnections(model);
    const server = serverItems(model, named);
    const items = [
        ...setupItems(
            model,
            all.filter((index) => isSetup(index)),
        ),
        ...strikeItems(
            model,
            all.filter((index) => !isSetup(index)),
        ),
        ...hostItems(model),
        ...notableItems(model, named),
        ...unfinishedItems(model, named),
        ...forgottenSockets(model, named),
        ...server,
        ...originItems(model),
        ...markedItems(model, server.length === 0 || !failsInHarness(model)),
    ];
    // An event can be notable and marked: the last sentence about it counts.
    const unique = [...new Map(items.map((item) => [item.event, item])).values()];
    unique.sort((a, b) => a.event - b.event);
    const told = merged(unique);
    if (model.failure >= 0) {
        told.push({
            event: model.failure,
            kind: "failure",
            text: `The run fails ${model.property}`,
        });
    }
    return told;
}

/**
 * The number of each event in the account, and what kind of sentence it has.
 * @param {Item[]} items
 * @returns {Map<number, {text: string, kind: Item["kind"]}>}
 */
export const badgesOf = (items) =>
    new Map(
        items.flatMap(({ event, kind }, i) =>
            event < 0 ? [] : [[event, { text: String(i + 1), kind }]],
        ),
    );

/**
 * When the run ended, and after how much: the sentence below the verdict.
 * @param {Model} model
 */
export function summaryText(model) {
    const index = model.failure >= 0 ? model.failure : model.events.length - 1;
    const last = model.events[index];
    if (last === undefined) return "The run has no events.";
    const completions = last.step;
    const when =
        last.time === 0
            ? "before any virtual time has passed"
            : `at ${timeText(last.time)} of virtual time`;
    const what = model.passed ? "ended" : "failed";
    const found = strikes(model).length;
    const why =
        found === 0
            ? "every choice was benign: a demonstration would show the same"
            : `${plural(found, "choice")} ${found === 1 ? "was" : "were"} not benign`;
    return `It ${what} after ${plural(completions, "completion")}, ${when}; ${why}.`;
}
