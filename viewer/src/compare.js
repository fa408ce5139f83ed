// Two runs below each other, aligned: what is the same event in both stands at the same place.
import { makeAxis } from "./axis.js";
import { h } from "./dom.js";
import { readRun } from "./read.js";
import { View } from "./view.js";
import { capital, choiceWords, plural } from "./words.js";

/** @typedef {import("./axis.js").Axis} Axis */
/** @typedef {import("./types.js").Model} Model */
/** @typedef {[number, number]} Pair event indices of the same event in both runs */

/**
 * @param {Axis} axis
 * @param {Float64Array} x
 * @returns {Axis} the axis with its events moved to `x`
 */
function moved(axis, x) {
    const shift = (/** @type {number} */ event) => (x[event] ?? 0) - (axis.x[event] ?? 0);
    const ticks = axis.ticks.map((tick) => ({ ...tick, x: tick.x + shift(tick.event) }));
    // A gap ends where the tick of the next instant stands.
    const gaps = axis.gaps.map((gap, i) => {
        const by = shift(axis.ticks[i + 1]?.event ?? 0);
        return { ...gap, from: gap.from + by, to: gap.to + by };
    });
    const last = x.length - 1;
    return { ...axis, x, ticks, gaps, width: axis.width + (last < 0 ? 0 : shift(last)) };
}

/**
 * Moves the events of two axes to the right until each pair stands at one place.
 * @param {Axis} a
 * @param {Axis} b
 * @param {Pair[]} pairs ascending in both
 * @returns {[Axis, Axis]}
 */
export function alignAxes(a, b, pairs) {
    const xs = [Float64Array.from(a.x), Float64Array.from(b.x)];
    const axes = [a, b];
    let shifts = [0, 0];
    const from = [0, 0];
    for (const pair of [...pairs, [a.x.length, b.x.length]]) {
        for (const side of [0, 1]) {
            const x = /** @type {Float64Array} */ (xs[side]);
            const until = /** @type {number} */ (pair[side]);
            for (let i = from[side] ?? 0; i < until; i++) x[i] = (x[i] ?? 0) + (shifts[side] ?? 0);
            from[side] = until;
        }
        const wanted = axes.map(({ x }, side) => (x[pair[side] ?? 0] ?? 0) + (shifts[side] ?? 0));
        const place = Math.max(...wanted);
        shifts = shifts.map((shift, side) => shift + place - (wanted[side] ?? 0));
    }
    return [
        moved(a, /** @type {Float64Array} */ (xs[0])),
        moved(b, /** @type {Float64Array} */ (xs[1])),
    ];
}

/** @param {any} json @returns {string} why it cannot be shown; empty: it can */
export function complaintAboutComparison(json) {
    if (!(json.version <= 1))
        return `The comparison has version ${json.version}; this page reads 1.`;
    return Array.isArray(json.runs) && json.runs.length === 2
        ? ""
        : "The comparison has not two runs.";
}

/**
 * @param {any} difference
 * @param {Model[]} models
 * @returns {string}
 */
function differenceText(difference, models) {
    if (!difference) return "The two runs do not differ.";
    const sentence = `${capital(difference.sentence)}.`;
    if (!difference.choice) return sentence;
    const words = models.map(({ events }) => {
        const event = events.find(({ choice }) => choice?.index === difference.choice.choice);
        return event?.choice ? choiceWords(event.choice).chosen : "it was not asked";
    });
    return `${sentence} Run A: ${words[0]}. Run B: ${words[1]}.`;
}

export class Comparison {
    /**
     * @param {HTMLElement} element
     * @param {any} json
     * @param {import("./view.js").ViewOptions} options
     */
    constructor(element, json, options) {
        /** @type {Model[]} */
        this.models = json.runs.map(readRun);
        const difference = json.first_difference;
        this.pairs = /** @type {Pair[]} */ (
            (json.aligned ?? []).map((/** @type {number[]} */ pair) => pair.map((id) => id - 1))
        );
        const sentence = h(
            "section",
            { class: "dv-difference", "aria-label": "First difference" },
            h("h2", {}, "First difference"),
            h("p", {}, differenceText(difference, this.models)),
            json.moved?.length > 0 &&
                h(
                    "p",
                    {},
                    `${plural(json.moved.length, "event")} of both runs come in another order.`,
                ),
        );
        const summaries = this.models.map((_, side) =>
            h("div", {
                class: "dv-view",
                role: "group",
                "aria-label": `Summary of run ${"AB"[side]}`,
            }),
        );
        this.root = h(
            "div",
            { class: "dv-comparison" },
            h("div", { class: "dv-view" }, sentence),
            h("div", { class: "dv-summaries" }, summaries),
        );
        element.append(this.root);
        this.following = false;
        this.views = this.models.map((model, side) => {
            const part = h(
                "section",
                { class: "dv-side", "aria-label": `Run ${"AB"[side]}` },
                h(
                    "h2",
                    {},
                    `Run ${"AB"[side]}: ${model.passed ? "passed" : `failed ${model.property}`}`,
                ),
            );
            this.root.append(part);
            const id = difference?.events?.[side];
            return new View(part, model, {
                ...options,
                heading: `Run ${"AB"[side]}`,
                summary: /** @type {HTMLElement} */ (summaries[side]),
                difference: typeof id === "number" ? id - 1 : -1,
                axisOf: (mode, zoom) => /** @type {Axis} */ (this.axes(mode, zoom)[side]),
                onViewport: (view) => this.follow(view, 1 - side),
            });
        });
        if (difference)
            requestAnimationFrame(() => requestAnimationFrame(() => this.toDifference()));
    }

    /** @param {import("./axis.js").Mode} mode @param {number} zoom */
    axes(mode, zoom) {
        const [a, b] = /** @type {[Model, Model]} */ (this.models);
        return alignAxes(makeAxis(a, mode, zoom), makeAxis(b, mode, zoom), this.pairs);
    }

    /** Shows both pictures where the runs part. */
    toDifference() {
        for (const view of this.views) {
            if (view.chart.difference >= 0) view.select(view.chart.difference, { back: true });
        }
    }

    /**
     * Zoom, axis and position of one view become those of the other.
     * @param {View} view
     * @param {number} side
     */
    follow(view, side) {
        const other = this.views?.[side];
        if (other === undefined || this.following) return;
        this.following = true;
        const { chart } = view;
        if (other.chart.mode !== chart.mode) other.setMode(chart.mode);
        if (other.chart.zoom !== chart.zoom) {
            other.chart.zoom = chart.zoom;
            other.chart.rebuild();
        }
        other.chart.box.scrollLeft = chart.box.scrollLeft;
        requestAnimationFrame(() => {
            this.following = false;
        });
    }

    destroy() {
        for (const view of this.views) view.destroy();
        this.root.remove();
    }
}
