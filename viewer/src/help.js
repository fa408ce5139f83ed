// The keys and the signs of the picture, in words.
import { h } from "./dom.js";

/** @type {[string, string][]} */
export const keys = [
    ["← →", "previous or next event"],
    ["Shift ← →", "previous or next completion (step)"],
    ["↑ ↓", "nearest event in the lane above or below"],
    ["Home, End", "first, last event"],
    ["n, p", "next, previous choice that is not benign"],
    ["f", "the failure"],
    ["m", "next event that the verdict is about"],
    ["b", "back to where you were"],
    ["+ −", "zoom in, out"],
    ["0", "the whole run"],
    ["t", "by order of completions, or by virtual time"],
    ["z", "fold or unfold the connection of the event"],
    ["/", "search; Enter: the next that was found"],
    ["Escape", "leave the search or this help"],
    ["?", "this help"],
];

/** @type {[string, string][]} */
const signs = [
    ["dv-sign-send", "a send, from its start to its completion (square corners)"],
    ["dv-sign-receive", "a receive (round corners)"],
    ["dv-sign-open", "still in flight when the run ended (dashed)"],
    ["dv-sign-marked", "the verdict is about it"],
    ["dv-sign-bytes", "bytes, from send to arrival; dotted: until they are received"],
    ["dv-sign-end", "end of the stream; a full line in orange: a reset"],
    ["dv-sign-choice", "a choice that is not benign, or a fault"],
];

/** What the signs mean, below the picture. */
export const legend = () =>
    h(
        "ul",
        { class: "dv-legend", "aria-label": "Signs in the picture" },
        signs.map(([name, text]) =>
            h("li", {}, h("span", { class: `dv-sign ${name}`, "aria-hidden": "true" }), text),
        ),
    );

/** The overlay with all keys. */
export function helpDialog() {
    const close = () => dialog.close();
    const dialog = h(
        "dialog",
        { class: "dv-help", "aria-label": "Help" },
        h("h2", {}, "Keys in the picture"),
        h(
            "dl",
            {},
            keys.map(([key, text]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, text)]),
        ),
        h(
            "p",
            {},
            "The lanes of each connection stand together: the client, the network, the " +
                "server. From left to right is the order of completions, or virtual time with long " +
                "waits compressed. The lane “runs” says which code ran after each completion: the " +
                "place that had started the operation.",
        ),
        h("button", { type: "button", click: close }, "Close"),
    );
    return dialog;
}
