/** What just happened, in sentences, from the difference between two states. Pure. */

import { codeWords } from '../format.js';

/** @import { Delivery, DeliveryException } from '../shapes.js' */

/**
 * @typedef {object} Happening
 * @property {string} id the same for the same thing told twice
 * @property {string} at
 * @property {'soft' | 'accent' | 'good' | 'warn' | 'bad'} tone
 * @property {string} text
 * @property {string} detail
 */

const STATUS_TONES = /** @type {Record<string, Happening['tone']>} */ ({
  DELIVERED: 'good',
  ATTEMPT_FAILED: 'warn',
  RETURNING: 'warn',
  CANCELLED: 'bad',
  FAILED: 'bad',
});

/**
 * @param {Delivery | undefined} before
 * @param {Delivery} now
 * @returns {Happening | null}
 */
export function deliveryHappening(before, now) {
  const name = nameOf(now);
  const carrier = now.activeLeg?.carrier.name ?? '';
  const id = `${now.id}:${now.version}`;
  const was = before?.activeLeg?.carrier.name;
  if (was && carrier && was !== carrier) {
    const text = `${name} handed to ${carrier}`;
    return { id, at: now.updatedAt, tone: 'accent', text, detail: `instead of ${was}` };
  }
  if (before?.status === now.status) {
    return null;
  }
  const tone = STATUS_TONES[now.status] ?? 'soft';
  return { id, at: now.updatedAt, tone, text: `${name} ${codeWords(now.status).toLowerCase()}`, detail: carrier };
}

/**
 * @param {DeliveryException | undefined} before
 * @param {DeliveryException} now
 * @returns {Happening[]} oldest first
 */
export function exceptionHappenings(before, now) {
  /** @type {Happening[]} */
  const news = [];
  if (!before) {
    news.push({ id: `${now.id}:raised`, at: now.raisedAt, tone: 'bad', text: now.title, detail: now.evidence });
  }
  for (const [index, step] of now.steps.entries()) {
    if (index >= (before?.steps.length ?? 0)) {
      const tone = step.status === 'FAILED' ? 'warn' : 'accent';
      const detail = `${codeWords(step.action)} · ${codeWords(step.status).toLowerCase()}`;
      news.push({ id: `${now.id}:step${index}`, at: step.at, tone, text: step.reason, detail });
    }
  }
  if (now.resolvedAt && !before?.resolvedAt) {
    const detail = now.resolvedBy === 'PERSON' ? 'Resolved by a person' : 'Mended by itself';
    news.push({ id: `${now.id}:resolved`, at: now.resolvedAt, tone: 'good', text: now.title, detail });
  }
  return news;
}

/**
 * How people call a delivery: by its order, else by its own reference.
 *
 * @param {Delivery} delivery
 */
export function nameOf({ order, reference }) {
  if (!order) {
    return reference;
  }
  return order.number.startsWith('#') ? order.number : `#${order.number}`;
}
