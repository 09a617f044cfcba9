import assert from 'node:assert/strict';
import test from 'node:test';

import { parse } from 'smol-toml';

import { configured, FILES } from '../configure.mjs';
import { read } from './files.mjs';

const CLIENT_ID = '0123456789abcdef0123456789abcdef';
const texts = Object.fromEntries(FILES.map((name) => [name, read(name)]));

test('both values are written everywhere, and may be written again', () => {
  const first = configured(texts, 'f'.repeat(32), 'https://one.example/eu/');
  for (const before of [texts, first]) {
    const after = configured(before, CLIENT_ID, 'https://delivery.shop.example');
    const app = parse(after['shopify.app.toml']);
    assert.equal(app.client_id, CLIENT_ID);
    assert.equal(app.application_url, 'https://delivery.shop.example/shopify');
    assert.equal(app.app_proxy.url, 'https://delivery.shop.example/shopify/proxy');
    assert.ok(after[FILES[1]].includes("GATEWAY = 'https://delivery.shop.example';"));
    assert.equal(/doorstep\.example|one\.example/.exec(Object.values(after).join().replace(/^#.*$/gm, '')), null);
  }
});

test('a value that is none is refused with a sentence', () => {
  const refused = [
    ['', 'https://a.example'], ['my-app', 'https://a.example'], [CLIENT_ID, ''], [CLIENT_ID, 'a.example'],
    [CLIENT_ID, 'http://a.example'], [CLIENT_ID, 'https://a.example/?b'], [CLIENT_ID, 'https://u:p@a.example'],
    [CLIENT_ID, "https://a.example/'"],
  ];
  for (const [clientId, gateway] of refused) {
    assert.throws(() => configured(texts, clientId, gateway), RangeError);
  }
});
