// Ends of streams and resets: each arrives at the other end, in the order in which they were sent.
// Overtakings: which completion was ready before which.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readRun } from "../src/read.js";
import { RunBuilder } from "./fixture.mjs";

const client = { connection: 1, end: "connecting" };
const server = { connection: 1, end: "accepted" };

test("an end of stream is matched with its arrival at the other end", () => {
    const run = new RunBuilder();
    run.event("end_sent", server);
    run.event("end_sent", client);
    run.event("end_arrived", server);
    run.event("end_arrived", client);
    const signals = readRun(run.json()).signals;
    assert.deepEqual(
        signals.map(({ sent, arrived, fromAccepted }) => [sent, arrived, fromAccepted]),
        [
            [0, 3, true],
            [1, 2, false],
        ],
    );
});

test("a reset is no end, and connections are kept apart", () => {
    const run = new RunBuilder();
    run.event("reset_sent", client);
    run.event("end_sent", { ...client, connection: 2 });
    run.event("end_arrived", server);
    run.event("reset_arrived", { ...server, connection: 2 });
    assert.deepEqual(
        readRun(run.json()).signals.map(({ kind, arrived }) => [kind, arrived]),
        [
            ["reset", -1],
            ["end", -1],
        ],
    );
});

test("what was ready earlier and comes out later has been overtaken", () => {
    const run = new RunBuilder();
    const [a, b, c, d] = [0, 1, 2, 3].map(() => run.start("timer"));
    run.choice("completion: overtakes", 2, 3);
    run.complete(c ?? 0);
    run.choice("completion: overtakes", 1, 2);
    run.complete(b ?? 0);
    run.event("probe", { name: "p" });
    run.choice("completion: overtakes", 0, 2);
    run.complete(a ?? 0);
    run.complete(d ?? 0);
    const completed = readRun(run.json()).events.filter(({ kind }) => kind === "completed");
    assert.deepEqual(
        completed.map(({ start, overtook }) => [start, overtook]),
        [
            [c, [a, b]],
            [b, [a]],
            [a, []],
            [d, []],
        ],
    );
    // The first three were ready when the first came out; the last became ready later.
    assert.equal(completed[0]?.ready, completed[2]?.ready);
    assert.ok((completed[3]?.ready ?? 0) > (completed[0]?.ready ?? 0));
});

test("a run in which nothing overtakes has no crossings", () => {
    const run = new RunBuilder();
    run.choice("completion: overtakes", 0, 2);
    run.complete(run.start("timer"));
    assert.deepEqual(
        readRun(run.json()).events.map(({ ready, overtook }) => [ready, overtook]),
        [
            [-1, []],
            [-1, []],
            [-1, []],
        ],
    );
});

test("a client's manner has the name that the options say", () => {
    const run = new RunBuilder();
    run.choice("client: manner", 3, 6);
    const named = readRun({
        ...run.json(),
        options: "buffer=64 clients: never_reads(700/16); no faults",
    });
    assert.equal(named.events[0]?.choice?.valueText, "never_reads");
    const unnamed = readRun({
        ...run.json(),
        options: "clients: polite(1/1) polite(1/1); no faults",
    });
    assert.equal(unnamed.events[0]?.choice?.valueText, "");
});
