import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test from 'node:test';
import { gzipSync } from 'node:zlib';

import { keysOf, namesIn, read, readJson, readToml } from './files.mjs';
import { THEME_EXTENSION_KEYS, UI_EXTENSION_KEYS } from './known-keys.mjs';

const STATUS = 'extensions/order-status';
const BLOCK = 'extensions/tracking-block';
const liquid = read(`${BLOCK}/blocks/tracking.liquid`);
const schema = JSON.parse(/{% schema %}([\s\S]*?){% endschema %}/.exec(liquid)[1]);

test('every key of the extensions is one that Shopify knows', () => {
  const status = keysOf(readToml(`${STATUS}/shopify.extension.toml`));
  const block = keysOf(readToml(`${BLOCK}/shopify.extension.toml`));
  assert.deepEqual(status.filter((key) => !UI_EXTENSION_KEYS.includes(key)), []);
  assert.deepEqual(block.filter((key) => !THEME_EXTENSION_KEYS.includes(key)), []);
});

test('the order-status extension has its two places, each with code that is type-checked', () => {
  const [{ targeting, capabilities, type }] = readToml(`${STATUS}/shopify.extension.toml`).extensions;
  assert.equal(type, 'ui_extension');
  assert.deepEqual({ ...capabilities }, { network_access: true });
  assert.deepEqual(
    targeting.map(({ target }) => target).sort(),
    ['customer-account.order-status.block.render', 'purchase.thank-you.block.render'],
  );
  const checked = ['tsconfig.json', 'tsconfig.thank-you.json'].flatMap((name) => readJson(`${STATUS}/${name}`).files);
  for (const { target, module } of targeting) {
    assert.ok(checked.includes(module.replace('./', '')));
    assert.ok(read(`${STATUS}/${module}`).includes(`@shopify/ui-extensions/${target}'`));
  }
});

test('the version that is deployed is the one of the types', () => {
  const [year, month] = readJson('package.json').dependencies['@shopify/ui-extensions'].split('.');
  const deployed = readToml(`${STATUS}/shopify.extension.toml`).api_version;
  assert.equal(deployed, `${year}-${month.padStart(2, '0')}`);
});

test('every language of the order-status extension has the texts that the code asks for', () => {
  const code = namesIn(`${STATUS}/src`).map((name) => read(`${STATUS}/src/${name}`)).join('');
  const asked = new Set([...code.matchAll(/translate\('(\w+)'/g)].map(([, key]) => key));
  for (const name of namesIn(`${STATUS}/locales`)) {
    const texts = readJson(`${STATUS}/locales/${name}`);
    assert.deepEqual(Object.keys(texts).sort(), [...asked].sort(), name);
    assert.ok(texts.expected.includes('{{when}}'), name);
  }
});

test('every language of the block has the texts that Liquid asks for', () => {
  const asked = new Set([...liquid.matchAll(/'([\w.]+)' \| t\b/g)].map(([, key]) => key));
  const languages = namesIn(`${BLOCK}/locales`).filter((name) => !name.includes('schema'));
  assert.ok(languages.includes('en.default.json') && languages.length > 1);
  for (const name of languages) {
    const { tracking } = readJson(`${BLOCK}/locales/${name}`);
    assert.deepEqual(Object.keys(tracking).map((key) => `tracking.${key}`).sort(), [...asked].sort(), name);
    assert.ok(tracking.expected.includes('{{ when }}'), name);
  }
});

test('every setting of the block is used and has its text', () => {
  const texts = readJson(`${BLOCK}/locales/en.default.schema.json`);
  const named = [...JSON.stringify(schema).matchAll(/"t:([\w.]+)"/g)].map(([, key]) => key);
  const missing = named.filter((key) => typeof key.split('.').reduce((at, part) => at?.[part], texts) !== 'string');
  assert.deepEqual(missing, []);
  assert.deepEqual(schema.settings.filter(({ id }) => !liquid.includes(`block.settings.${id}`)), []);
});

test('the block names assets that are there, and works on any page of the theme', () => {
  assert.equal(schema.target, 'section');
  assert.equal(schema.enabled_on, undefined);
  const assets = [schema.stylesheet, ...[...liquid.matchAll(/'([\w.-]+)' \| asset_url/g)].map(([, name]) => name)];
  assert.deepEqual(assets.filter((name) => !namesIn(`${BLOCK}/assets`).includes(name)), []);
  for (const name of namesIn(`${BLOCK}/assets`).filter((one) => one.endsWith('.js'))) {
    const imports = [...read(`${BLOCK}/assets/${name}`).matchAll(/from '\.\/([^']+)'/g)].map(([, path]) => path);
    assert.deepEqual(imports.filter((path) => !namesIn(`${BLOCK}/assets`).includes(path)), []);
  }
});

test('everything that a setting or an order says is escaped in the page', () => {
  const written = [...liquid.matchAll(/{{-? *([^}]*?) *-?}}/g)].map(([, text]) => text);
  const own = written.filter((text) => /block\.settings|known_|order\.|customer\./.test(text));
  assert.ok(own.length > 4);
  assert.deepEqual(own.filter((text) => !text.endsWith('| escape')), []);
});

test('what a page of the theme loads stays within what Shopify proposes for an app', () => {
  const names = namesIn(`${BLOCK}/assets`).filter((name) => name.endsWith('.js'));
  const packed = names.map((name) => gzipSync(read(`${BLOCK}/assets/${name}`)).length);
  assert.ok(packed.reduce((sum, size) => sum + size) <= 10 * 1024);
  assert.ok(Buffer.byteLength(liquid) <= 100 * 1024);
});

test('nothing that is deployed holds a secret', () => {
  const deployed = [STATUS, BLOCK].flatMap((folder) =>
    ['assets', 'blocks', 'src', 'locales']
      .filter((inner) => existsSync(new URL(`../${folder}/${inner}`, import.meta.url)))
      .flatMap((inner) => namesIn(`${folder}/${inner}`).map((name) => read(`${folder}/${inner}/${name}`))),
  );
  const all = [read('shopify.app.toml'), ...deployed].join('\n');
  assert.equal(/client_secret|shpss_|shpat_|pk_(live|test)_|sk_|-----BEGIN/.exec(all), null);
});
