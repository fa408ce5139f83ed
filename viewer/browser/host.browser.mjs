// mountRun() in a host page, comparisons, and the standalone picture.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { RunBuilder, exchange, largeRun, realRun } from "../test/fixture.mjs";
import { colours, launch, open, said } from "./chromium.mjs";

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
    browser = await launch();
});
after(() => browser.close());

const dist = fileURLToPath(new URL("../dist/", import.meta.url));

/** A host page with a run that can be changed. @param {unknown} run */
async function host(run) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.setContent('<div id="host"></div>');
    await page.addStyleTag({ content: readFileSync(`${dist}viewer.css`, "utf8") });
    await page.addScriptTag({ content: readFileSync(`${dist}viewer.js`, "utf8") });
    await page.evaluate((json) => {
        const all = /** @type {any} */ (window);
        all.changes = [];
        all.selected = [];
        all.mounted = all.drydockViewer.mountRun(document.getElementById("host"), json, {
            onChoiceChange: (/** @type {number} */ index, /** @type {number} */ value) =>
                all.changes.push([index, value]),
            onSelect: (/** @type {any} */ event) => all.selected.push(event.id),
        });
    }, /** @type {any} */ (run));
    await page.waitForFunction(
        () => performance.getEntriesByName("drydock-viewer-painted").length > 0,
    );
    await page.waitForTimeout(100);
    return page;
}

test("a choice can be given another value, and the host is told which and what", async () => {
    const run = realRun("ignores-short-sends");
    const page = await host(run);
    const id = run.events.find((/** @type {any} */ event) => event.label === "client: manner").id;
    await page.evaluate((wanted) => /** @type {any} */ (window).mounted.select(wanted), id);
    await page.locator("[data-choice]").selectOption("1");
    const index = run.events[id - 1].choice;
    assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).changes), [[index, 1]]);
    assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).selected), [id]);
    await page.close();
});

test("without the callback no choice can be changed", async () => {
    const run = realRun("ignores-short-sends");
    const { page, close } = await open(browser, run);
    await page.locator(".dv-item button").first().click();
    assert.match(await page.locator(".dv-details").innerText(), /Choice “client: manner”/);
    assert.equal(await page.locator("[data-choice]").count(), 0);
    await close();
});

test("another run in its place keeps zoom, axis, position and selection", async () => {
    const page = await host(largeRun(3000));
    const other = largeRun(3100);
    const box = page.locator(".dv-box");
    await box.focus();
    await page.keyboard.press("+");
    await page.keyboard.press("t");
    await page.evaluate(() => /** @type {any} */ (window).mounted.select(1500));
    await page.waitForTimeout(50);
    // The selected event is visible, and not in the middle.
    await box.evaluate((element) => element.scrollBy(-150, 0));
    const look = () =>
        page.evaluate(() => ({
            left: document.querySelector(".dv-box")?.scrollLeft,
            mode: document.querySelector('[aria-pressed="true"]')?.textContent,
            details: document.querySelector(".dv-details h3")?.textContent,
        }));
    const before = await look();
    await page.evaluate((json) => /** @type {any} */ (window).mounted.update(json), other);
    await page.waitForTimeout(50);
    const now = await look();
    assert.equal(now.left, before.left);
    assert.equal(now.mode, "Time");
    assert.equal(now.details, `Event 1500 of ${other.events.length.toLocaleString("en")}`);
    await assert.rejects(
        page.evaluate(() => /** @type {any} */ (window).mounted.update({ format: "x" })),
        /not a run/,
    );
    await page.evaluate(() => /** @type {any} */ (window).mounted.destroy());
    assert.equal(await page.locator("#host *").count(), 0);
    await page.close();
});

