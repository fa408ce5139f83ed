// Opens pages of runs in Chromium, from disk, and watches what they do.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { pageOf } from "../page.mjs";

const folder = mkdtempSync(join(tmpdir(), "drydock-viewer-"));
let files = 0;

/** @returns {Promise<import("playwright-core").Browser>} the system's Chromium, or $CHROMIUM */
export const launch = () =>
    chromium.launch({
        executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
        args: ["--no-sandbox"],
    });

/** @param {unknown} run @returns {string} the URL of its page */
export function fileOf(run) {
    const file = join(folder, `${++files}.html`);
    writeFileSync(file, pageOf(JSON.stringify(run)));
    return pathToFileURL(file).href;
}

/**
 * Opens the page of a run.
 * @param {import("playwright-core").Browser} browser
 * @param {unknown} run
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export const open = (browser, run, options = {}) => openUrl(browser, fileOf(run), options);

/**
 * Opens a page that exists.
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function openUrl(browser, url, options = {}) {
    const context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        ...options,
    });
    const page = await context.newPage();
    /** @type {string[]} */
    const troubles = [];
    /** @type {string[]} */
    const requests = [];
    page.on("console", (message) => troubles.push(message.text()));
    page.on("pageerror", (error) => troubles.push(String(error)));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(url);
    await page.waitForFunction(
        () => performance.getEntriesByName("drydock-viewer-painted").length > 0,
    );
    return { page, troubles, requests, url, close: () => context.close() };
}

/**
 * @param {import("playwright-core").Page} page
 * @returns {Promise<string>} what a screen reader is told
 */
export const said = (page) => page.locator(".dv-live").first().innerText();

/**
 * The colours of the visible picture: how often each occurs.
 * @param {import("playwright-core").Page} page
 */
export const colours = (page) =>
    page
        .locator("canvas")
        .first()
        .evaluate((canvas) => {
            const { width, height } = /** @type {HTMLCanvasElement} */ (canvas);
            const context = /** @type {HTMLCanvasElement} */ (canvas).getContext("2d");
            const { data } = /** @type {CanvasRenderingContext2D} */ (context).getImageData(
                0,
                0,
                width,
                height,
            );
            /** @type {Record<string, number>} */
            const counts = {};
            for (let i = 0; i < data.length; i += 4) {
                const colour = `${data[i]},${data[i + 1]},${data[i + 2]}`;
                counts[colour] = (counts[colour] ?? 0) + 1;
            }
            return counts;
        });
