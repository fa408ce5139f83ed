// What a link carries: the scenario, its parameters and faults, and the seed or the schedule.

/**
 * @typedef {{scenario: string, settings: Record<string, number>, faults: string, seed: number,
 *     schedule: string}} Wanted a run: of `schedule`, or of `seed` where that is empty
 */

/** @param {Uint8Array} bytes */
function toBase64url(bytes) {
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** @param {string} text */
function fromBase64url(text) {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

/** Schedules are far smaller; a link can claim anything. */
const mostBytes = 16_000_000;

/**
 * @param {Uint8Array} bytes
 * @param {CompressionStream | DecompressionStream} through
 * @returns {Promise<Uint8Array>}
 */
async function pass(bytes, through) {
    const blob = new Blob([/** @type {BlobPart} */ (bytes)]);
    const reader = blob.stream().pipeThrough(through).getReader();
    const parts = [];
    for (let size = 0; ;) {
        const { done, value } = await reader.read();
        if (done) break;
        size += value.length;
        if (size > mostBytes) {
            await reader.cancel();
            throw new Error("the link holds too much");
        }
        parts.push(value);
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** @param {Wanted} wanted @returns {Promise<string>} what follows the # of a link */
export async function toHash(wanted) {
    const fields = new URLSearchParams();
    fields.set("scenario", wanted.scenario);
    if (wanted.schedule !== "") {
        const bytes = new TextEncoder().encode(wanted.schedule);
        fields.set(
            "schedule",
            toBase64url(await pass(bytes, new CompressionStream("deflate-raw"))),
        );
        return fields.toString();
    }
    for (const [name, value] of Object.entries(wanted.settings))
        fields.set(`set.${name}`, `${value}`);
    if (wanted.faults !== "") fields.set("faults", wanted.faults);
    fields.set("seed", `${wanted.seed}`);
    return fields.toString();
}

/**
 * @param {string} hash with or without its #
 * @returns {Promise<Wanted | undefined>} undefined: there is no run in it
 */
export async function fromHash(hash) {
    const fields = new URLSearchParams(hash.replace(/^#/, ""));
    const scenario = fields.get("scenario");
    if (scenario === null) return undefined;
    const seed = Number(fields.get("seed") ?? 1);
    /** @type {Wanted} */
    const wanted = {
        scenario,
        settings: {},
        faults: fields.get("faults") ?? "",
        seed,
        schedule: "",
    };
    if (!Number.isSafeInteger(seed) || seed < 0) return undefined;
    for (const [name, value] of fields) {
        const number = Number(value);
        if (name.startsWith("set.") && Number.isSafeInteger(number) && number >= 0) {
            wanted.settings[name.slice(4)] = number;
        }
    }
    const schedule = fields.get("schedule");
    if (schedule === null) return wanted;
    try {
        const bytes = await pass(fromBase64url(schedule), new DecompressionStream("deflate-raw"));
        wanted.schedule = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
        return undefined;
    }
    return wanted;
}
