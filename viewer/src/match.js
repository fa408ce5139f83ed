// Finds what belongs together in a list of events and is not in the JSON: ends of streams and resets
// that were sent and have arrived, and the connections that accepts and connects have opened.

/** @typedef {import("./types.js").Event} Event */
/** @typedef {import("./types.js").Signal} Signal */

/**
 * Ends of streams and resets, from the end that sent them to the other.
 * @param {Event[]} events
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
    const at = waiting.findIndex((each) =>
      each.kind === kind && each.started < index && (each.completed < 0 || each.completed > index) &&
      each.place?.file === event.place?.file && each.place?.line === event.place?.line);
    const [operation] = at < 0 ? [] : waiting.splice(at, 1);
    if (operation === undefined) return;
    Object.assign(operation, { connection: event.connection, accepted: event.accepted });
  });
}
