// What the server did on the connections that the verdict names, apart from what the harness did.

/** @typedef {import("./types.js").Event} Event */
/** @typedef {import("./types.js").Model} Model */

/**
 * A place of the simulator or of a scenario: not of the server that is tested.
 * @param {import("./types.js").Place | null} place
 */
export const isHarness = (place) =>
    place !== null && /(^|\/)(sim|tests\/scenarios)\//.test(place.file);

/** @param {Model} model @param {RegExpMatchArray} match of a client's name, perhaps with a visit */
function connectionsOfName(model, match) {
    const [, role = "", number = "", visit] = match;
    const own = model.connections.filter(
        (each) => each.role === role && each.client === Number(number),
    );
    const one = visit === undefined ? undefined : own[Number(visit) - 1];
    return one === undefined ? own : [one];
}

/**
 * The connections that the verdict names, by its events or in its sentence. All, if it names none.
 * @param {Model} model
 * @returns {Set<number>}
 */
export function namedConnections(model) {
    const named = new Set();
    for (const index of model.marked) named.add(model.events[index]?.connection ?? 0);
    for (const [, number] of model.sentence.matchAll(/\bconnection (\d+)/g))
        named.add(Number(number));
    for (const match of model.sentence.matchAll(/\b(\w+) (\d+)(?: \(visit (\d+)\))?/g)) {
        for (const { number } of connectionsOfName(model, match)) named.add(number);
    }
    named.delete(0);
    return named.size > 0 ? named : new Set(model.connections.map(({ number }) => number));
}

/**
 * Did the step in which the run failed begin with a post or timer of the harness?
 * @param {Model} model
 */
export function failsInHarness(model) {
    const begin = model.steps.findLast((index) => index <= model.failure);
    const event = model.events[begin ?? -1];
    return event !== undefined && isHarnessTurn(event);
}

/** @param {Event} event */
export const isHarnessTurn = ({ kind, operation, place }) =>
    kind === "completed" && (operation === "post" || operation === "timer") && isHarness(place);

/** A completion of the server, or a start that never completed. @param {Model} model @param {number} index */
function isServerPart(model, index) {
    const event = model.events[index];
    if (event === undefined || !event.accepted || event.connection === 0) return false;
    if (event.operation === "accept" || event.place === null || isHarness(event.place))
        return false;
    if (event.kind === "completed") return true;
    if (event.kind !== "started") return false;
    return (model.operations[model.operationOf[index] ?? -1]?.completed ?? -1) < 0;
}

/**
 * The last firings of the server's timers before an event: of two timers at most, at two places.
 * @param {Model} model @param {number} before
 */
function timersBefore(model, before) {
    /** @type {Map<string, number>} */
    const found = new Map();
    for (let i = before - 1; i >= 0 && found.size < 2; i--) {
        const { kind, operation, error, place } = /** @type {Event} */ (model.events[i]);
        const fires = kind === "completed" && operation === "timer" && error === "ok";
        if (!fires || place === null || isHarness(place)) continue;
        const name = `${place.file}:${place.line}`;
        if (!found.has(name)) found.set(name, i);
    }
    return [...found.values()];
}

/**
 * The last things that the server did on each of some connections, in order, and the timers of
 * the server that fired last before them.
 * @param {Model} model @param {Set<number>} named
 * @returns {number[]} event indices
 */
export function lastOfServer(model, named) {
    const most = named.size === 1 ? 3 : 2;
    const mostInAll = 6;
    /** @type {Map<number, number>} */
    const counts = new Map();
    /** @type {number[]} */
    const found = [];
    for (let i = model.failure - 1; i >= 0 && found.length < mostInAll; i--) {
        const connection = model.events[i]?.connection ?? 0;
        if (!named.has(connection) || !isServerPart(model, i)) continue;
        const count = counts.get(connection) ?? 0;
        if (count >= most) continue;
        counts.set(connection, count + 1);
        found.push(i);
    }
    const [last] = found;
    if (last !== undefined) found.push(...timersBefore(model, last));
    return found.sort((a, b) => a - b);
}

/**
 * The last receive of the server, on one of some connections, that brought bytes and after which
 * nothing was sent until the next bytes came; -1: there is none. Where a send is in flight the bytes
 * may wait for it.
 * @param {Model} model @param {Set<number>} named
 */
export function unansweredReceive(model, named) {
    const waiting = new Set();
    /** @type {Map<number, number>} */
    const receives = new Map();
    let found = -1;
    for (let i = 0; i < model.failure; i++) {
        const event = model.events[i];
        if (event === undefined || !event.accepted) continue;
        if (event.operation === "send") {
            if (event.kind === "completed") waiting.delete(event.start);
            if (event.kind !== "started") continue;
            waiting.add(event.start);
            receives.clear();
        }
        if (event.kind !== "completed" || event.operation !== "receive" || event.bytes === 0)
            continue;
        const before = receives.get(event.connection);
        if (before !== undefined) found = before;
        receives.delete(event.connection);
        if (named.has(event.connection) && waiting.size === 0 && !isHarness(event.place))
            receives.set(event.connection, i);
    }
    return Math.max(found, ...receives.values());
}

/**
 * What the server sent on other connections after it had received bytes, until bytes came again.
 * @param {Model} model @param {number} receive event index
 * @returns {number[]} indices of the events at which the bytes left
 */
export function sentToOthers(model, receive) {
    const { connection } = /** @type {Event} */ (model.events[receive]);
    const found = [];
    for (let i = receive + 1; i < model.failure; i++) {
        const event = /** @type {Event} */ (model.events[i]);
        if (!event.accepted) continue;
        if (event.kind === "completed" && event.operation === "receive" && event.bytes > 0) break;
        if (event.kind === "bytes_sent" && event.connection !== connection) found.push(i);
    }
    return found;
}

/**
 * The event at which the picture opens: the place where the verdict is, or the last thing of the
 * server if the run fails in the harness, or the last event that the verdict is about.
 * @param {Model} model
 */
export function openingEvent(model) {
    if (model.failure < 0 || model.events[model.failure]?.place) return model.failure;
    const last = failsInHarness(model)
        ? lastOfServer(model, namedConnections(model)).at(-1)
        : undefined;
    if (last !== undefined) return last;
    const marked = [...model.marked].filter((index) => index !== model.failure);
    return marked.length > 0 ? Math.max(...marked) : model.failure;
}
