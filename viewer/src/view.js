// The view of one run: the verdict, what happened in words, the picture, the details, the table.
import { lowerBound, isSeen } from "./axis.js";
import { Chart } from "./chart.js";
import { showDetails } from "./details.js";
import { fill, h } from "./dom.js";
import { helpDialog, legendItems } from "./help.js";
import { foldedAtFirst, hostId, isShown, placeOfEvent } from "./lanes.js";
import { Search } from "./search.js";
import { stillOf } from "./still.js";
import { light } from "./theme.js";
import { EventTable } from "./table.js";
import { openingEvent } from "./server_part.js";
import { account, badgesOf, summaryText } from "./account.js";
import { clientOf, describe, plural } from "./words.js";

/** @typedef {import("./types.js").Model} Model */

/**
 * @typedef {object} ViewOptions
 * @property {(index: number, value: number) => void} [onChoiceChange] the reader gives a choice of
 *   the schedule another value
 * @property {(event: import("./types.js").Event | null) => void} [onSelect]
 * @property {(mode: import("./axis.js").Mode, zoom: number) => import("./axis.js").Axis} [axisOf]
 * @property {(view: View) => void} [onViewport] zoom, axis or position have changed
 * @property {string} [heading] before the verdict
 * @property {HTMLElement} [summary] where the verdict and the account are put, if elsewhere
 * @property {number} [difference] the first event that differs from another run
 */

/** At this zoom the bars still have texts. */
const leastReadable = 0.55;

const captions = {
    order: "Left to right: the order of completions, which is numbered. Time may stand still.",
    time: "Left to right: virtual time. Grey: time in which nothing happens, compressed.",
};

/** Kinds that the arrow keys pass over: they are parts of what is beside them. */
const passedOver = new Set(["span_begun", "span_ended"]);

export class View {
    /** @param {HTMLElement} element @param {Model} model @param {ViewOptions} options */
    constructor(element, model, options) {
        this.options = options;
        this.model = model;
        this.selected = -1;
        /** @type {number[]} */
        this.history = [];
        this.search = new Search(model);
        /** @type {number[]} */
        this.results = [];
        this.chart = new Chart(
            model,
            {
                select: (index) => this.select(index, { keep: true }),
                fold: (group) => this.fold(group),
                scrolled: () => options.onViewport?.(this),
                ...(options.axisOf ? { axisOf: options.axisOf } : {}),
            },
            "Picture of the run. Arrow keys step through events; the question mark shows all keys.",
        );
        this.table = new EventTable((index) => this.select(index, {}));
        this.verdict = h("section", { class: "dv-verdict", "aria-label": "Verdict" });
        this.account = h("section", {
            class: "dv-account",
            "aria-label": "What happened, in order",
        });
        this.panel = h("section", { class: "dv-details", "aria-label": "Details of the event" });
        this.caption = h("p", { class: "dv-caption" }, captions.order);
        this.legend = h("ul", { class: "dv-legend", "aria-label": "Signs in the picture" });
        this.live = h("p", { class: "dv-live", role: "status" });
        this.help = helpDialog();
        this.print = h("div", { class: "dv-print", "aria-hidden": "true" });
        this.byOrder = this.axisButton("Order", "order");
        this.byTime = this.axisButton("Time", "time");
        this.filter = h("select", {
            "aria-label": "Show connections or hosts",
            change: () => this.setOnly(),
        });
        this.query = h("input", {
            type: "search",
            placeholder: "Search",
            "aria-label": "Search events",
            input: () => this.find(),
            keydown: (/** @type {any} */ event) => this.searchKey(event),
        });
        this.hitCount = h("span", { class: "dv-count", role: "status" });
        this.bar = this.toolbar();
        this.root = h(
            "div",
            { class: "dv-view", keydown: (/** @type {any} */ event) => this.key(event) },
            options.summary === undefined && [this.verdict, this.account],
            this.bar,
            h(
                "div",
                { class: "dv-main" },
                h("div", { class: "dv-left" }, this.chart.element, this.caption, this.legend),
                this.panel,
            ),
            this.live,
            this.table.element,
            this.print,
            this.help,
        );
        options.summary?.append(this.verdict, this.account);
        element.append(this.root);
        this.beforePrint = () => this.drawForPrint();
        addEventListener("beforeprint", this.beforePrint);
        this.resized = () => this.chart.rebuild();
        addEventListener("resize", this.resized);
        this.chart.folded = foldedAtFirst(model);
        this.show();
        this.start();
    }

