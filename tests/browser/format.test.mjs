import assert from 'node:assert/strict';
import test from 'node:test';

import {
  agoWords, codeWords, dayWords, leftWords, localTimes, momentWords, priceWords, windowWords,
} from '../../gateway/app/static/format.js';

// Monday 23 November 2026, 13:04 in New York, which is five hours behind UTC then.
const wording = { locale: 'en-GB', timeZone: 'America/New_York', now: new Date('2026-11-23T18:04:00Z') };

/** @param {string} start @param {string} end New York's wall clock, November 2026 */
function span(start, end) {
  return { start: `2026-11-${start}:00-05:00`, end: `2026-11-${end}:00-05:00` };
}

test('a price is written exactly, with the digits of its currency, and nothing to pay is free', () => {
  assert.equal(priceWords({ amount: '12.90', currencyCode: 'USD' }, 'en-US'), '$12.90');
  const beyondFloats = { amount: '9007199254740993.10', currencyCode: 'USD' };
  assert.equal(priceWords(beyondFloats, 'en-US'), '$9,007,199,254,740,993.10');
  assert.equal(priceWords({ amount: '1300', currencyCode: 'JPY' }, 'en-US'), '¥1,300');
  assert.equal(priceWords({ amount: '0.00', currencyCode: 'EUR' }, 'de-DE'), 'Free');
});

test('a promise is worded as a shopper would say it', () => {
  /** @type {[{ start: string, end: string }, string][]} */
  const table = [
    [span('23T14:00', '23T16:00'), 'Today 14:00–16:00'],
    [span('23T13:00', '23T13:45'), 'Today by 13:45'],
    [span('24T09:00', '24T12:00'), 'Tomorrow 09:00–12:00'],
    [span('26T08:00', '26T20:00'), 'Thursday by 20:00'],
    [span('26T00:00', '27T00:00'), 'Thursday'],
    [span('24T00:00', '27T00:00'), 'Tomorrow – Thursday'],
    [span('22T00:00', '25T00:00'), 'By tomorrow'],
    [span('23T22:00', '24T00:00'), 'Today from 22:00'],
  ];
  for (const [window, words] of table) {
    assert.equal(windowWords(window, wording), words);
  }
});

test('the day of a promise is the day at the destination, not that of the browser or of UTC', () => {
  const lateEvening = '2026-11-24T03:30:00Z';
  assert.equal(dayWords(lateEvening, wording), 'Today');
  assert.equal(dayWords(lateEvening, { ...wording, timeZone: 'Europe/Madrid' }), 'Tomorrow');
  assert.equal(momentWords(lateEvening, wording), 'Today 22:30');
});

test('a day more than a week away is told by its date', () => {
  assert.equal(dayWords('2026-12-03T17:00:00Z', { ...wording, locale: 'en-US' }), 'Thu, Dec 3');
});

test('times that the gateway says in UTC are told as the shop’s clock shows them', () => {
  const about = '2026-11-23T23:50:00Z';
  const table = /** @type {[string, string][]} */ ([
    ['Promised by 22:12 UTC; expected at 00:20 UTC.', 'Promised by 17:12; expected at 19:20.'],
    ['The shopper is promised 24 Nov 16:10 to 16:30 UTC instead.', 'The shopper is promised tomorrow 11:10 to 11:30 instead.'],
    ['Ends 99 Foo 16:10 UTC. It is 12:00.', 'Ends 99 Foo 16:10 UTC. It is 12:00.'],
  ]);
  for (const [said, told] of table) {
    assert.equal(localTimes(said, about, wording), told);
  }
});

test('what is left is told in the unit that matters', () => {
  const table = /** @type {[number, string][]} */ ([
    [-5, '0 s'], [59.9, '59 s'], [61, '1:01'], [599, '9:59'], [2280, '38 min'], [3600, '1 h'], [7500, '2 h 5 min'],
    [86_400, '1 day'], [200_000, '2 days'],
  ]);
  for (const [seconds, words] of table) {
    assert.equal(leftWords(seconds), words);
  }
});

test('what was is told as an age', () => {
  const words = ['just now', '1 min ago', '50 min ago', '2 h ago', '2 d ago'];
  assert.deepEqual([3, 50, 3000, 7300, 180_000].map(agoWords), words);
});

test('a code nobody knew when this was written still reads as words', () => {
  assert.equal(codeWords('HELD_AT_DRONE_PORT'), 'Held at drone port');
  assert.equal(codeWords('GPS_SILENT'), 'GPS silent');
  assert.equal(codeWords('AT_DROPOFF'), 'At the door');
});
