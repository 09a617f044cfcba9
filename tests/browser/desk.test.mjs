import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

import { EVERYTHING, filterOf, Queue } from '../../gateway/app/static/desk/queue.js';
import { startBrowser } from './browser.mjs';

/** DOORSTEP_DESK_SHOT: where to write a picture of the page, if anywhere. */
const picture = process.env.DOORSTEP_DESK_SHOT;
const STATIC = new URL('../../gateway/app/static/', import.meta.url);
const TYPES = /** @type {Record<string, string>} */ ({ html: 'text/html', js: 'text/javascript', css: 'text/css' });
const ME = { id: 'per_1', name: 'Robin' };
const SAM = { id: 'per_2', name: 'Sam' };

/** @param {object} [more] @returns {any} */
const exception = (more) => ({
  id: 'exc_1', kind: 'NO_COURIER', severity: 'HIGH', status: 'OPEN', title: 'DS-1: no courier yet', version: 1,
  raisedAt: '2026-11-23T15:00:00Z', dueAt: '2026-11-23T15:15:00Z', breachesPromiseAt: '2026-11-23T16:00:00Z',
  resolvedBy: null, assignee: null, ...more,
});

/** @param {any} one @param {object} [more] @returns {any} */
const change = (one, more) => ({ kind: 'CHANGE', cursor: '', sentAt: '2026-11-23T15:00:00Z', leftFilter: false, exception: one, ...more });

test('the promise that breaks first stands first; without one, when an answer is due', () => {
  const queue = new Queue();
  queue.begin([
    exception({ id: 'later' }),
    exception({ id: 'soon', breachesPromiseAt: '2026-11-23T15:05:00Z' }),
    exception({ id: 'van', breachesPromiseAt: null, dueAt: '2026-11-23T15:30:00Z' }),
  ]);
  assert.deepEqual(queue.all.map(({ id }) => id), ['soon', 'van', 'later']);
  assert.equal(queue.beside('soon', 1), 'van');
  assert.equal(queue.beside('soon', -1), 'soon');
  assert.equal(queue.beside(null, -1), 'later');
});

test('a change is taken once, an older one never, and what is not asked for leaves', () => {
  const queue = new Queue();
  assert.equal(queue.take(change(exception())), true);
  assert.equal(queue.take(change(exception({ version: 2, assignee: ME }))), false);
  queue.add([exception()]);
  assert.equal(queue.get('exc_1')?.assignee, ME, 'a page that was asked for before is older');
  queue.take(change(exception({ version: 3 }), { leftFilter: true }));
  assert.deepEqual(queue.all, []);
});

test('what a person chooses becomes a filter', () => {
  assert.deepEqual(filterOf(EVERYTHING, null), {});
  const choice = { whose: 'MINE', severity: 'HIGH', kind: 'LOST', within: '900', isOver: false };
  assert.deepEqual(filterOf(choice, 'per_1'), {
    assigneeIds: ['per_1'], severities: ['HIGH'], kinds: ['LOST'], dueWithinSeconds: 900,
  });
  assert.deepEqual(filterOf({ ...EVERYTHING, whose: 'NOBODYS', isOver: true }, null), {
    status: ['RESOLVED'], unassigned: true,
  });
});

