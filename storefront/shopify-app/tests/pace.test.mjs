import assert from 'node:assert/strict';
import test from 'node:test';

import { nextLookS } from '../extensions/tracking-block/assets/pace.js';

const now = new Date('2026-11-23T18:00:00Z');

/** @param {string} status @param {number | null} [etaInS] */
function delivery(status, etaInS = null) {
  const at = etaInS === null ? null : new Date(now.getTime() + etaInS * 1000);
  return { status, text: '', eta: at && { at, from: at, to: at }, link: null };
}

/** @param {object} change */
function next(change) {
  return nextLookS({ outcome: 'KNOWN', times: 1, deliveries: [], retryAfterS: 0, sinceS: 0, now, ...change });
}

/** @param {'NOTHING' | 'REFUSED' | 'TROUBLE'} outcome @returns the pauses until it is given up */
function pauses(outcome) {
  const all = [];
  for (let times = 1; ; times += 1) {
    const pause = next({ outcome, times });
    if (pause === null) {
      return all;
    }
    all.push(pause);
  }
}

test('a delivery is looked at the more often the nearer it is', () => {
  assert.equal(next({ deliveries: [delivery('BOOKED')] }), 300);
  assert.equal(next({ deliveries: [delivery('IN_TRANSIT', 2 * 86400)] }), 300);
  assert.equal(next({ deliveries: [delivery('IN_TRANSIT', 3600)] }), 60);
  assert.equal(next({ deliveries: [delivery('OUT_FOR_DELIVERY', 3600)] }), 30);
  assert.equal(next({ deliveries: [delivery('BOOKED'), delivery('AT_DROPOFF')] }), 30);
});

test('nobody looks after all is over', () => {
  assert.equal(next({ deliveries: [delivery('DELIVERED')] }), null);
  assert.equal(next({ deliveries: [delivery('DELIVERED'), delivery('CANCELLED')] }), null);
  assert.equal(next({ deliveries: [delivery('DELIVERED'), delivery('BOOKED')] }), 300);
});

test('an order that nobody knows is asked for a while', () => {
  assert.deepEqual(pauses('NOTHING'), [5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300]);
});

test('a question that is refused is asked once more', () => {
  assert.deepEqual(pauses('REFUSED'), [5]);
});

test('a gateway that is unwell is left in peace', () => {
  assert.deepEqual(pauses('TROUBLE'), [15, 30, 60, 120, 240, 480, 600]);
});

test('the gateway may ask for more time, up to an hour', () => {
  assert.equal(next({ outcome: 'TROUBLE', retryAfterS: 90 }), 90);
  assert.equal(next({ outcome: 'TROUBLE', retryAfterS: 3 }), 15);
  assert.equal(next({ outcome: 'TROUBLE', retryAfterS: 86400 }), 3600);
});

test('a page that was left open stops after six hours', () => {
  assert.equal(next({ deliveries: [delivery('BOOKED')], sinceS: 6 * 3600 - 300 }), 300);
  assert.equal(next({ deliveries: [delivery('BOOKED')], sinceS: 6 * 3600 - 299 }), null);
});
