// The lanes of the picture from top to bottom, and the lane and row of each operation and event.
import { clientOf } from "./words.js";

/** @typedef {import("./types.js").Event} Event */
/** @typedef {import("./types.js").Lane} Lane */
/** @typedef {import("./types.js").Model} Model */
/** @typedef {import("./types.js").Operation} Operation */

/**
 * @typedef {object} Layout
 * @property {Lane[]} lanes
 * @property {Int32Array} laneOf for each operation: index of its lane; -1: filtered out
 * @property {Int32Array} rowOf for each operation
 * @property {Map<string, number>} at index of a lane by its id
 * @property {number} height
 * @property {Set<string>} folded
 * @property {number} only the only connection that is shown; 0: all
 */

export const rowHeight = 22;
export const barHeight = 16;
const padding = 5;
const networkHeight = 44;
const queueHeight = 46;
const foldedHeight = 24;
const curveHeight = 70;

/** @param {{connection: number, accepted: boolean}} end */
export const endId = ({ connection, accepted }) =>
    `${connection}/${accepted ? "server" : "client"}`;

const freeTitles = /** @type {Record<string, string>} */ ({
    accept: "accepts",
    connect: "connects",
    timer: "timers",
    post: "posts",
    step: "threads",
});

/** @param {Operation} operation @returns {string} the id of its lane */
function laneIdOf(operation) {
    const isFree =
        operation.connection === 0 ||
        operation.kind === "accept" ||
        operation.kind === "timer" ||
        operation.kind === "post";
    return isFree ? `free/${operation.kind}` : endId(operation);
}

/**
 * Operations that share a row: a connect is over before its connection receives.
 * @param {string} kind
 */
const rowKind = (kind) => (kind === "connect" ? "receive" : kind);

/** Operations of one lane, each in the first row of its kind that is free. */
class Rows {
    constructor() {
        /** @type {{kind: string, until: number}[]} */
        this.rows = [];
    }
    /** @param {Operation} operation @param {number} most @returns {number} */
    add(operation, most) {
        const until = operation.completed < 0 ? Infinity : operation.completed;
        const kind = rowKind(operation.kind);
        let row = this.rows.findIndex(
            (each) => each.kind === kind && each.until <= operation.started,
        );
        if (row < 0 && this.rows.length >= most) row = this.rows.length - 1;
        if (row < 0) row = this.rows.push({ kind, until }) - 1;
        else this.rows[row] = { kind, until };
        return row;
    }
}

/** Rows of a kind stand together: receives above sends. @param {Rows} rows */
function orderOfRows({ rows }) {
    const rank = /** @type {Record<string, number>} */ ({ receive: 1, send: 2 });
    const order = rows.map((row, i) => ({ i, rank: rank[row.kind] ?? 3 }));
    order.sort((a, b) => a.rank - b.rank || a.i - b.i);
    const place = new Array(rows.length).fill(0);
    order.forEach(({ i }, at) => {
        place[i] = at;
    });
    return /** @type {number[]} */ (place);
}

const mostRows = 6;

/** @param {Model} model */
function assignRows(model) {
    /** @type {Map<string, Rows>} */
    const byLane = new Map();
    const rowOf = new Int32Array(model.operations.length);
    model.operations.forEach((operation, i) => {
        const id = laneIdOf(operation);
        const rows = byLane.get(id) ?? new Rows();
        byLane.set(id, rows);
        rowOf[i] = rows.add(operation, mostRows);
    });
    const orders = new Map([...byLane].map(([id, rows]) => [id, orderOfRows(rows)]));
    model.operations.forEach((operation, i) => {
        rowOf[i] = orders.get(laneIdOf(operation))?.[rowOf[i] ?? 0] ?? 0;
    });
    return { rowOf, rowsOf: (/** @type {string} */ id) => byLane.get(id)?.rows.length ?? 0 };
}

const noted = new Set(["probe", "printed", "became_calm", "task_joined", "task_left"]);

