// Ends of streams and resets: each arrives at the other end, in the order in which they were sent.
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
  assert.deepEqual(signals.map(({ sent, arrived, fromAccepted }) => [sent, arrived, fromAccepted]),
    [[0, 3, true], [1, 2, false]]);
});

test("a reset is no end, and connections are kept apart", () => {
  const run = new RunBuilder();
  run.event("reset_sent", client);
  run.event("end_sent", { ...client, connection: 2 });
  run.event("end_arrived", server);
  run.event("reset_arrived", { ...server, connection: 2 });
  assert.deepEqual(readRun(run.json()).signals.map(({ kind, arrived }) => [kind, arrived]), [["reset", -1], ["end", -1]]);
});
