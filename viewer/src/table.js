// The events as a table: for screen readers, and for reading in order. It holds a part of a long
// run at a time, around the selected event.
import { fill, h } from "./dom.js";
import { describe, timeText } from "./words.js";

/** @typedef {import("./types.js").Model} Model */

const pageSize = 100;

export class EventTable {
    /** @param {(index: number) => void} select */
    constructor(select) {
        this.select = select;
        /** @type {Model | null} */
        this.model = null;
        this.first = 0;
        this.head = h("tr", { "aria-rowindex": 1 });
        this.body = h("tbody");
        this.range = h("span", { "aria-live": "polite" });
        this.table = h(
            "table",
            { class: "dv-table" },
            h("caption", {}, "All events of the run, in order"),
            h("thead", {}, this.head),
            this.body,
        );
        const turn = (/** @type {number} */ by) => () => this.show(this.first + by * pageSize);
        this.element = h(
            "details",
            { class: "dv-events", toggle: () => this.show(this.first) },
            h("summary", {}, "Table of the events"),
            h(
                "p",
                {},
                h("button", { type: "button", click: turn(-1) }, "Previous events"),
                " ",
                h("button", { type: "button", click: turn(1) }, "Next events"),
                " ",
                this.range,
            ),
            h("div", { class: "dv-wide" }, this.table),
        );
    }

    /** @param {Model} model */
    setModel(model) {
        this.model = model;
        this.table.setAttribute("aria-rowcount", String(model.events.length + 1));
        const host = model.hosts.length > 0 ? ["host"] : [];
        const head = ["event", "step", "virtual time", "kind", ...host, "connection"];
        fill(
            this.head,
            [...head, "what happened"].map((text) => h("th", { scope: "col" }, text)),
        );
        this.show(0);
    }

    /** Shows the part that has this event. @param {number} index */
    reveal(index) {
        const first = Math.floor(Math.max(0, index) / pageSize) * pageSize;
        if (first !== this.first) this.show(first);
        for (const row of this.body.children) {
            const isHere = row.getAttribute("data-index") === String(index);
            if (isHere) row.setAttribute("aria-current", "true");
            else row.removeAttribute("aria-current");
        }
    }

    /** @param {number} first */
    show(first) {
        const { model } = this;
        if (model === null || (first !== 0 && (first < 0 || first >= model.events.length))) return;
        this.first = first;
        if (!this.element.open) return;
        const last = Math.min(first + pageSize, model.events.length);
        const all = model.events.length.toLocaleString("en");
        this.range.textContent = `${first + 1} to ${last} of ${all}`;
        fill(
            this.body,
            Array.from({ length: last - first }, (_, i) => this.row(model, first + i)),
        );
    }

    /** @param {Model} model @param {number} index */
    row(model, index) {
        const event = /** @type {import("./types.js").Event} */ (model.events[index]);
        const marked = model.marked.has(index) || index === model.failure;
        const go = h(
            "button",
            { type: "button", class: "dv-link", click: () => this.select(index) },
            event.id,
        );
        const hasHosts = model.hosts.length > 0;
        const sides = hasHosts ? ["connecting", "accepted"] : ["client", "server"];
        const end =
            event.connection === 0 ? "" : `${event.connection} ${sides[event.accepted ? 1 : 0]}`;
        return h(
            "tr",
            {
                "aria-rowindex": index + 2,
                "data-index": index,
                class: marked ? "dv-row-marked" : null,
            },
            h("td", {}, go),
            h("td", {}, event.step),
            h("td", {}, timeText(event.time)),
            h("td", {}, event.kind.replaceAll("_", " ")),
            hasHosts && h("td", {}, event.host),
            h("td", {}, end),
            h("td", {}, marked ? "✗ " : "", describe(model, index).slice(0, 400)),
        );
    }
}
