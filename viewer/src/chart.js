// The picture on the page: a canvas in a box that scrolls. Only the visible part is painted.
import { badgesOf } from "./account.js";
import { makeAxis, margin, tail } from "./axis.js";
import { paintCanvas } from "./canvas.js";
import { fill, h } from "./dom.js";
import { layoutLanes, placeOfEvent } from "./lanes.js";
import { Index, axisHeight, paintAxis, paintScene } from "./scene.js";
import { dark, light } from "./theme.js";
import { describe } from "./words.js";

/** @typedef {import("./axis.js").Axis} Axis */
/** @typedef {import("./axis.js").Mode} Mode */
/** @typedef {import("./types.js").Lane} Lane */
/** @typedef {import("./types.js").Model} Model */

/**
 * @typedef {object} ChartHooks
 * @property {(index: number) => void} select a click has chosen an event
 * @property {(group: string) => void} fold a lane's button was pressed
 * @property {(left: number) => void} [scrolled] to this position, in pixels
 * @property {(mode: Mode, zoom: number) => Axis} [axisOf] another axis than makeAxis() gives
 */

export const leastZoom = 0.01;
export const mostZoom = 6;

export class Chart {
    /** @param {Model} model @param {ChartHooks} hooks @param {string} label */
    constructor(model, hooks, label) {
        this.hooks = hooks;
        this.model = model;
        /** @type {Mode} */
        this.mode = "order";
        this.zoom = 1;
        this.only = 0;
        this.onlyHost = "";
        /** @type {Set<string>} */
        this.folded = new Set();
        this.badges = badgesOf([]);
        /** @type {Set<number>} */
        this.found = new Set();
        this.selected = -1;
        this.difference = -1;
        /** @type {import("./scene.js").Hit[]} */
        this.hits = [];
        this.scheduled = false;
        this.painted = false;
        this.index = new Index(model);
        this.axis = makeAxis(model, "order", 1);
        this.layout = layoutLanes(model);
        this.canvas = h("canvas", { class: "dv-canvas", "aria-hidden": "true" });
        this.gutter = h("div", { class: "dv-gutter" });
        this.space = h("div", { class: "dv-space" });
        this.tip = h("div", { class: "dv-tip", hidden: true });
        this.box = h(
            "div",
            {
                class: "dv-box",
                tabIndex: 0,
                role: "application",
                "aria-label": label,
                "aria-roledescription": "picture of a run",
            },
            this.space,
            this.canvas,
            this.gutter,
        );
        this.element = h("div", { class: "dv-chart" }, this.box, this.tip);
        this.scheme = matchMedia("(prefers-color-scheme: dark)");
        this.listen();
    }

    listen() {
        const repaint = () => this.schedule();
        this.box.addEventListener(
            "scroll",
            () => {
                this.tip.hidden = true;
                this.hooks.scrolled?.(this.box.scrollLeft);
                this.schedule();
            },
            { passive: true },
        );
        this.scheme.addEventListener("change", repaint);
        this.observer = new ResizeObserver(repaint);
        this.observer.observe(this.box);
        this.canvas.addEventListener("mousemove", (event) => this.hover(event));
        this.canvas.addEventListener("mouseleave", () => {
            this.tip.hidden = true;
        });
        this.canvas.addEventListener("click", (event) => this.click(event));
        this.drag();
    }

    /** A mouse drags the picture. Touch scrolls it without help. */
    drag() {
        /** @type {{x: number, y: number, left: number, top: number} | null} */
        let from = null;
        this.dragged = false;
        this.canvas.addEventListener("pointerdown", (event) => {
            this.dragged = false;
            if (event.pointerType !== "mouse" || event.button !== 0) return;
            from = {
                x: event.clientX,
                y: event.clientY,
                left: this.box.scrollLeft,
                top: this.box.scrollTop,
            };
        });
        this.canvas.addEventListener("pointermove", (event) => {
            if (from === null) return;
            const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
            if (!this.dragged && Math.abs(dx) + Math.abs(dy) < 5) return;
            if (!this.dragged) this.canvas.setPointerCapture(event.pointerId);
            this.dragged = true;
            this.box.scrollTo(from.left - dx, from.top - dy);
        });
        const stop = () => {
            from = null;
        };
        this.canvas.addEventListener("pointerup", stop);
        this.canvas.addEventListener("pointercancel", stop);
    }

