// Checks what Doxygen has made: node ci/docs/check.mjs FOLDER INPUT
//
// Doxygen warns of undocumented classes, functions and fields itself. Checked here, with the XML and
// HTML of FOLDER: that each enumerator of a public enumeration has a description, and each header
// in INPUT; and that each link of the site leads to a file and an anchor that exist.
//
// Each finding is a line: FILE:LINE (or FILE) and a sentence.
// Exit status: 0, none found; 1, some were found; 2, wrong usage.
import fs from 'node:fs';
import path from 'node:path';

const [folder, input] = process.argv.slice(2);
if (!input) {
    console.error('ci/docs/check.mjs: usage: check.mjs FOLDER INPUT');
    process.exit(2);
}
const findings = [];

function textOf(xml) {
    return (xml ?? '').replace(/<[^>]*>/g, '').trim();
}

function elements(xml, name) {
    return xml.match(new RegExp(`<${name}[ >][^]*?</${name}>`, 'g')) ?? [];
}

function described(xml) {
    return ['briefdescription', 'detaileddescription', 'inbodydescription']
        .some((kind) => elements(xml, kind).some((text) => textOf(text) !== ''));
}

// The number of the first line from `from` on (counted from 1) that has the word.
function lineWith(file, word, from) {
    const lines = fs.readFileSync(path.join(input, file), 'utf8').split('\n');
    const found = lines.findIndex((line, i) => i + 1 >= from && new RegExp(`\\b${word}\\b`).test(line));
    return found < 0 ? from : found + 1;
}

function checkEnumerators(xml) {
    for (const member of xml.match(/<memberdef kind="enum"[^]*?<\/memberdef>/g) ?? []) {
        if (/^[^>]*prot="private"/.test(member)) continue;
        const place = member.match(/<location file="([^"]*)" line="(\d+)"/);
        for (const value of elements(member, 'enumvalue')) {
            if (described(value)) continue;
            const name = textOf(value.match(/<name>.*?<\/name>/)[0]);
            const type = textOf(member.match(/<qualifiedname>.*?<\/qualifiedname>/)?.[0] ?? '');
            const line = lineWith(place[1], name, Number(place[2]));
            findings.push(`${place[1]}:${line}: the enumerator ${type}::${name} is not documented`);
        }
    }
}

function checkHeaders(xmlFiles) {
    const known = new Set();
    for (const xml of xmlFiles.values()) {
        if (!xml.includes('<compounddef') || !/kind="file"/.test(xml)) continue;
        const file = xml.match(/<location file="([^"]*)"/)?.[1];
        const own = xml.slice(xml.lastIndexOf('</sectiondef>') + 1);
        if (file && described(own)) known.add(file);
    }
    const read = fs.readFileSync(path.join(folder, 'input.txt'), 'utf8');
    for (const [, header] of read.matchAll(/"[^"/]*\/([^"]*\.hpp)"/g)) {
        if (!known.has(header)) {
            findings.push(`${header}:1: the header is not documented: ` +
                'its first lines are a comment that says what it is for, and then #pragma once');
        }
    }
}

const xmlFiles = new Map(fs.readdirSync(path.join(folder, 'xml')).filter((name) => name.endsWith('.xml'))
    .map((name) => [name, fs.readFileSync(path.join(folder, 'xml', name), 'utf8')]));
for (const xml of xmlFiles.values()) checkEnumerators(xml);
checkHeaders(xmlFiles);

// ---------------------------------------------------------------------------------------- links

const html = path.join(folder, 'html');
const pages = new Map(fs.readdirSync(html).filter((name) => name.endsWith('.html'))
    .map((name) => [name, fs.readFileSync(path.join(html, name), 'utf8')]));
const anchors = new Map([...pages].map(([name, text]) =>
    [name, new Set([...text.matchAll(/\s(?:id|name)="([^"]*)"/g)].map((match) => match[1]))]));

let links = 0;
for (const [name, text] of pages) {
    for (const [, kind, raw] of text.matchAll(/\s(href|src)="([^"]*)"/g)) {
        const target = decodeURI(raw.replace(/&amp;/g, '&'));
        if (/^(mailto|javascript):/.test(target)) continue;
        if (/^https?:/.test(target)) {
            // A page must not load anything from the network; a link may lead there.
            if (kind === 'src') findings.push(`${name}: it loads ${target} from the network`);
            continue;
        }
        ++links;
        const [file, anchor] = target.split('#');
        const where = file === '' ? name : file;
        if (!fs.existsSync(path.join(html, where))) {
            findings.push(`${name}: the link leads nowhere: ${target}`);
        } else if (anchor && pages.has(where) && !anchors.get(where).has(anchor)) {
            findings.push(`${name}: the link's anchor does not exist: ${target}`);
        }
    }
}

for (const finding of new Set(findings)) console.log(finding);
if (findings.length === 0) console.log(`${pages.size} pages with ${links} links are good.`);
process.exit(findings.length === 0 ? 0 : 1);
