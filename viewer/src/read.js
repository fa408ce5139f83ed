// Reads the JSON of a run into a model. What the JSON lacks is empty; what it has is not trusted to
// be consistent, because a run that crashed was cut off anywhere.
import { matchOpenings, matchOvertakings, matchSignals } from "./match.js";

/** @typedef {import("./types.js").Event} Event */
/** @typedef {import("./types.js").Model} Model */
/** @typedef {import("./types.js").Place} Place */
/** @typedef {Record<string, any>} Json */

/** The format and the greatest version that this module reads. */
export const FORMAT = "drydock-run";
export const VERSION = 1;

/** @param {unknown} value @returns {number} */
const count = (value) => (typeof value === "number" && Number.isFinite(value) ? value : 0);
/** @param {unknown} value @returns {string} */
const text = (value) => (typeof value === "string" ? value : "");
/** @param {unknown} value @returns {any[]} */
const list = (value) => (Array.isArray(value) ? value : []);
/** @param {unknown} value @returns {Json} */
const object = (value) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
        ? /** @type {Json} */ (value)
        : {};

/**
 * The bytes of a base64 text.
 * @param {string} encoded
 * @returns {Uint8Array}
 */
export function bytesOf(encoded) {
    const binary = atob(encoded);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
}

/** @param {Json} event @param {Json[]} places @returns {Place | null} */
function placeOf(event, places) {
    const place = object(typeof event.place === "number" ? places[event.place] : undefined);
    const file = text(place.file);
    return file === "" ? null : { file, line: count(place.line), function: text(place.function) };
}

/** @param {Json} event @returns {import("./types.js").Choice | null} */
function choiceOf(event) {
    if (event.kind !== "choice") return null;
    return {
        index: count(event.choice),
        value: count(event.value),
        options: count(event.options),
        label: text(event.label),
        valueText: "",
    };
}

/** @param {Json} event @returns {{data: Uint8Array | null, dataSize: number}} */
function dataOf(event) {
    const encoded = event.payload ?? event.text_base64;
    const data = typeof encoded === "string" ? bytesOf(encoded) : null;
    const leftOut = count(event.payload_left_out ?? event.text_left_out);
    return { data, dataSize: (data?.length ?? 0) + leftOut };
}

/** @param {Json} event @param {number} index @param {Json[]} places @returns {Event} */
function eventOf(event, index, places) {
    return {
        id: count(event.id) || index + 1,
        time: count(event.time_ns),
        step: count(event.step),
        kind: text(event.kind),
        connection: count(event.connection),
        accepted: event.end === "accepted",
        operation: text(event.operation),
        start: count(event.start),
        size: count(event.size),
        error: text(event.error) || "ok",
        bytes: count(event.bytes),
        place: placeOf(event, places),
        choice: choiceOf(event),
        fault: text(event.fault),
        number: count(event.number ?? event.task),
        position: count(event.position),
        name: text(event.name ?? event.role ?? event.stream ?? event.property),
        text: text(event.text ?? event.sentence),
        ...dataOf(event),
        host: text(event.host),
        unsent: false,
        ready: -1,
        overtook: [],
    };
}

/**
 * The bars of the picture, and for each event the bar that it begins or ends.
 * @param {any[]} raw @param {Event[]} events @param {(id: unknown) => number} at
 */
function operationsOf(raw, events, at) {
    /** @type {import("./types.js").Operation[]} */
    const operations = [];
    const operationOf = new Int32Array(events.length).fill(-1);
    for (const { started: startedId, completed: completedId, cut: cutId } of raw.map(object)) {
        const started = at(startedId);
        const start = events[started];
        if (start === undefined) continue;
        const completed = at(completedId);
        const { connection, accepted, error, bytes } = events[completed] ?? start;
        operationOf[started] = operations.length;
        if (completed >= 0) operationOf[completed] = operations.length;
        const { operation: kind, size, place, host } = start;
        operations.push({
            start: start.start,
            kind,
            connection,
            accepted,
            started,
            completed,
            cut: completed < 0 ? at(cutId) : -1,
            host,
            size,
            bytes,
            error,
            place,
        });
    }
    return { operations, operationOf };
}

