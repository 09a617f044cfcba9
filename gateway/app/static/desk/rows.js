/** The queue as a list of rows with a countdown each. */

import { element, keyed, setText } from '../dom.js';
import { codeWords, leftWords } from '../format.js';
import { breaksAt } from './queue.js';

/** @import { ServerClock } from '../clock.js' */
/** @import { DeskException } from '../shapes.js' */

/**
 * @param {Element} list
 * @param {readonly DeskException[]} exceptions
 * @param {string | null} shown id of the one that is looked at
 * @param {ServerClock} clock
 * @param {(id: string) => void} open
 */
export function showRows(list, exceptions, shown, clock, open) {
  keyed(list, exceptions, {
    key: ({ id }) => id,
    create: ({ id }) => createRow(id, open),
    update: (row, exception) => updateRow(row, exception, exception.id === shown, clock),
  });
}

/**
 * Whether, and how long until, a promise is broken or an answer is due; in words.
 *
 * @param {DeskException} exception
 * @param {ServerClock} clock
 */
export function countdown(exception, clock) {
  const left = clock.secondsUntil(breaksAt(exception));
  const hasPromise = exception.breachesPromiseAt !== null;
  if (exception.status === 'RESOLVED') {
    return { words: 'resolved', isBroken: false };
  }
  if (left > 0) {
    return { words: `${hasPromise ? 'promise breaks' : 'answer due'} in ${leftWords(left)}`, isBroken: false };
  }
  return { words: `${hasPromise ? 'promise broken' : 'overdue'} for ${leftWords(-left)}`, isBroken: true };
}

/**
 * @param {string} id
 * @param {(id: string) => void} open
 */
function createRow(id, open) {
  const button = element(
    'button',
    { type: 'button', class: 'row', onclick: () => open(id) },
    element('span', { class: 'title' }),
    element('span', { class: 'left' }),
    element('span', { class: 'about' }),
    element('span', { class: 'who' }),
  );
  return element('li', {}, button);
}

/**
 * @param {HTMLElement} item
 * @param {DeskException} exception
 * @param {boolean} isShown
 * @param {ServerClock} clock
 */
function updateRow(item, exception, isShown, clock) {
  const row = /** @type {HTMLElement} */ (item.firstElementChild);
  const [title, left, about, who] = /** @type {Iterable<HTMLElement>} */ (row.children);
  const { words, isBroken } = countdown(exception, clock);
  row.className = `row ${exception.severity}`;
  row.setAttribute('aria-current', String(isShown));
  setText(title, exception.title);
  setText(left, words);
  left.className = isBroken ? 'left is-broken' : 'left';
  setText(about, `${codeWords(exception.severity)} · ${codeWords(exception.kind)}`);
  setText(who, standing(exception, clock));
}

/**
 * Who has it, or when somebody has to.
 *
 * @param {DeskException} exception
 * @param {ServerClock} clock
 */
export function standing({ status, assignee, dueAt, resolvedBy, breachesPromiseAt }, clock) {
  const holder = assignee ? assignee.name : null;
  if (status === 'RESOLVED') {
    return resolvedBy === 'PERSON' ? 'by a person' : 'by itself';
  }
  if (status === 'WAITING') {
    return 'waits for an answer';
  }
  if (status === 'ACKNOWLEDGED') {
    return holder ?? 'seen';
  }
  const left = clock.secondsUntil(dueAt);
  const due = left > 0 ? `answer in ${leftWords(left)}` : 'nobody has answered';
  return [holder, breachesPromiseAt ? due : null].filter(Boolean).join(' · ') || 'nobody’s';
}
