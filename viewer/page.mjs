// Writes the page of a run, as drydock-sim does, for work on the viewer without the program:
//   node viewer/page.mjs RUN.json > page.html
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @param {string} text */
const source = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/**
 * The page that holds a run: it asks no other file for anything.
 * @param {string} json
 * @returns {string}
 */
export function pageOf(json) {
    const dist = fileURLToPath(new URL("./dist/", import.meta.url));
    const script = readFileSync(`${dist}viewer.js`, "utf8");
    const style = readFileSync(`${dist}viewer.css`, "utf8");
    const policy =
        `default-src 'none'; script-src ${source(script)}; style-src ${source(style)}; img-src data: blob:; ` +
        "base-uri 'none'; form-action 'none'";
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>a run - drydock</title>
<style>${style}</style>
</head>
<body>
<header id="verdict"></header>
<main id="view"></main>
<script type="application/json" id="drydock-run">${json.replaceAll("<", "\\u003c")}</script>
<script>${script}</script>
</body>
</html>
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    process.stdout.write(pageOf(readFileSync(process.argv[2] ?? 0, "utf8")));
}
