// The playground: the controls of the page, and what they ask of the simulator.
import { mountRun } from "../src/mount.js";
import { EngineClient } from "./client.js";
import { runFarm } from "./farm.js";
import { fromHash, toHash } from "./link.js";
import { SourcePane } from "./source_pane.js";
import { TourPanel } from "./tour_panel.js";

/** @type {(id: string) => any} */
const element = (id) => document.getElementById(id);

/** @param {string} text base64 of a gzip file @returns {Promise<ArrayBuffer>} */
async function unpack(text) {
    const bytes = Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).arrayBuffer();
}

const groups = {
    servers: "drydock's own servers",
    zoo: "The zoo: broken on purpose",
    sound: "Sound servers",
};

const shrinkingStopped = "Shrinking was stopped.";

class Playground {
    /**
     * @param {WebAssembly.Module} module
     * @param {Record<string, string>} files
     * @param {import("./tour_panel.js").Stop[]} tour
     */
    constructor(module, files, tour) {
        const worker = element("drydock-worker").textContent;
        this.engine = new EngineClient(module, worker);
        this.farmEngine = new EngineClient(module, worker);
        this.source = new SourcePane(element("file"), element("source"), files);
        this.tour = new TourPanel(element("tour"), tour, (schedule) => this.runSchedule(schedule));
        /** @type {{answer: any, wanted: import("./link.js").Wanted | undefined}[]} before changes */
        this.earlier = [];
        /** @type {any} what the page shows: {run, schedule} */
        this.answer = undefined;
        /** @type {import("./link.js").Wanted | undefined} how the run was asked for */
        this.shown = undefined;
        this.picture = undefined;
        this.farm = 0; // the number of the farm that runs, or 0
        this.farms = 0; // begun
        this.shrinking = false;
        this.number = 0; // of the latest request for a picture
    }

    async begin() {
        const list = await this.engine.call({ call: "list" });
        this.scenarios = list.scenarios;
        for (const [group, title] of Object.entries(groups)) {
            const options = document.createElement("optgroup");
            options.label = title;
            for (const scenario of this.scenarios) {
                if (scenario.group === group)
                    options.append(new Option(scenario.name, scenario.name));
            }
            element("scenario").append(options);
        }
        for (const name of list.faults.split(" ")) {
            const label = document.createElement("label");
            const box = document.createElement("input");
            Object.assign(box, { type: "checkbox", name, checked: true });
            label.append(box, ` ${name}`);
            element("faults").append(label);
        }
        this.listen();
        addEventListener("hashchange", () => this.open());
        await this.open();
    }

    /** Runs what the address asks for; without anything, the scenario that is chosen. */
    async open() {
        const hash = location.hash;
        if (hash === this.ownHash) return;
        const stop = /^#tour=(\d+)$/.exec(hash);
        if (stop !== null && this.tour.go(Number(stop[1]))) return;
        this.tour.close();
        this.stopFarm();
        const wanted = hash.length > 1 ? await fromHash(hash) : undefined;
        if (wanted === undefined || !this.known(wanted.scenario)) {
            element("scenario").value = "zoo/trusts-a-cancel";
            this.chosen();
            await this.runFirstFailure();
            if (wanted !== undefined)
                this.say(`There is no scenario "${wanted.scenario.slice(0, 80)}" here.`);
            else if (hash.length > 1) this.say("The link is damaged: it describes no run.");
            return;
        }
        element("scenario").value = wanted.scenario;
        this.chosen();
        if (wanted.schedule !== "") return this.runSchedule(wanted.schedule);
        for (const [name, value] of Object.entries(wanted.settings)) {
            const input = element("parameters").querySelector(`[name="${CSS.escape(name)}"]`);
            if (input !== null) input.value = value;
        }
        const faults = wanted.faults === "" ? undefined : wanted.faults.split(" ");
        for (const box of element("faults").querySelectorAll("input")) {
            box.checked = faults === undefined || faults.includes(box.name);
        }
        element("seed").value = wanted.seed;
        const known = [...element("faults").querySelectorAll("input")].map((box) => box.name);
        const odd = faults?.find((name) => name !== "none" && !known.includes(name));
        await this.runSeed();
        if (odd !== undefined)
            this.say(`The link names a fault that is not known: ${odd.slice(0, 80)}`);
    }