    get gutterWidth() {
        return this.gutter.offsetWidth;
    }
    /** The width of the picture beside the lanes' titles. */
    get room() {
        return Math.max(50, this.box.clientWidth - this.gutterWidth);
    }

    /** @param {Model} model */
    setModel(model) {
        this.model = model;
        this.index = new Index(model);
        this.rebuild();
    }

    /** Makes axis and lanes anew. */
    rebuild() {
        this.axis =
            this.hooks.axisOf?.(this.mode, this.zoom) ?? makeAxis(this.model, this.mode, this.zoom);
        const { folded, only, onlyHost } = this;
        this.layout = layoutLanes(this.model, { folded, only, onlyHost });
        this.space.style.width = `${this.axis.width + this.gutterWidth}px`;
        this.space.style.height = `${this.layout.height + axisHeight}px`;
        this.gutter.style.height = `${this.layout.height + axisHeight}px`;
        const most = Math.max(320, innerHeight * 0.78);
        this.box.style.height = `${Math.min(this.layout.height + axisHeight + 18, most)}px`;
        fill(
            this.gutter,
            this.layout.lanes.map((lane) => this.title(lane)),
        );
        this.schedule();
    }

    /** @param {Lane} lane */
    title(lane) {
        const folds =
            lane.head &&
            (lane.connection > 0 ||
                lane.kind === "host" ||
                lane.id.startsWith("free/") ||
                this.folded.has(lane.group));
        const isFolded = this.folded.has(lane.group);
        const name = h("span", { class: "dv-name" }, lane.title);
        const note = lane.note === "" ? null : h("span", { class: "dv-note" }, lane.note);
        const inside = folds
            ? h(
                  "button",
                  {
                      type: "button",
                      class: "dv-fold",
                      "aria-expanded": String(!isFolded),
                      "aria-label": `${isFolded ? "Unfold" : "Fold"} ${lane.groupTitle}`,
                      "data-group": lane.group,
                      click: () => this.hooks.fold(lane.group),
                  },
                  isFolded ? "▸ " : "▾ ",
                  name,
                  note,
              )
            : [name, note];
        const element = h("div", { class: `dv-title dv-${lane.kind}` }, inside);
        element.style.top = `${lane.y + axisHeight}px`;
        element.style.height = `${lane.height}px`;
        return element;
    }

    schedule() {
        if (this.scheduled) return;
        this.scheduled = true;
        requestAnimationFrame(() => {
            this.scheduled = false;
            this.paint();
        });
    }

    /** The visible part, in the coordinates of the picture. */
    get window() {
        const { scrollLeft, scrollTop, clientHeight } = this.box;
        return {
            x0: scrollLeft,
            x1: scrollLeft + this.room,
            y0: scrollTop,
            y1: scrollTop + clientHeight - axisHeight,
        };
    }

    paint() {
        const { box, canvas, gutterWidth } = this;
        const [width, height] = [box.clientWidth, box.clientHeight];
        if (width === 0 || height === 0) return;
        const scale = devicePixelRatio || 1;
        if (
            canvas.width !== Math.round(width * scale) ||
            canvas.height !== Math.round(height * scale)
        ) {
            canvas.width = Math.round(width * scale);
            canvas.height = Math.round(height * scale);
            canvas.style.width = `${width}px`;
            canvas.style.height = `${height}px`;
        }
        const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
        const theme = this.scheme.matches ? dark : light;
        const window = this.window;
        const picture = this;
        context.setTransform(scale, 0, 0, scale, 0, 0);
        context.fillStyle = theme.page ?? "#fff";
        context.fillRect(0, 0, width, height);
        context.translate(gutterWidth - window.x0, axisHeight - window.y0);
        const { shapes, hits } = paintScene(picture, window);
        this.hits = hits;
        paintCanvas(context, shapes, theme);
        context.setTransform(scale, 0, 0, scale, 0, 0);
        context.translate(gutterWidth - window.x0, 0);
        paintCanvas(context, paintAxis(picture, window), theme);
        if (!this.painted) performance.mark("drydock-viewer-painted");
        this.painted = true;
    }

