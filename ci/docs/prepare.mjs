// Writes what Doxygen reads: node ci/docs/prepare.mjs INTO HEADER-FOLDER PAGE...
//
// The headers and pages are copied into the folder INTO, changed only so that Doxygen understands
// them as a person does; each keeps its lines, so that a warning names the line of the original.
//
// Headers. The first comment (`//`) becomes the description of the file. `<drydock/x.hpp>` and
// `docs/X.md` in comments become links. What needs no description is blanked: constructors,
// assignments and destructors that are deleted or defaulted, and comparisons that are defaulted, if
// they have none; private classes; namespaces `detail`; macros whose names end in an underscore, and Asio's; specializations of
// templates of the standard library. Headers in include/drydock/asio are left out, but for options.hpp.
//
// Pages. Each PAGE is taken, and each other page that they link to. Headings get the anchors that
// GitHub gives them. Links to pages and headers become links of the site; links to other files of
// the repository, which the site does not have, become text that shows the path when pointed at.
//
// Beside INTO, input.txt lists what Doxygen is to read, in the order of the pages.
//
// A link to something that does not exist is a finding, as FILE:LINE and a sentence.
// Exit status: 0, none found; 1, some were found; 2, wrong usage.
import fs from 'node:fs';
import path from 'node:path';

const [into, headerFolder, ...firstPages] = process.argv.slice(2);
if (firstPages.length === 0) {
    console.error('ci/docs/prepare.mjs: usage: prepare.mjs INTO HEADER-FOLDER PAGE...');
    process.exit(2);
}

const findings = [];
const headers = headersIn(headerFolder).sort();

// What is below Asio's face is no part of the reference: a program uses it by Asio's own names.
function headersIn(folder) {
    if (folder === 'include/drydock/asio') return [`${folder}/options.hpp`];
    return fs.readdirSync(folder, {withFileTypes: true}).flatMap((entry) => {
        const name = path.posix.join(folder, entry.name);
        return entry.isDirectory() ? headersIn(name) : name.endsWith('.hpp') ? [name] : [];
    });
}

function linesOf(file) {
    return fs.readFileSync(file, 'utf8').split('\n');
}

function write(file, lines) {
    const target = path.join(into, file);
    fs.mkdirSync(path.dirname(target), {recursive: true});
    fs.writeFileSync(target, lines.join('\n'));
}

