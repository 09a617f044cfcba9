/** The app's files as the tests read them. */

import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import { parse } from 'smol-toml';

const APP = new URL('../', import.meta.url);
const ROOT = new URL('../../', APP);

/** @param {string} path relative to the app */
export function read(path) {
  return readFileSync(new URL(path, APP), 'utf8');
}

/** @param {string} path relative to the repository */
export function readOfRepository(path) {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

/** @param {string} path relative to the app */
export function readToml(path) {
  return parse(read(path));
}

/** @param {string} path relative to the app */
export function readJson(path) {
  return JSON.parse(read(path));
}

/** @param {string} folder relative to the app */
export function namesIn(folder) {
  return readdirSync(new URL(folder, APP)).sort();
}

/** Shopify's own schema of the Admin API, which `make setup` fetches and nobody commits. */
export function adminTypes() {
  const cache = new URL('.cache/npm/', ROOT);
  const folder = readdirSync(cache).find((name) => name.startsWith('@shopify+dev-mcp-'));
  if (!folder) {
    throw new Error("Shopify's schema is not there yet: run 'make setup'.");
  }
  const packed = readFileSync(new URL(`${folder}/dist/data/admin_2026-10.json.gz`, cache));
  const told = JSON.parse(gunzipSync(packed).toString());
  return (told.data ?? told).__schema.types;
}

/**
 * Every key of a table, with those of the tables in it, as "a.b"; items of an array share their keys.
 *
 * @param {unknown} value
 * @param {string} [above]
 * @returns {string[]}
 */
export function keysOf(value, above = '') {
  if (Array.isArray(value)) {
    return [...new Set(value.flatMap((item) => keysOf(item, above)))];
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = above ? `${above}.${key}` : key;
    return [name, ...keysOf(inner, name)];
  });
}
