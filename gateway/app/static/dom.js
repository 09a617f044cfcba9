/** Building and updating elements without templates, so that a strict content security policy suffices. */

import { PATHS } from './icons.js';

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * Make an element.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [attributes] a function listens (`onclick`); true sets an empty
 *   attribute; false, null and undefined set none
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      made.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(name, value === true ? '' : String(value));
    }
  }
  made.append(...present(children));
  return made;
}

/**
 * A drawing that screen readers pass over; the words stand beside it.
 *
 * @param {keyof typeof PATHS} name
 */
export function icon(name) {
  const picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  picture.setAttribute('viewBox', '0 0 24 24');
  picture.setAttribute('class', 'icon');
  picture.setAttribute('aria-hidden', 'true');
  line.setAttribute('d', PATHS[name]);
  picture.append(line);
  return picture;
}

/**
 * Set a text only where it differs: live regions read out every change.
 *
 * @param {Element} target
 * @param {string} text
 */
export function setText(target, text) {
  if (target.textContent !== text) {
    target.textContent = text;
  }
}

/**
 * Replace what is inside.
 *
 * @param {Element} target
 * @param {...Child} children
 */
export function fill(target, ...children) {
  target.replaceChildren(...present(children));
}

/**
 * Bring a list up to date row by row, so that focus and scroll position survive.
 *
 * @template Item
 * @param {Element} list
 * @param {readonly Item[]} items
 * @param {object} how
 * @param {(item: Item) => string} how.key
 * @param {(item: Item) => HTMLElement} how.create
 * @param {(row: HTMLElement, item: Item) => void} how.update
 */
export function keyed(list, items, { key, create, update }) {
  const rows = new Map();
  for (const row of list.children) {
    rows.set(/** @type {HTMLElement} */ (row).dataset.key, row);
  }
  let place = list.firstElementChild;
  for (const item of items) {
    const id = key(item);
    const row = rows.get(id) ?? create(item);
    rows.delete(id);
    row.dataset.key = id;
    update(row, item);
    if (place === row) {
      place = row.nextElementSibling;
    } else {
      list.insertBefore(row, place);
    }
  }
  for (const row of rows.values()) {
    row.remove();
  }
}

/**
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function find(root, selector) {
  const found = root.querySelector(selector);
  if (!(found instanceof HTMLElement)) {
    throw new Error(`The page lacks ${selector}.`);
  }
  return found;
}

/** @param {readonly Child[]} children */
function present(children) {
  return children.filter((child) => child !== null && child !== undefined && child !== false);
}
