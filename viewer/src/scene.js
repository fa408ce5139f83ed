// The picture as a list of shapes, for the part of it that is visible. The canvas and the SVG file
// are painted from the same list. Colours are names; each painter has a value for each.
import { ticksBetween, lowerBound } from "./axis.js";
import { barHeight, endId, hostId, placeOfEvent, rowMiddle, separates } from "./lanes.js";
import { strikes } from "./account.js";
import { listText, placeText, timeText } from "./words.js";

/** @typedef {import("./axis.js").Axis} Axis */
/** @typedef {import("./lanes.js").Layout} Layout */
/** @typedef {import("./types.js").Lane} Lane */
/** @typedef {import("./types.js").Model} Model */
/** @typedef {import("./types.js").Operation} Operation */

/**
 * @typedef {{shape: "rect", x: number, y: number, w: number, h: number, r: number,
 *   fill?: string, stroke?: string, width?: number, dash?: number[], alpha?: number}} Rect
 * @typedef {{shape: "line", points: number[], stroke: string, width: number, dash?: number[],
 *   alpha?: number, close?: boolean, fill?: string}} Line
 * @typedef {{shape: "text", x: number, y: number, text: string, fill: string, size: number,
 *   anchor: "start" | "middle" | "end", bold?: boolean}} Text
 * @typedef {Rect | Line | Text} Shape
 * @typedef {{x: number, y: number, w: number, h: number, event: number}} Hit a shape's event
 */

/**
 * @typedef {object} Picture what is drawn
 * @property {Model} model
 * @property {Axis} axis
 * @property {Layout} layout
 * @property {Index} index
 * @property {number} selected event; -1
 * @property {ReturnType<typeof import("./account.js").badgesOf>} badges the numbers of the account
 * @property {Set<number>} found events that a search has found
 * @property {number} difference the first event that differs from the other run; -1
 */

/** @typedef {{x0: number, x1: number, y0: number, y1: number}} Window the visible part */

/**
 * The width of a text in a sans serif of this size, about.
 * @param {string} text
 * @param {number} size
 */
export const textWidth = (text, size) => text.length * size * 0.56;

const block = 256;

/** Operations, transfers and signals by the events that they span, so that a part is found fast. */
export class Index {
    /** @param {Model} model */
    constructor(model) {
        const end = model.events.length - 1;
        /** @param {number} last */
        const upTo = (last) => (last < 0 ? end : last);
        this.operations = bucketsOf(model.operations, (each) => [
            each.started,
            upTo(Math.max(each.completed, each.cut)),
        ]);
        this.transfers = bucketsOf(model.transfers, (each) => [
            each.sent,
            each.received >= 0 ? each.received : upTo(each.arrived),
        ]);
        this.signals = bucketsOf(model.signals, (each) => [each.sent, upTo(each.arrived)]);
        this.strikes = strikes(model);
        this.isStrike = new Set(this.strikes);
        const overtaken = new Set(model.events.flatMap((event) => event.overtook));
        this.waiting = model.events.flatMap((event, i) =>
            event.ready >= 0 && (event.overtook.length > 0 || overtaken.has(event.start))
                ? [i]
                : [],
        );
        this.notes = model.events.flatMap((event, i) =>
            ["probe", "printed", "became_calm", "task_joined", "task_left"].includes(event.kind)
                ? [i]
                : [],
        );
    }
}

/**
 * @template T
 * @param {T[]} items @param {(item: T) => [number, number]} rangeOf
 * @returns {(from: number, to: number) => Iterable<number>} indices of items that meet the range
 */
function bucketsOf(items, rangeOf) {
    /** @type {number[][]} */
    const buckets = [];
    items.forEach((item, i) => {
        const [first, last] = rangeOf(item);
        for (let b = Math.floor(first / block); b <= Math.floor(last / block); b++) {
            (buckets[b] ??= []).push(i);
        }
    });
    return (from, to) => {
        const found = new Set();
        for (let b = Math.max(0, Math.floor(from / block)); b <= Math.floor(to / block); b++) {
            for (const i of buckets[b] ?? []) found.add(i);
        }
        return found;
    };
}

const barKinds = new Set(["receive", "send", "accept", "connect", "timer", "post", "step"]);
const shortNames = /** @type {Record<string, string>} */ ({ receive: "recv" });

/**
 * The texts that fit in a bar: the longest first.
 * @param {Operation} operation
 * @returns {string[]}
 */
