/**
 * What the gateway answers about an order's deliveries, read with distrust. Pure; the order-status extension
 * uses it too.
 */

/**
 * @typedef {object} Eta
 * @property {Date} at
 * @property {Date} from
 * @property {Date} to
 */

/**
 * @typedef {object} Delivery
 * @property {string} status IN_TRANSIT and others, also some that are not known here
 * @property {string} text the status in words
 * @property {Eta | null} eta
 * @property {string | null} link the shopper's page, https
 */

/** An order is seldom sent in more parts; a longer list would be a fault, and fill the page. */
const MOST = 20;
const LONGEST_TEXT = 200;

const OVER = new Set(['DELIVERED', 'RETURNED', 'CANCELLED', 'FAILED']);
const NEAR = new Set(['AT_PICKUP', 'PICKED_UP', 'OUT_FOR_DELIVERY', 'AT_DROPOFF']);

/**
 * The deliveries of an answer; null where it is no answer of the gateway's.
 *
 * @param {unknown} body
 * @returns {Delivery[] | null}
 */
export function readDeliveries(body) {
  const listed = fields(body).deliveries;
  return Array.isArray(listed) ? listed.slice(0, MOST).map(readDelivery) : null;
}

/** @param {Delivery} delivery */
export function isOver({ status }) {
  return OVER.has(status);
}

/**
 * Whether something happens within minutes.
 *
 * @param {Delivery} delivery
 */
export function isNear({ status }) {
  return NEAR.has(status);
}

/**
 * What the live element needs, from the address of the shopper's page; null where that is of another host, whose
 * scripts are none of ours.
 *
 * @param {string | null} link
 * @param {string} gateway
 */
export function liveOf(link, gateway) {
  const start = `${gateway}/track/`;
  const token = link?.startsWith(start) ? link.slice(start.length) : '';
  return /^[\w.~-]+$/.test(token) ? { gateway, token } : null;
}

/**
 * @param {unknown} body
 * @returns {Delivery}
 */
function readDelivery(body) {
  const { status, status_text: text, eta, tracking_url: link } = fields(body);
  return {
    status: typeof status === 'string' ? status : 'UNKNOWN',
    text: typeof text === 'string' ? text.slice(0, LONGEST_TEXT) : '',
    eta: readEta(eta),
    link: typeof link === 'string' && link.startsWith('https://') ? link : null,
  };
}

/**
 * @param {unknown} body
 * @returns {Eta | null}
 */
function readEta(body) {
  const told = fields(body);
  const at = instant(told.at);
  if (!at) {
    return null;
  }
  const from = instant(told.from) ?? at;
  const to = instant(told.to) ?? at;
  return from <= to ? { at, from, to } : { at, from: at, to: at };
}

/** @param {unknown} value */
function instant(value) {
  const read = typeof value === 'string' ? new Date(value) : null;
  return read && Number.isFinite(read.getTime()) ? read : null;
}

/**
 * @param {unknown} body
 * @returns {Record<string, unknown>}
 */
function fields(body) {
  return typeof body === 'object' && body !== null ? /** @type {Record<string, unknown>} */ (body) : {};
}
