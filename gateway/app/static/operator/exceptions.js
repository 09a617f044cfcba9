/** The queue of what a machine could not mend (yet). */

import { element, fill, icon, keyed, setText } from '../dom.js';
import { agoWords, codeWords, leftWords, localTimes } from '../format.js';

/** @import { ServerClock } from '../clock.js' */
/** @import { Wording } from '../format.js' */
/** @import { DeliveryException } from '../shapes.js' */

const RESOLUTIONS = ['FIXED', 'FALSE_ALARM', 'ACCEPTED_LOSS', 'OTHER'];
const TONES = /** @type {Record<string, string>} */ ({ CRITICAL: 'bad', HIGH: 'bad', MEDIUM: 'warn' });

/**
 * @typedef {object} Acts each answers with what went wrong, or null
 * @property {(exception: DeliveryException) => Promise<string | null>} acknowledge
 * @property {(exception: DeliveryException, resolution: string) => Promise<string | null>} resolve
 */

/**
 * @param {HTMLElement} list
 * @param {readonly DeliveryException[]} exceptions
 * @param {ServerClock} clock
 * @param {Wording} wording
 * @param {Acts} acts
 */
export function showExceptions(list, exceptions, clock, wording, acts) {
  keyed(list, exceptions, {
    key: ({ id }) => id,
    create: createItem,
    update: (item, exception) => updateItem(item, exception, clock, wording, acts),
  });
}

function createItem() {
  return element(
    'li',
    { class: 'exception' },
    element(
      'div',
      { class: 'top' },
      element('span', { class: 'chip severity' }),
      element('span', { class: 'due small soft' }),
    ),
    element('h4'),
    element('p', { class: 'evidence small soft' }),
    element('ol', { class: 'taken small' }),
    element(
      'div',
      { class: 'acts' },
      element('button', { type: 'button', class: 'acknowledge' }, 'Acknowledge'),
      element('select', { class: 'resolve', 'aria-label': 'Resolve as' }, ...resolutionChoices()),
    ),
    element('p', { class: 'small refusal', role: 'status' }),
  );
}

function resolutionChoices() {
  const choices = RESOLUTIONS.map((value) => element('option', { value }, codeWords(value)));
  return [element('option', { value: '' }, 'Resolve…'), ...choices];
}

/**
 * @param {HTMLElement} item
 * @param {DeliveryException} exception
 * @param {ServerClock} clock
 * @param {Wording} wording
 * @param {Acts} acts
 */
function updateItem(item, exception, clock, wording, acts) {
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (item.querySelector(`.${name}`));
  const isOpen = exception.status === 'OPEN';
  part('severity').className = `chip severity ${TONES[exception.severity] ?? ''}`;
  setText(part('severity'), codeWords(exception.severity));
  setText(part('due'), isOpen ? dueWords(exception, clock) : codeWords(exception.status));
  setText(/** @type {Element} */ (item.querySelector('h4')), exception.title);
  setText(part('evidence'), localTimes(exception.evidence, exception.raisedAt, wording));
  showSteps(part('taken'), exception, clock, wording);
  const acknowledge = /** @type {HTMLButtonElement} */ (part('acknowledge'));
  const resolve = /** @type {HTMLSelectElement} */ (part('resolve'));
  acknowledge.hidden = !isOpen;
  const act = async (/** @type {() => Promise<string | null>} */ ask) => {
    acknowledge.disabled = resolve.disabled = true;
    setText(part('refusal'), (await ask()) ?? '');
    acknowledge.disabled = resolve.disabled = false;
    resolve.value = '';
  };
  acknowledge.onclick = () => act(() => acts.acknowledge(exception));
  resolve.onchange = () => resolve.value && act(() => acts.resolve(exception, resolve.value));
}

/**
 * @param {HTMLElement} list
 * @param {DeliveryException} exception
 * @param {ServerClock} clock
 * @param {Wording} wording
 */
function showSteps(list, { steps }, clock, wording) {
  list.hidden = steps.length === 0;
  keyed(
    list,
    steps.map((step, index) => ({ ...step, key: `${index}${step.status}` })),
    {
      key: ({ key }) => key,
      create: ({ status, reason, at }) => {
        const sign = status === 'DONE' ? 'check' : status === 'FAILED' ? 'alert' : 'clock';
        const row = element('li', { class: status.toLowerCase() });
        fill(row, icon(sign), element('span', {}, localTimes(reason, at, wording)), element('time', { class: 'soft' }));
        return row;
      },
      update: (row, { at }) => {
        setText(/** @type {Element} */ (row.querySelector('time')), agoWords(-clock.secondsUntil(at)));
      },
    },
  );
}

/**
 * @param {DeliveryException} exception
 * @param {ServerClock} clock
 */
function dueWords({ dueAt }, clock) {
  const left = clock.secondsUntil(dueAt);
  return left > 0 ? `due in ${leftWords(left)}` : `overdue by ${leftWords(-left)}`;
}
