// Bytes are shown as what they are.
import assert from "node:assert/strict";
import { test } from "node:test";
import { payloadText, hexDump } from "../src/payload.js";
import { readRun } from "../src/read.js";
import { stillOf, wrapped } from "../src/still.js";
import { escaped } from "../src/svg.js";
import { RunBuilder, exchange, realRun } from "./fixture.mjs";

/** @param {...number} bytes */
const bytes = (...bytes) => Uint8Array.from(bytes);
const utf8 = new TextEncoder();

test("text stays text, and markup is text", () => {
    assert.equal(payloadText(utf8.encode("</script><b>ü€😀")), "</script><b>ü€😀");
});

test("control characters, ends of lines and backslashes can be told apart", () => {
    assert.equal(
        payloadText(bytes(0, 1, 9, 10, 13, 27, 127, 92)),
        "\\x00\\x01\\t\\n\n\\r\\x1b\\x7f\\\\",
    );
});

test("bytes that are not UTF-8 are shown one by one", () => {
    assert.equal(
        payloadText(bytes(0xff, 0x41, 0xc0, 0xaf, 0xe2, 0x82)),
        "\\xffA\\xc0\\xaf\\xe2\\x82",
    );
    assert.equal(payloadText(bytes(0xed, 0xa0, 0x80)), "\\xed\\xa0\\x80", "a surrogate");
    assert.equal(
        payloadText(bytes(0xf4, 0x90, 0x80, 0x80)),
        "\\xf4\\x90\\x80\\x80",
        "beyond U+10FFFF",
    );
});

test("marks that would turn the text around are named", () => {
    assert.equal(payloadText(utf8.encode("a\u202eb")), "a\\u{202e}b");
});

test("a hex dump has offsets of the stream, 16 bytes a line, and text", () => {
    const lines = hexDump(utf8.encode("0123456789abcdef<\0"), 32).split("\n");
    assert.equal(
        lines[0],
        "000020  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef",
    );
    assert.match(lines[1] ?? "", /^000030  3c 00 +<·$/);
});

test("a hex dump can be narrow", () => {
    const lines = hexDump(utf8.encode("0123456789"), 8, 8).split("\n");
    assert.equal(lines[0], "000008  30 31 32 33 34 35 36 37  01234567");
    assert.match(lines[1] ?? "", /^000010  38 39 {20}89$/);
});

test("a picture shows the last thing of the server if the harness fails the run much later", () => {
    const run = new RunBuilder();
    const server = { connection: 1, end: "accepted" };
    for (let i = 0; i < 60; i++) exchange(run, 1, i, "x");
    run.complete(run.start("send", { ...server, size: 77 }), { error: "canceled" });
    for (let i = 0; i < 300; i++) run.complete(run.start("timer", { place: 1 }));
    run.fail("echo-idle", "connection 1 was cut off", []);
    assert.match(stillOf(readRun(run.json())), />server</, "its lane is not idle");
});

test("an SVG has no markup and no character that XML forbids from a run", () => {
    const run = new RunBuilder();
    const { received } = exchange(run, 1, 0, "x");
    run.event("printed", {
        stream: "stdout",
        text: "</svg><script>alert(1)</script>\u0000\ud800&",
    });
    run.fail("p<q", 'a </script> & \u0001 "quote"', [received]);
    const svg = stillOf(readRun(run.json()));
    assert.doesNotMatch(svg, /<script|<\/script/);
    assert.doesNotMatch(svg, /[\u0000-\u0008\u000b\ufffe]/);
    assert.equal(escaped("<&>\u0000"), "&#60;&#38;&#62;\ufffd");
});

test("the standalone picture has verdict, both colour schemes, and no reference to another file", () => {
    const svg = stillOf(readRun(realRun("ignores-short-sends")));
    assert.match(svg, /short-send-ignored/);
    assert.match(svg, /prefers-color-scheme:dark/);
    assert.doesNotMatch(svg, /href|url\(|https?:(?!\/\/www\.w3\.org\/2000\/svg)/);
});

test("long words and long texts are wrapped", () => {
    assert.deepEqual(wrapped("aa bb cc", 40, 10), ["aa bb", "cc"]);
    assert.deepEqual(wrapped("averyveryverylongword b", 40, 10), ["averyveryverylongword", "b"]);
});
