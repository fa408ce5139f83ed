// Finds events by their sentence, label, place or payload.
import { payloadText } from "./payload.js";
import { describe } from "./words.js";

/** @typedef {import("./types.js").Model} Model */

const mostPayload = 4096;

export class Search {
    /** @param {Model} model */
    constructor(model) {
        this.model = model;
        /** @type {string[]} */
        this.texts = [];
    }

    /** @param {number} index */
    textOf(index) {
        const event = /** @type {import("./types.js").Event} */ (this.model.events[index]);
        const place =
            event.place === null
                ? ""
                : `${event.place.file}:${event.place.line} ${event.place.function}`;
        const payload = event.data === null ? "" : payloadText(event.data.subarray(0, mostPayload));
        return `${describe(this.model, index)}\n${event.kind} ${place}\n${payload}`.toLowerCase();
    }

    /**
     * The indices of the events that have all words of the query, ascending.
     * @param {string} query
     * @returns {number[]}
     */
    find(query) {
        const words = query
            .toLowerCase()
            .split(/\s+/)
            .filter((word) => word !== "");
        if (words.length === 0) return [];
        const found = [];
        for (let i = 0; i < this.model.events.length; i++) {
            const text = (this.texts[i] ??= this.textOf(i));
            if (words.every((word) => text.includes(word))) found.push(i);
        }
        return found;
    }
}
