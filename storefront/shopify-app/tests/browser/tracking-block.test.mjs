import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';

import { startBrowser } from '../../../../tests/browser/browser.mjs';
import { GATEWAY } from '../../extensions/tracking-block/assets/gateway.js';
import { readOfRepository } from '../files.mjs';
import { asset, render } from './storefront.mjs';

const SHOP = 'https://shop.example';
const ANY_PAGE = { 'Access-Control-Allow-Origin': '*' };
/** A route that names no origin gets the page's from Playwright, which a browser would not give. */
const NO_PAGE_OF_OURS = { 'Access-Control-Allow-Origin': 'https://elsewhere.example' };
const customer = { email: 'shopper@mail.example', last_order: { name: '#1001' } };

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser.close());

/** @param {string} status @param {object} [more] */
function found(status, more = {}) {
  const delivery = { status, status_text: `It is ${status}`, eta: null, tracking_url: `${GATEWAY}/track/token-1` };
  return { json: { deliveries: [{ ...delivery, ...more }] } };
}

/**
 * Open a page of the shop.
 *
 * @param {string} html
 * @param {(question: object) => object} answer what the app proxy answers to a question
 * @param {Record<string, string>} [headers] with which the gateway serves its scripts
 */
async function open(html, answer, headers = ANY_PAGE) {
  const context = await browser.newContext({ timezoneId: 'America/New_York' });
  const page = await context.newPage();
  const asked = [];
  await page.route(`${SHOP}/**`, async (route) => {
    const request = route.request();
    const { pathname } = new URL(request.url());
    if (pathname === '/pages/track') {
      return route.fulfill({ contentType: 'text/html', body: html });
    }
    if (pathname.startsWith('/cdn/')) {
      const contentType = pathname.endsWith('.css') ? 'text/css' : 'text/javascript';
      return route.fulfill({ contentType, body: asset(pathname.slice('/cdn/'.length)) });
    }
    asked.push({ path: pathname, method: request.method(), body: request.postDataJSON(), query: new URL(request.url()).search });
    return route.fulfill(answer(request.postDataJSON()));
  });
  await page.route(`${GATEWAY}/**`, (route) => {
    const { pathname } = new URL(route.request().url());
    return pathname.startsWith('/static/')
      ? route.fulfill({ contentType: 'text/javascript', headers, body: readOfRepository(`gateway/app${pathname}`) })
      : route.abort();
  });
  await page.goto(`${SHOP}/pages/track`);
  return { page, asked, close: () => context.close() };
}

test('a shopper enters the order, and the live element of the gateway takes over', async () => {
  const { page, asked, close } = await open(render(), () => found('IN_TRANSIT'));
  await page.getByLabel('Order number').fill(' #1001 ');
  await page.getByLabel('E-mail address or phone number').fill('shopper@mail.example');
  await page.getByRole('button', { name: 'Track' }).click();
  const live = page.locator('doorstep-tracking');
  await live.waitFor({ state: 'attached' });
  assert.equal(await live.getAttribute('token'), 'token-1');
  assert.equal(await live.getAttribute('gateway'), GATEWAY);
  assert.equal(await live.evaluate((element) => element.shadowRoot !== null), true);
  assert.equal(await page.locator('form').isVisible(), false);
  const body = { order: '#1001', contact: 'shopper@mail.example' };
  assert.deepEqual(asked, [{ path: '/apps/doorstep/tracking', method: 'POST', body, query: '' }]);
  await close();
});

test('where the scripts of the gateway cannot be loaded, words and a link stay', async () => {
  const eta = { at: '2020-11-23T19:15:00Z', from: '2020-11-23T19:05:00Z', to: '2020-11-23T19:25:00Z' };
  const { page, close } = await open(render({ page: { customer } }), () => found('IN_TRANSIT', { eta }), NO_PAGE_OF_OURS);
  await page.getByText('It is IN_TRANSIT').waitFor();
  await page.waitForTimeout(300);
  assert.equal(await page.locator('doorstep-tracking').count(), 0);
  assert.match(await page.locator('.doorstep-eta').innerText(), /^Expected Mon, Nov 23, 2:05 ?– ?2:25 PM$/);
  const link = page.getByRole('link', { name: 'Follow it live' });
  assert.equal(await link.getAttribute('href'), `${GATEWAY}/track/token-1`);
  assert.equal(await link.getAttribute('rel'), 'noreferrer');
  await close();
});

