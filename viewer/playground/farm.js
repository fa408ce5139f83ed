// A farm in pieces: many seeds, with progress and a stop, and one summary.

/**
 * @typedef {{property: string, count: number, first: number, sentence: string, options: string}} Group
 * @typedef {{seeds: number, failures: number, completions: number, digest: string, failed: Group[],
 *     probes: Record<string, number>}} Summary
 */

/** @returns {Summary} of no seeds */
export function emptySummary() {
    return {
        seeds: 0,
        failures: 0,
        completions: 0,
        digest: "0".repeat(16),
        failed: [],
        probes: {},
    };
}

/**
 * The summary of two farms over neighbouring seeds. Digests add up, in 64 bits.
 * @param {Summary} a
 * @param {Summary} b
 * @returns {Summary}
 */
export function merge(a, b) {
    const digest = BigInt.asUintN(64, BigInt(`0x${a.digest}`) + BigInt(`0x${b.digest}`));
    /** @type {Map<string, Group>} */
    const failed = new Map();
    for (const group of [...a.failed, ...b.failed]) {
        const known = failed.get(group.property);
        if (known === undefined) {
            failed.set(group.property, { ...group });
            continue;
        }
        const count = known.count + group.count;
        failed.set(group.property, { ...(group.first < known.first ? group : known), count });
    }
    const probes = { ...a.probes };
    for (const [name, hits] of Object.entries(b.probes)) probes[name] = (probes[name] ?? 0) + hits;
    return {
        seeds: a.seeds + b.seeds,
        failures: a.failures + b.failures,
        completions: a.completions + b.completions,
        digest: digest.toString(16).padStart(16, "0"),
        failed: [...failed.values()].sort((x, y) => x.first - y.first),
        probes,
    };
}

/** @param {number} seed @param {string} sentence @returns {Summary} of one seed that ended its module */
function crashed(seed, sentence) {
    const group = { property: "crash", count: 1, first: seed, sentence, options: "" };
    return { ...emptySummary(), seeds: 1, failures: 1, failed: [group] };
}

/**
 * Runs seeds `first` to `first + count - 1`. A piece takes about 50 ms, so that progress is seen and
 * a stop is obeyed. A seed that ends the module is a failure of that seed alone.
 * @param {(request: object) => Promise<any>} call the engine; rejects with {seed, message}
 * @param {object} request of call "farm", without seeds
 * @param {number} first
 * @param {number} count
 * @param {(summary: Summary) => boolean} progress false: stop
 * @returns {Promise<Summary>}
 */
export async function runFarm(call, request, first, count, progress) {
    const pieceTime = 50;
    let summary = emptySummary();
    let piece = 16;
    for (let seed = first; seed < first + count;) {
        const size = Math.min(piece, first + count - seed);
        const begun = performance.now();
        try {
            const part = await call({ ...request, call: "farm", seed, count: size });
            if (part.complaint !== undefined) throw new Error(part.complaint);
            summary = merge(summary, part);
            seed += size;
        } catch (error) {
            const crash = /** @type {{seed?: number, message: string}} */ (error);
            if (crash.seed === undefined) throw error;
            if (crash.seed > seed) {
                const part = await call({
                    ...request,
                    call: "farm",
                    seed,
                    count: crash.seed - seed,
                });
                summary = merge(summary, part);
            }
            summary = merge(summary, crashed(crash.seed, crash.message));
            seed = crash.seed + 1;
        }
        const took = Math.max(performance.now() - begun, 1);
        piece = Math.max(1, Math.min(4096, Math.round((piece * pieceTime) / took)));
        if (!progress(summary)) break;
    }
    return summary;
}