/** Two runs of which the second has one choice and one message less. */
function comparison() {
    const runs = [1, 0].map((value) => {
        const run = new RunBuilder();
        for (let i = 0; i < 30; i++) exchange(run, 1, i * 5, "hello");
        run.choice("network: reset", value);
        for (let i = 30; i < 60 + 10 * value; i++) exchange(run, 1, i * 5, "hello");
        if (value === 1) run.fail("echo-complete", "it is not complete", []);
        return run.json();
    });
    const same = runs[0].events.findIndex((/** @type {any} */ event) => event.kind === "choice");
    return {
        format: "drydock-comparison",
        version: 1,
        scenario: "test",
        runs,
        first_difference: {
            events: [same + 1, same + 1],
            sentence: "the runs part at the reset",
            choice: { choice: 0, label: "network: reset", options: 2, values: [1, 0] },
        },
        aligned: Array.from({ length: same }, (_, i) => [i + 1, i + 1]),
        moved: [],
    };
}

test("two runs are shown below each other, at their first difference, and scroll together", async () => {
    const { page, troubles, close } = await open(browser, comparison(), {
        viewport: { width: 1280, height: 1600 },
    });
    await page.waitForTimeout(200);
    assert.equal(await page.locator("canvas").count(), 2);
    assert.match(await page.locator("#view").innerText(), /The runs part at the reset/);
    const lefts = () =>
        page.locator(".dv-box").evaluateAll((boxes) => boxes.map((box) => box.scrollLeft));
    const [a, b] = await lefts();
    assert.ok((a ?? 0) > 0 && a === b, `${a} ${b}`);
    assert.match(await said(page), /Choice “network: reset”/);
    await page
        .locator(".dv-box")
        .first()
        .evaluate((box) => box.scrollTo(123, 0));
    await page.waitForTimeout(100);
    assert.deepEqual(await lefts(), [123, 123]);
    await page.locator(".dv-box").first().focus();
    await page.keyboard.press("+");
    await page.waitForTimeout(100);
    const widths = await page
        .locator(".dv-space")
        .evaluateAll((all) => all.map((each) => each.clientWidth));
    assert.ok(
        (widths[0] ?? 0) > 5000 && Math.abs((widths[0] ?? 0) / (widths[1] ?? 1) - 1) < 0.3,
        String(widths),
    );
    assert.deepEqual(troubles, []);
    await close();
});

test("the standalone picture is an SVG that follows the colour scheme", async () => {
    const folder = mkdtempSync(join(tmpdir(), "drydock-picture-"));
    const script = fileURLToPath(new URL("../picture.mjs", import.meta.url));
    const run = fileURLToPath(new URL("../test/runs/ignores-short-sends.json", import.meta.url));
    const file = join(folder, "picture.svg");
    writeFileSync(file, execFileSync(process.execPath, [script, run]));
    const pixels = [];
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
        const page = await browser.newPage({ colorScheme });
        await page.goto(pathToFileURL(file).href);
        assert.equal(await page.locator("parsererror").count(), 0);
        assert.ok((await page.locator("text", { hasText: "16 of 32" }).count()) > 0);
        pixels.push(
            await page
                .locator("svg > rect")
                .first()
                .evaluate((rect) => getComputedStyle(rect).fill),
        );
        await page.close();
    }
    assert.deepEqual(pixels, ["rgb(255, 255, 255)", "rgb(20, 23, 28)"]);
});

test("the curve stands below the lanes", async () => {
    const run = realRun("ignores-short-sends");
    const inevitability = [
        { choice: 0, share: 0.1, runs: 64 },
        { choice: 6, share: 1, runs: 64 },
    ];
    const { page, close } = await open(browser, {
        ...run,
        inevitability,
        inevitability_sentence: "it jumps at choice 6",
    });
    assert.match(await page.locator("#view").innerText(), /it jumps at choice 6/);
    await page.locator(".dv-box").focus();
    await page.keyboard.press("0");
    await page.waitForTimeout(100);
    assert.ok(((await colours(page))["160,69,122"] ?? 0) > 300, "the line of the curve");
    await close();
});