export function barTexts(operation) {
    const { kind, size, bytes, error, completed, cut } = operation;
    const name = shortNames[kind] ?? kind;
    const place = placeText(operation.place);
    const line = place === "" ? "" : `  ${place}`;
    const moves = kind === "receive" || kind === "send";
    const asked =
        size === 0 ? "" : kind === "send" ? `${size} B` : kind === "receive" ? `≤${size} B` : "";
    let result = "";
    if (cut >= 0) result = "cut off";
    else if (completed < 0) result = "in flight";
    else if (error !== "ok") result = error.replaceAll("_", " ");
    else if (kind === "receive") result = bytes === 0 ? "end" : `${bytes} B`;
    else if (kind === "send") result = bytes < size ? `${bytes} of ${size} B` : `${bytes} B`;
    const full =
        moves && (completed < 0 || kind === "receive" || error !== "ok")
            ? `${name} ${asked}${result && ` → ${result}`}`.replace("  ", " ")
            : `${name} ${result}`.trim();
    const brief = `${name} ${result}`.trim();
    return [full + line, full, brief, result.replace(" B", ""), name, name.charAt(0)];
}

/** @param {string[]} texts @param {number} room @param {number} size */
const fitting = (texts, room, size) =>
    texts.find((text) => text !== "" && textWidth(text, size) <= room) ?? "";

/** Collects the shapes of the visible part of a picture. */
class Scene {
    /** @param {Picture} picture @param {Window} window */
    constructor(picture, window) {
        this.picture = picture;
        this.window = window;
        const { x } = picture.axis;
        this.from = Math.max(0, lowerBound(x, window.x0 - 200) - 1);
        this.to = Math.min(x.length - 1, lowerBound(x, window.x1 + 200));
        /** @type {Shape[]} */
        this.shapes = [];
        /** @type {Hit[]} */
        this.hits = [];
    }

    /** @param {number} event @returns {number} */
    x(event) {
        return /** @type {number} */ (this.picture.axis.x[event]);
    }
    /** The end of what does not end. */
    get end() {
        return this.picture.axis.width - 6;
    }

    /** @param {Omit<Rect, "shape">} rect */
    rect(rect) {
        this.shapes.push({ shape: "rect", ...rect });
    }
    /** @param {Omit<Line, "shape">} line */
    line(line) {
        this.shapes.push({ shape: "line", ...line });
    }
    /** @param {string} text @param {number} x @param {number} y @param {Partial<Text>} [more] */
    text(text, x, y, more) {
        this.shapes.push({
            shape: "text",
            text,
            x,
            y,
            fill: "muted",
            size: 11,
            anchor: "start",
            ...more,
        });
    }
    /**
     * @param {number} x
     * @param {number} y
     * @param {number} w
     * @param {number} h
     * @param {number} event
     */
    hit(x, y, w, h, event) {
        this.hits.push({ x, y, w, h, event });
    }
    /** @param {Lane} lane */
    sees(lane) {
        return lane.y < this.window.y1 && lane.y + lane.height > this.window.y0;
    }

    background() {
        const { layout, axis } = this.picture;
        const { x0, x1, y0, y1 } = this.window;
        for (const lane of layout.lanes) {
            if (!this.sees(lane)) continue;
            const fill = lane.kind === "network" ? "network" : "lane";
            this.rect({ x: x0, y: lane.y, w: x1 - x0, h: lane.height, r: 0, fill });
        }
        for (const gap of axis.gaps) {
            if (gap.to < x0 || gap.from > x1) continue;
            this.rect({
                x: gap.from + 4,
                y: y0,
                w: gap.to - gap.from - 8,
                h: y1 - y0,
                r: 0,
                fill: "gap",
            });
        }
        for (const tick of ticksBetween(axis, x0, x1)) {
            this.line({ points: [tick.x, y0, tick.x, y1], stroke: "grid", width: 1 });
        }
    }

    /** From each start of a host to its end, and over its lanes the time while it is down. */
    hosts() {
        const { model, layout } = this.picture;
        for (const host of model.hosts) {
            const lane = layout.lanes[layout.at.get(hostId(host.name)) ?? -1];
            if (lane === undefined) continue;
            const own = layout.lanes.filter((each) => each.section === lane.section);
            const last = own.at(-1) ?? lane;
            host.lives.forEach((life, i) => {
                const next = host.lives[i + 1];
                if (life.ended >= 0) this.down(life, next, lane, last.y + last.height);
                if (this.sees(lane)) this.life(life, i + 1, lane);
            });
        }
    }