    /** Shows all parts of the model. */
    show() {
        const { model } = this;
        this.root.setAttribute("data-events", String(model.events.length));
        this.showVerdict();
        this.showAccount();
        this.showFilter();
        fill(this.legend, legendItems(model));
        this.chart.difference = this.options.difference ?? -1;
        this.chart.setModel(model);
        this.table.setModel(model);
        showDetails(this.panel, model, this.selected, this.actions);
    }

    /** The first look: the failure with what led to it, or the beginning. */
    start() {
        const { model, chart } = this;
        if (model.failure < 0) {
            // Where the connections begin: before, the scenario makes its choices.
            const opening = model.events.findIndex((event) => event.kind === "socket_opened");
            requestAnimationFrame(() => chart.reveal(Math.max(0, opening), 0.08));
            return;
        }
        chart.selected = this.selected = openingEvent(model);
        showDetails(this.panel, model, this.selected, this.actions);
        this.table.reveal(this.selected);
        // A small run fits as a whole. Otherwise the failure stands at the right: what led to it is
        // on its left.
        requestAnimationFrame(() => {
            const whole = chart.fittingZoom();
            if (whole >= leastReadable) chart.setZoom(Math.min(1, whole), 0);
            const at = chart.bothFit(this.selected, model.failure) ? model.failure : this.selected;
            chart.reveal(at, whole >= leastReadable ? 0.5 : 0.8);
            chart.revealLane(this.selected);
        });
    }

    get actions() {
        return {
            go: (/** @type {number} */ index) => this.select(index, { focus: true }),
            change: this.options.onChoiceChange,
        };
    }

    showVerdict() {
        const { model } = this;
        const heading = this.options.heading
            ? h("p", { class: "dv-heading" }, this.options.heading)
            : null;
        const name = h(
            "h1",
            {},
            h("span", { class: "dv-mark", "aria-hidden": "true" }, model.passed ? "✓ " : "✗ "),
            model.passed ? "passed" : "failed: ",
            model.passed ? null : h("code", {}, model.property),
        );
        fill(
            this.verdict,
            heading,
            name,
            h("p", { class: "dv-muted dv-scenario" }, model.title),
            model.sentence !== "" && h("p", { class: "dv-sentence" }, model.sentence),
            model.expected !== "" &&
                h(
                    "p",
                    {},
                    h("strong", {}, "Expected: "),
                    model.expected,
                    model.see !== "" && [" (", h("span", { class: "dv-muted" }, model.see), ")"],
                ),
            h("p", {}, summaryText(model)),
            model.curveSentence !== "" &&
                h("p", {}, h("strong", {}, "When it became inevitable: "), model.curveSentence),
            model.options !== "" && h("p", { class: "dv-muted" }, "Options: ", model.options),
            model.leftOut > 0 &&
                h("p", {}, `The recording had no room for ${plural(model.leftOut, "event")}.`),
            model.again !== "" &&
                h("p", { class: "dv-muted" }, "Again: ", h("code", {}, model.again)),
        );
        this.verdict.classList.toggle("dv-passed", model.passed);
    }

    showAccount() {
        const items = account(this.model);
        this.chart.badges = badgesOf(items);
        const rows = items.map((item, i) => {
            const step = this.model.events[item.event]?.step ?? 0;
            return h(
                "li",
                { class: `dv-item dv-${item.kind}` },
                h(
                    "button",
                    { type: "button", click: () => this.select(item.event, { focus: true }) },
                    h("span", { class: "dv-badge" }, String(i + 1)),
                    h(
                        "span",
                        { class: "dv-text" },
                        sentenceOf(item.text),
                        h("span", { class: "dv-step" }, `step ${step}`),
                    ),
                ),
            );
        });
        fill(
            this.account,
            h("h2", {}, "What happened, in order"),
            rows.length === 0
                ? h("p", {}, "Every choice was benign, and nothing failed.")
                : h("ol", {}, rows),
        );
    }

    /** @param {string} text @param {import("./axis.js").Mode} mode */
    axisButton(text, mode) {
        return h(
            "button",
            {
                type: "button",
                "aria-pressed": String(mode === "order"),
                title: mode === "order" ? "By the order of completions (t)" : "By virtual time (t)",
                click: () => this.setMode(mode),
            },
            text,
        );
    }