/**
 * @param {any[]} raw
 * @param {(id: unknown) => number} at
 * @returns {import("./types.js").Transfer[]}
 */
function transfersOf(raw, at) {
    return raw
        .map(object)
        .map((transfer) => ({
            connection: count(transfer.connection),
            fromAccepted: transfer.from === "accepted",
            first: count(transfer.first),
            last: count(transfer.last),
            sent: at(transfer.sent),
            arrived: at(transfer.arrived),
            received: at(transfer.received),
        }))
        .filter((transfer) => transfer.sent >= 0);
}

/** @param {Event[]} events @returns {import("./types.js").Connection[]} */
function connectionsOf(events) {
    /** @type {Map<number, import("./types.js").Connection>} */
    const known = new Map();
    for (const event of events) {
        const { connection: number, kind, name, number: client, accepted, host } = event;
        if (number === 0) continue;
        const connection = known.get(number) ?? { number, role: "", client: 0, hosts: ["", ""] };
        if (host !== "") connection.hosts[accepted ? 1 : 0] = host;
        if (kind === "identified") Object.assign(connection, { role: name, client });
        known.set(number, connection);
    }
    return [...known.values()];
}

/** @param {Event[]} events @returns {import("./types.js").Host[]} */
function hostsOf(events) {
    /** @type {Map<string, import("./types.js").Host>} */
    const known = new Map();
    events.forEach(({ host: name, kind }, index) => {
        if (name === "") return;
        const host = known.get(name) ?? { name, lives: [] };
        known.set(name, host);
        const life = host.lives.at(-1);
        if (kind === "host_started") host.lives.push({ started: index, ended: -1 });
        else if (kind === "host_ended" && life !== undefined) life.ended = index;
    });
    return [...known.values()];
}

/**
 * @param {any[]} raw @param {Event[]} events @param {(id: unknown) => number} at
 * @returns {import("./types.js").Partition[]}
 */
function partitionsOf(raw, events, at) {
    return raw.map(object).flatMap((partition) => {
        const index = at(partition.event);
        const event = events[index];
        if (event === undefined) return [];
        return [
            {
                event: index,
                from: list(partition.from).map(text),
                to: list(partition.to).map(text),
                bothWays: partition.both_ways === true,
                span: Math.max(0, count(partition.until_ns) - event.time),
                healed: at(partition.healed),
            },
        ];
    });
}

/** @param {Event[]} events @returns {number[]} */
function stepsOf(events) {
    return events.flatMap((event, i) => (i === 0 || event.kind === "completed" ? [i] : []));
}

/** @param {any[]} sources @returns {Map<string, import("./types.js").Excerpt[]>} */
function sourcesOf(sources) {
    /** @type {Map<string, import("./types.js").Excerpt[]>} */
    const found = new Map();
    for (const source of sources.map(object)) {
        const file = text(source.file);
        const excerpt = { first: count(source.first) || 1, lines: list(source.lines).map(text) };
        found.set(file, [...(found.get(file) ?? []), excerpt]);
    }
    return found;
}

/**
 * Where the run failed: its verdict, or the last event if its process has ended without one. A run
 * can break a second property after the first; its verdict is the one that is marked.
 * @param {Event[]} events @param {boolean} passed @param {Set<number>} marked
 */
function failureOf(events, passed, marked) {
    if (passed) return -1;
    const verdicts = events.flatMap((event, index) => (event.kind === "verdict" ? [index] : []));
    return verdicts.find((index) => marked.has(index)) ?? verdicts[0] ?? events.length - 1;
}

