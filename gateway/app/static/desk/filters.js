/** What a person can choose to see. */

import { element, fill } from '../dom.js';
import { codeWords } from '../format.js';

/** @import { Person } from '../shapes.js' */
/** @import { Choice } from './queue.js' */

const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'];
const WITHIN = /** @type {[string, string][]} */ ([
  ['', 'Any time'], ['300', '5 minutes'], ['900', '15 minutes'], ['3600', '1 hour'],
]);
export const KINDS = [
  'LATE_RISK', 'ETA_PAST_PROMISE', 'NO_COURIER', 'COURIER_CANCELLED', 'QUOTE_EXPIRED', 'CARRIER_DOWN', 'MISSED_PICKUP',
  'MERCHANT_NOT_READY', 'STALLED', 'OFF_ROUTE', 'GPS_SILENT', 'GPS_IMPLAUSIBLE', 'ADDRESS_PROBLEM', 'ACCESS_PROBLEM',
  'RECIPIENT_UNAVAILABLE', 'SECOND_FAILED_ATTEMPT', 'REFUSED', 'VERIFICATION_FAILED', 'ITEM_MISMATCH', 'DAMAGED', 'LOST',
  'TEMPERATURE', 'PROOF_MISMATCH', 'RETURN_OVERDUE', 'COST_VARIANCE', 'WEATHER', 'CUSTOMS', 'SHOPPER_UNREACHABLE',
  'OTHER',
];

/**
 * @param {HTMLFormElement} form
 * @param {readonly Person[]} people
 * @param {Person | null} me
 * @param {(choice: Choice) => void} onChoice
 */
export function showFilters(form, people, me, onChoice) {
  const others = people.filter(({ id }) => id !== me?.id).map(({ id, name }) => /** @type {[string, string]} */ ([id, name]));
  const mine = me ? [/** @type {[string, string]} */ (['MINE', 'Mine'])] : [];
  fill(
    form,
    select('Whose', 'whose', [['', 'Everybody’s'], ...mine, ['NOBODYS', 'Nobody’s'], ...others]),
    select('Severity', 'severity', [['', 'Any'], ...SEVERITIES.map(named)]),
    select('Kind', 'kind', [['', 'Any'], ...KINDS.map(named)]),
    select('Answer due within', 'within', WITHIN),
    element('label', { class: 'inline' }, element('input', { type: 'checkbox', name: 'isOver' }), 'Resolved ones'),
    element(
      'label',
      { class: 'inline', title: 'j k to move, c claim, a acknowledge, m comment, h hand over, e escalate, r resolve' },
      element('input', { type: 'checkbox', name: 'keys', checked: true }),
      'Keys j k c a m h e r',
    ),
  );
  form.onchange = () => onChoice(chosen(form));
  form.onsubmit = (event) => event.preventDefault();
}

/** @param {HTMLFormElement} form */
export function hasKeys(form) {
  return new FormData(form).has('keys');
}

/**
 * @param {HTMLFormElement} form
 * @returns {Choice}
 */
function chosen(form) {
  const data = new FormData(form);
  const text = (/** @type {string} */ name) => String(data.get(name) ?? '');
  return {
    whose: text('whose'), severity: text('severity'), kind: text('kind'), within: text('within'), isOver: data.has('isOver'),
  };
}

/** @param {string} code @returns {[string, string]} */
function named(code) {
  return [code, codeWords(code)];
}

/**
 * @param {string} label
 * @param {string} name
 * @param {readonly [string, string][]} choices
 */
function select(label, name, choices) {
  const options = choices.map(([value, words]) => element('option', { value }, words));
  return element('label', {}, label, element('select', { name }, ...options));
}
