/** One row of the list of delivery options. */

import { element, fill, setText } from '../dom.js';
import { codeWords, priceWords, windowWords } from '../format.js';

/** @import { Option } from '../shapes.js' */

/** The price and the window are shown themselves, and best ones wear a highlight. */
const SEEN_ANYWAY = new Set(['PRICE', 'SPEED']);
const REASONS_SHOWN = 2;

/**
 * @typedef {object} RowState
 * @property {Option} option
 * @property {boolean} isChosen
 * @property {string} locale
 * @property {Date} now
 */

/** @param {(code: string) => void} choose called with the option's code */
export function createRow(choose) {
  return (/** @type {RowState} */ { option }) =>
    element(
      'label',
      { class: 'option', 'data-code': option.code },
      element('input', { type: 'radio', name: 'option', onchange: () => choose(option.code) }),
      element('span', { class: 'title' }),
      element('span', { class: 'price' }),
      element(
        'span',
        { class: 'detail' },
        element('span', { class: 'when' }),
        element('span', { class: 'carrier soft' }),
        element('span', { class: 'chips' }),
      ),
      element('span', { class: 'why' }),
    );
}

/**
 * @param {HTMLElement} row
 * @param {RowState} state
 */
export function updateRow(row, { option, isChosen, locale, now }) {
  const say = (/** @type {string} */ part, /** @type {string} */ text) => {
    setText(/** @type {Element} */ (row.querySelector(part)), text);
  };
  const input = /** @type {HTMLInputElement} */ (row.querySelector('input'));
  input.checked = isChosen;
  input.disabled = !option.isBookable;
  say('.title', option.title);
  say('.price', priceWords(option.price, locale));
  say('.when', windowWords(option.promise.window, { locale, timeZone: option.promise.timeZone, now }));
  say('.carrier', option.carrier.name);
  say('.why', whyWords(option));
  fill(
    /** @type {Element} */ (row.querySelector('.chips')),
    ...option.highlights
      .filter((highlight) => highlight !== 'OTHER')
      .slice(0, 2)
      .map((highlight) => element('span', { class: 'chip accent' }, codeWords(highlight))),
  );
}

/** @param {Option} option */
export function whyWords({ highlights, rankReasons, emissions }) {
  // Nobody chooses by a figure that is not known.
  const isGreenSaid = highlights.includes('GREENEST') || !emissions;
  return rankReasons
    .filter(({ factor }) => !SEEN_ANYWAY.has(factor) && !(isGreenSaid && factor === 'EMISSIONS'))
    .slice(0, REASONS_SHOWN)
    .map(({ text }) => text)
    .join(' · ');
}
