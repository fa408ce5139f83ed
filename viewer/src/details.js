// The panel that says everything about one event.
import { breakable, fill, h } from "./dom.js";
import { hexDump, payloadText } from "./payload.js";
import { choiceWords, clientOf, describe, placeText, plural, timeText } from "./words.js";

/** @typedef {import("./types.js").Event} Event */
/** @typedef {import("./types.js").Model} Model */

/**
 * @typedef {object} Actions
 * @property {(index: number) => void} go selects another event
 * @property {((index: number, value: number) => void) | undefined} change of a choice's value
 */

/** Bytes that are shown at once; a button shows the next. */
const pageOfBytes = 4096;
const linesAround = 4;
/** Of the hex dump: so many fit in the panel. */
const bytesOfLine = 8;

/** @param {string} term @param {...import("./dom.js").Child} value */
const fact = (term, ...value) => [h("dt", {}, term), h("dd", {}, ...value)];

/** @param {Model} model @param {number} index @param {Actions} actions @param {string} text */
const link = (model, index, actions, text) =>
    h(
        "button",
        { type: "button", class: "dv-link", click: () => actions.go(index) },
        text || `event ${model.events[index]?.id}`,
    );

/** @param {Model} model @param {number} index @param {Actions} actions */
function operationFacts(model, index, actions) {
    const operation = model.operations[model.operationOf[index] ?? -1];
    if (operation === undefined) return [];
    const { started, completed, cut } = operation;
    const facts = [];
    if (started !== index) {
        facts.push(
            fact(
                "started",
                link(model, started, actions, ""),
                ` in step ${model.events[started]?.step}`,
            ),
        );
    }
    if (cut >= 0) {
        const end = link(model, cut, actions, "");
        facts.push(fact("completed", h("strong", {}, "never: its host went down"), " in ", end));
    } else if (completed < 0)
        facts.push(fact("completed", h("strong", {}, "never: in flight at the end")));
    else if (completed !== index) {
        facts.push(
            fact(
                "completed",
                link(model, completed, actions, ""),
                ` in step ${model.events[completed]?.step}`,
            ),
        );
    }
    if (completed >= 0) {
        const time = (model.events[completed]?.time ?? 0) - (model.events[started]?.time ?? 0);
        const steps = (model.events[completed]?.step ?? 0) - (model.events[started]?.step ?? 0);
        facts.push(fact("in flight", `${plural(steps, "completion")}, ${timeText(time)}`));
    }
    return facts;
}

/**
 * Where the bytes of an event came from and went.
 * @param {Model} model
 * @param {number} index
 * @param {Actions} actions
 */
function transferFacts(model, index, actions) {
    const parts = model.transfers.filter(
        (each) => each.sent === index || each.arrived === index || each.received === index,
    );
    if (parts.length === 0) return [];
    const items = parts.slice(0, 20).map((part) => {
        const { first, last, sent, arrived, received } = part;
        const event = (/** @type {number} */ at) =>
            link(model, at, actions, String(model.events[at]?.id));
        return h(
            "li",
            {},
            last - first === 1 ? `byte ${first}` : `bytes ${first} to ${last - 1}`,
            ": sent ",
            event(sent),
            arrived < 0 ? h("strong", {}, " have not arrived") : [" arrived ", event(arrived)],
            received < 0 ? h("strong", {}, " not received") : [" received ", event(received)],
        );
    });
    return [fact("bytes", h("ul", {}, items))];
}

/** @param {Model} model @param {Event} event */
function endFact(model, event) {
    if (event.connection === 0) return [];
    const client = clientOf(model, event.connection);
    const between = model.hosts.length > 0;
    const end = event.accepted
        ? between
            ? "the accepted end"
            : "the server's end"
        : between
          ? "the connecting end"
          : "the client's end";
    return [fact("connection", `${event.connection}${client && ` (${client})`}, ${end}`)];
}

/**
 * A field that changes a choice.
 * @param {import("./types.js").Choice} choice
 * @param {(index: number, value: number) => void} change
 */
function choiceField(choice, change) {
    const label = `Another value for “${choice.label}”`;
    const set = (/** @type {any} */ event) => {
        const value = Number(event.target.value);
        if (Number.isInteger(value) && value >= 0 && value < choice.options)
            change(choice.index, value);
    };
    if (choice.options > 32) {
        return h(
            "label",
            { class: "dv-choice" },
            label,
            h("input", {
                type: "number",
                min: "0",
                max: String(choice.options - 1),
                value: String(choice.value),
                change: set,
                "data-choice": choice.index,
            }),
        );
    }
    const options = Array.from({ length: choice.options }, (_, value) =>
        h(
            "option",
            { value: String(value), selected: value === choice.value },
            value === 0 ? "0 (benign)" : String(value),
        ),
    );
    return h(
        "label",
        { class: "dv-choice" },
        label,
        h("select", { change: set, "data-choice": choice.index }, options),
    );
}

