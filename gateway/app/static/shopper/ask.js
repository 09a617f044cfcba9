/** How the shopper's page asks the gateway to do something: once, and with words for whatever went wrong. */

import { element, setText } from '../dom.js';
import { idempotencyKey, RequestFailed } from '../graphql.js';

/** @import { Tracking } from '../shapes.js' */

/** @typedef {(document: string, input: Record<string, unknown>) => Promise<string | null>} Act what is wrong, or null */

/** @typedef {{ send(document: string, variables?: Record<string, unknown>): Promise<any> }} Client */

/**
 * Writes of one delivery. What is sent again because nobody answered goes under the key that it had.
 *
 * @param {Client} client
 * @param {(tracking: Tracking) => void} onTracking the delivery as it is afterwards
 * @returns {Act}
 */
export function createAct(client, onTracking) {
  let unanswered = '';
  let key = '';
  return async (document, input) => {
    const asked = JSON.stringify([document, input]);
    key = asked === unanswered ? key : idempotencyKey();
    unanswered = asked;
    try {
      const [answer] = Object.values(await client.send(document, { input: { idempotencyKey: key, ...input } }));
      unanswered = '';
      if (answer.tracking) {
        onTracking(answer.tracking);
      }
      return answer.message ?? null;
    } catch (fault) {
      if (fault instanceof RequestFailed) {
        return fault.message;
      }
      throw fault;
    }
  };
}

/**
 * A small form with one button and a place for what went wrong.
 *
 * @param {string} label of the button
 * @param {() => Promise<string | null>} submit what is wrong, or null
 * @param {...import('../dom.js').Child} fields
 */
export function createForm(label, submit, ...fields) {
  const wrong = element('p', { role: 'alert', class: 'wrong' });
  const button = element('button', {}, label);
  const form = element('form', {}, ...fields, wrong, button);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    setText(wrong, '');
    setText(wrong, (await submit()) ?? '');
    button.disabled = false;
  });
  return form;
}
