/** When to look again: often while something happens, seldom while nothing does, never once all is over. Pure. */

import { isNear, isOver } from './answer.js';

/** @import { Delivery } from './answer.js' */

/**
 * KNOWN: there are deliveries. NOTHING: none is known yet. REFUSED: the question itself is not taken. TROUBLE: no
 * answer, or none that can be read.
 *
 * @typedef {'KNOWN' | 'NOTHING' | 'REFUSED' | 'TROUBLE'} Outcome
 */

/**
 * @typedef {object} Look
 * @property {Outcome} outcome
 * @property {number} times looks in a row with this outcome, this one included
 * @property {Delivery[]} deliveries what is known now
 * @property {number} retryAfterS what the gateway asked for; 0 for nothing
 * @property {number} sinceS since the first look
 * @property {Date} now
 */

const NEAR_S = 30;
const TODAY_S = 60;
const LATER_S = 300;
const SOON_S = 3 * 3600;

/** A page that was left open is no shopper who waits. */
const PATIENCE_S = 6 * 3600;
const LONGEST_RETRY_AFTER_S = 3600;

/** Outcome -> [seconds at first, at most, looks in a row after which it is given up]; each look doubles. */
const BACKOFF = /** @type {const} */ ({
  // An order takes seconds to reach the gateway; after half an hour it is none that Doorstep delivers.
  NOTHING: [5, 300, 12],
  // Once more: a token may end on its way.
  REFUSED: [5, 5, 2],
  TROUBLE: [15, 600, 8],
});

/**
 * Seconds until the next look; null where there shall be none.
 *
 * @param {Look} look
 */
export function nextLookS(look) {
  const own = look.outcome === 'KNOWN' ? whileKnownS(look) : backoffS(look.outcome, look.times);
  if (own === null || look.sinceS + own > PATIENCE_S) {
    return null;
  }
  return Math.max(own, Math.min(look.retryAfterS, LONGEST_RETRY_AFTER_S));
}

/** @param {Look} look */
function whileKnownS({ deliveries, now }) {
  const open = deliveries.filter((delivery) => !isOver(delivery));
  if (deliveries.length > 0 && open.length === 0) {
    return null;
  }
  if (open.some(isNear)) {
    return NEAR_S;
  }
  const isSoon = open.some(({ eta }) => eta !== null && eta.at.getTime() - now.getTime() < SOON_S * 1000);
  return isSoon ? TODAY_S : LATER_S;
}

/**
 * @param {keyof typeof BACKOFF} outcome
 * @param {number} times
 */
function backoffS(outcome, times) {
  const [first, most, looks] = BACKOFF[outcome];
  return times >= looks ? null : Math.min(most, first * 2 ** (times - 1));
}