    /**
     * @param {import("./types.js").Life} life @param {number} number
     * @param {Lane} lane
     */
    life({ started, ended }, number, lane) {
        const x = this.x(started);
        const to = ended < 0 ? this.end : this.x(ended);
        if (to < this.window.x0 || x > this.window.x1) return;
        const y = rowMiddle(lane, 0) - 8;
        const w = Math.max(2, to - x);
        this.rect({ x, y, w, h: 16, r: 2, fill: "host-fill", stroke: "host-line", width: 1.2 });
        this.line({
            points: [x, lane.y + 2, x, lane.y + lane.height - 2],
            stroke: "ink",
            width: 3,
        });
        this.hit(x - 4, lane.y, w + 4, lane.height, started);
        const left = Math.max(x, this.window.x0) + 6;
        const name = number === 1 ? "starts" : `starts again (start ${number})`;
        const texts = [`${lane.host} ${name}`, name, `start ${number}`, String(number)];
        const text = fitting(texts, Math.min(to, this.window.x1) - left - 12, 10.5);
        if (text !== "") this.text(text, left, y + 12, { fill: "on-bar", size: 10.5 });
    }

    /**
     * @param {import("./types.js").Life} life @param {import("./types.js").Life | undefined} next
     * @param {Lane} lane @param {number} bottom of the lanes of the host
     */
    down({ ended }, next, lane, bottom) {
        const { model } = this.picture;
        const x = this.x(ended);
        const to = next === undefined ? this.end : this.x(next.started);
        if (to < this.window.x0 || x > this.window.x1) return;
        this.rect({ x, y: lane.y, w: Math.max(2, to - x), h: bottom - lane.y, r: 0, fill: "down" });
        this.line({ points: [x, lane.y, x, bottom], stroke: "fail", width: 2, dash: [4, 2] });
        const y = lane.y + lane.height / 2;
        this.cross(x, y, "fail");
        this.hit(x - 6, lane.y, Math.max(12, to - x), lane.height, ended);
        const left = Math.max(x, this.window.x0) + 9;
        const how = model.events[ended]?.text ?? "";
        const texts = [`down: ${how}`, "down", "✗"];
        const text = fitting(texts, Math.min(to, this.window.x1) - left - 4, 10.5);
        if (text !== "") this.text(text, left, y + 4, { fill: "fail", size: 10.5, bold: true });
    }

    /** Between the lanes of hosts that do not reach each other. */
    partitions() {
        const { model, layout } = this.picture;
        /** @type {Map<number, number>} */
        const labelled = new Map();
        for (const partition of model.partitions) {
            const x = this.x(partition.event);
            const to = partition.healed < 0 ? this.end : this.x(partition.healed);
            if (to < this.window.x0 || x > this.window.x1) continue;
            for (const gap of layout.gaps) {
                if (!separates(partition, gap)) continue;
                const { y, height } = gap;
                const w = Math.max(3, to - x);
                const stroke = "partition-line";
                const fill = "partition-fill";
                this.rect({
                    x,
                    y: y + 3,
                    w,
                    h: height - 6,
                    r: 2,
                    fill,
                    stroke,
                    width: 1.5,
                    dash: [6, 3],
                });
                this.hit(x - 2, y, w + 4, height, partition.event);
                const left = Math.max(x, this.window.x0, labelled.get(gap.y) ?? 0) + 6;
                const room = Math.min(to, this.window.x1) - left - 4;
                const text = fitting(partitionTexts(partition), room, 10.5);
                if (text === "") continue;
                this.text(text, left, y + height / 2 + 4, { fill: "ink", size: 10.5 });
                labelled.set(gap.y, left + textWidth(text, 10.5));
            }
        }
    }

    /** What runs between two completions, by the operation that completed. */
    runs() {
        const { model, layout } = this.picture;
        const lane = layout.lanes[layout.at.get("runs") ?? -1];
        if (lane === undefined || !this.sees(lane)) return;
        const first = Math.max(0, lowerBound(model.steps, this.from) - 1);
        let painted = -Infinity;
        for (let i = first; i < model.steps.length; i++) {
            const event = /** @type {number} */ (model.steps[i]);
            if (event > this.to) break;
            const x = this.x(event);
            const next = model.steps[i + 1];
            const to = next === undefined ? this.end : this.x(next);
            if (x - painted < 2) continue;
            painted = x;
            const w = Math.max(1.5, to - x - 2);
            const operation = model.operations[model.operationOf[event] ?? -1];
            const fill =
                operation === undefined
                    ? "set-up"
                    : operation.accepted || operation.connection === 0
                      ? "server-runs"
                      : "client-runs";
            const y = rowMiddle(lane, 0) - barHeight / 2;
            this.rect({ x, y, w, h: barHeight, r: 1, fill });
            this.hit(x, y, w, barHeight, event);
            if (w > 20) this.runText(operation, x, w, y);
        }
    }

