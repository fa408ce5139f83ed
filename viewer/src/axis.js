// Where each event is from left to right: by the order of completions, or by virtual time.
//
// By order, each completion (step) gets room for what happens in it. By time, events of one instant
// stand close together, and the time that passes between two instants is room between them; long
// waits are compressed, because a run can wait a minute between two microseconds.
import { timeText } from "./words.js";

/** @typedef {import("./types.js").Model} Model */
/** @typedef {"order" | "time"} Mode */
/**
 * @typedef {object} Tick
 * @property {number} x
 * @property {string} text
 * @property {number} event
 */
/**
 * @typedef {object} Gap time that passes while nothing happens
 * @property {number} from x
 * @property {number} to x
 * @property {string} text
 */
/**
 * @typedef {object} Axis
 * @property {Mode} mode
 * @property {number} zoom
 * @property {Float64Array} x for each event
 * @property {number} width
 * @property {Tick[]} ticks in the order of their x
 * @property {Gap[]} gaps
 */

/** Room before the first event, in pixels. */
export const margin = 26;
/** Room after the last event: what is in flight at the end has its text there. */
export const tail = 120;

/** The least room of a step: two of them hold the text of most bars. */
const leastRoom = 62;

/** Kinds of events that are not drawn by themselves, and so need no room. */
const unseen = new Set(["span_begun", "span_ended", "identified", "bytes_sent"]);

/** @param {import("./types.js").Event} event @returns {boolean} */
export function isSeen(event) {
    if (event.choice !== null) return event.choice.value > 0;
    return !unseen.has(event.kind);
}

/** The room before an event in its step. @param {import("./types.js").Event} event */
const slotOf = (event) => (!isSeen(event) ? 0 : event.choice !== null ? 9 : 13);

/**
 * The room that each step needs in the order of completions: a number for each step.
 * @param {Model} model
 * @returns {number[]}
 */
export function stepRooms(model) {
    return model.steps.map((from, i) => {
        const to = model.steps[i + 1] ?? model.events.length;
        let slots = 0;
        for (let at = from; at < to; at++) slots += slotOf(/** @type {any} */ (model.events[at]));
        return Math.max(leastRoom, 24 + slots);
    });
}

/** @param {Model} model @param {number} zoom @param {number[]} rooms @returns {Axis} */
function orderAxis(model, zoom, rooms) {
    const x = new Float64Array(model.events.length);
    /** @type {Tick[]} */
    const ticks = [];
    let left = margin;
    model.steps.forEach((from, i) => {
        const to = model.steps[i + 1] ?? model.events.length;
        let slot = 0;
        for (let at = from; at < to; at++) {
            if (at > from) slot += slotOf(/** @type {any} */ (model.events[at]));
            x[at] = left + zoom * slot;
        }
        ticks.push({ x: left, text: String(model.events[from]?.step ?? 0), event: from });
        left += (rooms[i] ?? leastRoom) * zoom;
    });
    return { mode: "order", zoom, x, width: left + tail, ticks, gaps: [] };
}

/** @param {number} nanoseconds @returns {number} room for time that passes */
const gapRoom = (nanoseconds) => 16 + 24 * Math.log10(1 + nanoseconds / 1000);

/** @param {Model} model @param {number} zoom @returns {Axis} */
function timeAxis(model, zoom) {
    const x = new Float64Array(model.events.length);
    /** @type {Tick[]} */
    const ticks = [];
    /** @type {Gap[]} */
    const gaps = [];
    let left = margin;
    let time = -1;
    model.events.forEach((event, index) => {
        if (event.time !== time) {
            if (time >= 0) {
                const to = left + gapRoom(event.time - time) * zoom;
                gaps.push({ from: left, to, text: `+${timeText(event.time - time)}` });
                left = to;
            }
            ticks.push({ x: left, text: timeText(event.time), event: index });
            time = event.time;
        } else if (event.kind === "completed") {
            left += 9 * zoom;
        } else if (isSeen(event)) {
            left += 4 * zoom;
        }
        x[index] = left;
    });
    return { mode: "time", zoom, x, width: left + tail, ticks, gaps };
}

/**
 * @param {Model} model
 * @param {Mode} mode
 * @param {number} zoom 1 is the normal size
 * @param {number[]} [rooms] of each step, if other than stepRooms(model): two runs are aligned so
 * @returns {Axis}
 */
export function makeAxis(model, mode, zoom, rooms) {
    return mode === "order"
        ? orderAxis(model, zoom, rooms ?? stepRooms(model))
        : timeAxis(model, zoom);
}

/**
 * The first index with a value of at least `x`, in ascending values.
 * @param {ArrayLike<number>} values
 * @param {number} x
 */
export function lowerBound(values, x) {
    let low = 0;
    let high = values.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (/** @type {number} */ (values[middle]) < x) low = middle + 1;
        else high = middle;
    }
    return low;
}

/** The first tick at `x` or to the right of it. @param {Tick[]} ticks @param {number} x */
function firstTick(ticks, x) {
    let low = 0;
    let high = ticks.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (/** @type {Tick} */ (ticks[middle]).x < x) low = middle + 1;
        else high = middle;
    }
    return low;
}

/**
 * The ticks from `from` to `to`, so few that their texts do not meet.
 * @param {Axis} axis
 * @param {number} from
 * @param {number} to
 * @returns {Tick[]}
 */
export function ticksBetween(axis, from, to) {
    const first = Math.max(0, firstTick(axis.ticks, from) - 1);
    const room = axis.mode === "order" ? 34 : 70;
    if (axis.mode === "order") {
        // The same ticks at every scroll position: each n-th, n one of 1, 2, 5, 10, ...
        const mean = axis.width / Math.max(1, axis.ticks.length);
        const every = niceAtLeast(room / mean);
        const last = firstTick(axis.ticks, to + 1);
        return axis.ticks.slice(first, last).filter((tick) => Number(tick.text) % every === 0);
    }
    /** @type {Tick[]} */
    const ticks = [];
    for (let i = first; i < axis.ticks.length; i++) {
        const tick = /** @type {Tick} */ (axis.ticks[i]);
        if (tick.x > to) break;
        if (tick.x - (ticks.at(-1)?.x ?? -Infinity) >= room) ticks.push(tick);
    }
    return ticks;
}

/** @param {number} least @returns {number} 1, 2, 5, 10, 20, ... */
function niceAtLeast(least) {
    let power = 1;
    for (;;) {
        for (const factor of [1, 2, 5]) if (power * factor >= least) return power * factor;
        power *= 10;
    }
}
