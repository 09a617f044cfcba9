/** The row of figures on top. */

import { element, setText } from '../dom.js';

/**
 * @typedef {object} Figures null where not known yet
 * @property {number | null} orders
 * @property {number | null} delivered
 * @property {number | null} onTime share, 0 to 1
 * @property {number} exceptions
 * @property {number} mended
 */

const NAMES = /** @type {const} */ ([
  ['orders', 'Orders today'],
  ['delivered', 'Delivered'],
  ['onTime', 'On time'],
  ['exceptions', 'Exceptions'],
  ['mended', 'Self-mended'],
]);

export function createFigures() {
  const tiles = NAMES.map(([key, name]) =>
    element('div', { 'data-figure': key }, element('dt', {}, name), element('dd', {}, '–')),
  );
  return element('dl', { class: 'figures' }, ...tiles);
}

/**
 * @param {HTMLElement} list
 * @param {Figures} figures
 */
export function showFigures(list, figures) {
  for (const tile of list.children) {
    const key = /** @type {keyof Figures} */ (/** @type {HTMLElement} */ (tile).dataset.figure);
    const value = figures[key];
    const words = value === null ? '–' : key === 'onTime' ? `${Math.round(value * 100)}%` : String(value);
    setText(/** @type {Element} */ (tile.querySelector('dd')), words);
    tile.classList.toggle('alert', key === 'exceptions' && figures.exceptions > 0);
  }
}
