import assert from 'node:assert/strict';
import test from 'node:test';

import { fromFragment, ownAddress } from '../../gateway/app/static/fragment.js';
import { whyWords } from '../../gateway/app/static/shopper/options-view.js';
import { hiddenWords, progressOf, stopsWords } from '../../gateway/app/static/shopper/progress.js';
import { questionOf } from '../../gateway/app/static/shopper/question.js';

test('every delivery stands on one of six steps, also with a status that came later', () => {
  const steps = /** @type {[string, string, number][]} */ ([
    ['PREPARING', 'BOOKED', 0], ['PREPARING', 'COURIER_ASSIGNED', 1], ['ON_THE_WAY', 'PICKED_UP', 2],
    ['ON_THE_WAY', 'OUT_FOR_DELIVERY', 3], ['NEARBY', 'OUT_FOR_DELIVERY', 4], ['DELIVERED', 'DELIVERED', 5],
    ['NEARBY', 'ON_THE_DRONE', 4], ['ON_THE_WAY', 'ON_THE_DRONE', 3],
  ]);
  for (const [stage, status, step] of steps) {
    assert.deepEqual(progressOf({ stage, status }), { step, trouble: null });
  }
});

test('a delivery that ended or halted says so', () => {
  assert.equal(progressOf({ stage: 'NOT_DELIVERED', status: 'CANCELLED' }).trouble, 'ended');
  assert.equal(progressOf({ stage: 'NEEDS_ATTENTION', status: 'ATTEMPT_FAILED' }).trouble, 'halted');
});

test('a hidden position is explained, also for a reason that came later', () => {
  assert.ok(hiddenWords('TOO_MANY_STOPS_BEFORE').includes('other doors'));
  assert.equal(hiddenWords('ECLIPSE'), 'The position is not shown at the moment.');
});

test('stops before the shopper’s are counted in words', () => {
  assert.deepEqual([null, 0, 1, 5].map(stopsWords), ['', 'You are next', '1 stop before you', '5 stops before you']);
});

test('an option’s reasons do not repeat what its row shows anyway', () => {
  const rankReasons = [
    { factor: 'PRICE', text: 'Cheapest of 4' },
    { factor: 'EMISSIONS', text: 'Least CO₂ of 4' },
    { factor: 'RELIABILITY', text: '98% of its deliveries went well' },
  ];
  const greenest = /** @type {any} */ ({ rankReasons, highlights: ['GREENEST'], emissions: { co2eGrams: 120 } });
  assert.equal(whyWords(greenest), '98% of its deliveries went well');
  assert.equal(whyWords({ ...greenest, highlights: [], emissions: null }), '98% of its deliveries went well');
  assert.equal(whyWords({ ...greenest, highlights: [] }), 'Least CO₂ of 4 · 98% of its deliveries went well');
});

test('the question to the gateway leaves out what the storefront does not know', () => {
  const given = { country: 'US', 'postal-code': '00401', city: '', items: '[{"quantity":1}]' };
  const attributes = /** @type {Record<string, string>} */ (given);
  const question = questionOf({ getAttribute: (name) => attributes[name] ?? null });
  assert.deepEqual(JSON.parse(JSON.stringify(question)), {
    destination: { countryCode: 'US', postalCode: '00401' },
    items: [{ quantity: 1 }],
    cart: {},
  });
});

test('a link can hand a page an address of its own host only', () => {
  assert.equal(ownAddress('#map=/demo/map.json', 'map'), '/demo/map.json');
  const addresses = ['https://elsewhere.test/m.json', '//elsewhere.test/m.json', '/\\elsewhere.test', 'javascript:1'];
  for (const elsewhere of addresses) {
    assert.equal(ownAddress(`#map=${encodeURIComponent(elsewhere)}`, 'map'), null);
  }
  assert.equal(fromFragment('#key=sk_test_1&map=/x', 'key'), 'sk_test_1');
});
