import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

import { createAct } from '../../gateway/app/static/shopper/ask.js';
import { RequestFailed } from '../../gateway/app/static/graphql.js';
import { startBrowser } from './browser.mjs';

const STATIC = new URL('../../gateway/app/static/', import.meta.url);
const TYPES = /** @type {Record<string, string>} */ ({ html: 'text/html', js: 'text/javascript', css: 'text/css', json: 'application/json' });
const AT = { latitude: 40.7, longitude: -74 };
const GROUND = { type: 'FeatureCollection', bbox: [-74.01, 40.69, -73.99, 40.71], features: [] };

test('what nobody answered is sent again under its own key, and anything else under another', async () => {
  /** @type {string[]} */
  const keys = [];
  let isAway = true;
  const client = {
    send: async (/** @type {string} */ _document, /** @type {any} */ variables) => {
      keys.push(variables.input.idempotencyKey);
      if (isAway) {
        throw new RequestFailed('Nobody answers.', 'NETWORK', true);
      }
      return { sendMessage: { __typename: 'SendMessageSuccess' } };
    },
  };
  const act = createAct(client, () => {});
  assert.equal(await act('m', { body: 'Hello' }), 'Nobody answers.');
  isAway = false;
  assert.equal(await act('m', { body: 'Hello' }), null);
  await act('m', { body: 'Hello' });
  assert.equal(keys[0], keys[1]);
  assert.ok(keys[1] !== keys[2], 'the same words once more are another message');
});

test('a shopper is asked back, leaves word of a safe place, pins the door by keyboard, and writes', { timeout: 60_000 }, async () => {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
    page.setDefaultTimeout(15_000);
    const gateway = new Gateway();
    await gateway.stand(page);
    /** @type {string[]} */
    const faults = [];
    page.on('pageerror', (fault) => faults.push(fault.message));
    page.on('console', (message) => message.text().includes('Content Security Policy') && faults.push(message.text()));
    const panel = (/** @type {string} */ action) => page.locator(`[data-action="${action}"]`);

    await page.goto('http://shop.test/track/token_1#map=/ground.json');
    await panel('RESCHEDULE').locator('summary').click();
    await page.locator('select option', { hasText: 'PM' }).waitFor({ state: 'attached' });
    assert.equal(await page.locator('select option').count(), 2, 'as soon as possible, and what is not full');
    gateway.refusal = 'The slot is full.';
    await page.locator('select').selectOption('slt_1');
    await panel('RESCHEDULE').locator('form button').click();
    await page.locator('[role="alert"]', { hasText: 'The slot is full.' }).waitFor();
    gateway.refusal = '';
    gateway.isAway = true;
    await panel('RESCHEDULE').locator('form button').click();
    await page.locator('[role="alert"]', { hasText: 'cannot be reached' }).waitFor();
    assert.equal(await page.locator('select').inputValue(), 'slt_1', 'a repeat asks for the same');
    gateway.isAway = false;

    await panel('CHOOSE_SAFE_PLACE').locator('summary').click();
    await page.locator('[name="place"]').fill('  Behind the shed ');
    gateway.tracking = { ...gateway.tracking, actions: ['CORRECT_PIN', 'SEND_MESSAGE'] };
    await page.locator('[name="place"]').press('Enter');
    await page.locator('[role="status"]', { hasText: 'told where to leave it' }).waitFor();
    assert.equal(gateway.asked.at(-1)?.safePlace, 'Behind the shed');
    assert.equal(await panel('RESCHEDULE').count(), 0, 'what is not open any more is gone');

    await panel('CORRECT_PIN').locator('summary').press('Enter');
    await panel('CORRECT_PIN').locator('canvas').press('ArrowRight');
    await page.getByRole('button', { name: 'The door is here' }).press('Enter');
    await page.locator('[role="status"]', { hasText: 'shown your door' }).waitFor();
    const { latitude, longitude } = gateway.asked.at(-1)?.pin;
    assert.ok(Math.abs(latitude - AT.latitude) < 1e-4 && longitude > AT.longitude && longitude < AT.longitude + 0.002);

    const gone = { at: '2026-11-23T14:40:00Z', interval: { start: '2026-11-23T14:30:00Z', end: '2026-11-23T14:50:00Z' }, stopsBefore: 2 };
    gateway.tell({ eta: gone });
    await page.locator('.eta', { hasText: 'Later than expected' }).waitFor();
    assert.equal(await page.locator('.stops').isVisible(), false, 'nothing is counted towards a time that has passed');
    gateway.tell({ thread: { unreadCount: 1 } });
    await panel('SEND_MESSAGE').locator('summary', { hasText: '1 new' }).click();
    await page.locator('.messages', { hasText: 'I am at the gate.' }).waitFor();
    await page.locator('textarea').fill('Coming down.');
    await panel('SEND_MESSAGE').locator('form button').click();
    await page.locator('.messages .own', { hasText: 'Coming down.' }).waitFor();
    assert.equal(await page.locator('textarea').inputValue(), '');
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(widths[0] <= widths[1], 'the page is no wider than its window');

    gateway.tell({ actions: [], stage: 'DELIVERED', status: 'DELIVERED' });
    await page.waitForFunction(() => document.querySelector('doorstep-tracking')?.getAttribute('data-stage') === 'DELIVERED');
    assert.equal(await page.locator('details').count(), 0);
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
  }
});