    /** @param {string} name */
    known(name) {
        return this.scenarios.find((/** @type {any} */ scenario) => scenario.name === name);
    }

    listen() {
        // Enter in a field submits the form, as if Run were pressed.
        element("controls").addEventListener("submit", (/** @type {Event} */ event) => {
            event.preventDefault();
        });
        const clicks = {
            "begin-tour": () => this.tour.go(1),
            run: () => this.runSeed(),
            next: () => {
                element("seed").value = Number(element("seed").value) + 1;
                this.runSeed();
            },
            farm: () => this.runFarm(),
            stop: () => {
                this.stopFarm();
                if (this.shrinking) this.engine.stop(shrinkingStopped);
            },
            shrink: () => this.shrink(),
            undo: () => this.undo(),
            link: () => this.copyLink(),
            copy: () => this.copy(element("schedule").value, "The schedule is copied."),
            load: () => this.runSchedule(element("schedule").value),
        };
        for (const [id, click] of Object.entries(clicks))
            element(id).addEventListener("click", click);
        element("scenario").addEventListener("change", () => {
            this.tour.close();
            this.stopFarm();
            for (const box of element("faults").querySelectorAll("input")) box.checked = true;
            this.chosen();
            this.runFirstFailure();
        });
    }

    /** A scenario was chosen: its summary, and its parameters. */
    chosen() {
        const scenario = this.known(element("scenario").value);
        const origin = scenario.origin === undefined ? "" : ` (${scenario.origin})`;
        element("summary").textContent = `${scenario.summary}${origin}.`;
        element("farm-result").replaceChildren();
        element("parameters").replaceChildren(
            ...scenario.parameters.map((/** @type {any} */ parameter) => {
                const label = document.createElement("label");
                const input = document.createElement("input");
                Object.assign(input, {
                    type: "number",
                    name: parameter.name,
                    min: parameter.least,
                    max: parameter.most,
                    placeholder: "chosen",
                });
                label.append(input, ` ${parameter.name}: ${parameter.summary}`);
                return label;
            }),
        );
    }

    /** @returns {import("./link.js").Wanted} what the controls say */
    wanted() {
        /** @type {Record<string, number>} */
        const settings = {};
        for (const input of element("parameters").querySelectorAll("input")) {
            if (input.value !== "") settings[input.name] = Number(input.value);
        }
        const boxes = [...element("faults").querySelectorAll("input")];
        const on = boxes.filter((box) => box.checked).map((box) => box.name);
        const faults = on.length === boxes.length ? "" : on.length === 0 ? "none" : on.join(" ");
        const seed = Number(element("seed").value);
        return { scenario: element("scenario").value, settings, faults, seed, schedule: "" };
    }

    /** @param {string} text */
    say(text) {
        element("message").textContent = text;
    }

    /**
     * Whether the fields have values that can be run. If one has not, it is shown, and the message
     * says what is wrong with it.
     * @param {...string} ids of the fields, beside those of the parameters
     */
    valid(...ids) {
        const fields = [...element("parameters").querySelectorAll("input"), ...ids.map(element)];
        const wrong = fields.find((field) => !field.checkValidity());
        if (wrong === undefined) return true;
        if (element("more").contains(wrong)) element("more").open = true;
        this.say(`${wrong.name || wrong.id}: ${wrong.validationMessage}`);
        wrong.focus();
        return false;
    }

    // --- runs ---

    async runSeed() {
        if (!this.valid("seed")) return;
        this.tour.close();
        this.earlier = [];
        const wanted = this.wanted();
        await this.show({ ...wanted, call: "run" }, wanted);
    }