    /**
     * @param {Operation | undefined} operation
     * @param {number} x
     * @param {number} w
     * @param {number} y
     */
    runText(operation, x, w, y) {
        const place = operation === undefined ? "set-up" : placeText(operation.place);
        const name = operation?.place?.function ?? "";
        const host = operation?.host ? `${operation.host}: ` : "";
        const text = fitting(
            [
                `${host}${place}  ${name}`,
                `${host}${place}`,
                place,
                place.slice(place.lastIndexOf(":")),
            ],
            w - 6,
            10,
        );
        if (text !== "") this.text(text, x + 4, y + 12, { fill: "ink", size: 10 });
    }

    bars() {
        const { model, layout, index } = this.picture;
        /** @type {Map<number, number>} */
        const painted = new Map();
        for (const i of index.operations(this.from, this.to)) {
            const operation = /** @type {Operation} */ (model.operations[i]);
            const lane = layout.lanes[layout.laneOf[i] ?? -1];
            if (lane === undefined || !this.sees(lane)) continue;
            const x = this.x(operation.started);
            const last = Math.max(operation.completed, operation.cut);
            const to = last < 0 ? this.end : this.x(last);
            if (to < this.window.x0 || x > this.window.x1) continue;
            const y = rowMiddle(lane, layout.rowOf[i] ?? 0);
            const isMarked =
                model.marked.has(operation.started) || model.marked.has(operation.completed);
            // Where many bars share a pixel, one of them stands for all.
            const key = Math.round(x * 2) * 65536 + Math.round(y);
            if (to - x < 1 && !isMarked && painted.has(key)) continue;
            painted.set(key, i);
            const isThin = lane.kind === "folded" || lane.kind === "host";
            if (isThin) this.thinBar(operation, x, to, y, isMarked);
            else this.bar(operation, x, to, y, isMarked);
        }
    }

    /**
     * @param {Operation} operation
     * @param {number} x
     * @param {number} to
     * @param {number} y
     * @param {boolean} isMarked
     */
    thinBar(operation, x, to, y, isMarked) {
        const side = operation.accepted ? 4 : -4;
        const stroke = isMarked ? "fail" : `${operation.kind}-line`;
        this.line({
            points: [x, y + side, Math.max(to, x + 2), y + side],
            stroke,
            width: isMarked ? 4 : 3,
        });
        this.hit(x, y + side - 4, Math.max(4, to - x), 8, operation.started);
    }

    /**
     * @param {Operation} operation
     * @param {number} x
     * @param {number} to
     * @param {number} y
     * @param {boolean} isMarked
     */
    bar(operation, x, to, y, isMarked) {
        const { kind, started, completed, error, cut } = operation;
        const name = barKinds.has(kind) ? kind : "post";
        const top = y - barHeight / 2;
        const w = Math.max(2, to - x - (completed < 0 && cut < 0 ? 0 : 2));
        const isOpen = completed < 0;
        const r = kind === "receive" ? 7 : 2;
        this.rect({
            x,
            y: top,
            w,
            h: barHeight,
            r,
            fill: `${name}-fill`,
            stroke: `${name}-line`,
            width: 1.2,
            ...(isOpen ? { dash: [4, 3] } : {}),
        });
        if (isMarked) {
            this.rect({
                x: x - 2,
                y: top - 2,
                w: w + 4,
                h: barHeight + 4,
                r: r + 2,
                stroke: "fail",
                width: 2.5,
            });
        }
        const failed = cut >= 0 || (!isOpen && error !== "ok");
        if (failed) this.cross(x + w - 7, y, "fail");
        const half = Math.min(w / 2, 30);
        this.hit(x, top, w - half, barHeight, started);
        this.hit(x + w - half, top, half + 4, barHeight, isOpen ? started : completed);
        // The text stays in sight while its bar is.
        const left = Math.max(x, this.window.x0) + (kind === "receive" ? 7 : 5);
        const right = Math.min(x + w, this.window.x1) - (failed ? 16 : 4);
        const text = fitting(barTexts(operation), right - left, 10.5);
        if (text !== "")
            this.text(text, left, y + 4, { fill: "on-bar", size: 10.5, bold: isMarked });
    }

    /** @param {number} x @param {number} y @param {string} stroke */
    cross(x, y, stroke) {
        this.line({ points: [x - 4, y - 4, x + 4, y + 4], stroke, width: 2 });
        this.line({ points: [x - 4, y + 4, x + 4, y - 4], stroke, width: 2 });
    }

    /**
     * @param {number} x
     * @param {number} y
     * @param {number} fromX
     * @param {number} fromY
     * @param {string} stroke
     */
    head(x, y, fromX, fromY, stroke) {
        const angle = Math.atan2(y - fromY, x - fromX);
        const [size, spread] = [6, 0.45];
        const points = [x, y];
        for (const turn of [-spread, spread]) {
            points.push(x - size * Math.cos(angle + turn), y - size * Math.sin(angle + turn));
        }
        this.line({ points, stroke, width: 1, close: true, fill: stroke });
    }

