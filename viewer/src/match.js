// Finds what belongs together in a list of events and is not in the JSON: ends of streams and
// resets that were sent and have arrived, the connections that accepts and connects have opened, and which
// completions overtook which.

/** @typedef {import("./types.js").Event} Event */
/** @typedef {import("./types.js").Signal} Signal */

/**
 * Ends of streams and resets, from the end that sent them to the other.
 * @param {Event[]} events `unsent` is set
 * @returns {Signal[]}
 */
export function matchSignals(events) {
    /** @type {Signal[]} */
    const signals = [];
    /** @type {Map<string, Signal[]>} */
    const onTheWay = new Map();
    events.forEach((event, index) => {
        const [kind, what] = event.kind.split("_");
        if (kind !== "end" && kind !== "reset") return;
        if (what === "sent") {
            const { connection, accepted: fromAccepted } = event;
            /** @type {Signal} */
            const signal = { kind, connection, fromAccepted, sent: index, arrived: -1 };
            signals.push(signal);
            const key = `${kind} ${connection} ${!fromAccepted}`;
            onTheWay.set(key, [...(onTheWay.get(key) ?? []), signal]);
        } else if (what === "arrived") {
            const signal = onTheWay.get(`${kind} ${event.connection} ${event.accepted}`)?.shift();
            if (signal !== undefined) signal.arrived = index;
            else event.unsent = true;
        }
    });
    return signals;
}

/**
 * Gives each connect and accept the connection whose socket was opened for it: at the same place of
 * the program, while it was in flight. The oldest gets the first.
 * @param {Event[]} events
 * @param {import("./types.js").Operation[]} operations are changed
 */
export function matchOpenings(events, operations) {
    const waiting = operations.filter(({ kind }) => kind === "connect" || kind === "accept");
    events.forEach((event, index) => {
        if (event.kind !== "socket_opened") return;
        const kind = event.accepted ? "accept" : "connect";
        const at = waiting.findIndex(
            (each) =>
                each.kind === kind &&
                each.started < index &&
                (each.completed < 0 || each.completed > index) &&
                each.place?.file === event.place?.file &&
                each.place?.line === event.place?.line,
        );
        const [operation] = at < 0 ? [] : waiting.splice(at, 1);
        if (operation === undefined) return;
        Object.assign(operation, { connection: event.connection, accepted: event.accepted });
    });
}

const overtakes = "completion: overtakes";

/**
 * Finds for each completion from when on it could have come out, and which completions that were
 * ready earlier it overtook. The simulator keeps what is ready in a list, and a choice says which
 * of so many comes out; so the list follows from the choices, and what it held from what came out.
 * Without such a choice the first comes out. Nothing is found in a run without overtakings.
 * @param {Event[]} events `ready` and `overtook` are set
 */
export function matchOvertakings(events) {
    if (!events.some(({ choice }) => choice?.label === overtakes && choice.value > 0)) return;
    /** @type {{ready: number}[]} */
    const list = [];
    /** @type {{completion: Event, passed: {ready: number}[]}[]} */
    const overtakings = [];
    /** @type {Map<object, Event>} */
    const completionOf = new Map();
    /** @type {import("./types.js").Choice | null} */
    let choice = null;
    events.forEach((event, index) => {
        if (event.choice?.label === overtakes) choice = event.choice;
        if (event.kind !== "completed") return;
        const count = Math.max(1, choice?.options ?? list.length);
        // What became ready since the last completion.
        while (list.length < count) list.push({ ready: index - (choice === null ? 1 : 2) });
        const [taken] = list.splice(Math.min(choice?.value ?? 0, list.length - 1), 1);
        if (taken === undefined) return;
        event.ready = Math.max(0, taken.ready);
        completionOf.set(taken, event);
        const value = choice?.value ?? 0;
        if (value > 0) overtakings.push({ completion: event, passed: list.slice(0, value) });
        choice = null;
    });
    for (const { completion, passed } of overtakings) {
        completion.overtook = passed.flatMap((each) => completionOf.get(each)?.start ?? []);
    }
}
