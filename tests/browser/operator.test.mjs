import assert from 'node:assert/strict';
import test from 'node:test';

import { ServerClock } from '../../gateway/app/static/clock.js';
import { dayAround } from '../../gateway/app/static/operator/day.js';
import { Ledger } from '../../gateway/app/static/operator/ledger.js';

/** @param {object} [more] @returns {any} */
const delivery = (more) => ({
  id: 'del_1', reference: 'DS-1', version: 1, createdAt: '2026-11-23T15:00:00Z', updatedAt: '2026-11-23T15:00:00Z',
  status: 'BOOKED', stage: 'PREPARING', flags: [], promise: null, eta: null, order: { number: '1041' },
  activeLeg: { mode: 'COURIER', carrier: { name: 'Uber Direct' } }, ...more,
});

/** @param {object} [more] @returns {any} */
const exception = (more) => ({
  id: 'exc_1', severity: 'HIGH', status: 'OPEN', title: 'Van 2 is silent', evidence: '', steps: [],
  raisedAt: '2026-11-23T15:00:00Z', dueAt: '2026-11-23T15:15:00Z', resolvedAt: null, resolvedBy: null, ...more,
});

/** @param {any} kind @param {any} thing @returns {any} */
const deliveryUpdate = (kind, thing = null) => ({ kind, cursor: '', sentAt: '', delivery: thing, leftFilter: false });
/** @param {any} kind @param {any} thing @returns {any} */
const exceptionUpdate = (kind, thing = null) => ({ kind, cursor: '', sentAt: '', exception: thing });

test('a delivery told twice stands in the list once', () => {
  const ledger = new Ledger();
  ledger.takeDelivery(deliveryUpdate('SNAPSHOT', delivery()));
  ledger.takeDelivery(deliveryUpdate('CHANGE', delivery({ version: 2, status: 'PICKED_UP', stage: 'ON_THE_WAY' })));
  ledger.takeDelivery(deliveryUpdate('CHANGE', delivery({ version: 2, status: 'PICKED_UP', stage: 'ON_THE_WAY' })));
  assert.deepEqual(ledger.open.map(({ stage }) => stage), ['ON_THE_WAY']);
  assert.deepEqual(ledger.happenings.map(({ text }) => text).sort(), ['#1041 booked', '#1041 picked up']);
});

test('after a RESET what the new snapshot does not name goes, once that snapshot is whole', () => {
  const ledger = new Ledger();
  ledger.takeDelivery(deliveryUpdate('SNAPSHOT', delivery()));
  ledger.takeDelivery(deliveryUpdate('SNAPSHOT', delivery({ id: 'del_2' })));
  ledger.takeDelivery(deliveryUpdate('RESET'));
  assert.equal(ledger.open.length, 2);
  ledger.takeDelivery(deliveryUpdate('SNAPSHOT', delivery({ id: 'del_2' })));
  ledger.takeDelivery(deliveryUpdate('CHECKPOINT'));
  assert.deepEqual(ledger.open.map(({ id }) => id), ['del_2']);
});

test('a delivery that changes hands is told as that', () => {
  const ledger = new Ledger();
  ledger.takeDelivery(deliveryUpdate('SNAPSHOT', delivery()));
  const activeLeg = { mode: 'OWN_FLEET', carrier: { name: 'Meridian vans' } };
  ledger.takeDelivery(deliveryUpdate('CHANGE', delivery({ version: 2, updatedAt: '2026-11-23T15:01:00Z', activeLeg })));
  assert.deepEqual(
    ledger.happenings.map(({ text, detail }) => `${text} ${detail}`)[0],
    '#1041 handed to Meridian vans instead of Uber Direct',
  );
});

test('the queue begins with what nobody looks at, the most severe first', () => {
  const ledger = new Ledger();
  ledger.takeException(exceptionUpdate('SNAPSHOT', exception({ id: 'medium', severity: 'MEDIUM' })));
  const seen = exception({ id: 'seen', severity: 'CRITICAL', status: 'ACKNOWLEDGED' });
  ledger.takeException(exceptionUpdate('SNAPSHOT', seen));
  ledger.takeException(exceptionUpdate('SNAPSHOT', exception({ id: 'high' })));
  assert.deepEqual(ledger.queue.map(({ id }) => id), ['high', 'medium', 'seen']);
});

test('an exception that a playbook closes leaves the queue and counts as mended by itself', () => {
  const ledger = new Ledger();
  ledger.takeException(exceptionUpdate('SNAPSHOT', exception()));
  const over = { status: 'RESOLVED', resolvedAt: '2026-11-23T15:05:00Z', resolvedBy: 'PLAYBOOK' };
  ledger.takeException(exceptionUpdate('CHANGE', exception(over)));
  ledger.takeException(exceptionUpdate('CHANGE', exception({ ...over, id: 'exc_2', resolvedBy: 'PERSON' })));
  const { exceptions, mended } = ledger.figures(new Date('2026-11-23T18:00:00Z'), 'America/New_York');
  assert.deepEqual({ exceptions, mended }, { exceptions: 0, mended: 1 });
});

test('on time is the share of promises that were kept; a delivery without one does not count', () => {
  const ledger = new Ledger();
  const promise = { window: { end: '2026-11-23T16:00:00Z' } };
  const node = (/** @type {string} */ id, /** @type {string} */ endedAt, /** @type {any} */ more = { promise }) =>
    ({ id, updatedAt: '2026-11-23T17:00:00Z', activeLeg: { endedAt }, ...more });
  const nodes = [
    node('a', '2026-11-23T15:59:00Z'), node('b', '2026-11-23T16:00:00Z'), node('c', '2026-11-23T16:01:00Z'),
    node('d', '2026-11-23T16:30:00Z'), node('e', '2026-11-23T16:30:00Z', { promise: null }),
  ];
  ledger.day = { orders: { total: { value: 9 } }, deliveries: { total: { value: 5 }, nodes }, routes: { nodes: [] } };
  // Two of the four that were promised came by 16:00.
  assert.equal(ledger.figures(new Date('2026-11-23T18:00:00Z'), 'UTC').onTime, 0.5);
});

test('a day lasts from midnight to midnight of its zone, also when the clocks change', () => {
  const hours = (/** @type {string} */ instant, /** @type {string} */ zone) => {
    const { from, to } = dayAround(new Date(instant), zone);
    return [from, (Date.parse(to) - Date.parse(from)) / 3_600_000];
  };
  assert.deepEqual(hours('2026-11-23T18:04:05.678Z', 'America/New_York'), ['2026-11-23T05:00:00.000Z', 24]);
  assert.deepEqual(hours('2026-11-01T18:00:00Z', 'America/New_York'), ['2026-11-01T04:00:00.000Z', 25]);
  assert.deepEqual(hours('2026-03-08T18:00:00Z', 'America/New_York'), ['2026-03-08T05:00:00.000Z', 23]);
  assert.deepEqual(hours('2026-03-29T12:00:00Z', 'Europe/Madrid'), ['2026-03-28T23:00:00.000Z', 23]);
});

test('the server’s clock runs on from what it told last, at its own rate', () => {
  let page = 5000;
  const clock = new ServerClock(() => page);
  clock.observe('2026-11-23T18:00:00Z', 60);
  page += 1000;
  assert.equal(clock.now().toISOString(), '2026-11-23T18:01:00.000Z');
  clock.observe('2026-11-23T18:05:00Z');
  page += 500;
  assert.equal(clock.secondsUntil('2026-11-23T18:06:00Z'), 30);
  clock.observe('not a time');
  assert.equal(clock.now().toISOString(), '2026-11-23T18:05:30.000Z');
});
