/**
 * Writes an operator's two values into the files that are deployed:
 *
 *   npm run configure -- CLIENT_ID https://GATEWAY
 *
 * It may be run again: what was written before is replaced.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';

/** Where the gateway's address stands by itself; the other files repeat it. */
const ADDRESS = /GATEWAY = '([^']*)'/;

/** Every file that holds one of the values, relative to this one. */
export const FILES = ['shopify.app.toml', 'extensions/tracking-block/assets/gateway.js'];

/**
 * What the files become. Pure.
 *
 * @param {Record<string, string>} texts by the names of `FILES`
 * @param {string} clientId
 * @param {string} gateway
 * @returns {Record<string, string>}
 * @throws {RangeError} with a sentence for the operator
 */
export function configured(texts, clientId, gateway) {
  if (!/^[0-9a-f]{32}$/.test(clientId)) {
    throw new RangeError('The client id is the 32 letters and digits that the Dev Dashboard shows.');
  }
  const before = ADDRESS.exec(texts[FILES[1]])?.[1];
  if (!before) {
    throw new RangeError(`${FILES[1]} does not name a gateway any more.`);
  }
  const address = addressOf(gateway);
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      name,
      text.replaceAll(before, address).replace(/^client_id = ".*"$/m, `client_id = "${clientId}"`),
    ]),
  );
}

/** @param {string} gateway */
function addressOf(gateway) {
  const url = URL.canParse(gateway) ? new URL(gateway) : null;
  // Shopify calls https alone, and what follows a ? or # would land in the middle of other addresses.
  if (url?.protocol !== 'https:' || url.search || url.hash || url.username || /['"\\]/.test(url.href)) {
    throw new RangeError('The gateway is an address like https://delivery.example.com.');
  }
  return url.href.replace(/\/+$/, '');
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const [clientId = '', gateway = ''] = argv.slice(2);
  const paths = Object.fromEntries(FILES.map((name) => [name, new URL(name, import.meta.url)]));
  try {
    const texts = Object.fromEntries(FILES.map((name) => [name, readFileSync(paths[name], 'utf8')]));
    const after = configured(texts, clientId, gateway);
    FILES.forEach((name) => writeFileSync(paths[name], after[name]));
  } catch (problem) {
    console.error(problem instanceof RangeError ? problem.message : problem);
    exit(1);
  }
}