    toolbar() {
        /** @param {string} text @param {string} label @param {() => void} act */
        const button = (text, label, act) =>
            h("button", { type: "button", title: label, "aria-label": label, click: act }, text);
        return h(
            "div",
            { class: "dv-bar", role: "toolbar", "aria-label": "Picture" },
            h(
                "span",
                { class: "dv-group", role: "group", "aria-label": "Axis" },
                this.byOrder,
                this.byTime,
            ),
            h(
                "span",
                { class: "dv-group", role: "group", "aria-label": "Step" },
                button("◀", "Previous event (←)", () => this.step(-1)),
                button("▶", "Next event (→)", () => this.step(1)),
            ),
            h(
                "span",
                { class: "dv-group", role: "group", "aria-label": "Zoom" },
                button("−", "Zoom out (−)", () => this.zoom(1 / 1.4)),
                button("+", "Zoom in (+)", () => this.zoom(1.4)),
                button("Fit", "The whole run (0)", () => this.fit()),
            ),
            h(
                "span",
                { class: "dv-group", role: "group", "aria-label": "Jump" },
                button("◆ Next fault", "Next choice that is not benign (n)", () =>
                    this.nextFault(1),
                ),
                button("✗ Failure", "The failure (f)", () => this.toFailure()),
                button("Back", "Back (b)", () => this.back()),
            ),
            this.filter,
            this.query,
            this.hitCount,
            button("?", "Help (?)", () => this.showHelp()),
        );
    }

    showFilter() {
        const { model } = this;
        const options = model.connections.map(({ number }) => {
            const client = clientOf(model, number);
            return h(
                "option",
                { value: String(number) },
                `connection ${number}${client && `, ${client}`}`,
            );
        });
        const hosts = model.hosts.map(({ name }) =>
            h("option", { value: hostId(name) }, `host ${name}`),
        );
        const all = hosts.length > 0 ? "all hosts" : "all connections";
        fill(this.filter, h("option", { value: "0" }, all), hosts, options);
        const { only, onlyHost } = this.chart;
        if (!model.connections.some(({ number }) => number === only)) this.chart.only = 0;
        if (!model.hosts.some(({ name }) => name === onlyHost)) this.chart.onlyHost = "";
        this.filter.value = this.filterValue;
    }

    get filterValue() {
        const { only, onlyHost } = this.chart;
        return onlyHost === "" ? String(only) : hostId(onlyHost);
    }

    // --- selecting -----------------------------------------------------------------------------

    /**
     * Selects an event and makes it visible.
     * @param {number} index
     * @param {{keep?: boolean, focus?: boolean, back?: boolean}} how `keep`: it is visible already;
     *   `focus`: the picture gets the focus; `back`: the history is not added to
     */
    select(index, { keep = false, focus = false, back = false }) {
        if (index < 0 || index >= this.model.events.length) return;
        const far = Math.abs(index - this.selected) > 1;
        if (!back && far && this.selected >= 0) this.history.push(this.selected);
        this.selected = this.chart.selected = index;
        this.showHidden(index);
        if (!keep) this.chart.reveal(index);
        this.chart.schedule();
        showDetails(this.panel, this.model, index, this.actions);
        this.table.reveal(index);
        const event = /** @type {import("./types.js").Event} */ (this.model.events[index]);
        const sentence = describe(this.model, index).slice(0, 300);
        this.live.textContent = `Event ${event.id}, step ${event.step}: ${sentence}`;
        if (focus) this.chart.box.focus({ preventScroll: false });
        this.options.onSelect?.(event);
    }

    /** Ends a filter that hides the event. @param {number} index */
    showHidden(index) {
        const event = /** @type {import("./types.js").Event} */ (this.model.events[index]);
        if (isShown(this.model, this.chart, event)) return;
        this.chart.only = 0;
        this.chart.onlyHost = "";
        this.filter.value = this.filterValue;
        this.chart.rebuild();
    }

    /** @param {number} by 1 or -1 */
    step(by) {
        let index = this.selected;
        do index += by;
        while (index >= 0 && index < this.model.events.length && !this.isStop(index));
        if (this.selected < 0 && by < 0) index = this.model.events.length - 1;
        this.select(index, {});
    }

    /** @param {number} index */
    isStop(index) {
        const event = /** @type {import("./types.js").Event} */ (this.model.events[index]);
        if (!isShown(this.model, this.chart, event)) return false;
        return !passedOver.has(event.kind);
    }