/** @param {Event} event @param {Actions} actions */
function choiceParts(event, actions) {
    const { choice } = event;
    if (choice === null) return [];
    const { chosen, benign } = choiceWords(choice);
    return [
        h(
            "dl",
            {},
            fact("choice", `number ${choice.index} of the schedule`),
            fact("values", `0 to ${choice.options - 1}; ${choice.value} was chosen`),
            fact("meaning", chosen),
            fact("benign", benign),
        ),
        actions.change && choice.options > 1 && choiceField(choice, actions.change),
    ];
}

/** @param {Model} model @param {import("./types.js").Place | null} place */
function sourceParts(model, place) {
    if (place === null) return [];
    const title = h("h4", {}, "Source: ", h("code", {}, breakable(`${place.file}:${place.line}`)));
    const inside =
        place.function === ""
            ? null
            : h("p", { class: "dv-muted" }, "in ", h("code", {}, breakable(place.function)));
    const excerpt = model.sources
        .get(place.file)
        ?.find(({ first, lines }) => place.line >= first && place.line < first + lines.length);
    if (excerpt === undefined) return [title, inside];
    const from = Math.max(excerpt.first, place.line - linesAround);
    const rows = [];
    for (let line = from; line <= place.line + linesAround; line++) {
        const text = excerpt.lines[line - excerpt.first];
        if (text === undefined) break;
        const here = line === place.line;
        rows.push(
            h(
                "span",
                { class: here ? "dv-line dv-here" : "dv-line" },
                `${here ? "▶" : " "}${String(line).padStart(4)}  ${text}`,
            ),
        );
    }
    return [
        title,
        inside,
        h(
            "pre",
            { class: "dv-source", tabIndex: 0, "aria-label": `Lines around ${placeText(place)}` },
            rows,
        ),
    ];
}

/** @param {Event} event */
function payloadParts(event) {
    const { data, dataSize } = event;
    if (data === null || dataSize === 0) return [];
    const text = h("pre", { class: "dv-payload", tabIndex: 0, "aria-label": "Payload as text" });
    const hex = h("pre", {
        class: "dv-payload dv-hex",
        tabIndex: 0,
        "aria-label": "Payload as hex",
    });
    const more = h("button", { type: "button", click: () => show(shown + pageOfBytes * 4) });
    const offset = event.position >= dataSize ? event.position - dataSize : 0;
    let shown = 0;
    /** @param {number} upTo */
    function show(upTo) {
        shown = Math.min(upTo, /** @type {Uint8Array} */ (data).length);
        const part = /** @type {Uint8Array} */ (data).subarray(0, shown);
        text.textContent = payloadText(part);
        hex.textContent = hexDump(part, offset, bytesOfLine);
        more.hidden = shown >= /** @type {Uint8Array} */ (data).length;
        const all = dataSize.toLocaleString("en");
        more.textContent = `Show more (${plural(shown, "byte")} of ${all} are shown)`;
    }
    show(pageOfBytes);
    const left = dataSize - data.length;
    return [
        h("h4", {}, `Payload: ${plural(dataSize, "byte")}`),
        text,
        hex,
        more,
        left > 0 &&
            h("p", { class: "dv-muted" }, `The recording has left out ${plural(left, "byte")}.`),
    ];
}

/**
 * Shows an event in the panel.
 * @param {HTMLElement} panel
 * @param {Model} model
 * @param {number} index -1: none
 * @param {Actions} actions
 */
export function showDetails(panel, model, index, actions) {
    const event = model.events[index];
    if (event === undefined) {
        fill(
            panel,
            h("h3", {}, "Details"),
            h(
                "p",
                { class: "dv-muted" },
                "Choose an event: click one in the picture, or press an arrow key in it.",
            ),
        );
        return;
    }
    fill(
        panel,
        h("h3", {}, `Event ${event.id} of ${model.events.length.toLocaleString("en")}`),
        h(
            "p",
            { class: "dv-says" },
            event.kind === "verdict"
                ? `The run fails ${event.name}.`
                : `${describe(model, index)}.`,
        ),
        model.marked.has(index) &&
            h("p", { class: "dv-marked" }, "✗ The verdict is about this event."),
        h(
            "dl",
            {},
            fact(
                "kind",
                event.kind.replaceAll("_", " ") + (event.operation ? `, ${event.operation}` : ""),
            ),
            fact("step", String(event.step)),
            fact("virtual time", timeText(event.time)),
            event.host !== "" && fact("host", event.host),
            endFact(model, event),
            operationFacts(model, index, actions),
            transferFacts(model, index, actions),
        ),
        choiceParts(event, actions),
        sourceParts(model, event.place),
        payloadParts(event),
    );
}
