// Pages as drydock-sim writes them, in Chromium: DRYDOCK_SIM names the program (ci/pages.sh).
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { launch, openUrl } from "./chromium.mjs";

const sim = process.env["DRYDOCK_SIM"] ?? "";
const pictures = join(fileURLToPath(new URL(".", import.meta.url)), "../../docs/pictures");
const schedules = readdirSync(pictures).filter((name) => name.endsWith(".schedule"));
const folder = mkdtempSync(join(tmpdir(), "drydock-pages-"));

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
    assert.notEqual(sim, "", "DRYDOCK_SIM names the simulator");
    browser = await launch();
});
after(() => browser.close());

/** @param {...string} words */
const output = (...words) =>
    execFileSync(sim, words, { encoding: "utf8", maxBuffer: 1e9, cwd: folder });

/**
 * Opens a page, which must neither complain nor ask for anything but itself.
 * @param {string} file
 * @param {(page: import("playwright-core").Page) => Promise<void>} look
 */
async function withPage(file, look) {
    const url = pathToFileURL(file).href;
    const { page, troubles, requests, close } = await openUrl(browser, url);
    await look(page);
    assert.deepEqual(troubles, []);
    assert.deepEqual(requests, [url]);
    await close();
}

assert.ok(schedules.length > 10);
for (const name of schedules) {
    test(`the page of ${name} has the events of its JSON, and marks the failure`, async () => {
        const file = join(folder, `${name}.html`);
        output("view", join(pictures, name), "--out", file);
        const run = JSON.parse(
            output("view", join(pictures, name), "--format", "json", "--out", "-"),
        );
        assert.ok(run.verdict.events.length > 0);
        await withPage(file, async (page) => {
            const text = await page.innerText("body");
            assert.ok(text.includes(run.verdict.property));
            assert.ok(text.includes(run.verdict.sentence));
            const events = await page.getAttribute(".dv-view", "data-events");
            assert.equal(events, String(run.events.length));
            const embedded = JSON.parse((await page.textContent("#drydock-run")) ?? "");
            assert.deepEqual(embedded.events, run.events);
            assert.ok((await page.locator(".dv-account li").count()) >= 2);
        });
    });
}

test("a farm writes the page of its first failure", async () => {
    const { status, stdout } = spawnSync(
        sim,
        ["farm", "zoo/ignores-short-sends", "--seeds", "50"],
        {
            cwd: folder,
            encoding: "utf8",
        },
    );
    assert.equal(status, 1, stdout);
    const failures = join(folder, "drydock-failures");
    const pages = readdirSync(failures).filter((name) => name.endsWith(".html"));
    assert.ok(pages.length > 0);
    for (const name of pages) {
        const schedule = readFileSync(join(failures, name.replace(/html$/, "schedule")), "utf8");
        const property = /^property (.*)$/m.exec(schedule)?.[1] ?? "no property";
        await withPage(join(failures, name), async (page) => {
            assert.ok((await page.innerText("body")).includes(property));
        });
    }
});

test("a failing run beside the nearest one that passes", async () => {
    const file = join(folder, "beside.html");
    output("view", join(pictures, schedules[0] ?? ""), "--beside-benign", "--out", file);
    await withPage(file, async (page) => {
        assert.equal(await page.locator("[data-events]").count(), 2);
    });
});

test("the curve of explain is drawn below the lanes", async () => {
    const file = join(folder, "explained.html");
    const schedule = join(pictures, "tour-frees-with-a-send-in-flight.schedule");
    output("view", schedule, "--explain", "--out", file);
    await withPage(file, async (page) => {
        const run = JSON.parse((await page.textContent("#drydock-run")) ?? "");
        assert.ok(run.inevitability.length > 1);
    });
});