    /** Shows the first failure of a specimen of the zoo, shrunk; of any other scenario, seed 1. */
    async runFirstFailure() {
        const { budget } = this.known(element("scenario").value);
        element("seed").value = 1;
        if (budget !== undefined) {
            const wanted = this.wanted();
            const number = ++this.number;
            this.say(`Looking for the first seed of ${wanted.scenario} that fails.`);
            const summary = await runFarm(
                (request) => this.engine.call(request),
                wanted,
                1,
                budget,
                (sum) => sum.failures === 0 && number === this.number,
            );
            if (number !== this.number) return;
            const seed = summary.failed[0]?.first;
            if (seed === undefined) {
                await this.runSeed();
                this.say(`None of the seeds 1 to ${budget} fails.`);
                return;
            }
            element("seed").value = seed;
            this.earlier = [];
            await this.show(
                { ...wanted, seed, call: "shrink" },
                undefined,
                () => `Seed ${seed} is the first that fails. This is its failure, shrunk.`,
                60_000,
            );
            return;
        }
        await this.runSeed();
    }

    /** Runs a schedule that was given as text. @param {string} schedule */
    async runSchedule(schedule) {
        if (schedule.trim() === "") return this.say("There is no schedule to run.");
        this.earlier = [];
        await this.show({ call: "run", schedule }, undefined);
    }

    /** A choice was changed in the picture. @param {number} choice from 1 @param {number} value */
    async change(choice, value) {
        const before = { answer: this.answer, wanted: this.shown };
        const request = { call: "run", schedule: this.answer.schedule, change: { choice, value } };
        const begun = performance.now();
        if (await this.show(request, undefined)) {
            this.earlier.push(before);
            this.offer();
            element("picture").dataset.changedIn = `${Math.round(performance.now() - begun)}`; // ms
        }
    }

    undo() {
        const before = this.earlier.pop();
        if (before !== undefined) this.display(before.answer, before.wanted);
    }

    async shrink() {
        if (this.shrinking) return;
        this.say("Shrinking: looking for the least run that fails in the same way.");
        this.shrinking = true;
        element("stop").disabled = false;
        await this.show(
            { call: "shrink", schedule: this.answer.schedule },
            undefined,
            (answer) => `Shrunk by ${answer.runs} runs.`,
            60_000,
        );
        this.shrinking = false;
        element("stop").disabled = this.farm === 0;
    }

    /**
     * Runs, and shows the run. False: there is none to show.
     * @param {object} request
     * @param {import("./link.js").Wanted | undefined} wanted undefined: its schedule describes the run
     * @param {(answer: any) => string} [sentence]
     * @param {number} [limit]
     */
    async show(request, wanted, sentence = () => "", limit) {
        const number = ++this.number;
        try {
            const answer = await this.engine.call(request, limit);
            if (number !== this.number) return false;
            if (answer.complaint !== undefined) {
                const complaint = answer.complaint;
                this.say(`${complaint.charAt(0).toUpperCase()}${complaint.slice(1)}.`);
                return false;
            }
            this.display(answer, wanted);
            this.say(sentence(answer));
            return true;
        } catch (error) {
            const { message } = /** @type {Error} */ (error);
            if (number !== this.number) return false;
            const stopped = message === shrinkingStopped;
            this.say(stopped ? message : `The run has ended the simulator: ${message}`);
            return false;
        }
    }

