// Axis, lanes and the visible part of the picture.
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeAxis, ticksBetween } from "../src/axis.js";
import { alignAxes } from "../src/compare.js";
import { layoutLanes, placeOfEvent } from "../src/lanes.js";
import { readRun } from "../src/read.js";
import { Index, paintScene, textWidth } from "../src/scene.js";
import { RunBuilder, exchange, largeRun, realRun } from "./fixture.mjs";

/**
 * @param {import("../src/types.js").Model} model
 * @param {Partial<import("../src/scene.js").Picture>} [more]
 */
function pictureOf(model, more = {}) {
    return {
        model,
        axis: makeAxis(model, "order", 1),
        layout: layoutLanes(model),
        index: new Index(model),
        selected: -1,
        badges: new Map(),
        found: new Set(/** @type {number[]} */ ([])),
        difference: -1,
        ...more,
    };
}

/** @param {import("../src/scene.js").Picture} picture */
const all = (picture) => ({ x0: 0, x1: picture.axis.width, y0: 0, y1: picture.layout.height });

const names = ["ignores-short-sends", "publishes-torn-lines", "loses-accept-slots"];

for (const mode of /** @type {const} */ (["order", "time"])) {
    test(`events stand in their order, by ${mode}`, () => {
        for (const name of names) {
            const { x, width } = makeAxis(readRun(realRun(name)), mode, 1);
            for (let i = 1; i < x.length; i++)
                assert.ok((x[i] ?? 0) >= (x[i - 1] ?? 0), `event ${i} of ${name}`);
            assert.ok((x.at(-1) ?? 0) < width);
        }
    });
}

test("by order, each completion stands apart from the one before, however short the time", () => {
    const model = readRun(realRun("ignores-short-sends"));
    const { x } = makeAxis(model, "order", 1);
    for (let i = 1; i < model.steps.length; i++) {
        assert.ok((x[model.steps[i] ?? 0] ?? 0) - (x[model.steps[i - 1] ?? 0] ?? 0) >= 54);
    }
});

test("by time, a wait is a gap that is named, and longer waits are wider", () => {
    const run = new RunBuilder();
    for (const wait of [1e3, 1e6, 60e9]) {
        run.event("probe", { name: "p" });
        run.time += wait;
    }
    run.event("probe", { name: "p" });
    const { gaps } = makeAxis(readRun(run.json()), "time", 1);
    assert.deepEqual(
        gaps.map(({ text }) => text),
        ["+1 µs", "+1 ms", "+60 s"],
    );
    const widths = gaps.map(({ from, to }) => to - from);
    assert.ok((widths[0] ?? 0) < (widths[1] ?? 0) && (widths[1] ?? 0) < (widths[2] ?? 0));
});

test("the texts of an axis do not meet, at any zoom", () => {
    const model = readRun(largeRun(2000));
    for (const mode of /** @type {const} */ (["order", "time"])) {
        for (const zoom of [0.01, 0.2, 1, 4]) {
            const axis = makeAxis(model, mode, zoom);
            const ticks = ticksBetween(axis, 0, axis.width);
            assert.ok(ticks.length > 0);
            for (let i = 1; i < ticks.length; i++) {
                const [before, tick] = [ticks[i - 1], ticks[i]];
                if (before === undefined || tick === undefined) continue;
                assert.ok(
                    tick.x - before.x >= textWidth(before.text, 10),
                    `${mode} ${zoom}: ${before.text}, ${tick.text}`,
                );
            }
        }
    }
});

test("two operations in flight at once never share a row", () => {
    const run = new RunBuilder();
    const end = { connection: 1, end: "accepted", size: 9 };
    const starts = [run.start("receive", end), run.start("receive", end), run.start("send", end)];
    for (const start of starts) run.complete(start);
    run.start("receive", end);
    const model = readRun(run.json());
    const { rowOf, lanes, at } = layoutLanes(model);
    assert.deepEqual([...rowOf], [0, 1, 2, 0]);
    assert.equal(lanes[at.get("1/server") ?? -1]?.rows, 3);
});