    /** @param {number} by */
    stepCompletion(by) {
        const { steps } = this.model;
        const at = lowerBound(steps, this.selected + (by > 0 ? 1 : 0)) + (by > 0 ? 0 : -1);
        this.select(steps[at] ?? -1, {});
    }

    /** The nearest event in another lane. @param {number} by 1: below; -1: above */
    stepLane(by) {
        const { model, chart } = this;
        const here = Math.max(0, this.selected);
        const { y } = placeOfEvent(model, chart.layout, here);
        const x = chart.axis.x[here] ?? 0;
        let best = -1;
        let least = Infinity;
        for (let i = Math.max(0, here - 400); i < Math.min(model.events.length, here + 400); i++) {
            if (!isSeen(/** @type {import("./types.js").Event} */ (model.events[i]))) continue;
            const place = placeOfEvent(model, chart.layout, i);
            const down = (place.y - y) * by;
            if (place.lane < 0 || down < 6) continue;
            const distance = down * 3 + Math.abs((chart.axis.x[i] ?? 0) - x);
            if (distance < least) [best, least] = [i, distance];
        }
        this.select(best, {});
    }

    /** @param {number} by */
    nextFault(by) {
        const { strikes } = this.chart.index;
        const at =
            by > 0
                ? lowerBound(strikes, this.selected + 1)
                : lowerBound(strikes, this.selected) - 1;
        this.select(strikes[at] ?? strikes[by > 0 ? 0 : strikes.length - 1] ?? -1, {});
    }

    toFailure() {
        if (this.model.failure >= 0) this.select(this.model.failure, {});
        else this.live.textContent = "The run has passed: there is no failure.";
    }

    nextMarked() {
        const marked = [...this.model.marked].sort((a, b) => a - b);
        this.select(marked.find((index) => index > this.selected) ?? marked[0] ?? -1, {});
    }

    back() {
        const index = this.history.pop();
        if (index !== undefined) this.select(index, { back: true });
    }

    // --- what is visible -----------------------------------------------------------------------

    /** @param {import("./axis.js").Mode} mode */
    setMode(mode) {
        const { chart } = this;
        const around = this.selected >= 0 ? this.selected : chart.middleEvent();
        chart.mode = mode;
        this.caption.textContent = captions[mode];
        this.byOrder.setAttribute("aria-pressed", String(mode === "order"));
        this.byTime.setAttribute("aria-pressed", String(mode === "time"));
        chart.rebuild();
        chart.reveal(around, 0.6);
        this.options.onViewport?.(this);
    }

    /** @param {number} factor */
    zoom(factor) {
        const { chart } = this;
        const { x0, x1 } = chart.window;
        const x = chart.axis.x[this.selected] ?? -1;
        const around = x >= x0 && x <= x1 ? this.selected : chart.middleEvent();
        chart.setZoom(chart.zoom * factor, around);
        this.options.onViewport?.(this);
    }

    fit() {
        this.chart.setZoom(this.chart.fittingZoom(), 0);
        this.options.onViewport?.(this);
    }

    /** @param {string} group */
    fold(group) {
        const { folded } = this.chart;
        if (!folded.delete(group)) folded.add(group);
        const focused = document.activeElement?.getAttribute("data-group");
        this.chart.rebuild();
        if (focused !== null && focused !== undefined) {
            /** @type {HTMLElement | null} */ (
                this.root.querySelector(`[data-group="${CSS.escape(focused)}"]`)
            )?.focus();
        }
    }

    foldSelected() {
        const event = this.model.events[this.selected];
        if (event === undefined) return;
        if (this.model.hosts.length > 0) this.fold(hostId(event.host));
        else if (event.connection > 0) this.fold(String(event.connection));
    }

    setOnly() {
        const { value } = this.filter;
        const host = this.model.hosts.find(({ name }) => hostId(name) === value);
        this.chart.onlyHost = host?.name ?? "";
        this.chart.only = host === undefined ? Number(value) : 0;
        this.chart.rebuild();
        if (this.selected >= 0) this.chart.reveal(this.selected);
    }

    // --- search, help, keys --------------------------------------------------------------------

    find() {
        this.results = this.search.find(this.query.value);
        this.chart.found = new Set(this.results);
        const count = this.results.length;
        this.hitCount.textContent =
            this.query.value.trim() === ""
                ? ""
                : count === 0
                  ? "nothing found"
                  : plural(count, "event");
        this.chart.schedule();
    }

