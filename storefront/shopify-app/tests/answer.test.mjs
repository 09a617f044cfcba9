import assert from 'node:assert/strict';
import test from 'node:test';

import { isNear, isOver, liveOf, readDeliveries } from '../extensions/tracking-block/assets/answer.js';

const GATEWAY = 'https://doorstep.example';
const whole = {
  status: 'IN_TRANSIT',
  status_text: 'On the way',
  eta: { at: '2026-11-23T18:15:00Z', from: '2026-11-23T18:05:00Z', to: '2026-11-23T18:25:00Z' },
  tracking_url: `${GATEWAY}/track/abc.def-1`,
};

/** @param {object} change */
const one = (change) => readDeliveries({ deliveries: [{ ...whole, ...change }] })[0];

test('an answer is read as it is written', () => {
  assert.deepEqual(readDeliveries({ deliveries: [whole], later: 1 }), [
    {
      status: 'IN_TRANSIT',
      text: 'On the way',
      eta: {
        at: new Date('2026-11-23T18:15:00Z'),
        from: new Date('2026-11-23T18:05:00Z'),
        to: new Date('2026-11-23T18:25:00Z'),
      },
      link: `${GATEWAY}/track/abc.def-1`,
    },
  ]);
});

test('what is no answer is none', () => {
  for (const body of [null, 7, 'deliveries', [], {}, { deliveries: null }, { deliveries: {} }]) {
    assert.equal(readDeliveries(body), null);
  }
  assert.deepEqual(readDeliveries({ deliveries: [] }), []);
});

test('a delivery that is not understood is shown with what is', () => {
  assert.deepEqual(readDeliveries({ deliveries: [null] }), [{ status: 'UNKNOWN', text: '', eta: null, link: null }]);
  assert.equal(one({ status: 'BEAMED' }).status, 'BEAMED');
  assert.equal(one({ eta: { at: 'soon' } }).eta, null);
  assert.equal(one({ eta: null }).eta, null);
});

test('an expected arrival without a sound interval is its instant', () => {
  const at = new Date(whole.eta.at);
  assert.deepEqual(one({ eta: { at: whole.eta.at } }).eta, { at, from: at, to: at });
  const backwards = { ...whole.eta, from: whole.eta.to, to: whole.eta.from };
  assert.deepEqual(one({ eta: backwards }).eta, { at, from: at, to: at });
});

test('only https becomes a link', () => {
  for (const link of ['javascript:alert(1)', 'http://doorstep.example/track/a', '//x', 7, null]) {
    assert.equal(one({ tracking_url: link }).link, null);
  }
});

test('neither texts nor lists fill the page', () => {
  assert.equal(one({ status_text: 'x'.repeat(1000) }).text.length, 200);
  assert.equal(readDeliveries({ deliveries: Array(500).fill(whole) }).length, 20);
});

test('scripts are loaded from our own gateway alone', () => {
  assert.deepEqual(liveOf(whole.tracking_url, GATEWAY), { gateway: GATEWAY, token: 'abc.def-1' });
  const others = [
    null, 'https://carrier.example/track/abc', 'https://doorstep.example.evil.example/track/abc',
    `${GATEWAY}/track/`, `${GATEWAY}/track/a/b`, `${GATEWAY}/track/a?b`, `${GATEWAY}/other/abc`,
  ];
  for (const link of others) {
    assert.equal(liveOf(link, GATEWAY), null);
  }
});

test('what is over is not near', () => {
  /** @type {[string, boolean, boolean][]} */
  const table = [
    ['BOOKED', false, false], ['OUT_FOR_DELIVERY', true, false], ['AT_DROPOFF', true, false],
    ['ATTEMPT_FAILED', false, false], ['DELIVERED', false, true], ['RETURNED', false, true],
    ['CANCELLED', false, true], ['FAILED', false, true], ['BEAMED', false, false],
  ];
  for (const [status, near, over] of table) {
    assert.deepEqual([isNear(one({ status })), isOver(one({ status }))], [near, over], status);
  }
});
