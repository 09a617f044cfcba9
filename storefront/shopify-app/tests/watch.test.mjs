import assert from 'node:assert/strict';
import test from 'node:test';

import { askOverHttp, watch } from '../extensions/tracking-block/assets/watch.js';

/** @param {string} status */
const found = (status) => ({ status: 200, body: { deliveries: [{ status, status_text: status }] }, retryAfterS: 0 });
const nothing = { status: 404, body: null, retryAfterS: 0 };
const away = { status: 0, body: null, retryAfterS: 0 };

/**
 * Watch a gateway that gives these replies in turn, in a time that passes by itself.
 *
 * @param {(object | Error)[]} replies
 */
async function watched(replies) {
  const log = /** @type {string[]} */ ([]);
  let time = Date.parse('2026-11-23T18:00:00Z');
  const left = [...replies];
  await watch({
    ask: async () => {
      const reply = left.shift() ?? assert.fail('asked once too often');
      if (reply instanceof Error) {
        throw reply;
      }
      return reply;
    },
    show: (deliveries, outcome) => log.push(`${outcome} ${deliveries.map(({ status }) => status)}`.trim()),
    signal: new AbortController().signal,
    sleep: async (ms) => {
      time += ms;
      log.push(`${ms / 1000} s`);
    },
    now: () => new Date(time),
    random: () => 0,
  });
  assert.equal(left.length, 0);
  return log;
}

test('an order is found, followed and left when it is delivered', async () => {
  assert.deepEqual(await watched([nothing, found('BOOKED'), found('AT_DROPOFF'), found('DELIVERED')]), [
    'NOTHING', '5 s', 'KNOWN BOOKED', '300 s', 'KNOWN AT_DROPOFF', '30 s', 'KNOWN DELIVERED',
  ]);
});

test('what was known stays while the gateway is away, and pauses start anew after it', async () => {
  const replies = [away, new Error('no token'), found('BOOKED'), { ...away, status: 503 }, found('DELIVERED')];
  assert.deepEqual(await watched(replies), [
    'TROUBLE', '15 s', 'TROUBLE', '30 s', 'KNOWN BOOKED', '300 s', 'TROUBLE BOOKED', '15 s', 'KNOWN DELIVERED',
  ]);
});

test('an answer that cannot be read is trouble, an empty one is nothing', async () => {
  const replies = [{ status: 200, body: '<html>', retryAfterS: 0 }, { status: 200, body: { deliveries: [] }, retryAfterS: 0 }];
  assert.deepEqual(await watched([...replies, found('DELIVERED')]), [
    'TROUBLE', '15 s', 'NOTHING', '5 s', 'KNOWN DELIVERED',
  ]);
});

test('a refusal ends it after a second try', async () => {
  const refused = { status: 401, body: null, retryAfterS: 0 };
  assert.deepEqual(await watched([refused, refused]), ['REFUSED', '5 s', 'REFUSED']);
});

test('a page that is left asks no more, and shows nothing that comes later', async () => {
  const leaving = new AbortController();
  let shown = 0;
  const ask = async () => {
    leaving.abort();
    return found('BOOKED');
  };
  await watch({ ask, show: () => (shown += 1), signal: leaving.signal });
  assert.equal(shown, 0);
});

test('a pause ends at once when the page is left', { timeout: 2000 }, async () => {
  const leaving = new AbortController();
  const show = () => setTimeout(() => leaving.abort(), 1);
  await watch({ ask: async () => found('BOOKED'), show, signal: leaving.signal });
});

test('every fault of the network is nobody who answers', async () => {
  const faults = [
    async () => Promise.reject(new TypeError('Failed to fetch')),
    async () => new Response('<html>', { status: 200 }),
  ];
  for (const fetch of faults) {
    assert.deepEqual(await askOverHttp('https://doorstep.example/', {}, fetch), away);
  }
});

test('a reply tells its status, and for how long to wait', async () => {
  const busy = async () => new Response('', { status: 429, headers: { 'Retry-After': '120' } });
  assert.deepEqual(await askOverHttp('https://doorstep.example/', {}, busy), { status: 429, body: null, retryAfterS: 120 });
  const well = async () => Response.json({ deliveries: [] });
  assert.deepEqual(await askOverHttp('https://doorstep.example/', {}, well), {
    status: 200, body: { deliveries: [] }, retryAfterS: 0,
  });
});
