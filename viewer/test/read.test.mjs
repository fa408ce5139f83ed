// Reading a run: what the JSON says is in the model, and what is damaged in it does no harm.
import assert from "node:assert/strict";
import { test } from "node:test";
import { complaintAbout, readRun } from "../src/read.js";
import { RunBuilder, exchange, realRun } from "./fixture.mjs";

test("a real run keeps all its events, operations and transfers", () => {
    const json = realRun("ignores-short-sends");
    const model = readRun(json);
    assert.equal(model.events.length, json.events.length);
    assert.equal(model.operations.length, json.operations.length);
    assert.equal(model.transfers.length, json.transfers.length);
    assert.equal(model.property, "short-send-ignored");
    assert.deepEqual(
        [...model.marked],
        json.verdict.events.map((/** @type {number} */ id) => id - 1),
    );
    assert.equal(model.failure, json.events.length - 1);
});

test("an operation knows its start, its completion and what came of it", () => {
    const run = new RunBuilder();
    const send = run.start("send", { connection: 3, end: "accepted", size: 20 });
    run.complete(send, { bytes: 7 });
    run.start("timer");
    const [first, second] = readRun(run.json()).operations;
    assert.deepEqual(
        { ...first, place: null },
        {
            start: 1,
            kind: "send",
            connection: 3,
            accepted: true,
            started: 0,
            completed: 1,
            cut: -1,
            host: "",
            size: 20,
            bytes: 7,
            error: "ok",
            place: null,
        },
    );
    assert.equal(second?.completed, -1);
});

test("a connect and an accept get the connection whose sockets they opened", () => {
    const model = readRun(realRun("ignores-short-sends"));
    const connect = model.operations.find((each) => each.kind === "connect");
    const accept = model.operations.find((each) => each.kind === "accept");
    assert.deepEqual([connect?.connection, connect?.accepted], [1, false]);
    assert.deepEqual([accept?.connection, accept?.accepted], [1, true]);
});

test("a run that crashed has its last event as the failure", () => {
    const run = new RunBuilder();
    run.start("timer");
    run.verdict = { passed: false, property: "crash", sentence: "a fault", events: [] };
    assert.equal(readRun(run.json()).failure, 0);
});

test("ids of events that do not exist are left out", () => {
    const run = new RunBuilder();
    exchange(run, 1, 0, "hello");
    run.fail("p", "s", [999, 1]);
    const json = run.json();
    json.transfers[0].received = 12345;
    json.operations.push({ start: 77, started: 4711 });
    const model = readRun(json);
    assert.equal(model.transfers[0]?.received, -1);
    assert.equal(model.operations.length, 2);
    assert.deepEqual([...model.marked], [0, model.failure]);
});

test("the curve's points stand at the last choice that is kept", () => {
    const run = new RunBuilder();
    run.event("probe", { name: "x" });
    run.choice("a", 0);
    run.choice("b", 1);
    const inevitability = [
        { choice: 0, share: 0, runs: 9 },
        { choice: 2, share: 1, runs: 9 },
    ];
    for (const first of [0, 1]) {
        const json = run.json();
        json.events.forEach((/** @type {any} */ event) => {
            if (event.kind === "choice") event.choice += first;
        });
        const { curve } = readRun({ ...json, inevitability });
        assert.deepEqual(
            curve.map(({ event }) => event),
            [-1, 2],
        );
        run.events.forEach((event) => {
            if (event.kind === "choice") event.choice -= first;
        });
    }
});

test("another format, a later version and no events are refused with a sentence", () => {
    assert.match(complaintAbout({ format: "x" }), /not a run/);
    assert.match(complaintAbout(null), /not a run/);
    assert.match(complaintAbout({ format: "drydock-run", version: 2, events: [] }), /version 2/);
    assert.match(complaintAbout({ format: "drydock-run", version: 1 }), /no list of events/);
    assert.equal(complaintAbout(new RunBuilder().json()), "");
});