/** @param {Json} run @param {Event[]} events @returns {import("./types.js").CurvePoint[]} */
function curveOf(run, events) {
    const byChoice = new Map(
        events.flatMap((event, index) =>
            event.choice === null ? [] : [[event.choice.index, index]],
        ),
    );
    const [first = 0] = byChoice.keys();
    return list(run.inevitability)
        .map(object)
        .map((point) => ({
            choices: count(point.choice),
            event: byChoice.get(first + count(point.choice) - 1) ?? -1,
            runs: count(point.runs),
            share: count(point.share),
        }));
}

/**
 * Gives choices of a manner the names that the options of the run have for them: "clients:
 * polite(64/16) vanishes(5/1)". Nothing is named if there are not as many of one as of the other.
 * @param {Event[]} events @param {string} options
 */
function nameManners(events, options) {
    const chosen = events.flatMap(({ choice }) =>
        choice?.label.endsWith(": manner") ? [choice] : [],
    );
    const clients = options.match(/\w+s: ([^;]*)/)?.[1] ?? "";
    const names = [...clients.matchAll(/([a-z_]+)\(/g)].map((match) => match[1] ?? "");
    if (names.length !== chosen.length) return;
    chosen.forEach((choice, i) => {
        choice.valueText = names[i] ?? "";
    });
}

/** @param {Json} run @returns {string} */
function titleOf(run) {
    const { seed, file } = object(run.origin);
    if (typeof seed === "number" || typeof seed === "string") {
        return `${text(run.scenario)}, seed ${seed}`;
    }
    return text(file) === ""
        ? text(run.scenario)
        : `${text(run.scenario)}, ${text(file).replace(/^.*\//, "")}`;
}

/** @param {unknown} json @returns {string} why it cannot be shown; empty: it can */
export function complaintAbout(json) {
    const run = object(json);
    if (run.format !== FORMAT) return `This is not a run: its format is not "${FORMAT}".`;
    if (typeof run.version !== "number" || run.version > VERSION) {
        return `The run has version ${run.version} of its format; this page reads ${VERSION}.`;
    }
    return Array.isArray(run.events) ? "" : "The run has no list of events.";
}

/** @param {Json} run @returns the parts that are only shown */
function factsOf(run) {
    const verdict = object(run.verdict);
    return {
        scenario: text(run.scenario),
        title: titleOf(run),
        passed: verdict.passed === true,
        property: text(verdict.property),
        sentence: text(verdict.sentence),
        expected: text(verdict.expected),
        see: text(verdict.see),
        again: text(object(run.origin).again),
        options: text(run.options),
        outcome: text(run.outcome),
        leftOut: count(object(run.left_out).events),
        curveSentence: text(run.inevitability_sentence),
    };
}

/**
 * @param {unknown} json a run; complaintAbout() has accepted it
 * @returns {Model}
 */
export function readRun(json) {
    const run = object(json);
    const facts = factsOf(run);
    const places = list(run.places);
    const raw = list(run.events).map(object);
    const events = raw.map((event, index) => eventOf(event, index, places));
    const indices = new Map(events.map((event, index) => [event.id, index]));
    /** @param {unknown} id */
    const at = (id) => indices.get(count(id)) ?? -1;
    nameManners(events, facts.options);
    matchOvertakings(events);
    const { operations, operationOf } = operationsOf(list(run.operations), events, at);
    matchOpenings(events, operations);
    const marked = new Set(
        list(object(run.verdict).events)
            .map(at)
            .filter((index) => index >= 0),
    );
    return {
        ...facts,
        events,
        operations,
        operationOf,
        transfers: transfersOf(list(run.transfers), at),
        signals: matchSignals(events),
        connections: connectionsOf(events),
        hosts: hostsOf(events),
        partitions: partitionsOf(list(run.partitions), events, at),
        steps: stepsOf(events),
        notBenign: events.flatMap((event, index) =>
            event.kind === "fault" || (event.choice !== null && event.choice.value > 0)
                ? [index]
                : [],
        ),
        marked,
        failure: failureOf(events, facts.passed, marked),
        sources: sourcesOf(list(run.sources)),
        curve: curveOf(run, events),
    };
}
