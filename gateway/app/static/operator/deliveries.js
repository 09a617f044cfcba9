/** The table of deliveries. */

import { element, keyed, setText } from '../dom.js';
import { codeWords, dayWords, momentWords, timeWords, windowWords } from '../format.js';
import { nameOf } from './happenings.js';

/** @import { Delivery } from '../shapes.js' */
/** @import { Wording } from '../format.js' */

const COLUMNS = ['Order', 'To', 'Carrier', 'Promise', 'ETA', 'Status'];

const STAGE_TONES = /** @type {Record<string, string>} */ ({
  ON_THE_WAY: 'accent',
  NEARBY: 'accent',
  DELIVERED: 'good',
  NOT_DELIVERED: 'bad',
  NEEDS_ATTENTION: 'warn',
});

export function createDeliveries() {
  const heads = COLUMNS.map((name) => element('th', { scope: 'col' }, name));
  return element('table', {}, element('thead', {}, element('tr', {}, ...heads)), element('tbody'));
}

/**
 * @param {HTMLElement} table
 * @param {readonly Delivery[]} deliveries
 * @param {Wording} wording
 */
export function showDeliveries(table, deliveries, wording) {
  keyed(/** @type {Element} */ (table.querySelector('tbody')), deliveries, {
    key: ({ id }) => id,
    create: () => element('tr', {}, ...COLUMNS.map((name) => cell(name))),
    update: (row, delivery) => updateRow(row, delivery, wording),
  });
}

/** @param {string} name */
function cell(name) {
  const inside = name === 'Status' ? element('span', { class: 'chip' }) : element('span');
  return element('td', { 'data-column': name }, inside, element('small', { class: 'soft' }));
}

/**
 * @param {HTMLElement} row
 * @param {Delivery} delivery
 * @param {Wording} shared
 */
function updateRow(row, delivery, shared) {
  const wording = { ...shared, timeZone: delivery.promise?.timeZone ?? shared.timeZone };
  const say = (/** @type {number} */ column, /** @type {string} */ text, /** @type {string} */ beside) => {
    const [main, small] = row.children[column].children;
    setText(main, text);
    setText(small, beside);
    return main;
  };
  const { activeLeg, driver, destination, eta, promise, stage, status } = delivery;
  const isOver = stage === 'DELIVERED' || stage === 'NOT_DELIVERED';
  row.classList.toggle('over', isOver);
  say(0, nameOf(delivery), delivery.reference);
  say(1, destination.address1 ?? '–', destination.city ?? '');
  say(2, activeLeg?.carrier.name ?? '–', driver?.vehicle.name ?? activeLeg?.courier?.displayName ?? '');
  say(3, promise ? windowWords(promise.window, wording) : '–', '');
  const ended = isOver ? (activeLeg?.endedAt ?? delivery.updatedAt) : null;
  const before = ended || !eta ? '' : stopsBefore(eta.stopsBefore);
  const expected = say(4, arrivalWords(ended ?? eta?.at ?? null, wording), before);
  expected.className = isLate(delivery) ? 'late' : '';
  const chip = say(5, codeWords(status), '');
  chip.className = `chip ${delivery.flags.includes('EXCEPTION_OPEN') ? 'bad' : (STAGE_TONES[stage] ?? '')}`;
}

/**
 * @param {string | null} instant
 * @param {Wording} wording
 */
function arrivalWords(instant, wording) {
  if (!instant) {
    return '–';
  }
  return dayWords(instant, wording) === 'Today' ? timeWords(instant, wording) : momentWords(instant, wording);
}

/** @param {number | null} count */
function stopsBefore(count) {
  return count === null ? '' : count === 0 ? 'next stop' : `after ${count} ${count === 1 ? 'stop' : 'stops'}`;
}

/** @param {Delivery} delivery */
function isLate({ eta, promise, flags }) {
  return flags.includes('DELAYED') || Boolean(eta && promise && Date.parse(eta.at) > Date.parse(promise.window.end));
}
