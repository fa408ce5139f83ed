// Bytes as text and as a hex dump, each shown as what they are.

const names = /** @type {Record<number, string>} */ ({
    9: "\\t",
    10: "\\n\n",
    13: "\\r",
    0x5c: "\\\\",
});

/**
 * Bytes as text. Control characters and bytes that are not UTF-8 become \xNN, a
 * backslash is doubled, and after \n a line begins.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function payloadText(bytes) {
    let text = "";
    for (let i = 0; i < bytes.length;) {
        const length = sequenceAt(bytes, i);
        if (length === 0) {
            text += `\\x${hex(bytes[i] ?? 0)}`;
            i++;
            continue;
        }
        const point = pointAt(bytes, i, length);
        text += visible(point);
        i += length;
    }
    return text;
}

/** @param {number} point @returns {string} */
function visible(point) {
    const name = names[point];
    if (name !== undefined) return name;
    if (point < 32 || point === 127) return `\\x${hex(point)}`;
    // Control characters, and marks that change the direction of the text around them.
    const hides =
        (point >= 0x80 && point < 0xa0) ||
        (point >= 0x200b && point <= 0x200f) ||
        (point >= 0x2028 && point <= 0x202e) ||
        (point >= 0x2066 && point <= 0x2069) ||
        point === 0xfeff;
    return hides ? `\\u{${point.toString(16)}}` : String.fromCodePoint(point);
}

/** @param {number} byte */
const hex = (byte) => byte.toString(16).padStart(2, "0");

/** @param {Uint8Array} bytes @param {number} i @param {number} length @returns {number} */
function pointAt(bytes, i, length) {
    const first = bytes[i] ?? 0;
    if (length === 1) return first;
    let point = first & (0xff >> (length + 1));
    for (let k = 1; k < length; k++) point = (point << 6) | ((bytes[i + k] ?? 0) & 0x3f);
    return point;
}

/**
 * The length of the UTF-8 sequence at a position; 0: there is none (RFC 3629).
 * @param {Uint8Array} bytes @param {number} i
 */
function sequenceAt(bytes, i) {
    const first = bytes[i] ?? 0;
    if (first < 0x80) return 1;
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4) return 0;
    for (let k = 1; k < length; k++) if (((bytes[i + k] ?? 0) & 0xc0) !== 0x80) return 0;
    const point = pointAt(bytes, i, length);
    const least = [0, 0, 0x80, 0x800, 0x10000][length] ?? 0;
    const surrogate = point >= 0xd800 && point <= 0xdfff;
    return point < least || point > 0x10ffff || surrogate ? 0 : length;
}

/**
 * A hex dump, with the offsets of the lines in the stream.
 * @param {Uint8Array} bytes
 * @param {number} [first] the offset of the first byte
 * @param {number} [width] bytes a line
 * @returns {string}
 */
export function hexDump(bytes, first = 0, width = 16) {
    const lines = [];
    for (let at = 0; at < bytes.length; at += width) {
        const part = [...bytes.subarray(at, at + width)];
        const codes = part
            .map(hex)
            .join(" ")
            .padEnd(3 * width - 1);
        const text = part.map((b) => (b >= 32 && b < 127 ? String.fromCharCode(b) : "·")).join("");
        lines.push(`${(first + at).toString(16).padStart(6, "0")}  ${codes}  ${text}`);
    }
    return lines.join("\n");
}