    /** @param {number} by */
    nextResult(by) {
        const { results } = this;
        if (results.length === 0) return;
        const at =
            by > 0
                ? lowerBound(results, this.selected + 1)
                : lowerBound(results, this.selected) - 1;
        const position = (at + results.length) % results.length;
        this.select(results[position] ?? -1, {});
        this.hitCount.textContent = `${position + 1} of ${results.length.toLocaleString("en")}`;
    }

    /** @param {KeyboardEvent} event */
    searchKey(event) {
        if (event.key === "Enter") this.nextResult(event.shiftKey ? -1 : 1);
        else if (event.key === "Escape") {
            this.query.value = "";
            this.find();
            this.chart.box.focus();
        } else return;
        event.preventDefault();
        event.stopPropagation();
    }

    showHelp() {
        this.help.showModal();
    }

    /** @param {KeyboardEvent} event */
    key(event) {
        const target = /** @type {HTMLElement} */ (event.target);
        if (event.ctrlKey || event.metaKey || event.altKey || this.help.open) return;
        if (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
        const isInPicture = target === this.chart.box;
        // Keys that scroll or press elsewhere belong to the picture alone.
        const action = this.keyAction(event.key, event.shiftKey, isInPicture);
        if (action === undefined) return;
        event.preventDefault();
        action();
    }

    /**
     * @param {string} key
     * @param {boolean} shift
     * @param {boolean} isInPicture
     * @returns {(() => void) | undefined}
     */
    keyAction(key, shift, isInPicture) {
        const moves = /** @type {Record<string, () => void>} */ ({
            ArrowRight: () => (shift ? this.stepCompletion(1) : this.step(1)),
            ArrowLeft: () => (shift ? this.stepCompletion(-1) : this.step(-1)),
            ArrowDown: () => this.stepLane(1),
            ArrowUp: () => this.stepLane(-1),
            Home: () => this.select(0, {}),
            End: () => this.select(this.model.events.length - 1, {}),
        });
        const commands = /** @type {Record<string, () => void>} */ ({
            n: () => this.nextFault(1),
            p: () => this.nextFault(-1),
            f: () => this.toFailure(),
            m: () => this.nextMarked(),
            b: () => this.back(),
            "+": () => this.zoom(1.4),
            "=": () => this.zoom(1.4),
            "-": () => this.zoom(1 / 1.4),
            0: () => this.fit(),
            t: () => this.setMode(this.chart.mode === "order" ? "time" : "order"),
            z: () => this.foldSelected(),
            "/": () => this.query.focus(),
            "?": () => this.showHelp(),
        });
        return (isInPicture ? moves[key] : undefined) ?? commands[key];
    }

    // --- another run, printing, the end --------------------------------------------------------

    /**
     * Shows another run in place of this one: zoom, axis, folds, position and selection stay.
     * @param {Model} model
     */
    update(model) {
        const { box } = this.chart;
        const [left, top] = [box.scrollLeft, box.scrollTop];
        const before = this.model.events[this.selected];
        this.model = model;
        this.search = new Search(model);
        this.history = [];
        this.selected = this.chart.selected = sameEvent(model, before);
        this.show();
        this.find();
        this.table.reveal(this.selected);
        box.scrollTo(left, top);
        if (this.selected >= 0) this.chart.reveal(this.selected);
    }

    drawForPrint() {
        const text = stillOf(this.model, { width: 1000, mode: this.chart.mode, theme: light });
        const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
        fill(this.print, document.importNode(parsed.documentElement, true));
    }

    destroy() {
        removeEventListener("beforeprint", this.beforePrint);
        removeEventListener("resize", this.resized);
        this.chart.destroy();
        this.root.remove();
    }
}

/** @param {string} text @returns {string} with a full stop, if it has none */
const sentenceOf = (text) => (/[.!?”]$/.test(text) ? text : `${text}.`);

/**
 * The event of a changed run that takes the place of one that was selected: the same choice of the
 * schedule, or the event of the same number.
 * @param {Model} model @param {import("./types.js").Event | undefined} before
 */
function sameEvent(model, before) {
    if (before === undefined) return -1;
    if (before.kind === "verdict" && model.failure >= 0) return model.failure;
    const { choice } = before;
    if (choice !== null) {
        const at = model.events.findIndex((event) => event.choice?.index === choice.index);
        if (at >= 0) return at;
    }
    return Math.min(before.id - 1, model.events.length - 1);
}