test("lanes do not overlap, and each operation has its place in one of them", () => {
    for (const name of names) {
        const model = readRun(realRun(name));
        const layout = layoutLanes(model);
        layout.lanes.forEach((lane, i) => {
            const next = layout.lanes[i + 1];
            if (next !== undefined) assert.ok(lane.y + lane.height <= next.y);
        });
        model.operations.forEach(({ started }) => {
            const { lane, y } = placeOfEvent(model, layout, started);
            const found = layout.lanes[lane];
            assert.ok(found !== undefined && y > found.y && y < found.y + found.height);
        });
    }
});

test("a folded connection is one lane, and a filter leaves only its connection", () => {
    const model = readRun(realRun("publishes-torn-lines"));
    const folded = layoutLanes(model, { folded: new Set(["1"]) });
    assert.equal(folded.lanes.filter((lane) => lane.connection === 1).length, 1);
    assert.equal(folded.lanes.filter((lane) => lane.connection === 2).length, 3);
    const only = layoutLanes(model, { only: 2 });
    assert.deepEqual([...new Set(only.lanes.map((lane) => lane.connection))].sort(), [0, 2]);
});

test("every event of the connections, choices and operations can be hit", () => {
    for (const name of names) {
        const model = readRun(realRun(name));
        const picture = pictureOf(model);
        const { hits } = paintScene(picture, all(picture));
        const events = new Set(hits.map(({ event }) => event));
        for (const { started, completed } of model.operations) {
            assert.ok(events.has(started), `start ${started} of ${name}`);
            if (completed >= 0)
                assert.ok(events.has(completed), `completion ${completed} of ${name}`);
        }
        for (const index of model.notBenign)
            assert.ok(events.has(index), `choice ${index} of ${name}`);
    }
});

test("bytes are an arrow from the sender's side of the network to the receiver's, for each piece", () => {
    const run = new RunBuilder();
    const { sent, arrived } = exchange(run, 1, 0, "hello");
    const model = readRun(run.json());
    const picture = pictureOf(model);
    const { shapes } = paintScene(picture, all(picture));
    const network = picture.layout.lanes.find((lane) => lane.kind === "network");
    assert.ok(network);
    const { x } = picture.axis;
    const line = shapes.find(
        (each) => each.shape === "line" && each.stroke === "bytes" && !each.close && !each.dash,
    );
    assert.deepEqual(line?.shape === "line" && line.points, [
        x[sent - 1],
        network.y,
        x[arrived - 1],
        network.y + network.height,
    ]);
    assert.ok(shapes.some((each) => each.shape === "text" && each.text === "5 B"));
});

test("only what is visible is painted: the shapes of a window do not grow with the run", () => {
    const counts = [2000, 20000].map((events) => {
        const picture = pictureOf(readRun(largeRun(events)));
        const x0 = picture.axis.width / 2;
        return paintScene(picture, { x0, x1: x0 + 1000, y0: 0, y1: 800 }).shapes.length;
    });
    assert.ok((counts[0] ?? 0) > 50 && (counts[1] ?? 0) < (counts[0] ?? 0) * 1.5, counts.join(" "));
});

test("an operation that spans the whole window is painted", () => {
    const run = new RunBuilder();
    run.start("receive", { connection: 1, end: "accepted", size: 64 });
    for (let i = 0; i < 3000; i++) run.complete(run.start("timer"));
    const picture = pictureOf(readRun(run.json()));
    const x0 = picture.axis.width / 2;
    const { hits } = paintScene(picture, { x0, x1: x0 + 500, y0: 0, y1: 500 });
    assert.ok(hits.some(({ event }) => event === 0));
});

test("aligned axes have what is the same at the same place, and all events in their order", () => {
    const a = makeAxis(readRun(largeRun(300)), "order", 1);
    const b = makeAxis(readRun(largeRun(400)), "order", 1);
    const pairs = /** @type {[number, number][]} */ ([
        [0, 0],
        [10, 30],
        [11, 31],
        [200, 40],
        [250, 350],
    ]);
    const [left, right] = alignAxes(a, b, pairs);
    for (const [i, j] of pairs)
        assert.ok(Math.abs((left.x[i] ?? 0) - (right.x[j] ?? 1)) < 1e-6, `${i} ${j}`);
    for (const axis of [left, right]) {
        for (let i = 1; i < axis.x.length; i++) assert.ok((axis.x[i] ?? 0) >= (axis.x[i - 1] ?? 0));
    }
});