/** @typedef {Partial<Lane> & Pick<Lane, "id" | "group" | "kind" | "title">} Draft */

/** @param {Draft} draft @returns {Lane} */
const laneOfDraft = (draft) => ({
    note: "",
    connection: 0,
    accepted: false,
    rows: 1,
    y: 0,
    height: rowHeight + 2 * padding,
    head: false,
    groupTitle: draft.title,
    ...draft,
});

/**
 * A lane that is a group of its own.
 * @param {Lane["kind"]} kind
 * @param {Partial<Lane>} more
 * @returns {Draft}
 */
const single = (kind, more) => ({ id: kind, group: kind, kind, title: kind, ...more });

/** The lanes above the connections. @param {Model} model @returns {Draft[]} */
function lanesOfWorld(model) {
    const lanes = [];
    if (model.notBenign.length > 0) {
        lanes.push(
            single("notbenign", { title: "not benign", note: "choices, faults", height: 42 }),
        );
    }
    if (model.events.some((event) => event.overtook.length > 0)) {
        const note = "ready, then out";
        lanes.push(single("queue", { title: "overtakings", note, height: queueHeight }));
    }
    lanes.push(single("runs", { note: "code, by its line" }));
    return lanes;
}

/**
 * The client, the network and the server of a connection.
 * @param {Model} model
 * @param {number} number
 * @param {(id: string) => number} rowsOf
 * @returns {Draft[]}
 */
function lanesOfConnection(model, number, rowsOf) {
    const client = clientOf(model, number);
    const groupTitle = `connection ${number}` + (client && `, ${client}`);
    const common = { group: String(number), connection: number, groupTitle };
    /** @param {boolean} accepted @param {string} title @returns {Draft} */
    const end = (accepted, title) => {
        const id = endId({ connection: number, accepted });
        const rows = Math.max(1, rowsOf(id));
        const height = rows * rowHeight + 2 * padding;
        return {
            ...common,
            id,
            kind: "end",
            accepted,
            title,
            note: `connection ${number}`,
            rows,
            height,
        };
    };
    const id = `${number}/network`;
    return [
        end(false, client || "client"),
        { ...common, id, kind: "network", title: "network", height: networkHeight },
        end(true, "server"),
    ];
}

/**
 * Operations of no connection, the curve, and what the program says.
 * @param {Model} model
 * @param {(id: string) => number} rowsOf
 * @returns {Draft[]}
 */
function lanesBelow(model, rowsOf) {
    /** @type {Draft[]} */
    const lanes = [];
    for (const [kind, title] of Object.entries(freeTitles)) {
        const id = `free/${kind}`;
        const rows = rowsOf(id);
        const height = rows * rowHeight + 2 * padding;
        if (rows > 0) lanes.push({ id, group: id, kind: "free", title, rows, height });
    }
    if (model.curve.length > 0) {
        const note = "share that fails";
        lanes.push(single("curve", { title: "inevitable", note, height: curveHeight }));
    }
    if (model.events.some((event) => noted.has(event.kind))) {
        lanes.push(single("notes", { title: "program", note: "probes, tasks" }));
    }
    return lanes;
}

/**
 * @param {Model} model
 * @param {(id: string) => number} rowsOf
 * @param {number} only
 * @returns {Lane[]}
 */
function allLanes(model, rowsOf, only) {
    const shown = model.connections.filter(({ number }) => only === 0 || only === number);
    return [
        ...lanesOfWorld(model),
        ...shown.flatMap(({ number }) => lanesOfConnection(model, number, rowsOf)),
        ...lanesBelow(model, rowsOf),
    ].map(laneOfDraft);
}

/**
 * Folded groups become one lane.
 * @param {Lane[]} lanes @param {Set<string>} folded
 */
