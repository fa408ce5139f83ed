// The guided tour: a stop has a title, a text, and a run that the page shows.

/** @typedef {import("./tour.mjs").Stop & {scheduleText: string}} Stop */

export class TourPanel {
    /**
     * @param {HTMLElement} panel
     * @param {Stop[]} stops
     * @param {(schedule: string) => void} show shows the run of a schedule
     */
    constructor(panel, stops, show) {
        this.panel = panel;
        this.stops = stops;
        this.show = show;
        this.at = -1; // the stop that is shown; -1: none
    }

    /** @param {number} number of a stop, from 1 @returns {boolean} whether there is one */
    go(number) {
        const at = this.stops.findIndex((stop) => stop.number === number);
        const stop = this.stops[at];
        if (stop === undefined) return false;
        this.at = at;
        this.panel.hidden = false;
        this.panel.replaceChildren(this.heading(stop), ...stop.paragraphs.map(TourPanel.paragraph));
        this.panel.querySelector("h2")?.focus();
        this.show(stop.scheduleText);
        return true;
    }

    close() {
        this.at = -1;
        this.panel.hidden = true;
    }

    /** @param {Stop} stop */
    heading(stop) {
        const title = document.createElement("h2");
        title.tabIndex = -1;
        title.textContent = `${stop.number}. ${stop.title}`;
        const row = document.createElement("div");
        row.className = "pg-row";
        row.append(
            title,
            this.button("Back", this.at - 1),
            this.button("Next", this.at + 1),
            this.end(),
        );
        return row;
    }

    /** @param {string} text @param {number} at */
    button(text, at) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = text;
        const stop = this.stops[at];
        button.disabled = stop === undefined;
        button.addEventListener("click", () => this.go(stop?.number ?? 0));
        return button;
    }

    end() {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = "End the tour";
        button.addEventListener("click", () => this.close());
        return button;
    }

    /** @param {import("./tour.mjs").Paragraph} paragraph */
    static paragraph({ kind, text }) {
        const element = document.createElement(kind === "code" ? "pre" : "p");
        if (kind === "item") element.className = "pg-item";
        element.textContent = text;
        return element;
    }
}