    /**
     * The y of both sides of a connection's network.
     * @param {number} connection
     * @param {boolean} fromAccepted
     */
    way(connection, fromAccepted) {
        const { layout } = this.picture;
        const network = layout.lanes[layout.at.get(`${connection}/network`) ?? -1];
        if (network === undefined && this.picture.model.hosts.length > 0)
            return this.wayBetween(connection, fromAccepted);
        if (network === undefined || network.kind !== "network" || !this.nearby(network))
            return null;
        const top = network.y;
        const bottom = network.y + network.height;
        return fromAccepted
            ? { name: network.id, out: bottom, in: top }
            : { name: network.id, out: top, in: bottom };
    }

    /**
     * The same for a connection whose ends are on two machines: from the edge of one end's lane to
     * the nearer edge of the other's.
     * @param {number} connection @param {boolean} fromAccepted
     */
    wayBetween(connection, fromAccepted) {
        const { layout } = this.picture;
        const lane = (/** @type {boolean} */ accepted) =>
            layout.lanes[layout.at.get(endId({ connection, accepted })) ?? -1];
        const [from, to] = [lane(fromAccepted), lane(!fromAccepted)];
        if (from === undefined || to === undefined || from === to) return null;
        if (!this.nearby(from) && !this.nearby(to)) return null;
        const isDown = from.y < to.y;
        const name = `${connection}/network`;
        return isDown
            ? { name, out: from.y + from.height, in: to.y }
            : { name, out: from.y, in: to.y + to.height };
    }

    /** @param {Lane} lane */
    nearby(lane) {
        return lane.y < this.window.y1 + 200 && lane.y + lane.height > this.window.y0 - 200;
    }

    transfers() {
        const { model, index } = this.picture;
        /** @type {Map<string, number>} */
        const labelled = new Map();
        let painted = "";
        for (const i of index.transfers(this.from, this.to)) {
            const transfer = /** @type {import("./types.js").Transfer} */ (model.transfers[i]);
            const way = this.way(transfer.connection, transfer.fromAccepted);
            if (way === null) continue;
            const x = this.x(transfer.sent);
            const arrivedX = transfer.arrived < 0 ? x : this.x(transfer.arrived);
            const key = [way.name, way.out, Math.round(x), Math.round(arrivedX)].join(" ");
            if (this.picture.axis.zoom < 0.15 && key === painted) continue;
            painted = key;
            this.transfer(transfer, way, labelled);
        }
    }

    /**
     * @param {import("./types.js").Transfer} transfer
     * @param {{name: string, out: number, in: number}} way
     * @param {Map<string, number>} labelled where the last text of each direction ends
     */
    transfer(transfer, way, labelled) {
        const { model, layout } = this.picture;
        const x = this.x(transfer.sent);
        const stroke = "bytes";
        const middle = (way.out + way.in) / 2;
        const size = transfer.last - transfer.first;
        if (transfer.arrived < 0) {
            this.line({ points: [x, way.out, x + 10, middle], stroke, width: 1.6 });
            this.cross(x + 11, middle, "fail");
            this.label(
                `${size} B not arrived`,
                x + 20,
                middle,
                way,
                labelled,
                transfer.fromAccepted,
            );
            return;
        }
        const arrivedX = this.x(transfer.arrived);
        this.line({ points: [x, way.out, arrivedX, way.in], stroke, width: 1.8 });
        this.head(arrivedX, way.in, x, way.out, stroke);
        const share = transfer.fromAccepted ? 0.62 : 0.38;
        const y = way.out + (way.in - way.out) * share;
        this.label(
            `${size} B`,
            x + (arrivedX - x) * share + 5,
            y,
            way,
            labelled,
            transfer.fromAccepted,
        );
        if (transfer.received < 0) return this.unread(arrivedX, way);
        // They wait at the edge of the network until a receive takes them.
        const received = placeOfEvent(model, layout, transfer.received);
        const receivedX = this.x(transfer.received) - 1;
        const edge = way.in + (way.in > way.out ? 2.5 : -2.5);
        this.line({
            points: [arrivedX, edge, receivedX, edge, receivedX, received.y],
            stroke,
            width: 1.1,
            dash: [2, 2],
        });
    }

    /**
     * Bytes that arrived and were never received.
     * @param {number} x
     * @param {{out: number, in: number}} way
     */
    unread(x, way) {
        const y = way.in + (way.in > way.out ? 6 : -6);
        this.rect({
            x: x - 3.5,
            y: y - 3.5,
            w: 7,
            h: 7,
            r: 3.5,
            fill: "lane",
            stroke: "bytes",
            width: 1.5,
        });
    }

