import assert from 'node:assert/strict';
import test from 'node:test';

import { GATEWAY } from '../extensions/tracking-block/assets/gateway.js';
import { bundle } from './bundle.mjs';
import { host } from './fake-host.mjs';

const STATUS_PAGE = 'customer-account.order-status.block.render';
const THANK_YOU = 'purchase.thank-you.block.render';

/** What Shopify refuses to run is larger (documentation of November 2026). */
const MOST_BYTES = 64 * 1024;

const script = await bundle();
const texts = { heading: 'Your delivery', expected: 'Expected {when}', follow: 'Follow it live', preview: 'Preview' };
const page = {
  sessionToken: { get: async () => 'head.claims.signature' },
  localization: { extensionLanguage: { value: { isoCode: 'en' } }, timezone: { value: 'America/New_York' } },
  i18n: { translate: (key, values = {}) => texts[key].replace('{when}', values.when) },
  settings: { value: {} },
  extension: {},
};
const order = { value: { id: 'gid://shopify/Order/7', name: '#1001', confirmationNumber: 'XPAV284CT' } };
const orderConfirmation = { value: { order: { id: 'gid://shopify/OrderIdentity/7' }, number: 'XPAV284CT' } };

/** @param {string} status @param {object} [more] */
function found(status, more = {}) {
  const delivery = { status, status_text: `It is ${status}`, eta: null, tracking_url: `${GATEWAY}/track/t` };
  return Response.json({ deliveries: [{ ...delivery, ...more }] });
}

/**
 * Start the extension before a gateway that gives these answers in turn, and wait until it asks no more.
 *
 * @param {string} target
 * @param {object} told
 * @param {Response[]} answers
 */
async function run(target, told, answers) {
  const asked = [];
  const seen = [];
  const left = [...answers];
  const shop = host(script, async (address, init) => {
    seen.push(shop.shown());
    asked.push({ address, headers: { ...init.headers } });
    return left.shift() ?? assert.fail('asked once too often');
  });
  shop.start(target, { ...page, ...told });
  for (let waits = 0; waits < 200 && (left.length > 0 || waits < 20); waits += 1) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return { asked, seen, shown: shop.shown() };
}

test('the bundle is no larger than Shopify takes', () => {
  assert.ok(Buffer.byteLength(script) <= MOST_BYTES, `${Buffer.byteLength(script)} bytes`);
});

test('the bundle registers both places', () => {
  assert.deepEqual(host(script, assert.fail).targets, [STATUS_PAGE, THANK_YOU]);
});

for (const [target, told] of [[STATUS_PAGE, { order }], [THANK_YOU, { orderConfirmation }]]) {
  test(`${target}: nothing before an order is known, then its state, and no question after it is over`, async () => {
    const answers = [new Response('', { status: 404 }), found('AT_DROPOFF'), found('DELIVERED', { tracking_url: null })];
    const { asked, seen, shown } = await run(target, told, answers);
    assert.equal(asked.length, 3);
    assert.deepEqual(asked[0], {
      address: `${GATEWAY}/shopify/tracking?order=gid%3A%2F%2Fshopify%2FOrder%2F7&confirmation=XPAV284CT`,
      headers: { Accept: 'application/json', 'Accept-Language': 'en', Authorization: 'Bearer head.claims.signature' },
    });
    assert.deepEqual(seen.slice(0, 2), ['', '']);
    assert.equal(
      seen[2],
      '<s-section heading="Your delivery"><s-stack gap="base" accessibilityRole="status"><s-stack gap="small-200">' +
        '<s-text type="strong">It is AT_DROPOFF</s-text>' +
        `<s-link href="${GATEWAY}/track/t" target="_blank">Follow it live</s-link>` +
        '</s-stack></s-stack></s-section>',
    );
    assert.ok(shown.includes('It is DELIVERED') && !shown.includes('s-link'));
  });
}

test('an expected arrival is told in the zone of the page, under the merchant’s heading', async () => {
  const eta = { at: '2020-11-23T19:15:00Z', from: '2020-11-23T19:05:00Z', to: '2020-11-23T19:25:00Z' };
  const settings = { value: { heading: 'Where it is' } };
  const { shown } = await run(STATUS_PAGE, { order, settings }, [found('DELIVERED', { eta })]);
  assert.match(shown, /heading="Where it is"/);
  assert.match(shown, /<s-text color="subdued">Expected .*Nov.*2:05.*2:25/);
});

test('an order that is not processed yet is not asked for', async () => {
  assert.deepEqual(await run(STATUS_PAGE, { order: { value: undefined } }, []), { asked: [], seen: [], shown: '' });
});

test('a merchant who places it sees what it is', async () => {
  const editor = { extension: { editor: { type: 'checkout' } }, order: { value: undefined } };
  assert.match((await run(STATUS_PAGE, editor, [])).shown, /Preview/);
});

test('a shop that gives no token shows nothing, and breaks nothing', async () => {
  const sessionToken = { get: async () => Promise.reject(new Error('no network access')) };
  assert.deepEqual(await run(STATUS_PAGE, { order, sessionToken }, []), { asked: [], seen: [], shown: '' });
});