function foldLanes(lanes, folded) {
    const groups = new Set();
    return lanes.filter((lane) => {
        const isFirst = !groups.has(lane.group);
        groups.add(lane.group);
        lane.head = isFirst;
        if (!folded.has(lane.group)) return true;
        if (isFirst) {
            Object.assign(lane, {
                kind: "folded",
                title: lane.groupTitle,
                note: "",
                height: foldedHeight,
            });
        }
        return isFirst;
    });
}

/**
 * @param {Model} model
 * @param {{folded?: Set<string>, only?: number, without?: Set<string>}} [options] `only` this
 *   connection, if not 0; `without` the lanes of these ids
 * @returns {Layout}
 */
export function layoutLanes(model, { folded = new Set(), only = 0, without = new Set() } = {}) {
    const { rowOf, rowsOf } = assignRows(model);
    const all = allLanes(model, rowsOf, only).filter((lane) => !without.has(lane.id));
    const lanes = foldLanes(all, folded);
    /** @type {Map<string, number>} */
    const at = new Map();
    let y = 0;
    lanes.forEach((lane, index) => {
        if (lane.head && index > 0) y += 6;
        lane.y = y;
        y += lane.height;
        at.set(lane.id, index);
        if (lane.kind !== "folded") return;
        for (const part of ["client", "network", "server"]) at.set(`${lane.group}/${part}`, index);
    });
    const laneOf = new Int32Array(model.operations.length).fill(-1);
    model.operations.forEach((operation, i) => {
        laneOf[i] = at.get(laneIdOf(operation)) ?? -1;
    });
    return { lanes, laneOf, rowOf, at, height: y, folded, only };
}

/**
 * The groups that are folded at first: posts are many and say little, unless the verdict is about
 * one.
 * @param {Model} model
 * @returns {Set<string>}
 */
export function foldedAtFirst({ operations, marked }) {
    const isMarked = operations.some(
        ({ kind, started, completed }) =>
            kind === "post" && (marked.has(started) || marked.has(completed)),
    );
    return new Set(isMarked ? [] : ["free/post"]);
}

/** @param {Lane} lane @param {number} row @returns {number} the middle of a row */
export function rowMiddle(lane, row) {
    if (lane.kind === "folded") return lane.y + lane.height / 2;
    // Numbers stand above the marks of this lane.
    if (lane.kind === "notbenign") return lane.y + 28;
    return lane.y + padding + row * rowHeight + rowHeight / 2;
}

/** @param {Event} event @returns {string} the lane of an event that belongs to no operation */
function laneIdOfEvent(event) {
    if (event.kind === "choice" || event.kind === "fault") return "notbenign";
    if (noted.has(event.kind)) return "notes";
    if (event.kind === "verdict") return "runs";
    return event.connection > 0 ? endId(event) : "runs";
}

const atNetwork = new Set([
    "bytes_sent",
    "bytes_arrived",
    "end_sent",
    "end_arrived",
    "reset_sent",
    "reset_arrived",
]);

/**
 * The lane and the height of an event; lane -1 if it is filtered out.
 * @param {Model} model @param {Layout} layout @param {number} index
 * @returns {{lane: number, y: number}}
 */
export function placeOfEvent(model, layout, index) {
    const operation = model.operationOf[index] ?? -1;
    if (operation >= 0) {
        const lane = layout.laneOf[operation] ?? -1;
        const found = layout.lanes[lane];
        if (found === undefined) return { lane: -1, y: 0 };
        return { lane, y: rowMiddle(found, layout.rowOf[operation] ?? 0) };
    }
    const event = model.events[index];
    if (event === undefined) return { lane: -1, y: 0 };
    const lane = layout.at.get(laneIdOfEvent(event)) ?? -1;
    const found = layout.lanes[lane];
    if (found === undefined) return { lane: -1, y: 0 };
    if (atNetwork.has(event.kind) && found.kind === "end") {
        return { lane, y: event.accepted ? found.y : found.y + found.height };
    }
    return { lane, y: rowMiddle(found, 0) };
}