test('a dispatcher claims by keyboard, hears who was first, and hands over, on a phone too', { timeout: 60_000 }, async () => {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(15_000);
    const gateway = new Gateway();
    await gateway.stand(page);
    /** @type {string[]} */
    const faults = [];
    page.on('pageerror', (fault) => faults.push(fault.message));
    page.on('console', (message) => message.text().includes('Content Security Policy') && faults.push(message.text()));

    await page.goto('http://desk.test/desk.html#key=sk_live_test');
    await page.locator('#list .row').nth(1).waitFor();
    assert.equal(await page.locator('#person').textContent(), 'Robin');
    assert.ok(!page.url().includes('sk_live_test'), 'the key is out of the address');
    assert.deepEqual(await page.locator('#list .title').allTextContents(), ['DS-1: no courier yet', 'DS-2: lost']);
    const left = (await page.locator('#list .left').first().textContent()) ?? '';
    assert.ok(/^promise breaks in (9:5\d|10 min)$/.test(left), left);

    await page.keyboard.press('j');
    await page.locator('#panel h2', { hasText: 'DS-1' }).waitFor();
    await page.locator('#panel .remedies button', { hasText: 'Another courier · $3.00' }).waitFor();
    if (picture) {
      await page.screenshot({ path: picture });
    }
    await page.keyboard.press('c');
    await page.locator('#panel dd', { hasText: 'Robin' }).waitFor();
    assert.deepEqual(gateway.asked.at(-1), ['claimException', { exceptionId: 'exc_1', note: '' }]);

    gateway.refusal = 'Sam has this exception already.';
    await page.keyboard.press('j');
    await page.locator('#panel h2', { hasText: 'DS-2' }).waitFor();
    await page.locator('#panel textarea').fill('I go home.');
    await page.locator('#panel [data-act="claim"]').click();
    await page.locator('#panel .refusal', { hasText: 'Sam has this' }).waitFor();
    // Whatever becomes of it meanwhile is shown beside why the claim did not happen.
    gateway.change(exception({ id: 'exc_2', title: 'DS-2: lost again', kind: 'LOST', severity: 'CRITICAL' }));
    await page.locator('#panel h2', { hasText: 'DS-2: lost again' }).waitFor();
    assert.equal(await page.locator('#panel .refusal').textContent(), 'Sam has this exception already.');
    assert.equal(await page.locator('#panel textarea').inputValue(), 'I go home.', 'the words are not lost');

    gateway.refusal = '';
    await page.locator('#panel .messages li', { hasText: 'Driver to desk alone' }).filter({ hasText: 'I need help' }).waitFor();
    gateway.losesAnswers = true;
    const send = page.locator('#panel button', { hasText: 'Send the note to Alex alone' });
    await send.click();
    await page.locator('#panel .refusal', { hasText: 'cannot be reached' }).waitFor();
    gateway.losesAnswers = false;
    await send.click();
    await page.waitForFunction(() => document.querySelector('textarea')?.value === '');
    const [, { threadId, to, body }] = gateway.asked.at(-1) ?? ['', {}];
    assert.deepEqual([threadId, to, body], ['thr_1', 'DRIVER', 'I go home.']);
    const keys = gateway.asked.filter(([name]) => name === 'sendMessage').map(([, { idempotencyKey }]) => idempotencyKey);
    assert.deepEqual([keys.length, new Set(keys).size], [2, 1], 'a repeat is one message');
    await page.locator('#panel textarea').fill('I go home.');
    await page.locator('#panel [data-act="hand over"]').selectOption('per_2');
    await page.locator('#panel dd', { hasText: 'Sam' }).waitFor();
    const [name, input] = gateway.asked.at(-1) ?? [];
    assert.equal(name, 'assignException');
    assert.deepEqual(input, { exceptionId: 'exc_2', expectedVersion: 1, personId: 'per_2', note: 'I go home.' });

    gateway.change(exception({ id: 'exc_3', title: 'DS-3: damaged', breachesPromiseAt: '2026-11-23T15:01:00Z' }));
    await page.locator('#list .title').first().filter({ hasText: 'DS-3' }).waitFor();
    assert.equal(await page.locator('#news').textContent(), 'New: DS-3: damaged');
    await page.locator('#filters [name="whose"]').selectOption('MINE');
    await page.waitForFunction(() => document.querySelectorAll('#list .row').length === 2);
    assert.deepEqual(gateway.filters.at(-1), { assigneeIds: ['per_1'] });

    await page.setViewportSize({ width: 360, height: 740 });
    assert.equal(await page.locator('#list').isVisible(), false, 'one thing at a time');
    await page.locator('#panel .back').click();
    await page.locator('#list .row', { hasText: 'DS-1' }).click();
    await page.locator('#panel h2', { hasText: 'DS-1' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'panel');
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(widths[0] <= widths[1], 'the page is no wider than its window');
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
  }
});

