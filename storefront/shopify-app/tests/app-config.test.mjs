import assert from 'node:assert/strict';
import test from 'node:test';

import { GATEWAY } from '../extensions/tracking-block/assets/gateway.js';
import { adminTypes, keysOf, read, readOfRepository, readToml } from './files.mjs';
import { APP_KEYS, NO_SUBPATHS, PROXY_PREFIXES } from './known-keys.mjs';

const app = readToml('shopify.app.toml');
const scopes = app.access_scopes.scopes.split(',');
const topics = app.webhooks.subscriptions.flatMap((subscription) => subscription.topics ?? []);
const compliance = app.webhooks.subscriptions.flatMap((subscription) => subscription.compliance_topics ?? []);
const ofConnector = 'connectors/stores/shopify/';

/** What no call of the gateway needs: the app proxy asks for it itself. */
const MORE_SCOPES = ['write_app_proxy'];

/** @param {string} topic */
const enumName = (topic) => topic.replace('/', '_').toUpperCase();

/** @param {string} scope a right to write includes the one to read */
const isGranted = (scope) => scopes.includes(scope) || scopes.includes(scope.replace('read_', 'write_'));

test('every key is one that Shopify knows', () => {
  assert.deepEqual(keysOf(app).filter((key) => !APP_KEYS.includes(key)), []);
});

test('Shopify manages the installation of an app that lives in its admin', () => {
  assert.equal(app.embedded, true);
  assert.ok(!app.access_scopes.use_legacy_install_flow);
});

test('every topic is one of the Admin API of the version that is named', () => {
  assert.equal(app.webhooks.api_version, '2026-10');
  const known = adminTypes().find((type) => type.name === 'WebhookSubscriptionTopic').enumValues;
  const names = new Set(known.map((value) => value.name));
  assert.deepEqual(topics.filter((topic) => !names.has(enumName(topic))), []);
});

test('the topics are those that the gateway subscribes to, each once', () => {
  const text = readOfRepository(`${ofConnector}topics.py`);
  const ours = [...text.matchAll(/^ {4}"([A-Z_]+)": /gm)].map(([, name]) => name);
  assert.ok(ours.length > 30);
  assert.deepEqual(topics.map(enumName).sort(), ours.sort());
});

test('the compliance topics are the three that Shopify demands', () => {
  assert.deepEqual([...compliance].sort(), ['customers/data_request', 'customers/redact', 'shop/redact']);
});

test('the scopes are those that the connector and the app’s own parts need, and no others', () => {
  const lists = readOfRepository(`${ofConnector}scopes.py`).matchAll(/^(?:CHECKOUT_)?SCOPES = \(([^)]*)\)/gm);
  const needed = [...lists].flatMap(([, text]) => [...text.matchAll(/"(\w+)"/g)].map(([, name]) => name));
  assert.ok(needed.length > 5);
  assert.deepEqual([...needed, ...MORE_SCOPES].filter((scope) => !isGranted(scope)), []);
  const wanted = [...MORE_SCOPES, ...needed].flatMap((scope) => [scope, scope.replace('read_', 'write_')]);
  assert.deepEqual(scopes.filter((scope) => !wanted.includes(scope)), []);
  assert.equal(new Set(scopes).size, scopes.length);
});

test('every topic has the scopes that it needs, without which Shopify refuses the whole deployment', () => {
  const text = readOfRepository(`${ofConnector}topics.py`);
  const needed = new Set([...text.matchAll(/"((?:read|write)_\w+)"/g)].map(([, name]) => name));
  assert.deepEqual([...needed].filter((scope) => !isGranted(scope)), []);
});

test('every address is the one gateway that the extensions ask too', () => {
  const addresses = read('shopify.app.toml').match(/(?<=")https?:[^"]*/g);
  assert.deepEqual(
    [...new Set(addresses)].sort(),
    ['/shopify', '/shopify/proxy', '/webhooks/shopify'].map((path) => GATEWAY + path),
  );
});

test('the app proxy is at apps/doorstep, which Shopify allows', () => {
  const { prefix, subpath } = app.app_proxy;
  assert.equal(`${prefix}/${subpath}`, 'apps/doorstep');
  assert.ok(PROXY_PREFIXES.includes(prefix) && !NO_SUBPATHS.includes(subpath));
  assert.ok(/^[\w-]{1,30}$/.test(subpath));
});

test('what is deployed has the versions that were checked', () => {
  const checked = JSON.parse(readOfRepository('package.json')).devDependencies;
  const deployed = JSON.parse(read('package.json')).dependencies;
  assert.deepEqual(deployed, Object.fromEntries(Object.keys(deployed).map((name) => [name, checked[name]])));
});