/** As much of a gateway as the page asks; `test_documents.py` holds its documents against the schema. */
class Gateway {
  refusal = '';
  isAway = false;
  /** @type {any[]} */
  asked = [];
  /** @type {any} */
  tracking = {
    __typename: 'Tracking', id: 'del_1', reference: 'DS-1', stage: 'NEEDS_ATTENTION', status: 'ATTEMPT_FAILED',
    headline: 'Your order could not be handed over', promise: null, eta: null, courier: null, carrierName: 'Own vans',
    destination: AT, position: null, positionHidden: 'NOT_STARTED', timeline: [],
    merchant: { name: 'A shop', timeZone: 'UTC', supportUrl: null },
    actions: ['RESCHEDULE', 'CHOOSE_SAFE_PLACE', 'SEND_MESSAGE'], thread: { unreadCount: 0 },
  };
  #messages = [{ id: 'msg_1', sender: 'DRIVER', body: 'I am at the gate.', sentAt: '2026-11-23T15:00:00Z', attachmentUrls: [] }];
  /** @type {(message: object) => void} */
  #send = () => {};
  #listening = '';

  /** @param {import('playwright-core').Page} page */
  async stand(page) {
    await page.route('http://shop.test/**', async (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/graphql' && this.isAway) {
        await route.abort();
      } else if (pathname === '/graphql') {
        await route.fulfill({ json: { data: this.#answer(route.request().postDataJSON()) } });
      } else if (pathname === '/ground.json') {
        await route.fulfill({ json: GROUND });
      } else {
        const path = pathname.startsWith('/track/') ? 'track.html' : pathname.replace('/static/', '');
        const body = await readFile(new URL(path, STATIC));
        await route.fulfill({ body, contentType: TYPES[path.split('.').at(-1) ?? ''] });
      }
    });
    await page.routeWebSocket('ws://shop.test/graphql', (socket) => {
      this.#send = (message) => socket.send(JSON.stringify(message));
      socket.onMessage((text) => this.#hear(JSON.parse(String(text))));
    });
  }

  /** @param {object} news */
  tell(news) {
    this.tracking = { ...this.tracking, ...news };
    const update = { cursor: '', kind: 'CHANGE', sentAt: '2026-11-23T15:00:00Z', tracking: this.tracking };
    this.#send({ type: 'next', id: this.#listening, payload: { data: { trackingUpdated: update } } });
  }

  /** @param {any} message */
  #hear({ type, id }) {
    if (type === 'connection_init') {
      this.#send({ type: 'connection_ack' });
    } else if (type === 'subscribe') {
      this.#listening = id;
      this.tell({});
    }
  }

  /** @param {{ query: string, variables: any }} asked @returns {object} */
  #answer({ query, variables }) {
    if (query.includes('query TrackingSlots')) {
      const window = { start: '2026-11-23T16:00:00Z', end: '2026-11-23T18:00:00Z' };
      const slot = { id: 'slt_1', window, timeZone: 'UTC', availability: 'AVAILABLE' };
      return { tracking: { ...this.tracking, slots: { nodes: [slot, { ...slot, id: 'slt_2', availability: 'FULL' }] } } };
    }
    if (query.includes('query TrackingThread')) {
      const thread = { id: 'thr_1', unreadCount: this.tracking.thread.unreadCount, messages: { nodes: this.#messages } };
      return { tracking: { ...this.tracking, thread } };
    }
    const name = /^\s*(\w+)\(input/m.exec(query)?.[1] ?? '';
    this.asked.push(variables.input);
    if (this.refusal) {
      return { [name]: { __typename: 'SlotUnavailable', code: 'SLOT_UNAVAILABLE', message: this.refusal } };
    }
    if (name === 'sendMessage') {
      this.#messages.unshift({ id: 'msg_2', sender: 'SHOPPER', body: variables.input.body, sentAt: '2026-11-23T15:01:00Z', attachmentUrls: [] });
    }
    return { [name]: { __typename: 'Success', tracking: name === 'updateDropoff' ? this.tracking : undefined } };
  }
}
