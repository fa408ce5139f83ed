// Runs of worlds with hosts: what the model, the words, the account and the picture say of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { account } from "../src/account.js";
import { makeAxis } from "../src/axis.js";
import { signsOf } from "../src/help.js";
import { isShown, layoutLanes, placeOfEvent } from "../src/lanes.js";
import { readRun } from "../src/read.js";
import { Index, paintScene } from "../src/scene.js";
import { Search } from "../src/search.js";
import { stillOf } from "../src/still.js";
import { describe } from "../src/words.js";
import { hostsRun, realRun } from "./fixture.mjs";

const model = readRun(hostsRun());

/** @param {string} kind @param {number} [nth] */
const indexOf = (kind, nth = 0) =>
    model.events.flatMap((event, index) => (event.kind === kind ? [index] : []))[nth] ?? -1;

/** @param {import("../src/lanes.js").Layout} layout @param {number} [wide] */
function painted(layout, wide = 1) {
    const axis = makeAxis(model, "order", wide);
    const picture = {
        model,
        axis,
        layout,
        index: new Index(model),
        selected: -1,
        badges: new Map(),
        found: new Set(/** @type {number[]} */ ([])),
        difference: -1,
    };
    const window = { x0: 0, x1: axis.width, y0: 0, y1: layout.height };
    return { axis, ...paintScene(picture, window) };
}

/** @param {import("../src/scene.js").Shape[]} shapes */
const textsOf = (shapes) => shapes.flatMap((shape) => (shape.shape === "text" ? [shape.text] : []));

test("hosts have lives, and what one had in flight is cut with it", () => {
    const ended = indexOf("host_ended");
    assert.deepEqual(model.hosts, [
        {
            name: "store",
            lives: [
                { started: 0, ended },
                { started: indexOf("host_started", 2), ended: -1 },
            ],
        },
        { name: "visitor 1", lives: [{ started: 2, ended: -1 }] },
    ]);
    assert.deepEqual(model.connections[0]?.hosts, ["visitor 1", "store"]);
    assert.deepEqual(model.connections[1]?.hosts, ["", "store"]);
    const cut = model.operations.filter((operation) => operation.cut >= 0);
    assert.deepEqual(
        cut.map(({ kind, host, cut, completed }) => ({ kind, host, cut, completed })),
        [{ kind: "receive", host: "store", cut: ended, completed: -1 }],
    );
});

test("ends of connections are named by their hosts, and what happens to hosts is said in words", () => {
    assert.equal(
        describe(model, indexOf("bytes_arrived")),
        "5 bytes arrive at store (connection 1): “hello”",
    );
    assert.equal(
        describe(model, indexOf("host_ended")),
        "Host store goes down: its program was killed",
    );
    assert.equal(describe(model, indexOf("host_started", 2)), "Host store starts again: start 2");
    assert.equal(
        describe(model, indexOf("partitioned")),
        "Partition: nothing passes between store on one side and visitor 1 on the other, " +
            "for 5 s or until the world is calm",
    );
    assert.equal(
        describe(model, indexOf("reset_arrived")),
        "Visitor 1 (connection 1) gives the connection up: the other end does not answer",
    );
    assert.equal(
        describe(model, indexOf("probe")),
        'The program on visitor 1 passes the probe "visitor.gave_up"',
    );
});

test("the account tells crashes, returns, lost writes and partitions, each once", () => {
    const texts = account(model).map((item) => item.text);
    for (const text of [
        "Host store goes down (its program is killed, for 500 ms). Benign: it stays up",
        "The last write since the last sync is cut or lost. Benign: all writes last",
        "Host store starts again: start 2",
        "Nothing passes between store on one side and visitor 1 on the other, for 5 s or until " +
            "the world is calm. Benign: all hosts reach each other",
    ]) {
        assert.deepEqual(
            texts.filter((each) => each === text),
            [text],
            texts.join("\n"),
        );
    }
    assert.equal(texts.filter((text) => /goes down/.test(text)).length, 1);
});

test("lanes are grouped by host, and an end stands with its host", () => {
    const { lanes, gaps } = layoutLanes(model);
    const titles = lanes.map(({ host, title }) => `${host}/${title}`);
    assert.deepEqual(
        titles.filter((title) => !/\/(timers|program)$/.test(title)),
        [
            "/not benign",
            "/runs",
            "/world",
            "/client 1",
            "store/store",
            "store/from visitor 1",
            "store/from client 1",
            "visitor 1/visitor 1",
            "visitor 1/to store",
        ],
    );
    assert.deepEqual(
        gaps.map(({ above, below }) => [above, below]),
        [["store", "visitor 1"]],
    );
});