// Splits a line at its code spans: [prose, code, prose, ...].
function splitCode(line) {
    return line.split(/(``.*?``|`[^`]*`)/);
}

// A quotation mark would end a code span of Doxygen's, unless the span has two backquotes; and `::`
// would begin a link, in the address `::ffff:1.2.3.4` too.
function codeSpan(span) {
    if (span.startsWith('`::')) return `<code>\\${span.slice(1, -1)}</code>`;
    return span.startsWith('``') || !span.includes("'") ? span : '`' + span + '`';
}

// ---------------------------------------------------------------------------------------- pages

const pageIds = new Map();  // path of a page -> its id in the site
const pageSlugs = new Map();  // path of a page -> the anchors of its headings

function idOf(page) {
    return page === 'README.md' ? 'index'
        : page.replace(/\.md$/, '').replace(/[/-]/g, '_').toLowerCase();
}

// Calls visit(line, index) for each line of a page that is not in a block of code.
function forEachTextLine(lines, visit) {
    let fence = null;
    let afterText = false;  // a paragraph goes on, however far it is indented
    lines.forEach((line, index) => {
        const mark = line.match(/^\s*(```|~~~)/);
        if (fence === null && mark) {
            fence = mark[1];
        } else if (fence !== null) {
            if (mark && mark[1] === fence) fence = null;
        } else if (afterText || !/^ {4}/.test(line)) {
            visit(line, index);
            afterText = line.trim() !== '' && !line.startsWith('#');
        }
    });
}

function slugOf(heading, used) {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const slug = text.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
    const count = used.get(slug) ?? 0;
    used.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
}

const linkPattern = /\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)/g;

// Each line of the page's text with the lines that its paragraph goes on with is searched, as the
// text of a link may be on two lines.
function linksOf(page) {
    const text = [];
    forEachTextLine(linesOf(page), (line, index) => { text[index] = line; });
    const joined = Array.from(text, (line) => line ?? '').join('\n');
    return [...joined.matchAll(linkPattern)].map((match) => ({
        target: match[2],
        line: joined.slice(0, match.index + match[0].lastIndexOf('](')).split('\n').length,
    }));
}

function isOutside(target) {
    return /^[a-z]+:/.test(target);
}

function addPage(page) {
    if (pageIds.has(page)) return;
    pageIds.set(page, idOf(page));
    const used = new Map();
    const slugs = new Map();  // line -> slug
    forEachTextLine(linesOf(page), (line, index) => {
        const heading = line.match(/^(#+)\s+(.*?)\s*#*$/);
        if (heading) slugs.set(index, slugOf(heading[2], used));
    });
    pageSlugs.set(page, slugs);
    for (const {target} of linksOf(page)) {
        const file = path.posix.join(path.posix.dirname(page), target.replace(/#.*/, ''));
        if (!isOutside(target) && file.endsWith('.md') && fs.existsSync(file)) addPage(file);
    }
}

function refTo(page, slug) {
    const first = [...pageSlugs.get(page).values()][0];
    return !slug || slug === first ? pageIds.get(page) : `${pageIds.get(page)}_${slug}`;
}

// The link in the site that stands for a link of `from`. Empty: what it leads to is not in the site.
// Null: it leads nowhere.
function siteLink(from, target) {
    const [name, slug] = target.split('#');
    const file = name === '' ? from
        : path.posix.join(path.posix.dirname(from), name).replace(/\/$/, '');
    if (!fs.existsSync(file)) return null;
    if (pageIds.has(file)) {
        const known = !slug || [...pageSlugs.get(file).values()].includes(slug);
        return known ? `@ref ${refTo(file, slug)}` : null;
    }
    if (headers.includes(file)) return `@ref ${path.posix.relative('include', file)}`;
    return file === headerFolder ? 'files.html' : '';
}

// An image keeps its path: ci/docs.sh copies the pictures.
function replaceLinks(page, text) {
    return text.replace(new RegExp(`(!?)${linkPattern.source}`, 'g'), (whole, mark, words, target) => {
        if (isOutside(target)) return whole;
        const link = siteLink(page, target);
        if (link === null) return words;  // linksOf() finds it, and tells of the line
        const file = path.posix.join(path.posix.dirname(page), target);
        if (mark !== '') return `<img src="${file}" alt="${words}"/>`;
        if (link !== '') return `[${words.replace(/`/g, '')}](${link})`;
        return `<span class="source" title="${file}, in the sources">${words}</span>`;
    });
}

// Doxygen knows emphasis only if it begins and ends with a letter.
function emphasize(prose) {
    return prose.replace(/\*\*(?=\S)(.+?)\*\*/g, '<b>$1</b>')
        .replace(/(^|[\s(])\*(?=\S)([^*]+?)\*(?=[\s).,;:]|$)/g, '$1<em>$2</em>');
}

function preparePage(page) {
    for (const {target, line} of linksOf(page)) {
        if (!isOutside(target) && siteLink(page, target) === null) {
            findings.push(`${page}:${line}: the link leads nowhere: ${target}`);
        }
    }
    const lines = linesOf(page);
    const slugs = pageSlugs.get(page);
    const isText = new Set();
    forEachTextLine(lines, (line, index) => {
        isText.add(index);
        const heading = slugs.has(index);
        const anchor = heading && refTo(page, slugs.get(index)) !== 'index' ? ` {#${refTo(page, slugs.get(index))}}` : '';
        const parts = splitCode(line);
        const prose = parts.map((part, i) => i % 2 ? `\0${i}\0`
            : part.replace(/<!--.*?-->/g, '').replace(/\\(?=[a-z])|@(?=[a-z])/g, '\\$&')).join('');
        lines[index] = emphasize(prose).replace(/\0(\d+)\0/g, (_, i) => codeSpan(parts[i])) + anchor;
    });
    lines.forEach((line, index) => {
        // Doxygen draws nothing, and knows no highlighting for these languages.
        if (!isText.has(index)) {
            lines[index] = line.replace(/^(\s*```)(mermaid|sh|powershell|console|text)$/, '$1');
        }
    });
    // The links last: one may be on two lines.
    const joined = lines.join('\n');
    write(page, replaceLinks(page, joined).split('\n'));
}

// -------------------------------------------------------------------------------------- headers

// The classes and enumerations of the headers, by name: the full names that they may mean.
const types = new Map();

function findTypes(header) {
    let space = '';
    for (const line of linesOf(header)) {
        space = line.match(/^namespace ([\w:]+) \{$/)?.[1] ?? space;
        const type = line.match(/^(?:enum class|class|struct) (?:\[\[\w+\]\] )?(\w+)(?![\w;])/)?.[1];
        if (type && !line.endsWith(';') && !space.endsWith('detail')) {
            types.set(type, [...(types.get(type) ?? []), `${space}::${type}`]);
        }
    }
}

// A first comment is outside of the namespaces, where Doxygen does not find `Type::member`.
function linkMembers(text) {
    return splitCode(text).map((part, i) => i % 2 ? part
        : part.replace(/(?<![\w:])(?:\w+::)?([A-Z]\w+)::(\w+)(?:\(\))?/g, (whole, type, member) => {
            const meant = types.get(type) ?? [];
            return meant.length === 1 ? `@ref ${meant[0]}::${member} "${whole}"` : whole;
        })).join('');
}

// Links in the prose of a comment.
function linkProse(header, index, text) {
    return splitCode(text).map((part, i) => i % 2 ? codeSpan(part)
        : part.replace(/<(drydock\/[a-z_/]+\.hpp)>/g, (_, name) => {
            if (!fs.existsSync(path.join('include', name))) {
                findings.push(`${header}:${index + 1}: there is no header <${name}>`);
                return `&lt;${name}&gt;`;
            }
            return `[&lt;${name}&gt;](@ref ${name})`;
        }).replace(/\b((?:docs|platform|bench|examples)\/[\w/.-]*\.md|README\.md)(#[\w-]+)?/g,
            (whole, page, slug) => {
                const link = siteLink('README.md', page + (slug ?? ''));
                if (link === null) {
                    findings.push(`${header}:${index + 1}: the link leads nowhere: ${whole}`);
                }
                return link ? `[${page}](${link})` : whole;
            })).join('');
}

// Marks the examples in comments as C++, so that their names become links. An example is indented by
// four more spaces, between empty lines; one of its lines ends with `;` or `{`.
function markExamples(lines) {
    const isCode = (line) => /^\s*\/\/\/ {5}/.test(line ?? '');
    const isEmpty = (line) => /^\s*\/\/\/$/.test(line ?? '');
    for (let first = 1; first < lines.length; ++first) {
        if (!isCode(lines[first]) || !isEmpty(lines[first - 1])) continue;
        let last = first;
        while (isCode(lines[last + 1]) || (isEmpty(lines[last + 1]) && isCode(lines[last + 2]))) ++last;
        const ends = lines.slice(first, last + 1).map((line) => line.replace(/(\w.*?)\s*\/\/ .*$/, '$1'));
        if (ends.some((line) => /[;{]$/.test(line))) {
            lines[first - 1] += ' @code{.cpp}';
            lines[last] += ' @endcode';
        }
        first = last;
    }
}

function needsNoDescription(line) {
    return /^\s*(?:constexpr |explicit |virtual |friend |~)*[\w:]*\s?[&\w<>~]*\(.*\)(?: const)?(?: noexcept)? = (?:delete|default);/
        .test(line) || /^\s*.*operator(?:=|==|<=>)\(.*\).* = (?:delete|default);/.test(line);
}

// Blanks private classes: Doxygen would link to a list of them that it does not make.
function blankPrivateClasses(lines) {
    let hidden = null;  // the indentation of the private members that the line is among
    for (let i = 0; i < lines.length; ++i) {
        const access = lines[i].match(/^( *)(public|protected|private):$/);
        if (access) hidden = access[2] === 'private' ? `${access[1]}    ` : null;
        if (hidden === null) continue;
        if (!new RegExp(`^${hidden}(class|struct) .*\\{$`).test(lines[i])) continue;
        const last = lines.findIndex((line, at) => at > i && line === `${hidden}};`);
        lines.fill('', i, last + 1);
    }
}

// Blanks namespaces `detail`, definitions of their members outside of them, and specializations of
// the standard's templates; with the comments before them.
function blankBlocks(lines) {
    const blank = (i, isLast) => {
        let first = i;
        while (first > 0 && /^(\/\/\/|template )/.test(lines[first - 1])) --first;
        const last = lines.findIndex((line, at) => at > i && isLast(line));
        lines.fill('', first, last + 1);
    };
    for (let i = 0; i < lines.length; ++i) {
        if (/^namespace (?:\w+::)*detail \{$/.test(lines[i])) {
            blank(i, (line) => line.startsWith('}  // namespace'));
        } else if (/^\w.* detail::\w+(<\w+>)?::/.test(lines[i])) {
            blank(i, (line) => line === '}');
        } else if (/^struct std::/.test(lines[i])) {
            blank(i - 1, (line) => line.endsWith('};'));
        }
    }
}

function prepareHeader(header) {
    const lines = linesOf(header);
    let index = 0;
    while (index < lines.length && lines[index].startsWith('//')) {
        lines[index] = '/' + lines[index];
        ++index;
    }
    // Without them the header has no description, which ci/docs/check.mjs finds.
    if (index > 0 && lines[index] === '#pragma once') lines[index] = '/// @file';
    markExamples(lines);
    blankBlocks(lines);
    blankPrivateClasses(lines);
    let macroEnds = false;  // the line before has gone on in this one
    for (let i = 0; i < lines.length; ++i) {
        const line = lines[i];
        const comment = line.match(/^(\s*\/\/\/)(?! {5})(.*)$/);
        if (comment) {
            const text = linkProse(header, i, comment[2]);
            lines[i] = comment[1] + (i < index ? linkMembers(text) : text);
            continue;
        }
        const documented = i > 0 && lines[i - 1].trim().startsWith('///');
        if (macroEnds || /^#define (\w+_(\(|\s)|(BOOST_)?ASIO_)/.test(line)) {
            macroEnds = line.endsWith('\\');
            lines[i] = '';
        } else if (!documented && needsNoDescription(line)) {
            lines[i] = '';
        }
    }
    // The first comment is outside of the namespaces whose names it uses.
    const namespaces = lines.join('\n').match(/^namespace [\w:]+ \{$/gm) ?? [];
    const used = new Set(['drydock', ...namespaces.map((line) => line.split(' ')[1])]);
    for (const name of used) lines.push(`using namespace ${name};`);
    write(header, lines);
}

// Doxygen's settings get the files in the order of the pages: those of the table of contents first.
function writeOrder() {
    const contents = 'docs/README.md';
    const listed = linksOf(contents)
        .map(({target}) => path.posix.join(path.posix.dirname(contents), target.replace(/#.*/, '')));
    const pages = ['README.md', contents, ...listed.filter((file) => pageIds.has(file)), ...pageIds.keys()];
    const files = ['namespaces.dox', ...new Set(pages), ...headers];
    fs.writeFileSync(path.join(into, '../input.txt'), files.map((file) =>
        `INPUT += "${path.basename(into)}/${file}"\n`).join(''));
}

for (const page of firstPages) addPage(page);
writeOrder();
for (const header of headers) findTypes(header);
for (const page of pageIds.keys()) preparePage(page);
for (const header of headers) prepareHeader(header);
for (const finding of findings) console.log(finding);
process.exit(findings.length === 0 ? 0 : 1);
