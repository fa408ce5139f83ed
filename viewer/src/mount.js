// What a page calls: mounts the view of a run, or of a comparison of two, in an element.
import { Comparison, complaintAboutComparison } from "./compare.js";
import { complaintAbout, readRun } from "./read.js";
import { View } from "./view.js";

/**
 * @typedef {object} Mounted
 * @property {(run: unknown) => void} update shows another run of the same format in its place:
 *   zoom, axis, position and selection stay. Throws an Error with a sentence if it cannot be shown
 * @property {(id: number) => void} select selects the event with this id and makes it visible
 * @property {() => void} destroy removes the view
 */

/** @param {any} json @returns {boolean} */
const isComparison = (json) => json?.format === "drydock-comparison";

/**
 * Shows a run in an element.
 * @param {HTMLElement} element the view is appended to it
 * @param {unknown} run JSON of the format "drydock-run" or "drydock-comparison"
 * @param {{onChoiceChange?: (index: number, value: number) => void,
 *   onSelect?: (event: import("./types.js").Event | null) => void}} [options] `onChoiceChange` is
 *   called when the reader gives the choice `index` of the schedule another value; without it
 *   choices cannot be changed. `onSelect` is called when an event is selected.
 * @returns {Mounted}
 * @throws {Error} with a sentence if the run cannot be shown
 */
export function mountRun(element, run, options = {}) {
    if (isComparison(run)) return mountComparison(element, run, options);
    const view = new View(element, read(run), options);
    return {
        update: (next) => view.update(read(next)),
        select: (id) =>
            view.select(
                view.model.events.findIndex((event) => event.id === id),
                {},
            ),
        destroy: () => view.destroy(),
    };
}

/** @param {unknown} run */
function read(run) {
    const complaint = complaintAbout(run);
    if (complaint !== "") throw new Error(complaint);
    return readRun(run);
}

/**
 * @param {HTMLElement} element
 * @param {any} json
 * @param {import("./view.js").ViewOptions} options
 * @returns {Mounted}
 */
function mountComparison(element, json, options) {
    const make = (/** @type {any} */ next) => {
        const complaint =
            complaintAboutComparison(next) ||
            complaintAbout(next.runs[0]) ||
            complaintAbout(next.runs[1]);
        if (complaint !== "") throw new Error(complaint);
        return new Comparison(element, next, options);
    };
    let comparison = make(json);
    return {
        update: (next) => {
            comparison.destroy();
            comparison = make(next);
        },
        select: (id) => comparison.views[0]?.select(id - 1, {}),
        destroy: () => comparison.destroy(),
    };
}
