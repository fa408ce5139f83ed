// Makes elements. Texts become text nodes, never markup.

/** @typedef {Node | string | number | null | undefined | false | any[]} Child lists are allowed */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [properties] "class", "role", "aria-..." and "data-..." are
 *   attributes; functions listen;
 *   the others are properties
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (value === undefined || value === null) continue;
        if (typeof value === "function") element.addEventListener(name, value);
        else if (
            name === "class" ||
            name === "role" ||
            name === "for" ||
            /^(aria|data)-/.test(name)
        ) {
            element.setAttribute(name, String(value));
        } else Object.assign(element, { [name]: value });
    }
    add(element, children);
    return element;
}

/** @param {Element} element @param {Child[]} children */
export function add(element, children) {
    for (const child of children.flat(Infinity)) {
        if (child === null || child === undefined || child === false) continue;
        element.append(child instanceof Node ? child : String(child));
    }
}

/** Replaces what an element holds. @param {Element} element @param {...Child} children */
export function fill(element, ...children) {
    element.replaceChildren();
    add(element, children);
}

/**
 * A long name that may go on in the next line behind "/", "::" and "(", not within a word.
 * @param {string} name
 * @returns {Child[]}
 */
export const breakable = (name) =>
    name.split(/(?<=\/|::|\()/).flatMap((part, i) => (i === 0 ? [part] : [h("wbr"), part]));
