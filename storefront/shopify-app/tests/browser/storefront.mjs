/** A page of a theme with the block on it, as Shopify would render and serve it. */

import { Liquid } from 'liquidjs';

import { read, readJson } from '../files.mjs';

const BLOCK = 'extensions/tracking-block';
const SCHEMA = /{% schema %}([\s\S]*?){% endschema %}/;
const liquid = read(`${BLOCK}/blocks/tracking.liquid`);
const defaults = Object.fromEntries(JSON.parse(SCHEMA.exec(liquid)[1]).settings.map((one) => [one.id, one.default]));

/**
 * @param {object} given
 * @param {object} [given.settings] what the merchant has set
 * @param {object} [given.page] objects that Liquid has there: customer, order
 * @param {string} [given.language]
 */
export function render({ settings = {}, page = {}, language = 'en.default' } = {}) {
  const texts = readJson(`${BLOCK}/locales/${language}.json`);
  const engine = new Liquid();
  engine.registerFilter('asset_url', (name) => `/cdn/${name}`);
  engine.registerFilter('t', (key, ...values) => {
    const text = key.split('.').reduce((at, part) => at[part], texts);
    return values.reduce((said, [name, value]) => said.replace(`{{ ${name} }}`, value), text);
  });
  const block = { settings: { ...defaults, ...settings }, shopify_attributes: 'data-block' };
  const body = engine.parseAndRenderSync(liquid.replace(SCHEMA, ''), { ...page, block });
  return `<!doctype html><html lang="${language.slice(0, 2)}"><meta charset="utf-8"><title>Shop</title>${body}`;
}

/** @param {string} name of an asset */
export function asset(name) {
  return read(`${BLOCK}/assets/${name}`);
}