test("all events of a run with hosts have a place in the picture, by each host, folded or not", () => {
    for (const folded of [new Set(), new Set(["host/store", "host/visitor 1"])]) {
        const layout = layoutLanes(model, { folded });
        model.events.forEach((event, index) => {
            const { lane, y } = placeOfEvent(model, layout, index);
            assert.ok(lane >= 0, `${event.kind} has no lane`);
            assert.ok(y >= 0 && y <= layout.height, `${event.kind} stands at ${y}`);
        });
        painted(layout);
        const own = layout.lanes.filter(({ host }) => host === "visitor 1").map(({ id }) => id);
        if (folded.size > 0) assert.deepEqual(own, ["host/visitor 1"]);
        else assert.ok(own.length === 4);
    }
});

test("a filter by host keeps the host, the other ends of its connections, and no other lane", () => {
    const filter = { only: 0, onlyHost: "visitor 1" };
    const layout = layoutLanes(model, filter);
    const ends = layout.lanes.filter(({ kind }) => kind === "end").map(({ title }) => title);
    assert.deepEqual(ends, ["from visitor 1", "to store"]);
    const shown = model.events.filter((event) => isShown(model, filter, event));
    assert.ok(shown.some(({ connection, host }) => connection === 1 && host === "store"));
    assert.ok(!shown.some(({ connection }) => connection === 2));
    assert.ok(!shown.some(({ kind, host }) => kind === "task_joined" && host === "store"));
});

test("the picture has lives, the time while a host is down, and a partition between hosts", () => {
    const layout = layoutLanes(model);
    const { axis, shapes, hits } = painted(layout, 8);
    const texts = textsOf(shapes);
    for (const text of [
        "store starts",
        "store starts again (start 2)",
        "down: its program was killed",
        "partition: store | visitor 1, both ways, for 5 s",
    ]) {
        assert.ok(texts.includes(text), `${text} is not among\n${texts.join("\n")}`);
    }
    const [gap] = layout.gaps;
    const partition = shapes.find(
        (shape) => shape.shape === "rect" && shape.fill === "partition-fill",
    );
    assert.ok(partition?.shape === "rect" && gap !== undefined);
    assert.ok(partition.y >= gap.y && partition.y + partition.h <= gap.y + gap.height);
    const { event, healed } = /** @type {import("../src/types.js").Partition} */ (
        model.partitions[0]
    );
    assert.equal(partition.x, axis.x[event]);
    assert.equal(partition.x + partition.w, axis.x[healed]);
    assert.ok(hits.some((hit) => hit.event === event));
    // The bar of what was cut ends where its host ends.
    assert.ok(
        texts.some((text) => text.includes("cut off")),
        texts.join("\n"),
    );
    const cut = shapes.find(
        (shape) => shape.shape === "rect" && shape.fill === "receive-fill" && shape.dash,
    );
    assert.ok(cut?.shape === "rect");
    assert.equal(cut.x + cut.w + 2, axis.x[indexOf("host_ended")]);
    const down = shapes.find((shape) => shape.shape === "rect" && shape.fill === "down");
    assert.ok(down?.shape === "rect");
    assert.equal(down.x, axis.x[indexOf("host_ended")]);
    assert.equal(down.x + down.w, axis.x[indexOf("host_started", 2)]);
});

test("bytes go from the lane of one end to the lane of the other, past what is between them", () => {
    const layout = layoutLanes(model);
    const { shapes } = painted(layout);
    const lane = (/** @type {string} */ id) => layout.lanes[layout.at.get(id) ?? -1];
    const [from, to] = [lane("1/client"), lane("1/server")];
    assert.ok(from !== undefined && to !== undefined && from.y > to.y + to.height);
    const arrow = shapes.find(
        (shape) =>
            shape.shape === "line" &&
            shape.stroke === "bytes" &&
            shape.points[1] === from.y &&
            shape.points[3] === to.y + to.height,
    );
    assert.ok(arrow !== undefined);
});

test("search finds what happened on a host, and the legend explains what is drawn", () => {
    const found = new Search(model).find("visitor 1 timer");
    assert.ok(found.length >= 2);
    for (const index of found) assert.equal(model.events[index]?.host, "visitor 1");
    const signs = signsOf(model).map(({ name }) => name);
    for (const sign of ["host", "down", "partition"]) assert.ok(signs.includes(sign), sign);
    const without = signsOf(readRun(realRun("ignores-short-sends"))).map(({ name }) => name);
    for (const sign of ["host", "down", "partition"]) assert.ok(!without.includes(sign), sign);
});

test("a real run with hosts is read and drawn, also as a standalone picture", () => {
    const real = readRun(realRun("ledger-without-sync"));
    assert.deepEqual(
        real.hosts.map(({ name, lives }) => [name, lives.length]),
        [
            ["ledger", 2],
            ["client", 1],
        ],
    );
    assert.ok(real.operations.some(({ cut }) => cut >= 0));
    const texts = account(real).map((item) => item.text);
    assert.ok(texts.some((text) => text.startsWith("Host ledger goes down (it is rebooted")));
    const picture = stillOf(real);
    for (const text of ["ledger", "from client", "down", "starts again"])
        assert.ok(picture.includes(text), text);
});
