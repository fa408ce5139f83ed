// A run as a standalone SVG file: the verdict, the picture around the failure, and the account.
import { makeAxis } from "./axis.js";
import { foldedAtFirst, layoutLanes } from "./lanes.js";
import { Index, axisHeight, badgeFill, paintAxis, paintScene, textWidth } from "./scene.js";
import { escaped, svgOf } from "./svg.js";
import { dark, light } from "./theme.js";
import { openingEvent } from "./server_part.js";
import { account, badgesOf, summaryText } from "./account.js";

/** @typedef {import("./scene.js").Shape} Shape */
/** @typedef {import("./types.js").Model} Model */

const gutter = 116;

/** @param {import("./theme.js").Theme} theme */
const variables = (theme) =>
    Object.entries(theme)
        .map(([name, value]) => `--${name}:${value}`)
        .join(";");

const family = "system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif";

const style =
    `<style>svg{${variables(light)}}` +
    `@media(prefers-color-scheme:dark){svg{${variables(dark)}}}</style>`;

/**
 * Words in lines that are at most so wide.
 * @param {string} text @param {number} room @param {number} size
 * @returns {string[]}
 */
export function wrapped(text, room, size) {
    const lines = [""];
    for (const word of text.split(" ")) {
        const line = `${lines.at(-1)} ${word}`.trim();
        if (lines.at(-1) === "" || textWidth(line, size) <= room) lines[lines.length - 1] = line;
        else lines.push(word);
    }
    return lines;
}

/** Texts below each other. */
class Column {
    /** @param {number} y */
    constructor(y) {
        this.y = y;
        /** @type {Shape[]} */
        this.shapes = [];
    }
    /**
     * @param {string} text @param {number} x @param {number} room
     * @param {{size: number, fill: string, bold?: boolean}} style
     */
    write(text, x, room, { size, fill, bold = false }) {
        for (const line of wrapped(text, room, size)) {
            this.y += Math.round(size * 1.4);
            this.shapes.push({
                shape: "text",
                text: line,
                x,
                y: this.y,
                size,
                fill,
                bold,
                anchor: "start",
            });
        }
    }
}

/** @param {Model} model @param {number} width @returns {Column} */
function heading(model, width) {
    const column = new Column(4);
    const fill = model.passed ? "accept-line" : "fail";
    const verdict = model.passed ? "✓ passed" : `✗ ${model.property}`;
    column.write(`${verdict} — ${model.title}`, 10, width - 20, { size: 15, fill, bold: true });
    if (model.sentence !== "")
        column.write(model.sentence, 10, width - 20, { size: 12, fill: "ink" });
    column.write(summaryText(model), 10, width - 20, { size: 11, fill: "muted" });
    column.y += 10;
    return column;
}

/**
 * @param {import("./account.js").Item[]} items @param {number} y @param {number} width
 * @returns {Column}
 */
function accountColumn(items, y, width) {
    const column = new Column(y);
    items.forEach((item, i) => {
        column.y += 3;
        column.shapes.push({
            shape: "rect",
            x: 10,
            y: column.y + 4,
            w: 15,
            h: 15,
            r: 7.5,
            fill: badgeFill(item.kind),
        });
        column.shapes.push({
            shape: "text",
            text: String(i + 1),
            x: 17.5,
            y: column.y + 15,
            size: 10,
            fill: "on-badge",
            anchor: "middle",
            bold: true,
        });
        column.write(item.text, 32, width - 44, { size: 11.5, fill: "ink" });
    });
    return column;
}

/**
 * The part of the axis to show: up to the end, or around the failure if not all fits.
 * @param {Model} model @param {number} room @param {number} total
 */
function partOf(model, room, total, /** @type {Float64Array} */ x) {
    if (total <= room) return { x0: 0, x1: total };
    const marks = [...model.marked].map((i) => x[i] ?? 0);
    const middle = model.failure < 0 ? room / 2 : (x[model.failure] ?? 0);
    const first = Math.min(middle, ...marks.filter((each) => middle - each < room - 80));
    const opening = x[openingEvent(model)] ?? middle;
    // Where the harness fails the run much later, the picture shows what the server did last.
    const isFar = middle - opening > room - 80;
    const x1 = isFar
        ? opening + room / 3
        : Math.min(total, Math.max(middle + 60, first + room - 30));
    return { x0: Math.max(0, x1 - room), x1 };
}

