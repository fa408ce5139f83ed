// The account: the set-up in one sentence, and what the server did on the connections of the verdict.
import assert from "node:assert/strict";
import { test } from "node:test";
import { account } from "../src/account.js";
import { signsOf } from "../src/help.js";
import { layoutLanes } from "../src/lanes.js";
import { readRun } from "../src/read.js";
import { Index } from "../src/scene.js";
import { openingEvent } from "../src/server_part.js";
import { setupText } from "../src/setup.js";
import { describe } from "../src/words.js";
import { RunBuilder, base64, realRun } from "./fixture.mjs";

const server = { connection: 1, end: "accepted" };
const client = { connection: 1, end: "connecting", place: 1 };

/** @param {any} json */
const textsOf = (json) => account(readRun(json)).map((item) => item.text);

/** @param {RunBuilder} run @param {number} connection @param {number} number of the client */
function opens(run, connection, number) {
    run.event("identified", { ...client, connection, role: "client", number });
    run.event("socket_opened", { ...server, connection });
}

/** The harness judges in a post of its own, later. @param {RunBuilder} run @param {string} sentence */
function judgedLater(run, sentence) {
    const post = run.start("post", { place: 1 });
    run.fail("echo-complete", sentence, [run.complete(post)]);
}

/** @param {string} label @param {number} value @param {number} [options] */
const choice = (label, value, options = 4) => ({ index: 0, value, options, label, valueText: "" });

test("the set-up is said in words, and what the options leave out is added", () => {
    const options =
        "buffer=64 outbox=1048576 idle_timeout stop_early grace=5000 ms " +
        "members: talks(1x8 twice stays) stops_reading(0x8); accept_shortage=1/32";
    assert.equal(
        setupText(options, [
            choice("member: lines", 1),
            choice("member: last line unfinished", 1, 2),
            choice("member: start", 2),
        ]),
        "Set-up: The server has a buffer of 64 bytes; it has an idle timeout; " +
            "it is told to stop before its clients have ended; a stop gives the connections 5000 ms; " +
            "member 1: talks (1 line of 8 bytes, comes twice, stays until nobody talks); " +
            "member 2: stops reading (sends no lines); accept shortage: 1 in 32; " +
            "chosen too: member: last line unfinished, member: start is 2 of 0 to 3",
    );
});

test("an outbox limit is part of the set-up if it was chosen", () => {
    const options = "outbox=400 members: floods(24x40)";
    assert.match(setupText(options, [choice("server: outbox limit", 1)]), /limit is 400 bytes/);
    assert.doesNotMatch(setupText(options, []), /outbox/);
});

test("options of another form stay as they are, with all choices", () => {
    assert.equal(
        setupText("workers=3 queue=full", [choice("client: manner", 2)]),
        "Set-up: Workers=3 queue=full; chosen too: client: manner is 2 of 0 to 3",
    );
    assert.equal(
        setupText("clients: talks(all day) polite(1/1)", []),
        "Set-up: Clients: talks(all day) polite(1/1)",
    );
    assert.equal(setupText("clients: none", []), "Set-up: Clients: none");
    assert.equal(
        setupText("", [choice("odd", 1, 2), choice("odd", 1, 2)]),
        "Set-up: Chosen too: odd (2 times)",
    );
});

test("all choices of the set-up are one item, a later choice is another", () => {
    const run = new RunBuilder();
    run.choice("my server: workers", 1, 4);
    run.choice("client: manner", 2, 4);
    opens(run, 1, 1);
    run.choice("client: receive size", 1, 4);
    run.choice("what the clerk does", 3, 4);
    const texts = textsOf(run.json());
    assert.equal(texts.length, 2, texts.join("\n"));
    assert.match(texts[0] ?? "", /my server: workers.*client: manner.*client: receive size/);
    assert.doesNotMatch(texts[0] ?? "", /clerk/);
    assert.match(texts[1] ?? "", /“what the clerk does” is 3 of 0 to 3/);
});