    /**
     * @param {string} text @param {number} x @param {number} y @param {{name: string}} way
     * @param {Map<string, number>} labelled @param {boolean} fromAccepted
     */
    label(text, x, y, way, labelled, fromAccepted) {
        const isDense = this.picture.axis.zoom < 0.7;
        const key = `${way.name} ${isDense || fromAccepted}`;
        if (x < (labelled.get(key) ?? -Infinity)) return;
        labelled.set(key, x + textWidth(text, 10) + 6);
        this.text(text, x, y + 3.5, { size: 10, fill: "bytes-text" });
    }

    signals() {
        const { model, index } = this.picture;
        for (const i of index.signals(this.from, this.to)) {
            const signal = /** @type {import("./types.js").Signal} */ (model.signals[i]);
            const way = this.way(signal.connection, signal.fromAccepted);
            if (way === null) continue;
            const x = this.x(signal.sent);
            const stroke = signal.kind === "reset" ? "fail" : "ink";
            const dash = signal.kind === "reset" ? [] : [5, 3];
            const arrived = signal.arrived >= 0;
            const toX = arrived ? this.x(signal.arrived) : x + 8;
            const toY = arrived ? way.in : (way.in + way.out) / 2;
            this.line({ points: [x, way.out, toX, toY], stroke, width: 2, dash });
            if (arrived) this.head(toX, toY, x, way.out, stroke);
            const text = signal.kind === "reset" ? "reset" : "end";
            this.text(text, (x + toX) / 2 + 5, (way.out + toY) / 2 - 4, {
                size: 10,
                fill: stroke,
                bold: true,
            });
            this.hit(
                x - 5,
                Math.min(way.out, toY),
                Math.max(10, toX - x),
                Math.abs(way.out - toY),
                signal.sent,
            );
        }
    }

    /** Sockets that open and close, at their end's lane. */
    sockets() {
        const { model, layout } = this.picture;
        for (let i = this.from; i <= this.to; i++) {
            const event = model.events[i];
            if (event?.kind !== "socket_opened" && event?.kind !== "socket_closed") continue;
            const lane = layout.lanes[layout.at.get(endId(event)) ?? -1];
            if (lane === undefined || lane.kind !== "end" || !this.sees(lane)) continue;
            const x = this.x(i);
            this.line({
                points: [x, lane.y + 2, x, lane.y + lane.height - 2],
                stroke: "ink",
                width: 2.5,
            });
            const opens = event.kind === "socket_opened";
            const text = opens ? "open" : "close";
            const y = lane.y + 11;
            this.text(text, x + (opens ? -4 : 4), y, { size: 9, anchor: opens ? "end" : "start" });
            this.hit(x - 4, lane.y, 8, lane.height, i);
        }
    }

    notBenign() {
        const { model, layout, index } = this.picture;
        const lane = layout.lanes[layout.at.get("notbenign") ?? -1];
        if (lane === undefined || !this.sees(lane)) return;
        const y = rowMiddle(lane, 0);
        const shown = model.notBenign;
        let free = -Infinity;
        let painted = -Infinity;
        for (let at = lowerBound(shown, this.from); at < shown.length; at++) {
            const i = /** @type {number} */ (shown[at]);
            if (i > this.to) break;
            const event = /** @type {import("./types.js").Event} */ (model.events[i]);
            const x = this.x(i);
            if (x - painted < 1 && !model.marked.has(i)) continue;
            painted = x;
            const points =
                event.kind === "fault"
                    ? [x, y - 7, x + 6, y + 5, x - 6, y + 5]
                    : [x, y - 7, x + 6, y, x, y + 7, x - 6, y];
            const isStrike = index.isStrike.has(i);
            this.line({
                points,
                stroke: "choice-line",
                fill: isStrike ? "choice-fill" : "lane",
                width: 1.2,
                close: true,
            });
            this.hit(x - 7, y - 8, 14, 16, i);
            // A fault has been named by its choice, which stands before it.
            if (!isStrike) continue;
            const next = shown.slice(at + 1, at + 6).find((other) => index.isStrike.has(other));
            const own =
                shown[at + 1] !== undefined && shown[at + 1] !== next
                    ? this.x(shown[at + 1] ?? 0) - x
                    : 0;
            const left = x + 9 + (own < 60 ? own : 0);
            const room = (next === undefined ? Infinity : this.x(next)) - left - 7;
            const text = fitting(strikeTexts(event), room, 10.5);
            if (text === "" || x < free) continue;
            this.text(text, left, y + 4, { fill: "ink", size: 10.5 });
            free = left + textWidth(text, 10.5);
        }
    }

