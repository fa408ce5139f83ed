// The guided tour: a stop has a title, a text, and a run that the page shows.

/** @typedef {import("./tour.mjs").Stop & {scheduleText: string}} Stop */

/** @param {string} text @param {() => void} click */
function button(text, click) {
    const element = document.createElement("button");
    element.type = "button";
    element.textContent = text;
    element.addEventListener("click", click);
    return element;
}

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
        this.title = document.createElement("h2");
        this.title.tabIndex = -1;
        this.back = button("Back", () => this.goTo(this.at - 1));
        this.next = button("Next", () => this.goTo(this.at + 1));
        this.text = document.createElement("div");
        const row = document.createElement("div");
        row.className = "pg-row";
        row.append(
            this.title,
            this.back,
            this.next,
            button("End the tour", () => this.close()),
        );
        panel.append(row, this.text);
    }

    /** @param {number} number of a stop, from 1 @returns {boolean} whether there is one */
    go(number) {
        return this.goTo(this.stops.findIndex((stop) => stop.number === number));
    }

    /** @param {number} at @returns {boolean} whether there is a stop */
    goTo(at) {
        const stop = this.stops[at];
        if (stop === undefined) return false;
        const isFirst = this.at < 0;
        this.at = at;
        this.panel.hidden = false;
        this.title.textContent = `${stop.number}. ${stop.title}`;
        this.back.disabled = at === 0;
        this.next.disabled = at + 1 === this.stops.length;
        this.text.replaceChildren(...stop.paragraphs.map(TourPanel.paragraph));
        if (isFirst || document.activeElement === document.body) this.title.focus();
        this.show(stop.scheduleText);
        return true;
    }

    /** The number of the stop that is shown. */
    number() {
        return this.stops[this.at]?.number ?? 0;
    }

    /** @param {string} schedule @returns {boolean} whether it is that of the stop that is shown */
    shows(schedule) {
        return this.stops[this.at]?.scheduleText === schedule;
    }

    close() {
        this.at = -1;
        this.panel.hidden = true;
    }

    /** @param {import("./tour.mjs").Paragraph} paragraph */
    static paragraph({ kind, text }) {
        const element = document.createElement(kind === "code" ? "pre" : "p");
        if (kind === "item") element.className = "pg-item";
        element.textContent = text;
        return element;
    }
}
