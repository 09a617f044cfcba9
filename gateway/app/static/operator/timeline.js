/** The list of what just happened. */

import { element, keyed, setText } from '../dom.js';
import { agoWords, localTimes } from '../format.js';

/** @import { ServerClock } from '../clock.js' */
/** @import { Wording } from '../format.js' */
/** @import { Happening } from './happenings.js' */

/**
 * @param {HTMLElement} list
 * @param {readonly Happening[]} happenings
 * @param {ServerClock} clock
 * @param {Wording} wording
 */
export function showHappenings(list, happenings, clock, wording) {
  keyed(list, happenings, {
    key: ({ id }) => id,
    create: ({ tone, text, detail, at }) =>
      element(
        'li',
        { 'data-tone': tone },
        element(
          'span',
          {},
          localTimes(text, at, wording),
          detail && element('small', { class: 'soft' }, localTimes(detail, at, wording)),
        ),
        element('time', { class: 'small soft' }),
      ),
    update: (row, { at }) => {
      setText(/** @type {Element} */ (row.querySelector('time')), agoWords(-clock.secondsUntil(at)));
    },
  });
}
