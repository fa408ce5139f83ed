// Sentences: of events, of choices, and the account of a run.
import assert from "node:assert/strict";
import { test } from "node:test";
import { account, summaryText } from "../src/account.js";
import { readRun } from "../src/read.js";
import { Search } from "../src/search.js";
import { describe, timeText } from "../src/words.js";
import { RunBuilder, exchange, largeRun, realRun } from "./fixture.mjs";

const server = { connection: 1, end: "accepted" };

test("a short send says what is left, and a receive of nothing is the end of the stream", () => {
    const run = new RunBuilder();
    const send = run.start("send", { ...server, size: 18 });
    const receive = run.start("receive", { ...server, size: 64 });
    run.complete(send, { bytes: 7 });
    run.complete(receive, { bytes: 0 });
    const model = readRun(run.json());
    assert.equal(
        describe(model, 0),
        "The server (connection 1) starts a send of 18 bytes (echo.cpp:7)",
    );
    assert.match(describe(model, 2), /is short: 7 of 18 bytes are taken, 11 are left$/);
    assert.match(describe(model, 3), /completes with 0 bytes: the end of the stream$/);
});

test("a choice that is not benign says what would have been", () => {
    const run = new RunBuilder();
    run.choice("network: reset", 1);
    run.choice("client: manner", 3, 6);
    run.choice("client: manner", 0, 6);
    const model = readRun(run.json());
    assert.match(
        describe(model, 0),
        /the network resets the connection \(benign: the connection stays up\)/,
    );
    assert.match(describe(model, 1), /3 of 0 to 5 \(benign: 0\)/);
    assert.match(describe(model, 2), /\(benign\)$/);
});

test("virtual time has a unit", () => {
    assert.deepEqual([0, 999, 1500, 2e6, 60470e6].map(timeText), [
        "0",
        "999 ns",
        "1.5 µs",
        "2 ms",
        "60.47 s",
    ]);
});

test("every kind of event has a sentence", () => {
    for (const name of ["ignores-short-sends", "publishes-torn-lines", "loses-accept-slots"]) {
        const model = readRun(realRun(name));
        model.events.forEach((event, i) => assert.notEqual(describe(model, i), event.kind));
    }
});

test("the account of a short send that is ignored tells it in order", () => {
    const texts = account(readRun(realRun("ignores-short-sends"))).map((item) => item.text);
    assert.match(texts[0] ?? "", /^Set-up: .*client 1: never reads \(700 bytes, 16 at a time\)/);
    const short = texts.findIndex((text) => /16 of 32 bytes are taken, 16 are left/.test(text));
    const next = texts.findIndex((text) =>
        /starts a send of 32 bytes .*: here the run fails/.test(text),
    );
    assert.ok(short > 0 && next > short, texts.join("\n"));
    assert.equal(texts.at(-1), "The run fails short-send-ignored");
});

test("the account says where the bytes came from that a client should not have got", () => {
    const texts = account(readRun(realRun("publishes-torn-lines"))).map((item) => item.text);
    assert.ok(
        texts.some((text) =>
            /^The server \(connection 2\) sends 4 bytes \(sound_chat.cpp:\d+\): “1\.0\\n”$/.test(
                text,
            ),
        ),
        texts.join("\n"),
    );
});

test("a start that a stuck run waits for has not broken a rule", () => {
    const run = new RunBuilder();
    const start = run.start("receive", { ...server, size: 64 });
    run.fail("stuck", "nothing more can happen", [start]);
    assert.match(account(readRun(run.json()))[0]?.text ?? "", /It is still in flight at the end$/);
});

test("the account of a long run stays short, and says how much it leaves out", () => {
    const model = readRun(largeRun(5000));
    const items = account(model);
    assert.ok(items.length <= 20, String(items.length));
    assert.ok(
        items.some((item) =>
            /^\d+ choices are not benign: completion: overtakes \(\d+ times\)/.test(item.text),
        ),
    );
    assert.match(
        summaryText(model),
        /^It failed after [\d,]+ completions, at .* of virtual time; \d+ choices were not benign\.$/,
    );
});

test("a fault counts once, with the choice that made it strike", () => {
    const run = new RunBuilder();
    run.choice("network: reset", 1);
    run.event("fault", { fault: "network_reset" });
    run.event("reset_sent", server);
    run.event("fault", { fault: "reset_discards" });
    const texts = account(readRun(run.json())).map((item) => item.text);
    assert.deepEqual(texts, [
        "The network resets connection 1. Benign: the connection stays up",
        "Fault reset_discards: the reset destroys bytes that had arrived (benign: they can still be received)",
    ]);
});

test("a strike names what it has struck, with its amount", () => {
    const run = new RunBuilder();
    const send = run.start("send", { ...server, size: 18 });
    run.event("span_begun", { name: "send: short" });
    run.choice("send: short", 1);
    run.event("fault", { fault: "short_send" });
    run.choice("send: bytes left out", 4, 17);
    run.event("span_ended");
    run.event("end_sent", server);
    run.event("span_begun", { name: "network: latency" });
    run.choice("network: latency", 1);
    run.event("span_ended");
    run.choice("completion: late", 1);
    run.choice("completion: how late", 1, 3);
    run.time += 900e3;
    run.complete(send, { bytes: 13 });
    assert.deepEqual(
        account(readRun(run.json())).map((item) => item.text),
        [
            "The server (connection 1): a send takes fewer bytes than there is room for, 5 bytes left out (echo.cpp:7). " +
                "Benign: all that there is room for",
            "The end of the stream from the server (connection 1) takes time to arrive. Benign: it arrives at once",
            "The server (connection 1): the send (echo.cpp:7) comes out 900 µs late. Benign: it comes out at once",
        ],
    );
});

test("equal strikes that follow each other are one sentence", () => {
    const run = new RunBuilder();
    for (let i = 0; i < 3; i++) run.event("fault", { fault: "small_pipe" });
    const texts = account(readRun(run.json())).map((item) => item.text);
    assert.equal(texts.length, 1);
    assert.match(texts[0] ?? "", /, 3 times \(benign: /);
});

test("search finds sentences, places and payloads", () => {
    const run = new RunBuilder();
    exchange(run, 1, 0, "GET /index");
    const search = new Search(readRun(run.json()));
    assert.deepEqual(search.find("get /INDEX").length, 3);
    assert.deepEqual(search.find("echo.cpp:7 send"), [1, 4]);
    assert.deepEqual(search.find("no such thing"), []);
    assert.deepEqual(search.find("  "), []);
});
