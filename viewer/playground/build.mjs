// Makes the playground's page: node build.mjs ENGINE.wasm PAGE.html
//
// Everything is in the one file: the simulator's module (compressed), the worker, the page's script
// and style, and the sources that are shown.
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { tourOf } from "./tour.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");
const [engine, page] = process.argv.slice(2);
if (engine === undefined || page === undefined) {
    console.error("usage: node build.mjs ENGINE.wasm PAGE.html");
    process.exit(2);
}

/** @param {string} entry */
function bundle(entry) {
    const { outputFiles } = buildSync({
        entryPoints: [join(here, entry)],
        bundle: true,
        minify: true,
        write: false,
        format: "esm",
        target: "es2022",
        legalComments: "none",
    });
    return outputFiles[0]?.text ?? "";
}

/** All sources below a folder, by their path. @param {string} folder @param {Record<string, string>} files */
function collect(folder, files) {
    for (const name of readdirSync(join(root, folder))) {
        const path = `${folder}/${name}`;
        if (statSync(join(root, path)).isDirectory()) collect(path, files);
        else if (/\.[ch]pp$/.test(name)) files[path] = readFileSync(join(root, path), "utf8");
    }
}

/** @type {Record<string, string>} */
const sources = {};
for (const folder of [
    "src/echo",
    "src/chat",
    "src/relay",
    "src/server",
    "src/runtime",
    "tests/broker",
    "tests/scenarios",
    "tests/zoo/specimens",
]) {
    collect(folder, sources);
}
for (const file of ["sim/peers.cpp", "include/drydock/io.hpp", "include/drydock/server.hpp"]) {
    sources[file] = readFileSync(join(root, file), "utf8");
}

const tour = tourOf(readFileSync(join(root, "docs/TOUR.md"), "utf8")).map((stop) => ({
    ...stop,
    scheduleText: readFileSync(join(root, "docs", stop.schedule), "utf8"),
}));

// A script element ends at the first </script, wherever it stands; <!-- and <script have meanings, too.
const inScript = (/** @type {string} */ text) =>
    text.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
const inJson = (/** @type {unknown} */ value) => JSON.stringify(value).replaceAll("<", "\\u003c");

const parts = {
    "/*STYLE*/":
        readFileSync(join(here, "../dist/viewer.css"), "utf8") +
        readFileSync(join(here, "playground.css"), "utf8"),
    "/*SOURCES*/": inJson(sources),
    "/*TOUR*/": inJson(tour),
    "/*ENGINE*/": gzipSync(readFileSync(engine), { level: 9 }).toString("base64"),
    "/*WORKER*/": inScript(bundle("worker.js")),
    "/*SCRIPT*/": inScript(bundle("app.js")),
};
let text = readFileSync(join(here, "index.html"), "utf8");
for (const [mark, part] of Object.entries(parts)) text = text.replace(mark, () => part);
writeFileSync(page, text);
console.log(`${page}: ${(text.length / 1e6).toFixed(2)} MB`);