/**
 * The lanes in which nothing can be seen between two positions.
 * @param {Model} model @param {import("./axis.js").Axis} axis @param {number} x0 @param {number} x1
 * @returns {Set<string>} their ids
 */
function idleLanes(model, axis, x0, x1) {
    const layout = layoutLanes(model);
    const busy = new Set();
    /** @param {number} event */
    const isInside = (event) => (axis.x[event] ?? 0) >= x0 && (axis.x[event] ?? 0) <= x1;
    model.operations.forEach((operation, i) => {
        const last = Math.max(operation.completed, operation.cut);
        const to = last < 0 ? Infinity : (axis.x[last] ?? 0);
        const lane = layout.lanes[layout.laneOf[i] ?? -1];
        if (lane !== undefined && (axis.x[operation.started] ?? 0) <= x1 && to >= x0)
            busy.add(lane.group);
    });
    const index = new Index(model);
    if (index.strikes.some(isInside)) busy.add("notbenign");
    if (index.notes.some(isInside)) busy.add("notes");
    if (index.waiting.some(isInside)) busy.add("queue");
    if (model.curve.length > 0) busy.add("curve");
    // Hosts stay, with their ends: partitions are drawn between them.
    for (const { section } of layout.lanes) if (section !== "") busy.add(section);
    busy.add("runs");
    return new Set(layout.lanes.filter((lane) => !busy.has(lane.group)).map((lane) => lane.id));
}

/** @param {import("./lanes.js").Layout} layout @returns {Shape[]} */
const titlesOf = ({ lanes }) =>
    lanes.map((lane) => ({
        shape: "text",
        text: lane.title,
        x: gutter - 8,
        y: lane.y + Math.min(lane.height / 2 + 4, 22),
        size: 11,
        fill: "ink",
        anchor: "end",
        bold: lane.kind === "end",
    }));

/** @param {Model} model */
const verdictText = ({ passed, property }) => (passed ? "passed" : `failed ${property}`);

/** @param {Model} model @param {number} width @param {number} height @param {boolean} fixed */
const opening = (model, width, height, fixed) => [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
        `viewBox="0 0 ${width} ${height}" role="img" font-family="${family}">`,
    `<title>${escaped(`${model.title}: ${verdictText(model)}`)}</title>`,
    `<desc>${escaped(model.sentence)}</desc>`,
    fixed ? "" : style,
];

/**
 * @param {Model} model
 * @param {{width?: number, mode?: import("./axis.js").Mode, zoom?: number,
 *   theme?: import("./theme.js").Theme}} [options] `width` in pixels; without a `theme` the file
 *   has both, and the reader's system decides
 * @returns {string} a whole SVG file
 */
export function stillOf(model, { width = 900, mode = "order", zoom = 1, theme } = {}) {
    const room = width - gutter - 10;
    const axis = makeAxis(model, mode, zoom);
    const { x0, x1 } = partOf(model, room, axis.width, axis.x);
    const layout = layoutLanes(model, {
        folded: foldedAtFirst(model),
        without: idleLanes(model, axis, x0, x1),
    });
    const items = account(model);
    const picture = {
        model,
        axis,
        layout,
        index: new Index(model),
        selected: -1,
        difference: -1,
        badges: badgesOf(items),
        found: new Set(/** @type {number[]} */ ([])),
    };
    const window = { x0, x1: x0 + room, y0: 0, y1: layout.height };
    /** @param {string} name */
    const colour = (name) => (theme === undefined ? `var(--${name})` : (theme[name] ?? "black"));
    const head = heading(model, width);
    const text = accountColumn(items, head.y + axisHeight + layout.height + 10, width);
    const height = text.y + 14;
    return [
        ...opening(model, width, height, theme !== undefined),
        `<rect width="${width}" height="${height}" fill="${colour("page")}"/>`,
        svgOf([...head.shapes, ...text.shapes], colour),
        `<g transform="translate(0 ${head.y + axisHeight})">`,
        svgOf(titlesOf(layout), colour),
        "</g>",
        `<svg x="${gutter}" y="${head.y}" width="${room}" height="${axisHeight + layout.height}" ` +
            `viewBox="${x0} 0 ${room} ${axisHeight + layout.height}">`,
        svgOf(paintAxis(picture, window), colour),
        `<g transform="translate(0 ${axisHeight})">`,
        svgOf(paintScene(picture, window).shapes, colour),
        "</g></svg>",
        "</svg>",
        "",
    ].join("\n");
}