    /** @param {any} answer @param {import("./link.js").Wanted | undefined} wanted as for show() */
    display(answer, wanted) {
        this.answer = answer;
        this.shown = wanted;
        element("schedule").value = answer.schedule;
        if (element("scenario").value !== answer.run.scenario) {
            element("scenario").value = answer.run.scenario;
            this.chosen();
        }
        const name = answer.run.scenario.replace(/^zoo\//, "").replaceAll("-", "_");
        this.source.setRun(answer.run, `tests/zoo/specimens/${name}.cpp`);
        if (this.picture === undefined) {
            this.picture = mountRun(element("picture"), answer.run, {
                onChoiceChange: (/** @type {number} */ choice, /** @type {number} */ value) =>
                    this.change(choice, value),
                onSelect: (event) => this.source.light(event?.place),
            });
        } else {
            this.picture.update(answer.run);
        }
        this.offer();
        this.remember();
    }

    /** Which buttons make sense now. */
    offer() {
        element("shrink").disabled = this.answer.run.verdict.passed;
        element("undo").disabled = this.earlier.length === 0;
    }

    // --- farms ---

    /** Ends the farm that runs, if one does; its worker finishes the seeds that it has begun. */
    stopFarm() {
        this.farm = 0;
        element("stop").disabled = !this.shrinking;
        element("progress").hidden = true;
    }

    async runFarm() {
        if (this.farm !== 0 || !this.valid("seed", "count")) return;
        const wanted = this.wanted();
        const count = Number(element("count").value);
        const begun = performance.now();
        const number = ++this.farms;
        this.farm = number;
        element("stop").disabled = false;
        element("progress").hidden = false;
        const report = (/** @type {import("./farm.js").Summary} */ summary) => {
            if (this.farm !== number) return false;
            element("progress").value = summary.seeds / count;
            this.reportFarm(summary, (performance.now() - begun) / 1000, wanted);
            return true;
        };
        try {
            await runFarm(
                (request) => this.farmEngine.call(request),
                wanted,
                wanted.seed,
                count,
                report,
            );
        } catch (error) {
            this.say(`The farm has ended: ${/** @type {Error} */ (error).message}`);
        }
        if (this.farm === number) this.stopFarm();
    }

    /**
     * @param {import("./farm.js").Summary} summary
     * @param {number} seconds
     * @param {import("./link.js").Wanted} wanted
     */
    reportFarm(summary, seconds, wanted) {
        const rate = summary.completions / Math.max(seconds, 0.001) / 1e6;
        const line = document.createElement("p");
        line.textContent =
            `${summary.seeds.toLocaleString("en")} seeds, ` +
            `${summary.failures.toLocaleString("en")} failed; ${rate.toFixed(2)} million completions a second; ` +
            `digest ${summary.digest}`;
        const failures = summary.failed.map((group) => {
            const entry = document.createElement("button");
            entry.type = "button";
            entry.className = "pg-failure";
            entry.textContent =
                `${group.property}: ${group.count} of ${summary.seeds} seeds. ` +
                `Show seed ${group.first}`;
            entry.title = group.sentence;
            entry.addEventListener("click", () => {
                element("seed").value = group.first;
                this.tour.close();
                this.earlier = [];
                this.show(
                    { ...wanted, seed: group.first, call: "run" },
                    { ...wanted, seed: group.first },
                );
            });
            return entry;
        });
        const result = element("farm-result");
        // A button that has the focus stays the same while the farm goes on.
        const focused = [...result.children].indexOf(document.activeElement);
        result.replaceChildren(line, ...failures);
        if (focused > 0) result.children[focused]?.focus();
    }

    // --- links ---

    /** The address is always that of the run that is shown. */
    async remember() {
        this.ownHash = `#${await this.hash()}`;
        history.replaceState(null, "", this.ownHash);
    }

    hash() {
        if (this.tour.shows(this.answer.schedule)) return `tour=${this.tour.number()}`;
        const { schedule, run } = this.answer;
        return toHash(
            this.shown ?? { scenario: run.scenario, settings: {}, faults: "", seed: 0, schedule },
        );
    }

    async copyLink() {
        if (this.answer === undefined) return this.say("There is no run to link to.");
        await this.remember();
        await this.copy(location.href, "The link is copied.");
    }

    /** @param {string} text @param {string} sentence */
    async copy(text, sentence) {
        try {
            await navigator.clipboard.writeText(text);
            this.say(sentence);
        } catch {
            this.say(
                "The browser does not let the page copy: take the text from the address or the field.",
            );
        }
    }
}

const module = await WebAssembly.compile(await unpack(element("drydock-engine").textContent));
const embedded = (/** @type {string} */ id) => JSON.parse(element(id).textContent);
const playground = new Playground(module, embedded("drydock-sources"), embedded("drydock-tour"));
await playground.begin();
document.body.dataset.ready = "true";