    /** From when each completion was ready to when it came out: overtakings are crossings. */
    queue() {
        const { model, layout, index } = this.picture;
        const lane = layout.lanes[layout.at.get("queue") ?? -1];
        if (lane === undefined || !this.sees(lane)) return;
        const [top, bottom] = [lane.y + 7, lane.y + lane.height - 7];
        for (let at = lowerBound(index.waiting, this.from); at < index.waiting.length; at++) {
            const i = /** @type {number} */ (index.waiting[at]);
            const event = /** @type {import("./types.js").Event} */ (model.events[i]);
            const x = this.x(event.ready);
            if (x > this.window.x1) break;
            const toX = this.x(i);
            const overtakes = event.overtook.length > 0;
            const stroke = overtakes ? "choice-line" : "muted";
            this.line({
                points: [x, top, toX, bottom],
                stroke,
                width: overtakes ? 2 : 1,
                alpha: overtakes ? 1 : 0.7,
            });
            if (overtakes) this.head(toX, bottom, x, top, stroke);
            this.hit(Math.min(x, toX) - 4, lane.y, Math.max(8, toX - x), lane.height, i);
        }
    }

    notes() {
        const { model, layout, index } = this.picture;
        /** @type {Map<number, number>} */
        const free = new Map();
        for (let at = lowerBound(index.notes, this.from); at < index.notes.length; at++) {
            const i = /** @type {number} */ (index.notes[at]);
            if (i > this.to) break;
            const event = /** @type {import("./types.js").Event} */ (model.events[i]);
            const place = placeOfEvent(model, layout, i);
            const lane = layout.lanes[place.lane];
            if (lane?.kind !== "notes" || !this.sees(lane)) continue;
            const { y } = place;
            const x = this.x(i);
            const half = event.kind.startsWith("task") ? 3 : 6;
            this.line({ points: [x, y - half, x, y + half], stroke: "muted", width: 2 });
            this.hit(x - 4, y - 8, 8, 16, i);
            const text = noteText(event);
            if (x < (free.get(y) ?? -Infinity) || text === "") continue;
            this.text(text, x + 4, y + 4, { size: 10 });
            free.set(y, x + textWidth(text, 10) + 8);
        }
    }

    /** How the share of failing runs grows with the choices that are kept. */
    curve() {
        const { model, layout } = this.picture;
        const lane = layout.lanes[layout.at.get("curve") ?? -1];
        if (lane === undefined || !this.sees(lane)) return;
        const [top, bottom] = [lane.y + 14, lane.y + lane.height - 12];
        /** @type {number[]} */
        const points = [];
        let before = bottom;
        for (const { event, share } of model.curve) {
            const x = event < 0 ? 4 : this.x(event);
            const y = bottom - (bottom - top) * share;
            points.push(x, before, x, y);
            before = y;
        }
        points.push(this.end, before);
        const { x0, x1 } = this.window;
        for (const y of [top, bottom])
            this.line({ points: [x0, y, x1, y], stroke: "grid", width: 1 });
        this.line({
            points: [...points, this.end, bottom, points[0] ?? 0, bottom],
            stroke: "none",
            width: 0,
            fill: "choice-fill",
            close: true,
            alpha: 0.6,
        });
        this.line({ points, stroke: "choice-line", width: 2 });
        this.text("100 %", x0 + 3, top - 3, { size: 9 });
        this.text("0 %", x0 + 3, bottom + 10, { size: 9 });
    }

    verdict() {
        const { model } = this.picture;
        if (model.failure < 0) return;
        const x = this.x(model.failure);
        const { y0, y1 } = this.window;
        this.line({ points: [x, y0, x, y1], stroke: "fail", width: 2 });
        this.hit(x - 4, y0, 8, y1 - y0, model.failure);
    }

    difference() {
        const { difference } = this.picture;
        if (difference < 0) return;
        const x = this.x(difference) - 4;
        const { y0, y1 } = this.window;
        this.line({ points: [x, y0, x, y1], stroke: "choice-line", width: 2.5, dash: [7, 4] });
    }

    /** The numbers of the account, on their events. */
    badges() {
        const { model, layout, badges, found } = this.picture;
        for (const i of found) {
            if (i < this.from || i > this.to) continue;
            const { lane, y } = placeOfEvent(model, layout, i);
            if (lane < 0) continue;
            const points = [this.x(i) - 4, y + 9, this.x(i) + 4, y + 9];
            this.line({ points, stroke: "found", width: 4 });
        }
        /** @type {{x: number, y: number}[]} */
        const taken = [];
        for (const [i, { text, kind }] of badges) {
            if (i < this.from || i > this.to) continue;
            const place = placeOfEvent(model, layout, i);
            if (place.lane < 0) continue;
            const x = this.x(i);
            let y = place.y - 12;
            while (taken.some((other) => Math.abs(other.x - x) < 15 && Math.abs(other.y - y) < 13))
                y += 13;
            taken.push({ x, y });
            this.rect({ x: x - 7.5, y: y - 7.5, w: 15, h: 15, r: 7.5, fill: badgeFill(kind) });
            this.text(text, x, y + 3.5, {
                fill: "on-badge",
                size: 10,
                anchor: "middle",
                bold: true,
            });
            this.hit(x - 8, y - 8, 16, 16, i);
        }
    }

