// The source beside the picture. Lines where something of the run was started are marked, and the
// line of the event that is selected is lit.

export class SourcePane {
    /**
     * @param {HTMLSelectElement} chooser
     * @param {HTMLElement} pane
     * @param {Record<string, string>} files by their path
     */
    constructor(chooser, pane, files) {
        this.chooser = chooser;
        this.pane = pane;
        this.files = files;
        this.shown = "";
        /** @type {Map<string, Map<number, number>>} events by file and line */
        this.hits = new Map();
        chooser.addEventListener("change", () => this.show(chooser.value));
    }

    /**
     * @param {any} run
     * @param {string} preferred the file to begin with
     */
    setRun(run, preferred) {
        this.hits = new Map();
        for (const event of run.events) {
            const place = run.places[event.place];
            if (place === undefined) continue;
            const lines = this.hits.get(place.file) ?? new Map();
            this.hits.set(place.file, lines);
            lines.set(place.line, (lines.get(place.line) ?? 0) + 1);
        }
        const names = new Set([preferred, ...this.hits.keys()]);
        this.chooser.replaceChildren(
            ...[...names]
                .filter((name) => name in this.files)
                .map((name) => new Option(name, name)),
        );
        this.show(names.has(this.shown) && this.shown in this.files ? this.shown : preferred);
    }

    /** @param {string} name */
    show(name) {
        if (!(name in this.files)) name = this.chooser.options[0]?.value ?? "";
        this.shown = name;
        this.chooser.value = name;
        const lines = (this.files[name] ?? "").replace(/\n$/, "").split("\n");
        const hits = this.hits.get(name);
        this.pane.replaceChildren(
            ...lines.map((text, index) => {
                const line = document.createElement("span");
                line.className = hits?.has(index + 1) ? "pg-line pg-hit" : "pg-line";
                line.dataset.line = `${index + 1}`;
                line.textContent = `${text}\n`;
                return line;
            }),
        );
    }

    /** @param {{file: string, line: number} | null | undefined} place of the selected event */
    light(place) {
        this.pane.querySelector(".pg-lit")?.classList.remove("pg-lit");
        if (!place || !(place.file in this.files)) return;
        if (place.file !== this.shown) this.show(place.file);
        const line = /** @type {HTMLElement | undefined} */ (this.pane.children[place.line - 1]);
        if (line === undefined) return;
        line.classList.add("pg-lit");
        // Of the pane alone: the page itself must not move.
        this.pane.scrollTop = line.offsetTop - this.pane.offsetTop - this.pane.clientHeight / 3;
    }
}
