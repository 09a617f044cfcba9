/** The endpoints of the demo's world. */

/**
 * @typedef {object} DemoConfig
 * @property {string} publishable_key
 * @property {string} secret_key
 * @property {string} merchant_name
 * @property {Door[]} addresses
 * @property {Product[]} products
 */

/**
 * @typedef {object} Door
 * @property {string} label
 * @property {string} country
 * @property {string} postal_code
 * @property {string} city
 * @property {string} province
 * @property {string} address1
 * @property {string} phone
 */

/**
 * @typedef {object} Product
 * @property {string} sku
 * @property {string} title
 * @property {{ amount: string, currencyCode: string }} price
 * @property {number} weight_g
 */

/** @returns {Promise<DemoConfig>} fails while the demo is still starting */
export const readConfig = () => ask('/demo/config.json');

/**
 * @typedef {object} WorldCarrier
 * @property {string} carrier
 * @property {string} name
 * @property {string} mood well, slow, failing or away
 * @property {number} bookings_live
 */

/** @returns {Promise<{ now: string, rate: number, carriers: WorldCarrier[] }>} */
export const readState = () => ask('/demo/state');

/**
 * @param {{ reference?: string, address_index?: number, items?: object[] }} order
 * @returns {Promise<{ number: string, store: string }>}
 */
export const placeOrder = (order) => ask('/demo/place-order', order);

/** @returns {Promise<unknown>} */
export const dropCourier = () => ask('/demo/drop-courier', {});

/** @returns {Promise<unknown>} */
export const silenceVan = () => ask('/demo/silence-van', {});

/**
 * @param {string} carrier
 * @param {string} mood
 * @returns {Promise<unknown>}
 */
export const setMood = (carrier, mood) => ask('/demo/carrier', { carrier, mood });

/**
 * @param {number} rate world seconds a second
 * @returns {Promise<unknown>}
 */
export const setRate = (rate) => ask('/demo/rate', { rate });

/**
 * @param {string} address
 * @param {object} [body] a POST where there is one
 */
async function ask(address, body) {
  const how = body && {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
  const answer = await fetch(address, how);
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Error(told.message ?? `The demo answered ${answer.status}.`);
  }
  return told;
}
