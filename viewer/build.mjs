// Bundles src/ into dist/viewer.js and dist/viewer.css. The first line of each has the hash of the
// sources, so that a test can see without npm that the bundle is current (cmake/ViewerCurrent.cmake
// computes the same hash). With a folder as argument, the bundle is written there.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));
const out = process.argv[2] ?? `${root}dist`;

/** @param {string | Uint8Array} data @returns {string} */
const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** The hash of a list of the sources, "HASH  NAME" a line, in the order of their names. */
function hashOfSources() {
    const sources = readdirSync(`${root}src`).map((name) => `src/${name}`);
    const names = [...sources, "build.mjs", "package-lock.json"].sort();
    return sha256(names.map((name) => `${sha256(readFileSync(root + name))}  ${name}\n`).join(""));
}

const options = /** @type {const} */ ({
    absWorkingDir: root,
    bundle: true,
    minify: true,
    charset: "ascii",
    banner: {
        js: `/* drydock viewer; sources sha256:${hashOfSources()} */`,
        css: `/* drydock viewer; sources sha256:${hashOfSources()} */`,
    },
    write: false,
});
const target = ["chrome111", "firefox113", "safari16.4"];

const script = await build({
    ...options,
    target,
    entryPoints: ["src/page.js"],
    format: "iife",
    globalName: "drydockViewer",
});
const style = await build({ ...options, target, entryPoints: ["src/viewer.css"] });
mkdirSync(out, { recursive: true });
writeFileSync(`${out}/viewer.js`, script.outputFiles[0]?.contents ?? "");
writeFileSync(`${out}/viewer.css`, style.outputFiles[0]?.contents ?? "");
