import assert from 'node:assert/strict';
import test from 'node:test';

import { etaWords } from '../extensions/tracking-block/assets/words.js';

// Monday 23 November 2026, 13:04 in New York, which is five hours behind UTC then.
const wording = { locale: 'en-GB', timeZone: 'America/New_York', now: new Date('2026-11-23T18:04:00Z') };

/** @param {string} from @param {string} to New York's wall clock, November 2026 */
function eta(from, to) {
  const [start, end] = [from, to].map((text) => new Date(`2026-11-${text}:00-05:00`));
  return { at: start, from: start, to: end };
}

test('an expected arrival is worded as a shopper would say it', () => {
  // Where a comma stands, and how wide a dash is set, changes from one release of Node to the next.
  /** @type {[{ at: Date, from: Date, to: Date }, RegExp][]} */
  const table = [
    [eta('23T14:05', '23T14:25'), /^today, 14:05 ?– ?14:25$/],
    [eta('23T14:05', '23T14:05'), /^today, 14:05$/],
    [eta('24T09:00', '24T12:00'), /^tomorrow, 09:00 ?– ?12:00$/],
    [eta('26T08:00', '26T20:00'), /^Thu,? 26 Nov$/],
    [eta('24T09:00', '26T18:00'), /^tomorrow – Thu,? 26 Nov$/],
  ];
  for (const [arrival, words] of table) {
    assert.match(etaWords(arrival, wording), words);
  }
});

test('it is worded in the language of the page', () => {
  const arrival = eta('24T14:05', '24T14:25');
  assert.match(etaWords(arrival, { ...wording, locale: 'de' }), /^morgen, 14:05 ?– ?14:25/);
  assert.match(etaWords(arrival, { ...wording, locale: 'fr' }), /^demain, 14:05 ?– ?14:25$/);
});

test('the day is the one in the shopper’s zone', () => {
  const late = eta('23T23:30', '23T23:50');
  assert.match(etaWords(late, { ...wording, timeZone: 'Europe/Berlin' }), /^tomorrow, 05:30 ?– ?05:50$/);
});

test('a locale or zone that nobody knows is the browser’s', () => {
  for (const strange of [{ locale: 'x_y' }, { timeZone: 'Mars/Olympus' }, { locale: undefined, timeZone: undefined }]) {
    assert.ok(etaWords(eta('23T14:05', '23T14:25'), { ...wording, ...strange }).length > 5);
  }
});