test("a verdict of the harness comes with the last three things of the server", () => {
    const run = new RunBuilder();
    opens(run, 1, 1);
    opens(run, 2, 2);
    const sizes = [11, 12, 13, 14];
    for (const size of sizes) {
        run.complete(run.start("send", { ...server, size }), { bytes: size });
    }
    run.complete(run.start("send", { ...server, connection: 2, size: 99 }), { bytes: 99 });
    run.complete(run.start("receive", client), { bytes: 5 });
    judgedLater(run, "client 1 got too little");
    const texts = textsOf(run.json());
    for (const size of [12, 13, 14]) assert.match(texts.join("\n"), RegExp(`all ${size} bytes`));
    assert.doesNotMatch(texts.join("\n"), /all 11 bytes|all 99 bytes|post|peers\.cpp/);
    const model = readRun(run.json());
    assert.equal(model.events[openingEvent(model)]?.bytes, 14);
});

test("the timer of the server that fired before its last things is in the account", () => {
    const run = new RunBuilder();
    opens(run, 1, 1);
    run.complete(run.start("timer"));
    run.complete(run.start("send", { ...server, size: 9 }), { bytes: 9 });
    run.complete(run.start("timer", { place: 1 }));
    judgedLater(run, "client 1 got too little");
    const texts = textsOf(run.json());
    assert.equal(texts[0], "The timer started at echo.cpp:7 fires");
    assert.equal(texts.filter((text) => /timer/.test(text)).length, 1);
});

test("a visit in the verdict names one connection of the client", () => {
    const run = new RunBuilder();
    opens(run, 1, 2);
    opens(run, 2, 2);
    run.complete(run.start("send", { ...server, size: 11 }), { bytes: 11 });
    run.complete(run.start("send", { ...server, connection: 2, size: 12 }), { bytes: 12 });
    judgedLater(run, "client 2 (visit 2) got nothing");
    const texts = textsOf(run.json()).join("\n");
    assert.match(texts, /all 12 bytes/);
    assert.doesNotMatch(texts, /all 11 bytes/);
});

test("the calm, canceled accepts and regular ends elsewhere are left out", () => {
    const run = new RunBuilder();
    opens(run, 1, 1);
    opens(run, 2, 2);
    run.event("became_calm");
    run.complete(run.start("accept"), { error: "canceled" });
    for (const connection of [2, 1]) {
        run.complete(run.start("receive", { ...server, connection }));
        run.event("socket_closed", { ...server, connection });
    }
    judgedLater(run, "client 1 got too little");
    assert.deepEqual(textsOf(run.json()), [
        "The server (connection 1): the receive (echo.cpp:7) completes with 0 bytes: the end of the stream",
        "The server (connection 1) closes its socket",
        "The run fails echo-complete",
    ]);
});

test("bytes that the server received and never sent are an item", () => {
    const run = new RunBuilder();
    opens(run, 1, 1);
    const payload = base64("lost");
    run.complete(run.start("receive", server), { bytes: 4, payload });
    for (let i = 0; i < 4; i++) {
        run.complete(run.start("receive", server), { bytes: 6, payload: base64("echoed") });
        run.complete(run.start("send", { ...server, size: 6 }), { bytes: 6 });
    }
    judgedLater(run, "client 1 got too little");
    const lost = textsOf(run.json()).filter((text) => /sends nothing/.test(text));
    assert.deepEqual(lost, [
        "The server (connection 1): the receive (echo.cpp:7) completes with 4 bytes: “lost”. Until bytes come again, the server sends nothing",
    ]);
});

test("bytes that wait for a send in flight are not said to be lost", () => {
    const run = new RunBuilder();
    opens(run, 1, 1);
    run.start("send", { ...server, size: 6 });
    run.complete(run.start("receive", server), { bytes: 4 });
    judgedLater(run, "client 1 got too little");
    assert.doesNotMatch(textsOf(run.json()).join("\n"), /sends nothing/);
});

test("equal events that follow each other are one item with their number", () => {
    const run = new RunBuilder();
    opens(run, 1, 1);
    for (let i = 0; i < 8; i++) run.complete(run.start("receive", server));
    judgedLater(run, "client 1 got too little");
    const texts = textsOf(run.json());
    assert.equal(texts.length, 2, texts.join("\n"));
    assert.match(texts[0] ?? "", /the end of the stream, 8 times$/);
});

