/** How the gateway is asked about the order of a page. Pure. */

/** @typedef {{ id: string, confirmation: string }} OrderOfPage `confirmation` is "" for orders before 2024 */

const GID = /^gid:\/\/shopify\/Order(?:Identity)?\/(\d{1,20})$/;

/**
 * The order as the Admin API names it. The thank-you page may come before the order is made and then says
 * OrderIdentity, with the number that the order will have; the number itself is never read as one, as it may
 * not fit.
 *
 * @param {string | undefined} id
 * @param {string | undefined} confirmation the confirmation number, which only the shopper and the shop know
 * @returns {OrderOfPage | null}
 */
export function orderOf(id, confirmation) {
  const digits = GID.exec(id ?? '')?.[1];
  return digits ? { id: `gid://shopify/Order/${digits}`, confirmation: confirmation ?? '' } : null;
}

/**
 * @param {string} gateway
 * @param {OrderOfPage} order
 */
export function addressOf(gateway, { id, confirmation }) {
  const query = new URLSearchParams({ order: id });
  if (confirmation) {
    // The session token proves the shop alone; this proves the order.
    query.set('confirmation', confirmation);
  }
  return `${gateway}/shopify/tracking?${query}`;
}

/**
 * Only headers that every CORS answer of the gateway's allows.
 *
 * @param {string} token a session token
 * @param {string} language what the status shall be worded in
 */
export function headersOf(token, language) {
  return { Accept: 'application/json', 'Accept-Language': language, Authorization: `Bearer ${token}` };
}
