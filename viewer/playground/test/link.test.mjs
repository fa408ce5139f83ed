// Links: what is put in comes out, and what is damaged is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHash, toHash } from "../link.js";

test("a seed with parameters and faults", async () => {
    const wanted = {
        scenario: "zoo/x",
        settings: { clients: 2 },
        faults: "reorder delay",
        seed: 17,
        schedule: "",
    };
    assert.deepEqual(await fromHash(`#${await toHash(wanted)}`), wanted);
});

test("a schedule, compressed", async () => {
    const schedule =
        "drydock-schedule 2\nscenario echo\n" + "choice 0 2 a label\n".repeat(1000) + "end\n";
    const hash = await toHash({ scenario: "echo", settings: {}, faults: "", seed: 1, schedule });
    assert.ok(hash.length < 500);
    assert.equal((await fromHash(hash))?.schedule, schedule);
});

test("damaged links", async () => {
    assert.equal(await fromHash(""), undefined);
    assert.equal(await fromHash("#seed=1"), undefined);
    assert.equal(await fromHash("#scenario=echo&seed=-1"), undefined);
    assert.equal(await fromHash("#scenario=echo&seed=x"), undefined);
    assert.equal(await fromHash("#scenario=echo&schedule=!!!"), undefined);
    assert.equal(await fromHash("#scenario=echo&schedule=AAAA"), undefined);
});
