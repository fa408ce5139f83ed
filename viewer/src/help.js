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
    ["z", "fold or unfold the connection of the event; in a run with hosts, its host"],
    ["/", "search; Enter: the next that was found"],
    ["Escape", "leave the search or this help"],
    ["?", "this help"],
];

/** @typedef {import("./types.js").Model} Model */

/** @param {string[]} kinds @returns {(model: Model) => boolean} */
const hasOperation =
    (...kinds) =>
    ({ operations }) =>
        operations.some(({ kind }) => kinds.includes(kind));

/** @param {string[]} kinds @returns {(model: Model) => boolean} */
const hasEvent =
    (...kinds) =>
    ({ events }) =>
        events.some(({ kind }) => kinds.includes(kind));

/** @type {[string, string, (model: Model) => boolean][]} style, meaning, whether it is drawn */
const signs = [
    ["send", "a send, from its start to its completion (square corners)", hasOperation("send")],
    ["receive", "a receive (round corners)", hasOperation("receive")],
    ["accept", "an accept (the server waits for a connection)", hasOperation("accept")],
    ["connect", "a connect", hasOperation("connect")],
    ["timer", "a timer, from its start until it fires", hasOperation("timer")],
    ["post", "a post (code that is to run soon)", hasOperation("post")],
    ["step", "a thread's turn", hasOperation("step")],
    [
        "open",
        "still in flight when the run ended (dashed)",
        ({ operations }) => operations.some(({ completed, cut }) => completed < 0 && cut < 0),
    ],
    [
        "failed",
        "it completed with an error",
        ({ events }) => events.some(({ kind, error }) => kind === "completed" && error !== "ok"),
    ],
    [
        "marked",
        "the verdict is about it",
        ({ marked, failure }) => [...marked].some((index) => index !== failure),
    ],
    ["verdict", "the run fails", ({ failure }) => failure >= 0],
    [
        "bytes",
        "bytes, from send to arrival; dotted: until they are received",
        ({ transfers }) => transfers.length > 0,
    ],
    ["end", "the end of the stream", hasEvent("end_sent")],
    ["reset", "a reset", hasEvent("reset_sent")],
    ["host", "a host, from a start to its end", hasEvent("host_started")],
    [
        "down",
        "the host is down: what it had in flight is cut off",
        ({ hosts }) => hosts.some(({ lives }) => lives.some(({ ended }) => ended >= 0)),
    ],
    [
        "partition",
        "a partition: the hosts above and below do not reach each other",
        ({ partitions }) => partitions.length > 0,
    ],
    ["socket", "a socket is opened or closed", hasEvent("socket_opened", "socket_closed")],
    [
        "choice",
        "a choice that is not benign; pale: it chooses which faults may strike",
        ({ notBenign, events }) => notBenign.some((index) => events[index]?.choice),
    ],
    ["fault", "a fault", hasEvent("fault")],
    [
        "overtaking",
        "an overtaking: from when a completion was ready to when it came out; gray: overtaken",
        ({ events }) => events.some(({ overtook }) => overtook.length > 0),
    ],
    [
        "tick",
        "the program: short for a task that is spawned or ends, long for a probe, a text or the calm",
        hasEvent("task_joined", "task_left", "probe", "printed", "became_calm"),
    ],
];

/**
 * The signs that are in the picture of a run.
 * @param {Model} model
 * @returns {{name: string, text: string}[]}
 */
export const signsOf = (model) =>
    signs.flatMap(([name, text, isDrawn]) => (isDrawn(model) ? [{ name, text }] : []));

/** What the signs mean, below the picture. @param {Model} model */
export const legendItems = (model) =>
    signsOf(model).map(({ name, text }) =>
        h("li", {}, h("span", { class: `dv-sign dv-sign-${name}`, "aria-hidden": "true" }), text),
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
                "server. In a run with hosts the lanes of each host stand together: its starts " +
                "and ends, its ends of connections, its timers and the like. From left to right is the order of completions, or virtual time with long " +
                "waits compressed. The lane “runs” says which code ran after each completion: the " +
                "place that had started the operation.",
        ),
        h("button", { type: "button", click: close }, "Close"),
    );
    return dialog;
}
