import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';

import { read } from './files.mjs';

const readme = read('README.md');
const SECRET = 'hush';

/** @param {string} query of an app proxy request, without its signature */
function signatureOf(query) {
  const values = new Map();
  for (const [name, value] of new URLSearchParams(query)) {
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const message = [...values].map(([name, all]) => `${name}=${all.join(',')}`).sort().join('');
  return { message, signature: createHmac('sha256', SECRET).update(message).digest('hex') };
}

test('the app proxy request of the page is signed as it says', () => {
  const [, query, given] = /POST \/shopify\/proxy\/tracking\?(\S+)&signature=(\w+)/.exec(readme);
  const { message, signature } = signatureOf(query);
  assert.equal(signature, given);
  assert.ok(readme.includes(`\n${message}\n`));
});

test('the same rule gives the signature that Shopify publishes', () => {
  const query =
    'extra=1&extra=2&shop=shop-name.myshopify.com&logged_in_customer_id=1' +
    '&path_prefix=%2Fapps%2Fawesome_reviews&timestamp=1317327555';
  assert.ok(readme.includes(`\`${signatureOf(query).signature}\``));
});

test('the session token of the page has the claims that stand above it, and lasts five minutes', () => {
  const [, header, claims, token] = /\n(\{"alg".*)\n(\{"dest".*)\n(\S+)\n/.exec(readme);
  const signed = [header, claims].map((part) => Buffer.from(part).toString('base64url')).join('.');
  assert.equal(token, `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`);
  const { exp, nbf } = JSON.parse(claims);
  assert.equal(exp - nbf, 300);
});
