/** The list of what just happened. */

import { element, keyed, setText } from '../dom.js';
import { agoWords } from '../format.js';

/** @import { ServerClock } from '../clock.js' */
/** @import { Happening } from './happenings.js' */

/**
 * @param {HTMLElement} list
 * @param {readonly Happening[]} happenings
 * @param {ServerClock} clock
 */
export function showHappenings(list, happenings, clock) {
  keyed(list, happenings, {
    key: ({ id }) => id,
    create: ({ tone, text, detail }) =>
      element(
        'li',
        { 'data-tone': tone },
        element('span', {}, text, detail && element('small', { class: 'soft' }, detail)),
        element('time', { class: 'small soft' }),
      ),
    update: (row, { at }) => {
      setText(/** @type {Element} */ (row.querySelector('time')), agoWords(-clock.secondsUntil(at)));
    },
  });
}
