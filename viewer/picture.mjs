// Draws a run as a standalone SVG file, light or dark as the reader's system is:
//   node viewer/picture.mjs RUN.json > picture.svg
// Options: --width PIXELS (900), --axis order|time (order), --zoom FACTOR (1).
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { complaintAbout, readRun } from "./src/read.js";
import { stillOf } from "./src/still.js";

/** @param {string} sentence @returns {never} */
function refuse(sentence) {
    process.stderr.write(`picture.mjs: ${sentence}\n`);
    process.exit(2);
}

/** @param {string} file @returns {unknown} */
function jsonOf(file) {
    try {
        return JSON.parse(readFileSync(file, "utf8"));
    } catch (error) {
        return refuse(`${file} cannot be read as JSON: ${/** @type {Error} */ (error).message}`);
    }
}

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        width: { type: "string", default: "900" },
        axis: { type: "string", default: "order" },
        zoom: { type: "string", default: "1" },
    },
});
const [file] = positionals;
if (file === undefined || positionals.length > 1) refuse("name one file: a run as JSON");
const json = jsonOf(file);
const complaint = complaintAbout(json);
if (complaint !== "") refuse(`${file}: ${complaint}`);
const [width, zoom] = [Number(values.width), Number(values.zoom)];
if (!(width >= 300 && width <= 10000)) refuse("--width is from 300 to 10000");
if (!(zoom >= 0.05 && zoom <= 10)) refuse("--zoom is from 0.05 to 10");
if (values.axis !== "order" && values.axis !== "time") refuse("--axis is order or time");
process.stdout.write(stillOf(readRun(json), { width, zoom, mode: values.axis }));
