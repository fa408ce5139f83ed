// The lanes of the picture from top to bottom, and the lane and row of each operation and event.
import { clientOf, hostOfEnd } from "./words.js";

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
 * @property {Gap[]} gaps between the lanes of hosts
 * @property {number} only the only connection that is shown; 0: all
 * @property {string} onlyHost the only host that is shown, with the other ends of its connections;
 *   empty: all
 */

/**
 * @typedef {object} Gap the room between the lanes of two hosts, in which partitions are drawn
 * @property {number} y
 * @property {number} height
 * @property {string} above
 * @property {string} below
 */

export const rowHeight = 22;
export const barHeight = 16;
const padding = 5;
const networkHeight = 44;
const queueHeight = 46;
const foldedHeight = 24;
const curveHeight = 70;
const hostHeight = 26;
const gapHeight = 24;

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

/** @param {string} host */
const atHost = (host) => (host === "" ? "" : `@${host}`);

/** The lane of a host, and the group of all its lanes. @param {string} host */
export const hostId = (host) => `host/${host}`;

/** @param {Operation} operation @returns {string} the id of its lane */
function laneIdOf(operation) {
    const isFree =
        operation.connection === 0 ||
        operation.kind === "accept" ||
        operation.kind === "timer" ||
        operation.kind === "post";
    return isFree ? `free/${operation.kind}${atHost(operation.host)}` : endId(operation);
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
        const { completed, cut } = operation;
        const until = completed >= 0 ? completed : cut >= 0 ? cut : Infinity;
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
    section: "",
    host: "",
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
 * "from client", "to broker": the end of a connection that is on a host; the client's name if it is
 * the connecting end and on none.
 * @param {Model} model @param {number} connection @param {boolean} accepted
 */
function titleAmongHosts(model, connection, accepted) {
    const client = clientOf(model, connection);
    const peer = hostOfEnd(model, { connection, accepted: !accepted });
    if (accepted) return `from ${peer || client || "the world"}`;
    const isOnHost = hostOfEnd(model, { connection, accepted }) !== "";
    return client !== "" && !isOnHost ? client : `to ${peer || "the world"}`;
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
            title: model.hosts.length === 0 ? title : titleAmongHosts(model, number, accepted),
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
 * Operations of no connection, on one machine.
 * @param {string} host
 * @param {(id: string) => number} rowsOf
 * @returns {Draft[]}
 */
function freeLanes(host, rowsOf) {
    return Object.entries(freeTitles).flatMap(([kind, title]) => {
        const id = `free/${kind}${atHost(host)}`;
        const rows = rowsOf(id);
        const height = rows * rowHeight + 2 * padding;
        return rows > 0 ? [{ id, group: id, kind: "free", title, rows, height }] : [];
    });
}

/** What the program of one machine says. @param {Model} model @param {string} host @returns {Draft[]} */
function noteLanes(model, host) {
    if (!model.events.some((event) => noted.has(event.kind) && event.host === host)) return [];
    const id = `notes${atHost(host)}`;
    return [{ id, group: id, kind: "notes", title: "program", note: "probes, tasks" }];
}

/** How inevitable the failure was. @param {Model} model @returns {Draft[]} */
function curveLanes(model) {
    const note = "share that fails";
    return model.curve.length > 0
        ? [single("curve", { title: "inevitable", note, height: curveHeight })]
        : [];
}

/**
 * All lanes of one machine of a run with hosts: the ends of connections that are on it, its other
 * operations, and what its program says.
 * @param {Model} model
 * @param {string} host empty: the world's own machine
 * @param {(id: string) => number} rowsOf
 * @param {{only: number, onlyHost: string}} filter
 * @returns {Draft[]}
 */
function lanesOfMachine(model, host, rowsOf, { only, onlyHost }) {
    const isWhole = onlyHost === "" || onlyHost === host;
    const ends = model.connections.flatMap(({ number, hosts }) => {
        if ((only !== 0 && only !== number) || (!isWhole && !hosts.includes(onlyHost))) return [];
        const lanes = lanesOfConnection(model, number, rowsOf);
        const inside = hosts[0] === hosts[1];
        return lanes.filter(
            (lane) => hosts[lane.accepted ? 1 : 0] === host && (inside || lane.kind === "end"),
        );
    });
    const below = isWhole ? [...freeLanes(host, rowsOf), ...noteLanes(model, host)] : [];
    if (host === "" && ends.length === 0 && below.length === 0) return [];
    const section = hostId(host);
    const title = host === "" ? "world" : host;
    /** @type {Draft} */
    const head = { id: section, group: section, kind: "host", title, height: hostHeight };
    return [head, ...ends, ...below].map((lane) => ({
        ...lane,
        // Lanes that fold alone keep their own button.
        group: lane.kind === "free" ? lane.group : section,
        groupTitle: lane.kind === "free" ? `${lane.title} of ${title}` : title,
        section,
        host,
    }));
}

/**
 * @param {Model} model
 * @param {(id: string) => number} rowsOf
 * @param {{only: number, onlyHost: string}} filter
 * @returns {Lane[]}
 */
function allLanes(model, rowsOf, filter) {
    const { only } = filter;
    if (model.hosts.length > 0) {
        const machines = ["", ...model.hosts.map(({ name }) => name)];
        return [
            ...lanesOfWorld(model),
            ...machines.flatMap((host) => lanesOfMachine(model, host, rowsOf, filter)),
            ...curveLanes(model),
        ].map(laneOfDraft);
    }
    const shown = model.connections.filter(({ number }) => only === 0 || only === number);
    return [
        ...lanesOfWorld(model),
        ...shown.flatMap(({ number }) => lanesOfConnection(model, number, rowsOf)),
        ...freeLanes("", rowsOf),
        ...curveLanes(model),
        ...noteLanes(model, ""),
    ].map(laneOfDraft);
}

/**
 * Folded groups become one lane.
 * @param {Lane[]} lanes @param {Set<string>} folded
 */
function foldLanes(lanes, folded) {
    const groups = new Set();
    return lanes.filter((lane) => {
        // All lanes of a host fold into one.
        if (folded.has(lane.section)) lane.group = lane.section;
        const isFirst = !groups.has(lane.group);
        groups.add(lane.group);
        lane.head = isFirst;
        if (!folded.has(lane.group)) return true;
        if (isFirst && lane.kind !== "host") {
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
 * @param {{folded?: Set<string>, only?: number, onlyHost?: string, without?: Set<string>}} [options]
 *   `only` this connection, if not 0; `onlyHost` this host, if not empty; `without` the lanes of
 *   these ids
 * @returns {Layout}
 */
export function layoutLanes(
    model,
    { folded = new Set(), only = 0, onlyHost = "", without = new Set() } = {},
) {
    const { rowOf, rowsOf } = assignRows(model);
    const all = allLanes(model, rowsOf, { only, onlyHost }).filter((lane) => !without.has(lane.id));
    const lanes = foldLanes(all, folded);
    /** @type {Gap[]} */
    const gaps = [];
    /** @type {Map<string, number>} */
    const at = new Map();
    let y = 0;
    lanes.forEach((lane, index) => {
        const before = lanes[index - 1];
        if (lane.id === lane.section) {
            if (before?.host) {
                gaps.push({ y, height: gapHeight, above: before.host, below: lane.host });
            }
            y += gapHeight;
        } else if (lane.head && index > 0) y += 6;
        lane.y = y;
        y += lane.height;
        at.set(lane.id, index);
    });
    const first = new Map(lanes.map((lane, index) => [lane.head ? lane.group : "", index]));
    for (const { id, group } of all) {
        const index = folded.has(group) ? first.get(group) : undefined;
        if (index !== undefined) at.set(id, index);
    }
    const laneOf = new Int32Array(model.operations.length).fill(-1);
    model.operations.forEach((operation, i) => {
        laneOf[i] = at.get(laneIdOf(operation)) ?? -1;
    });
    return { lanes, laneOf, rowOf, at, height: y, folded, gaps, only, onlyHost };
}

/**
 * The groups that are folded at first: posts are many and say little, unless the verdict is about
 * one.
 * @param {Model} model
 * @returns {Set<string>}
 */
export function foldedAtFirst({ operations, marked, hosts }) {
    const isMarked = operations.some(
        ({ kind, started, completed }) =>
            kind === "post" && (marked.has(started) || marked.has(completed)),
    );
    const machines = ["", ...hosts.map(({ name }) => name)];
    return new Set(isMarked ? [] : machines.map((host) => `free/post${atHost(host)}`));
}

/** @param {Lane} lane @param {number} row @returns {number} the middle of a row */
export function rowMiddle(lane, row) {
    if (lane.kind === "folded" || lane.kind === "host") return lane.y + lane.height / 2;
    // Numbers stand above the marks of this lane.
    if (lane.kind === "notbenign") return lane.y + 28;
    return lane.y + padding + row * rowHeight + rowHeight / 2;
}

/** @param {Event} event @returns {string} the lane of an event that belongs to no operation */
function laneIdOfEvent(event) {
    if (event.kind === "choice" || event.kind === "fault") return "notbenign";
    if (event.kind === "host_started" || event.kind === "host_ended") return hostId(event.host);
    if (noted.has(event.kind)) return `notes${atHost(event.host)}`;
    if (event.kind === "verdict") return "runs";
    return event.connection > 0 ? endId(event) : "runs";
}

/**
 * Are the hosts of a gap on different sides?
 * @param {import("./types.js").Partition} partition @param {Gap} gap
 */
export const separates = ({ from, to }, { above, below }) =>
    (from.includes(above) && to.includes(below)) || (from.includes(below) && to.includes(above));

/**
 * Does a filter leave an event in the picture?
 * @param {Model} model @param {{only: number, onlyHost: string}} filter @param {Event} event
 */
export function isShown(model, { only, onlyHost }, { connection, host, kind }) {
    if (only !== 0) return connection === 0 || connection === only;
    if (onlyHost === "" || kind === "host_started" || kind === "host_ended") return true;
    if (connection === 0) return host === "" || host === onlyHost;
    const known = model.connections.find(({ number }) => number === connection);
    return known?.hosts.includes(onlyHost) ?? true;
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
    if (event.kind === "partitioned") {
        const partition = model.partitions.find((each) => each.event === index);
        const gap = layout.gaps.find((each) => partition && separates(partition, each));
        if (gap === undefined) return { lane: -1, y: 0 };
        return { lane: layout.at.get(hostId(gap.below)) ?? -1, y: gap.y + gap.height / 2 };
    }
    const lane = layout.at.get(laneIdOfEvent(event)) ?? -1;
    const found = layout.lanes[lane];
    if (found === undefined) return { lane: -1, y: 0 };
    if (atNetwork.has(event.kind) && found.kind === "end") {
        return { lane, y: event.accepted ? found.y : found.y + found.height };
    }
    return { lane, y: rowMiddle(found, 0) };
}