    selection() {
        const { model, layout, selected } = this.picture;
        if (selected < 0 || selected >= model.events.length) return;
        const x = this.x(selected);
        const { y0, y1 } = this.window;
        this.line({
            points: [x, y0, x, y1],
            stroke: "select",
            width: 1.2,
            dash: [3, 3],
            alpha: 0.7,
        });
        const { lane, y } = placeOfEvent(model, layout, selected);
        if (lane < 0) return;
        this.rect({ x: x - 6, y: y - 11, w: 12, h: 22, r: 6, stroke: "select", width: 3 });
    }
}

/**
 * The colour of a number, as it is in the account.
 * @param {import("./account.js").Item["kind"]} kind
 */
export function badgeFill(kind) {
    if (kind === "event") return "muted";
    return kind === "failure" || kind === "marked" ? "fail" : "choice-strong";
}

/** @param {import("./types.js").Event} event @returns {string[]} */
function strikeTexts(event) {
    if (event.choice === null) return [event.fault];
    const { label, value, options, valueText } = event.choice;
    const named = valueText || (options > 2 ? `${value} of 0–${options - 1}` : "");
    return [named === "" ? label : `${label}: ${named}`, label];
}

/** The longest first. @param {import("./types.js").Partition} partition */
function partitionTexts({ from, to, bothWays, span }) {
    const sides = `${listText(from)} ${bothWays ? "|" : "→"} ${listText(to)}`;
    const way = bothWays ? "both ways" : "one way";
    const short = bothWays ? "partition" : `partition ${sides}`;
    return [
        `partition: ${sides}, ${way}, for ${timeText(span)}`,
        `partition: ${sides}, ${way}`,
        short,
        "partition",
    ];
}

/** @param {import("./types.js").Event} event @returns {string} */
function noteText(event) {
    if (event.kind === "became_calm") return "calm";
    if (event.kind === "task_joined" || event.kind === "task_left") return "";
    return event.kind === "printed" ? `“${event.text.trimEnd().slice(0, 40)}”` : event.name;
}

/**
 * The shapes of the visible part, from the back to the front, and which events they are.
 * @param {Picture} picture
 * @param {Window} window
 * @returns {{shapes: Shape[], hits: Hit[]}}
 */
export function paintScene(picture, window) {
    const scene = new Scene(picture, window);
    scene.background();
    scene.hosts();
    scene.partitions();
    scene.runs();
    scene.bars();
    scene.queue();
    scene.transfers();
    scene.signals();
    scene.sockets();
    scene.notBenign();
    scene.notes();
    scene.curve();
    scene.verdict();
    scene.difference();
    scene.selection();
    scene.badges();
    return { shapes: scene.shapes, hits: scene.hits };
}

export const axisHeight = 26;

/**
 * The axis above the lanes, from y 0 to axisHeight.
 * @param {Picture} picture
 * @param {Window} window
 * @returns {Shape[]}
 */
export function paintAxis(picture, { x0, x1 }) {
    const { axis, model } = picture;
    /** @type {Shape[]} */
    const shapes = [{ shape: "rect", x: x0, y: 0, w: x1 - x0, h: axisHeight, r: 0, fill: "axis" }];
    /** @param {string} text @param {number} x @param {Partial<Text>} more */
    const write = (text, x, more) =>
        shapes.push({
            shape: "text",
            text,
            x,
            y: 16,
            fill: "muted",
            size: 10.5,
            anchor: "start",
            ...more,
        });
    for (const tick of ticksBetween(axis, x0 - 60, x1)) write(tick.text, tick.x - 2, {});
    for (const gap of axis.gaps) {
        if (gap.to < x0 || gap.from > x1 || textWidth(gap.text, 10) > gap.to - gap.from - 50)
            continue;
        write(gap.text, (gap.from + gap.to) / 2 + 14, { anchor: "middle", size: 10 });
    }
    if (model.failure >= 0) {
        const x = /** @type {number} */ (axis.x[model.failure]);
        shapes.push({
            shape: "line",
            points: [x - 7, 3, x + 7, 3, x + 7, 18, x, 25, x - 7, 18],
            stroke: "fail",
            fill: "fail",
            width: 1,
            close: true,
        });
        write("✗", x, { fill: "on-badge", anchor: "middle", bold: true, size: 12 });
    }
    return shapes;
}