test('a customer who is logged in sees their last order without typing', async () => {
  const { page, asked, close } = await open(render({ page: { customer } }), () => found('DELIVERED'));
  await page.getByText('It is DELIVERED').waitFor();
  assert.deepEqual(asked[0].body, { order: '#1001', contact: 'shopper@mail.example' });
  await close();
});

test('the page of an order shows that order, not the last', async () => {
  const order = { name: '#0999', email: 'other@mail.example' };
  const { page, asked, close } = await open(render({ page: { customer, order } }), () => found('DELIVERED'));
  await page.getByText('It is DELIVERED').waitFor();
  assert.deepEqual(asked[0].body, { order: '#0999', contact: 'other@mail.example' });
  await close();
});

test('an order that nobody knows is told once asked for, in the shopper’s language, and not asked for again', async () => {
  const { page, asked, close } = await open(render({ language: 'de' }), () => ({ status: 404 }));
  await page.getByLabel('Bestellnummer').fill('#1');
  await page.getByLabel('E-Mail-Adresse').fill('shopper@mail.example');
  await page.getByRole('button', { name: 'Verfolgen' }).click();
  await page.getByText('Dazu haben wir keine Lieferung gefunden').waitFor();
  await page.waitForTimeout(300);
  assert.equal(asked.length, 1);
  assert.equal(await page.locator('form').isVisible(), true);
  await close();
});

test('a gateway that is away is told apart from an order that nobody knows', async () => {
  const { page, close } = await open(render(), () => ({ status: 503 }));
  await page.getByLabel('Order number').fill('#1');
  await page.getByLabel('E-mail address').fill('shopper@mail.example');
  await page.getByRole('button', { name: 'Track' }).click();
  await page.getByText('does not answer right now').waitFor();
  await close();
});

test('several deliveries stand below each other, and a foreign page is a link alone', async () => {
  const foreign = { status: 'IN_TRANSIT', status_text: 'With a carrier', eta: null, tracking_url: 'https://carrier.example/t/1' };
  const json = { deliveries: [...found('DELIVERED').json.deliveries, foreign] };
  const { page, close } = await open(render({ page: { customer } }), () => ({ json }));
  await page.getByText('With a carrier').waitFor();
  assert.equal(await page.locator('.doorstep-delivery').count(), 2);
  assert.equal(await page.locator('doorstep-tracking').count(), 0);
  await close();
});

test('what an order or a merchant says is text', async () => {
  const evil = '"><img src=x onerror="document.title=1">';
  const html = render({ settings: { heading: evil, proxy_path: evil }, page: { order: { name: evil, email: evil } } });
  const { page, close } = await open(html, () => found('IN_TRANSIT', { status_text: evil }));
  await page.waitForTimeout(200);
  assert.equal(await page.locator('img').count(), 0);
  assert.equal(await page.title(), 'Shop');
  await close();
});

test('the merchant’s settings are followed', async () => {
  const settings = { heading: '', form: false, last_order: false, live: false, proxy_path: '/a/other' };
  const bare = await open(render({ settings, page: { customer } }), () => found('IN_TRANSIT'));
  assert.equal(await bare.page.locator('h2, form').count(), 0);
  assert.equal(bare.asked.length, 0);
  await bare.close();
  const plain = await open(render({ settings: { ...settings, last_order: true }, page: { customer } }), () => found('IN_TRANSIT'));
  await plain.page.getByText('It is IN_TRANSIT').waitFor();
  assert.equal(plain.asked[0].path, '/a/other/tracking');
  assert.equal(await plain.page.locator('doorstep-tracking').count(), 0);
  await plain.close();
});