/** As much of a gateway as the page asks; `test_documents.py` holds its documents against the schema. */
class Gateway {
  losesAnswers = false;
  refusal = '';
  /** @type {[string, any][]} */
  asked = [];
  /** @type {any[]} */
  filters = [];
  /** @type {(message: object) => void} */
  #send = () => {};
  #listening = '';
  #kept = new Map(
    [
      exception({ breachesPromiseAt: '2026-11-23T15:10:00Z' }),
      exception({ id: 'exc_2', title: 'DS-2: lost', kind: 'LOST', severity: 'CRITICAL' }),
    ].map((one) => [one.id, one]),
  );

  /** @param {import('playwright-core').Page} page */
  async stand(page) {
    await page.route('http://desk.test/**', async (route) => {
      const path = new URL(route.request().url()).pathname.replace(/^\/static\//, '/').slice(1);
      if (path === 'graphql') {
        const asked = route.request().postDataJSON();
        const data = this.#answer(asked);
        await (this.losesAnswers && asked.query.includes('mutation') ? route.abort() : route.fulfill({ json: { data } }));
      } else {
        const body = await readFile(new URL(path, STATIC));
        await route.fulfill({ body, contentType: TYPES[path.split('.').at(-1) ?? ''] });
      }
    });
    await page.routeWebSocket('ws://desk.test/graphql', (socket) => {
      this.#send = (message) => socket.send(JSON.stringify(message));
      socket.onMessage((text) => this.#hear(JSON.parse(String(text))));
    });
  }

  /** @param {any} one */
  change(one) {
    this.#kept.set(one.id, one);
    this.#tell(change(one));
  }

  /** @param {any} message */
  #hear({ type, id, payload }) {
    if (type === 'connection_init') {
      this.#send({ type: 'connection_ack' });
    } else if (type === 'subscribe') {
      this.#listening = id;
      this.filters.push(payload.variables.filter);
      this.#tell({ ...change(null), kind: 'CHECKPOINT' });
    }
  }

  /** @param {object} update */
  #tell(update) {
    this.#send({ type: 'next', id: this.#listening, payload: { data: { exceptionRaised: update } } });
  }

  /** @param {{ query: string, variables: any }} asked @returns {object} */
  #answer({ query, variables }) {
    if (query.includes('query DeskWho')) {
      const merchant = { name: 'A shop', timeZone: 'UTC' };
      return { viewer: { merchant, person: ME }, people: { nodes: [ME, SAM] } };
    }
    if (query.includes('query DeskQueue')) {
      const nodes = [...this.#kept.values()].slice(0, 2);
      const total = { value: nodes.length, precision: 'EXACT' };
      return { deliveryExceptions: { nodes, pageInfo: { hasNextPage: false, endCursor: null }, total } };
    }
    if (query.includes('query DeskOne')) {
      return { deliveryException: detailOf(this.#kept.get(variables.id)) };
    }
    const name = /^\s*(\w+)\(input/m.exec(query)?.[1] ?? '';
    this.asked.push([name, variables.input]);
    if (name === 'sendMessage') {
      return { sendMessage: { __typename: 'SendMessageSuccess' } };
    }
    if (this.refusal) {
      return { [name]: { __typename: 'StateConflict', message: this.refusal } };
    }
    const { exceptionId, personId } = variables.input;
    const before = this.#kept.get(exceptionId);
    const assignee = personId === SAM.id ? SAM : ME;
    this.change({ ...before, version: before.version + 1, status: 'ACKNOWLEDGED', assignee });
    return { [name]: { __typename: 'Success' } };
  }
}

/** @param {any} one */
function detailOf(one) {
  return {
    ...one, evidence: 'It was seen.', escalations: 0, missedResponses: [], waitingFor: null,
    delivery: {
      id: 'del_1', reference: 'DS-1', driver: { id: 'drv_1', name: 'Alex' },
      thread: { id: 'thr_1', isOpen: true, messages: { nodes: [{ id: 'msg_1', sender: 'DRIVER', to: 'DESK', body: 'I need help', sentAt: one.raisedAt, attachmentUrls: [] }] } },
    },
    steps: [{ id: 'pbs_1', action: 'RAISE_OFFER', status: 'DONE', reason: 'More was offered.', at: one.raisedAt, canUndo: true, cost: null }],
    remedies: [{ id: 'REDISPATCH', label: 'Another courier', effect: 'Books the next.', needsApproval: true, newEta: null, cost: { amount: '3.00', currencyCode: 'USD' } }],
    history: { nodes: [{ at: one.raisedAt, by: 'OTHER', text: 'It was seen.', keyName: null, person: null, to: null }] },
  };
}
