import assert from 'node:assert/strict';
import test from 'node:test';

import { addressOf, headersOf, orderOf } from '../extensions/order-status/src/question.js';

test('an order has one name on both pages, with every digit', () => {
  const order = { id: 'gid://shopify/Order/820982911946154508', confirmation: 'XPAV284CT' };
  assert.deepEqual(orderOf('gid://shopify/Order/820982911946154508', 'XPAV284CT'), order);
  assert.deepEqual(orderOf('gid://shopify/OrderIdentity/820982911946154508', 'XPAV284CT'), order);
  assert.deepEqual(orderOf('gid://shopify/Order/7', undefined), { id: 'gid://shopify/Order/7', confirmation: '' });
});

test('what names no order is none', () => {
  for (const id of [undefined, '', '7', 'gid://shopify/DraftOrder/7', 'gid://shopify/Order/', 'gid://shopify/Order/7?x']) {
    assert.equal(orderOf(id, 'XPAV284CT'), null);
  }
});

test('the address names the order and what proves it', () => {
  const order = { id: 'gid://shopify/Order/7', confirmation: 'XPAV284CT' };
  assert.equal(
    addressOf('https://doorstep.example', order),
    'https://doorstep.example/shopify/tracking?order=gid%3A%2F%2Fshopify%2FOrder%2F7&confirmation=XPAV284CT',
  );
  assert.equal(
    addressOf('https://doorstep.example/eu', { ...order, confirmation: '' }),
    'https://doorstep.example/eu/shopify/tracking?order=gid%3A%2F%2Fshopify%2FOrder%2F7',
  );
});

test('the token goes into a header', () => {
  assert.deepEqual(headersOf('a.b.c', 'fr'), {
    Accept: 'application/json', 'Accept-Language': 'fr', Authorization: 'Bearer a.b.c',
  });
});
