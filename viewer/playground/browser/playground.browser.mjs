// The playground's page in Chromium, from a file.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const root = join(fileURLToPath(new URL(".", import.meta.url)), "../../..");
const folder = process.env.DRYDOCK_PLAYGROUND ?? join(root, "build/playground");
const file = join(folder, "index.html");
const address = pathToFileURL(file).href;

let browser;
before(async () => {
    browser = await chromium.launch({
        executablePath: "/usr/bin/chromium",
        args: ["--no-sandbox"],
    });
});
after(() => browser.close());

/** A page that must have no error and ask for nothing but itself; `use` gets it once it is ready. */
async function withPage(hash, use) {
    const context = await browser.newContext({ viewport: { width: 1300, height: 900 } });
    const page = await context.newPage();
    const troubles = [];
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) troubles.push(message.text());
    });
    page.on("pageerror", (error) => troubles.push(`${error}`));
    page.on("request", (request) => {
        if (!/^(file|blob|data):/.test(request.url())) troubles.push(`asks for ${request.url()}`);
    });
    await page.goto(address + hash);
    await page.waitForSelector("body[data-ready]");
    await use(page, context);
    await context.close();
    assert.deepEqual(troubles, []);
}

/** The run that the page shows, as its schedule. */
const schedule = (page) => page.inputValue("#schedule");
const waitForOther = (page, text) =>
    page.waitForFunction((old) => document.querySelector("#schedule").value !== old, text);

test("is one file of at most 3 MB", () => {
    assert.ok(statSync(file).size <= 3_000_000);
});

test("begins with a failure, shrunk", () =>
    withPage("", async (page) => {
        assert.match(await page.textContent("#picture"), /failed: echo-/);
        assert.match(await page.textContent("#message"), /is the first that fails/);
        assert.match(
            await schedule(page),
            /^drydock-schedule \d+\nscenario zoo\/trusts-a-cancel\n/,
        );
        assert.ok((await page.textContent("#source")).includes("Specimen: what it has canceled"));
    }));

test("a farm counts, and gives the golden digest", () =>
    withPage("#scenario=echo&seed=1", async (page) => {
        const [, , digest] = readFileSync(join(root, "tests/sim/golden_echo.txt"), "utf8")
            .split("\n")[0]
            .split(" ");
        await page.fill("#count", "1000");
        await page.click("#farm");
        await page.waitForFunction(() => document.querySelector("#stop").disabled);
        assert.match(
            await page.textContent("#farm-result"),
            new RegExp(`1,000 seeds, 0 failed.*digest ${digest.padStart(16, "0")}$`),
        );
    }));

test("a farm can be stopped, and its failures be shown", () =>
    withPage("#scenario=zoo/ignores-short-sends&seed=1", async (page) => {
        await page.fill("#count", "10000000");
        await page.click("#farm");
        await page.waitForSelector(".pg-failure");
        await page.click("#stop");
        await page.waitForFunction(() => document.querySelector("#stop").disabled);
        const old = await schedule(page);
        const failure = await page.textContent(".pg-failure");
        await page.click(".pg-failure");
        if (!/Show seed 1$/.test(failure)) await waitForOther(page, old);
        assert.match(await page.textContent("#picture"), /failed:/);
    }));

test("another value of a choice shows the new run within 200 ms, and can be undone", () =>
    withPage("#scenario=chat&seed=5", async (page) => {
        const first = await schedule(page);
        const times = [];
        // A busy machine makes some of them slow.
        for (let i = 0; i < 5; ++i) {
            await changeAChoice(page);
            await waitForOther(page, first);
            await page.waitForSelector("#picture[data-changed-in]");
            times.push(Number(await page.getAttribute("#picture", "data-changed-in")));
            await page.click("#undo");
            await page.waitForFunction(
                (old) => document.querySelector("#schedule").value === old,
                first,
            );
        }
        assert.ok(Math.min(...times) < 200, `they took ${times} ms`);
    }));

test("a link carries the run with its changes", () =>
    withPage("#scenario=chat&seed=5", async (page, context) => {
        const first = await schedule(page);
        await changeAChoice(page);
        await waitForOther(page, first);
        const changed = await schedule(page);
        await page.waitForFunction(() => location.hash.includes("schedule="));
        const other = await context.newPage();
        await other.goto(page.url());
        await other.waitForSelector("body[data-ready]");
        assert.equal(await schedule(other), changed);
    }));

