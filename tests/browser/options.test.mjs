import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

import { startBrowser } from './browser.mjs';

const STATIC = new URL('../../gateway/app/static/', import.meta.url);
const PAGE = `<!doctype html><script type="module" src="/doorstep.js"></script>
  <doorstep-delivery-options publishable-key="pk_live_test" country="US" postal-code="00401"></doorstep-delivery-options>`;

/** Before any carrier has answered. */
const NOTHING_YET = {
  __typename: 'DeliveryOptions', id: 'qst_1', isComplete: false, refreshAfterSeconds: 0.05,
  serverTime: '2026-11-23T15:00:00Z', destination: { missing: [] }, groups: [],
};
const OPTION = {
  id: 'quo_1', code: 'own_fleet.standard', title: 'By van', mode: 'OWN_FLEET', price: { amount: '4.90', currencyCode: 'USD' },
  promise: { window: { start: '2026-11-23T16:00:00Z', end: '2026-11-23T18:00:00Z' }, timeZone: 'UTC', confidence: null },
  carrier: { code: 'own_fleet', name: 'Own vans' }, emissions: null, highlights: [], rankReasons: [], isBookable: true,
  expiresAt: '2026-11-23T15:30:00Z',
};

test('nobody is told that nobody delivers while carriers are still awaited', { timeout: 60_000 }, async () => {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(15_000);
    /** What later looks find, in order. @type {(object | null)[]} */
    let later = [null, NOTHING_YET, { ...NOTHING_YET, isComplete: true, groups: [{ id: 'grp_1', options: [OPTION] }] }];
    await page.route('http://shop.test/**', async (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/graphql') {
        const isAgain = route.request().postDataJSON().query.includes('deliveryOptionsById');
        const data = isAgain ? { deliveryOptionsById: later.shift() ?? null } : { deliveryOptions: NOTHING_YET };
        await route.fulfill({ json: { data } });
      } else if (pathname === '/') {
        await route.fulfill({ body: PAGE, contentType: 'text/html' });
      } else {
        const body = await readFile(new URL(pathname.slice(1), STATIC));
        await route.fulfill({ body, contentType: 'text/javascript' });
      }
    });
    await page.goto('http://shop.test/');
    const options = page.locator('doorstep-delivery-options');
    await options.locator('[role="status"]', { hasText: 'longer than usual' }).waitFor();
    await options.locator('.option', { hasText: 'By van' }).waitFor();

    later = [];
    await page.reload();
    await options.locator('[role="alert"]').waitFor();
    assert.equal(await options.locator('[role="alert"]').textContent(), 'No carrier has answered in time.');
    await options.getByRole('button', { name: 'Try again' }).waitFor();
  } finally {
    await browser.close();
  }
});

test('what comes late for one address is not shown for the next', { timeout: 60_000 }, async () => {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(15_000);
    const start = Date.parse('2026-11-23T15:00:00Z');
    await page.clock.install({ time: start });
    await page.clock.pauseAt(start + 1000);
    await page.route('http://shop.test/**', async (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/graphql') {
        const { query, variables } = route.request().postDataJSON();
        const isAgain = query.includes('deliveryOptionsById');
        const isNext = JSON.stringify(variables).includes('00402');
        const late = { ...NOTHING_YET, isComplete: true, groups: [{ id: 'grp_1', options: [OPTION] }] };
        const data = isAgain ? { deliveryOptionsById: late } : { deliveryOptions: { ...NOTHING_YET, refreshAfterSeconds: 5 } };
        // The carriers of the next address take their time.
        await (isNext ? null : route.fulfill({ json: { data } }));
      } else {
        const [body, contentType] = pathname === '/' ? [PAGE, 'text/html'] : [await readFile(new URL(pathname.slice(1), STATIC)), 'text/javascript'];
        await route.fulfill({ body, contentType });
      }
    });
    await page.goto('http://shop.test/');
    const options = page.locator('doorstep-delivery-options');
    const next = page.waitForRequest((request) => Boolean(request.postData()?.includes('00402')));
    await page.clock.runFor(1000);
    await options.locator('[role="status"]', { hasText: 'longer than usual' }).waitFor();
    await options.evaluate((box) => box.setAttribute('postal-code', '00402'));
    await page.clock.runFor(1000);
    await next;
    await page.clock.runFor(10_000);
    await page.evaluate(async () => (await fetch('/doorstep.js')).text());
    assert.equal(await options.locator('.option').count(), 0);
  } finally {
    await browser.close();
  }
});