    /** The event at a place on the canvas; -1. @param {MouseEvent} event */
    eventAt(event) {
        const { x0, y0 } = this.window;
        const x = event.offsetX - this.gutterWidth + x0;
        const y = event.offsetY - axisHeight + y0;
        const near = 2;
        for (let i = this.hits.length - 1; i >= 0; i--) {
            const hit = /** @type {import("./scene.js").Hit} */ (this.hits[i]);
            if (x >= hit.x - near && x <= hit.x + hit.w + near && y >= hit.y && y <= hit.y + hit.h)
                return hit.event;
        }
        return -1;
    }

    /** @param {MouseEvent} event */
    click(event) {
        if (this.dragged) return;
        const found = this.eventAt(event);
        if (found >= 0) this.hooks.select(found);
    }

    /** @param {MouseEvent} event */
    hover(event) {
        const found = event.buttons === 0 ? this.eventAt(event) : -1;
        this.tip.hidden = found < 0;
        this.canvas.style.cursor = found < 0 ? "grab" : "pointer";
        if (found < 0) return;
        this.tip.textContent = describe(this.model, found).slice(0, 300);
        const left = Math.min(event.offsetX + 14, this.box.clientWidth - 300);
        this.tip.style.left = `${Math.max(4, left)}px`;
        this.tip.style.top = `${event.offsetY + 18}px`;
    }

    /**
     * Changes the zoom around an event that stays where it is.
     * @param {number} zoom
     * @param {number} around event
     */
    setZoom(zoom, around) {
        const event = Math.max(0, Math.min(around, this.model.events.length - 1));
        const offset = (this.axis.x[event] ?? 0) - this.box.scrollLeft;
        this.zoom = Math.max(leastZoom, Math.min(mostZoom, zoom));
        this.rebuild();
        this.box.scrollLeft = (this.axis.x[event] ?? 0) - Math.max(0, Math.min(offset, this.room));
    }

    /** The event in the middle of what is visible. */
    middleEvent() {
        const { x } = this.axis;
        const middle = this.box.scrollLeft + this.room / 2;
        let low = 0;
        let high = x.length - 1;
        while (low < high) {
            const at = (low + high) >> 1;
            if ((x[at] ?? 0) < middle) low = at + 1;
            else high = at;
        }
        return low;
    }

    /** The zoom at which all of the run is visible. */
    fittingZoom() {
        const whole = makeAxis(this.model, this.mode, 1).width - margin - tail;
        return Math.min(2, (this.room - margin - tail) / Math.max(1, whole));
    }

    /**
     * Can an event be seen if a later one stands at four fifths of the width?
     * @param {number} earlier @param {number} later
     */
    bothFit(earlier, later) {
        const { x } = this.axis;
        return (x[later] ?? 0) - (x[earlier] ?? 0) < this.room * 0.8 - 80;
    }

    /**
     * Scrolls until an event is visible.
     * @param {number} index
     * @param {number} share where in the width, from 0 to 1; not used if it is well inside already
     */
    reveal(index, share = 0.5) {
        const x = this.axis.x[index] ?? 0;
        const { y } = placeOfEvent(this.model, this.layout, index);
        const { x0, x1, y0, y1 } = this.window;
        const isInside = x > x0 + 40 && x < x1 - 60;
        const left = isInside && share === 0.5 ? x0 : x - this.room * share;
        const top = y > y0 + 14 && y < y1 - 14 ? y0 : y - (y1 - y0) / 2;
        if (left !== x0 || top !== y0) this.box.scrollTo(left, top);
    }

    /**
     * Scrolls up or down until the lanes of an event's connection are visible.
     * @param {number} index
     */
    revealLane(index) {
        const { lane } = placeOfEvent(this.model, this.layout, index);
        const group = this.layout.lanes.filter(
            (each) => each.group === this.layout.lanes[lane]?.group,
        );
        const [first, last] = [group[0], group.at(-1)];
        if (first === undefined || last === undefined) return;
        const { y0, y1 } = this.window;
        if (first.y >= y0 && last.y + last.height <= y1) return;
        this.box.scrollTop = Math.min(
            first.y - 20,
            Math.max(0, last.y + last.height - (y1 - y0) + 20),
        );
    }

    destroy() {
        this.observer?.disconnect();
        this.element.remove();
    }
}