test("a schedule can be pasted; one that is damaged is refused", () =>
    withPage("#scenario=echo&seed=3", async (page) => {
        await page.click("#schedule-box summary");
        const own = await schedule(page);
        await page.fill("#schedule", own.replace(/\nend\n$/, "\n"));
        await page.click("#load");
        await page.waitForFunction(() =>
            /This is no schedule/.test(document.querySelector("#message").textContent),
        );
        await page.fill("#schedule", own.replace("scenario echo", "scenario chat"));
        await page.click("#load");
        await page.waitForFunction(() =>
            /chat/.test(document.querySelector("#picture").textContent),
        );
    }));

test("the tour goes from stop to stop, each with its failing run", () =>
    withPage("#tour=1", async (page) => {
        const markdown = readFileSync(join(root, "docs/TOUR.md"), "utf8");
        const stops = [...markdown.matchAll(/^## (\d+)\. (.*)\n<!-- tour: scenario=(\S+)/gm)];
        assert.ok(stops.length >= 15);
        for (const [index, [, number, title, scenario]] of stops.entries()) {
            if (index > 0) await page.click("#tour button:has-text('Next')");
            await page.waitForFunction(
                (wanted) =>
                    document.querySelector("#schedule").value.includes(`\nscenario ${wanted}\n`),
                scenario,
            );
            assert.equal(
                await page.textContent("#tour h2"),
                `${number}. ${title.replaceAll("`", "").replaceAll("*", "")}`,
            );
            assert.match(await page.textContent("#picture"), /failed:/);
        }
        assert.ok(await page.isDisabled("#tour button:has-text('Next')"));
        await page.click("#tour button:has-text('End')");
        assert.ok(await page.isHidden("#tour"));
    }));

test("a value that cannot be run is named, whether it was typed or came by a link", () =>
    withPage("#scenario=echo&seed=1&set.clients=99999", async (page) => {
        assert.match(await page.textContent("#message"), /^clients: /);
        await page.click("#link");
        assert.match(await page.textContent("#message"), /no run to link to/);
        await page.click("#more summary");
        await page.click("#run");
        assert.match(await page.textContent("#message"), /^clients: /);
        await page.fill("#parameters [name=clients]", "2");
        await page.click("#run");
        await page.waitForFunction(() =>
            document.querySelector("#schedule").value.includes("set clients 2"),
        );
    }));

test("another scenario ends the farm of the one before", () =>
    withPage("#scenario=zoo/ignores-short-sends&seed=1", async (page) => {
        await page.fill("#count", "10000000");
        await page.click("#farm");
        await page.waitForSelector(".pg-failure");
        await page.selectOption("#scenario", "echo");
        await page.waitForFunction(() =>
            /scenario echo/.test(document.querySelector("#schedule").value),
        );
        await page.waitForTimeout(300);
        assert.equal(await page.locator(".pg-failure").count(), 0);
        assert.ok(await page.isDisabled("#stop"));
        await page.fill("#count", "50");
        await page.click("#farm");
        await page.waitForFunction(() =>
            /^50 seeds, 0 failed/.test(document.querySelector("#farm-result").textContent),
        );
    }));

test("a damaged link is refused in a sentence", () =>
    withPage("#scenario=echo&schedule=AAAA", async (page) => {
        assert.match(await page.textContent("#message"), /The link is damaged/);
    }));

test("the keyboard alone reaches every control", () =>
    withPage("", async (page) => {
        const wanted = new Set([
            "scenario",
            "seed",
            "run",
            "next",
            "count",
            "farm",
            "shrink",
            "link",
            "file",
        ]);
        for (let i = 0; i < 400 && wanted.size > 0; ++i) {
            await page.keyboard.press("Tab");
            wanted.delete(await page.evaluate(() => document.activeElement?.id ?? ""));
        }
        assert.deepEqual([...wanted], []);
    }));

/** Selects a choice in the account of the run, and gives it another value. */
async function changeAChoice(page) {
    const entries = page.locator("#picture .dv-account button");
    const field = page.locator("#picture [data-choice]").first();
    for (let i = 0; i < (await entries.count()); ++i) {
        await entries.nth(i).click();
        if ((await field.count()) > 0) break;
    }
    if (await field.evaluate((element) => element.tagName === "SELECT")) {
        const other = await field.evaluate(
            (element) => (element.selectedIndex + 1) % element.options.length,
        );
        await field.selectOption({ index: other });
    } else {
        await field.fill((await field.inputValue()) === "0" ? "1" : "0");
        await field.press("Enter");
    }
}
