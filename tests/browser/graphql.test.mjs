import assert from 'node:assert/strict';
import test from 'node:test';

import { createClient, endpointsOf, idempotencyKey } from '../../gateway/app/static/graphql.js';

/** @param {unknown} body @param {number} status */
function answering(body, status = 200) {
  /** @type {{ address: unknown, init: any }[]} */
  const asked = [];
  const fetch = async (/** @type {unknown} */ address, /** @type {any} */ init) => {
    asked.push({ address, init });
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  };
  const how = { endpoint: 'http://gateway.test/graphql', credential: 'pk_test_1', fetch: /** @type {any} */ (fetch) };
  return { client: createClient(how), asked };
}

test('a request carries the credential, the document and its variables', async () => {
  const { client, asked } = answering({ data: { viewer: 1 } });
  assert.deepEqual(await client.send('query { viewer }', { first: 2 }), { viewer: 1 });
  assert.equal(asked[0].init.headers.Authorization, 'Bearer pk_test_1');
  assert.deepEqual(JSON.parse(asked[0].init.body), { query: 'query { viewer }', variables: { first: 2 } });
});

test('an error of the gateway keeps its code and whether trying again helps', async () => {
  const error = { message: 'Too fast.', extensions: { code: 'THROTTLED', retryable: true } };
  const { client } = answering({ errors: [error] }, 429);
  await assert.rejects(client.send('query { viewer }'), { message: 'Too fast.', code: 'THROTTLED', isRetryable: true });
});

test('an answer that is not GraphQL, such as a proxy’s page, fails in words', async () => {
  const { client } = answering('<h1>Bad gateway</h1>', 502);
  await assert.rejects(client.send('query { viewer }'), { code: 'NO_DATA', isRetryable: true });
});

test('a gateway that does not answer can be asked again', async () => {
  const fetch = /** @type {any} */ (() => Promise.reject(new TypeError('Failed to fetch')));
  const client = createClient({ endpoint: 'http://gateway.test/graphql', credential: 'pk', fetch });
  await assert.rejects(client.send('query { viewer }'), { code: 'NETWORK', isRetryable: true });
});

test('the endpoints follow from the base address, and from the page where there is none', () => {
  assert.deepEqual(endpointsOf('https://gateway.test', 'https://shop.test/cart'), {
    http: 'https://gateway.test/graphql',
    socket: 'wss://gateway.test/graphql',
  });
  assert.equal(endpointsOf(null, 'http://localhost:8000/track/abc').socket, 'ws://localhost:8000/graphql');
});

test('an idempotency key is never the same twice', () => {
  const keys = new Set(Array.from({ length: 100 }, idempotencyKey));
  assert.equal(keys.size, 100);
  assert.ok([...keys].every((key) => /^[0-9a-f]{32}$/.test(key)));
});
