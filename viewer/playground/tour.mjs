// Reads the guided tour from docs/TOUR.md, for the tour in the playground. The page is written for
// readers of Markdown; here each section becomes a title, a run, and plain text.
//
// A section that shows a run begins so:
//
//     ## 7. The last bytes are lost in the close
//     <!-- tour: scenario=zoo/NAME clients=1 bytes=32 seed=163 schedule=pictures/tour-NAME.schedule -->
//
// What is neither scenario, seed nor schedule in the comment is a parameter of the scenario.
// Sections without a number (how to read the pictures, what the chapter does right) have no run, and
// are not part of the tour.

/**
 * @typedef {{kind: "text" | "item" | "code", text: string}} Paragraph without any markup; an item
 *     of a list begins with its number or a dash, and only code has line breaks
 * @typedef {{number: number, title: string, scenario: string, settings: Record<string, number>,
 *     seed: number, schedule: string, paragraphs: Paragraph[]}} Stop the schedule is a path in docs/
 */

/** @param {string} text @returns {string} the text as a reader sees it */
function plain(text) {
    return text
        .replace(/!\[[^\]]*\]\([^)]*\)/g, "")
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .replace(/\*\*(.+?)\*\*/g, "$1")
        .replace(/(^|[^\w*])\*([^*\s][^*]*)\*/g, "$1$2")
        .replaceAll("`", "")
        .trim();
}

/** @param {string[]} block lines without an empty one between them @returns {Paragraph[]} */
function paragraphsOf(block) {
    const [first = ""] = block;
    if (first.startsWith("    "))
        return [{ kind: "code", text: block.map((line) => line.slice(4)).join("\n") }];
    /** @type {Paragraph[]} */
    const paragraphs = [];
    for (const line of block) {
        const last = paragraphs.at(-1);
        const isItem = /^(?:-|\d+\.) /.test(line);
        if (last !== undefined && !isItem) last.text += ` ${line.trim()}`;
        else paragraphs.push({ kind: isItem ? "item" : "text", text: line.trim() });
    }
    return paragraphs
        .map(({ kind, text }) => ({ kind, text: plain(text) }))
        .filter(({ text }) => text !== "");
}

/** @param {string[]} lines @returns {Paragraph[]} all but what commands print, which the page shows itself */
function bodyOf(lines) {
    /** @type {string[][]} */
    const blocks = [[]];
    let fenced = false;
    for (const line of lines) {
        const isFence = line.startsWith("```");
        if (isFence) fenced = !fenced;
        if (isFence || fenced) continue;
        if (line.trim() === "") blocks.push([]);
        else /** @type {string[]} */ (blocks.at(-1)).push(line);
    }
    if (fenced) throw new Error("a block has no end");
    return blocks.flatMap((block) => (block.length === 0 ? [] : paragraphsOf(block)));
}

/** @param {string} comment @returns {Pick<Stop, "scenario" | "settings" | "seed" | "schedule">} */
function runOf(comment) {
    const words = comment.match(/^<!-- tour: (.*) -->$/)?.[1]?.split(" ");
    if (words === undefined) throw new Error("its heading is not followed by <!-- tour: ... -->");
    const fields = new Map(
        words.map((word) => /** @type {[string, string]} */ (word.split("=", 2))),
    );
    const scenario = fields.get("scenario") ?? "";
    const schedule = fields.get("schedule") ?? "";
    for (const name of ["scenario", "schedule"]) {
        if (!fields.get(name)) throw new Error(`its comment has no ${name}`);
        fields.delete(name);
    }
    /** @type {Record<string, number>} */
    const settings = {};
    for (const [name, value] of fields) {
        if (!/^\d+$/.test(value ?? "")) throw new Error(`${name} should be a number`);
        settings[name] = Number(value);
    }
    const { seed, ...others } = settings;
    if (seed === undefined) throw new Error("its comment has no seed");
    return { scenario, settings: others, seed, schedule };
}

/**
 * The stops of the tour, in the page's order. Throws an Error that names the section if one of them
 * is not written as above.
 *
 * @param {string} markdown the text of docs/TOUR.md @returns {Stop[]}
 */
export function tourOf(markdown) {
    const [, ...sections] = markdown.split(/^## /m);
    /** @type {Stop[]} */
    const stops = [];
    for (const section of sections) {
        const [heading = "", comment = "", ...lines] = section.split(/\r?\n/);
        const [, number, title = ""] = heading.match(/^(\d+)\. (.+)$/) ?? [];
        if (number === undefined) continue;
        try {
            stops.push({
                number: Number(number),
                title: plain(title),
                ...runOf(comment),
                paragraphs: bodyOf(lines),
            });
        } catch (error) {
            throw new Error(
                `section ${number} of the tour: ${/** @type {Error} */ (error).message}`,
            );
        }
    }
    return stops;
}
