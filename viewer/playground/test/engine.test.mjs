// The simulator as WebAssembly: the same digests as everywhere, and what its calls answer.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Engine, EngineCrash } from "../engine.js";
import { runFarm } from "../farm.js";

const root = join(fileURLToPath(new URL(".", import.meta.url)), "../../..");
const folder = process.env.DRYDOCK_PLAYGROUND ?? join(root, "build/playground");
const module = new WebAssembly.Module(readFileSync(join(folder, "engine.wasm")));
const engine = new Engine(module);

/** What golden_NAME.txt says: of all seeds, and of some. */
function golden(name) {
    const lines = readFileSync(join(root, `tests/sim/golden_${name}.txt`), "utf8")
        .trim()
        .split("\n");
    return lines.map((line) => {
        const [, which, digest] = line.split(" ");
        const [first, last] = which.split("..").map(Number);
        return { first, last: last ?? first, digest: digest.padStart(16, "0") };
    });
}

for (const name of ["echo", "chat"]) {
    test(`golden digests of ${name}`, () => {
        const wanted = golden(name);
        assert.ok(wanted.length > 1);
        for (const { first, last, digest } of wanted) {
            const count = last - first + 1;
            const answer = engine.call({
                call: "farm",
                scenario: name,
                seed: first,
                count,
                digests: true,
            });
            assert.equal(answer.seeds, count);
            assert.equal(answer.failures, 0);
            assert.equal(
                count === 1 ? answer.digests[0] : answer.digest,
                digest,
                `seeds ${first}..${last}`,
            );
        }
    });
}

test("lists all scenarios, with their parameters", () => {
    const { scenarios, faults } = engine.call({ call: "list" });
    const names = scenarios.map((scenario) => scenario.name);
    assert.ok(
        names.includes("echo") && names.includes("chat") && names.includes("zoo/trusts-a-cancel"),
    );
    assert.equal(new Set(names).size, names.length);
    assert.ok(scenarios.find((scenario) => scenario.name === "chat").parameters.length > 0);
    assert.ok(faults.split(" ").includes("partial_receive"));
});

/** The choices of an answer's run, by their index. */
const choices = (answer) => answer.run.events.filter((event) => event.kind === "choice");

test("a changed choice gives another run, and changing it back gives the first", () => {
    const first = engine.call({ call: "run", scenario: "echo", seed: 7 });
    const change = (choice, value) =>
        engine.call({ call: "run", schedule: first.schedule, change: { choice, value } });
    // Not every choice matters: one that does is looked for.
    const { choice } = choices(first).find(
        (event) => event.value === 0 && change(event.choice, 1).run.digest !== first.run.digest,
    );
    const valueOf = (answer) => choices(answer).find((event) => event.choice === choice).value;
    assert.equal(valueOf(change(choice, 1)), 1);
    const again = change(choice, 0);
    assert.equal(again.run.digest, first.run.digest);
    assert.equal(again.schedule, first.schedule);
    assert.match(change(0, 1).complaint, /no choice of this number/);
    assert.match(change(1e6, 1).complaint, /no choice of this number/);
});

test("shrinks a failure to one of the same property", () => {
    const seed = engine.call({ call: "farm", scenario: "zoo/trusts-a-cancel", seed: 1, count: 200 })
        .failed[0].first;
    const failing = engine.call({ call: "run", scenario: "zoo/trusts-a-cancel", seed });
    const shrunk = engine.call({ call: "shrink", scenario: "zoo/trusts-a-cancel", seed });
    const changed = (answer) => choices(answer).filter((event) => event.value !== 0).length;
    assert.equal(shrunk.run.verdict.passed, false);
    assert.equal(shrunk.run.verdict.property, failing.run.verdict.property);
    assert.ok(changed(shrunk) < changed(failing));
});

for (const [request, sentence] of [
    [{ call: "run", scenario: "no-such-thing" }, /there is no scenario "no-such-thing" here/],
    [{ call: "run", schedule: "drydock-schedule 2\nnonsense\n" }, /this is no schedule/],
    [{ call: "run", scenario: "echo", faults: "gremlins" }, /unknown/],
    [{ call: "run", scenario: "chat", settings: { members: 99999999 } }, /members/],
    [{ call: "shrink", scenario: "echo", seed: 1 }, /nothing to shrink/],
    [{ call: "sing" }, /cannot be understood/],
    [[], /cannot be understood/],
    [{ call: "farm", seed: "seven" }, /scenario/],
    [{ call: "farm", scenario: "echo", schedule: "x" }, /schedule/],
]) {
    test(`refuses ${JSON.stringify(request)}`, () => {
        assert.match(engine.call(request).complaint, sentence);
    });
}

test("a farm in pieces has the summary of one farm", async () => {
    const request = { scenario: "zoo/trusts-a-cancel" };
    const whole = engine.call({ ...request, call: "farm", seed: 5, count: 700 });
    let calls = 0;
    const pieces = await runFarm(
        async (part) => (++calls, engine.call(part)),
        request,
        5,
        700,
        () => true,
    );
    assert.ok(calls > 1);
    delete whole.digests;
    whole.failed.sort((a, b) => a.first - b.first);
    assert.deepEqual(pieces, whole);
});

test("a farm stops when it is told to", async () => {
    const summary = await runFarm(
        async (part) => engine.call(part),
        { scenario: "echo" },
        1,
        1_000_000,
        (sum) => sum.seeds < 100,
    );
    assert.ok(summary.seeds >= 100 && summary.seeds < 100_000);
});

test("a seed that ends the module is one failure, and the farm goes on", async () => {
    const crashing = new Set([20, 21, 40]);
    const call = async (part) => {
        for (let seed = part.seed; seed < part.seed + part.count; ++seed) {
            if (crashing.has(seed)) throw new EngineCrash(seed, "a trap");
        }
        return engine.call(part);
    };
    const summary = await runFarm(call, { scenario: "echo" }, 1, 100, () => true);
    assert.equal(summary.seeds, 100);
    assert.equal(summary.failures, 3);
    assert.deepEqual(
        summary.failed.map(({ property, count, first }) => ({ property, count, first })),
        [{ property: "crash", count: 3, first: 20 }],
    );
});