test("a stuck run names the server's socket that nothing is in flight on", () => {
    /** @param {boolean} waits */
    const stuck = (waits) => {
        const run = new RunBuilder();
        opens(run, 1, 1);
        run.complete(run.start("receive", server), { error: "canceled" });
        if (waits) run.start("receive", server);
        run.fail("stuck", "nothing more can happen", []);
        return textsOf(run.json()).join("\n");
    };
    assert.match(stuck(false), /gets its socket.*still open at the end/);
    assert.doesNotMatch(stuck(true), /still open at the end/);
});

test("the account says to which other clients the bytes went", () => {
    const run = new RunBuilder();
    for (const number of [1, 2, 3]) opens(run, number, number);
    run.complete(run.start("receive", server), { bytes: 3, payload: base64("one") });
    for (const connection of [2, 3]) {
        run.event("bytes_sent", { ...server, connection, size: 3, payload: base64("one") });
    }
    judgedLater(run, "client 1 never got its line back");
    assert.match(
        textsOf(run.json()).join("\n"),
        /The server sends 3 bytes to client 2, client 3: “one”/,
    );
});

test("a preview shows the first and the last bytes", () => {
    const run = new RunBuilder();
    const text =
        "the first of the many lines\r\nand then ever more and more and more lines, the end\n1.0.2:a";
    run.event("bytes_sent", { ...server, size: text.length, payload: base64(text) });
    const cut = { size: 90, payload: base64(text), payload_left_out: 50 };
    run.event("bytes_sent", { ...server, ...cut });
    run.event("bytes_arrived", { ...server, size: 1, payload: base64("\r") });
    const noise = Uint8Array.from({ length: 60 }, (_, i) => 0xc0 + i);
    run.event("bytes_arrived", { ...server, size: 60, payload: base64(noise) });
    const model = readRun(run.json());
    assert.match(
        describe(model, 0),
        /: “the first of the many lines\\r\\nand then  ... nd more and more lines, the end\\n1\.0\.2:a”$/,
    );
    assert.match(
        describe(model, 1),
        /: “the first of the many lines\\r\\nand then  ... ”$/,
        "the tail is not known",
    );
    assert.equal(describe(model, 2), "1 byte arrives at the server (connection 1): “\\r”");
    assert.match(
        describe(model, 3),
        /: “\\xc0\\xc1\\xc2\\xc3\\xc4\\xc5\\xc6\\xc7\\xc8\\xc9 ... \\xf2.*\\xfb”$/,
        "bytes that are no text",
    );
});

test("a client with several connections has visits", () => {
    const run = new RunBuilder();
    opens(run, 1, 1);
    opens(run, 2, 2);
    opens(run, 3, 2);
    const titles = layoutLanes(readRun(run.json()))
        .lanes.filter((lane) => lane.kind === "end" && !lane.accepted)
        .map((lane) => lane.title);
    assert.deepEqual(titles, ["client 1", "client 2, visit 1", "client 2, visit 2"]);
});

test("the legend has the signs that are in the picture", () => {
    const names = (/** @type {any} */ json) => signsOf(readRun(json)).map(({ name }) => name);
    const empty = new RunBuilder();
    empty.complete(empty.start("send", server));
    assert.deepEqual(names(empty.json()), ["send"]);
    const real = names(realRun("publishes-torn-lines"));
    for (const name of ["accept", "timer", "post", "tick", "socket", "marked"]) {
        assert.ok(real.includes(name), `${name}: ${real}`);
    }
    assert.ok(!real.includes("overtaking"));
});

test("only what overtakes and what is overtaken crosses in the lane of overtakings", () => {
    const run = new RunBuilder();
    const starts = [1, 2, 3, 4].map((size) => run.start("send", { ...server, size }));
    run.choice("completion: overtakes", 1, 2);
    run.complete(starts[1] ?? 0);
    run.complete(starts[0] ?? 0);
    run.complete(starts[2] ?? 0);
    run.complete(starts[3] ?? 0);
    const model = readRun(run.json());
    const sizes = new Index(model).waiting.map((index) => model.events[index]?.size);
    assert.deepEqual(sizes, [2, 1]);
});
