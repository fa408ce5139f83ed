// Paints shapes as SVG text.

/** @typedef {import("./scene.js").Shape} Shape */

/** @param {string} text @returns {string} */
export const escaped = (text) =>
    text
        // Characters that XML does not have, even as references.
        .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "\u{fffd}")
        .replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** @param {number} value @returns {string} */
const number = (value) => String(Math.round(value * 10) / 10);

/** @typedef {(name: string) => string} Colour the value of a colour's name */

/** @param {Shape} shape @param {Colour} colour @returns {string} */
function strokeOf(shape, colour) {
    if (shape.shape === "text" || shape.stroke === undefined) return "";
    const dash = shape.dash?.length ? ` stroke-dasharray="${shape.dash.join(" ")}"` : "";
    return ` stroke="${colour(shape.stroke)}" stroke-width="${shape.width ?? 1}"${dash}`;
}

/** @param {Shape} shape @param {Colour} colour @returns {string} */
function elementOf(shape, colour) {
    const fill = ` fill="${shape.fill === undefined ? "none" : colour(shape.fill)}"`;
    const stroke = strokeOf(shape, colour);
    if (shape.shape === "rect") {
        const { x, y, w, h, r } = shape;
        const round = r > 0 ? ` rx="${number(r)}"` : "";
        return (
            `<rect x="${number(x)}" y="${number(y)}" width="${number(w)}" height="${number(h)}"` +
            `${round}${fill}${stroke}/>`
        );
    }
    if (shape.shape === "line") {
        const points = [];
        for (let i = 0; i < shape.points.length; i += 2) {
            points.push(`${number(shape.points[i] ?? 0)},${number(shape.points[i + 1] ?? 0)}`);
        }
        const name = shape.close ? "polygon" : "polyline";
        return `<${name} points="${points.join(" ")}"${fill}${stroke}/>`;
    }
    const anchor = shape.anchor === "start" ? "" : ` text-anchor="${shape.anchor}"`;
    const bold = shape.bold ? ' font-weight="700"' : "";
    return (
        `<text x="${number(shape.x)}" y="${number(shape.y)}" font-size="${shape.size}"` +
        `${anchor}${bold}${fill}>${escaped(shape.text)}</text>`
    );
}

/** @param {Shape[]} shapes @param {Colour} colour @returns {string} one element a line */
export const svgOf = (shapes, colour) => shapes.map((shape) => elementOf(shape, colour)).join("\n");
