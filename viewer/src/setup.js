// The set-up of a run in one sentence: what the server, its clients and the faults were chosen to be.
import { capital, plural } from "./words.js";

/** @typedef {import("./types.js").Choice} Choice */

/** Choices that the text of the options says in another way. */
const inOptions =
    /^(server: (outbox limit|idle timeout|buffer size)|stop early|\w+: (manner|messages|message size|bytes|lines|line size|another|comes back|stays|stays open|count))$/;

const settings = /** @type {Record<string, (value: string) => string>} */ ({
    buffer: (value) => `the server has a buffer of ${plural(Number(value), "byte")}`,
    outbox: (value) => `its outbox limit is ${plural(Number(value), "byte")}`,
    max_connections: (value) => `it takes at most ${plural(Number(value), "connection")}`,
    max_members: (value) => `it takes at most ${plural(Number(value), "member")}`,
    max_per_address: (value) => `it takes at most ${value} from one address`,
    idle_timeout: () => "it has an idle timeout",
    stop_early: () => "it is told to stop before its clients have ended",
    grace: (value) => `a stop gives the connections ${value} ms`,
});

/** The words behind the numbers of a member. */
const manners = /** @type {Record<string, string>} */ ({
    twice: "comes twice",
    stays: "stays until nobody talks",
    open: "closes its side late",
});

/**
 * "never_reads(700/16)", "talks(6x40 twice)" in words; empty if it has another form.
 * @param {string} plan
 */
function planWords(plan) {
    const match = plan.match(/^([a-z_]+)\((\d+)([x/])(\d+)((?: [a-z]+)*)\)$/);
    if (match === null) return "";
    const [, manner = "", count = "", sign, size = "", more = ""] = match;
    const noun = sign === "x" ? "line" : "byte";
    const amount =
        count === "0"
            ? `sends no ${noun}s`
            : sign === "x"
              ? `${plural(Number(count), "line")} of ${plural(Number(size), "byte")}`
              : `${plural(Number(count), "byte")}, ${size} at a time`;
    const extra = more
        .split(" ")
        .filter(Boolean)
        .map((word) => manners[word] ?? word);
    return `${manner.replaceAll("_", " ")} (${[amount, ...extra].join(", ")})`;
}

/**
 * The clients of the options: "client 1: polite (16 bytes, ...)"; null if they have another form.
 * @param {string} role @param {string} plans
 */
function clientWords(role, plans) {
    const each = plans.match(/[a-z_]+\([^)]*\)/g) ?? [];
    const words = each.map(planWords);
    if (words.length === 0 || words.some((text) => text === "")) return null;
    return words.map((text, i) => `${role} ${i + 1}: ${text}`);
}

/** @param {string} setting "grace=5000" @param {string[]} chosen labels of choices */
function settingWords(setting, chosen) {
    const [name = "", value = ""] = setting.split("=");
    // The usual limit holds back nobody.
    if (name === "outbox" && !chosen.includes("server: outbox limit")) return [];
    const words = settings[name];
    return [words === undefined ? setting : words(value)];
}

/** @param {string} faults "no faults", "reorder=1/32 delay=1/64" */
const faultsInWords = (faults) =>
    faults
        .replaceAll("_", " ")
        .replace(/=(\d+)\/(\d+)/g, ": $1 in $2")
        .trim();

/**
 * The options of a run in words; null if they are not of the form that is known.
 * @param {string} options @param {string[]} chosen labels of the choices that are not benign
 * @returns {string[] | null}
 */
export function optionsInWords(options, chosen) {
    const match = options.match(/^([^:;]*?)(\w+)s: ?([^;]*)(?:;(.*))?$/);
    if (match === null) return null;
    const [, server = "", role = "", plans = "", faults = ""] = match;
    const clients = clientWords(role, plans);
    if (clients === null) return null;
    const known = server
        .replace(/grace=(\d+) ms/, "grace=$1")
        .split(" ")
        .filter(Boolean);
    return [
        ...known.flatMap((setting) => settingWords(setting, chosen)),
        ...clients,
        ...(faults.trim() === "" ? [] : [faultsInWords(faults)]),
    ];
}

/** @param {Choice} choice */
function choiceInWords({ label, value, options, valueText }) {
    if (valueText !== "") return `${label} is ${valueText}`;
    return options === 2 ? label : `${label} is ${value} of 0 to ${options - 1}`;
}

/** Equal texts once, with their number. @param {string[]} texts */
function once(texts) {
    const counts = new Map();
    for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
    return [...counts].map(([text, n]) => (n === 1 ? text : `${text} (${n} times)`));
}

/**
 * The set-up as one sentence: from the options where they say it; choices that the options do not
 * say are added.
 * @param {string} options @param {Choice[]} choices that are not benign
 * @returns {string}
 */
export function setupText(options, choices) {
    const labels = choices.map(({ label }) => label);
    const said = optionsInWords(options, labels);
    const rest = said === null ? choices : choices.filter(({ label }) => !inOptions.test(label));
    const parts = [...(said ?? (options === "" ? [] : [options]))];
    if (rest.length > 0) parts.push(`chosen too: ${once(rest.map(choiceInWords)).join(", ")}`);
    return `Set-up: ${capital(parts.join("; "))}`;
}
