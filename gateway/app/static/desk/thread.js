/** What customer, driver and desk wrote to one another about the delivery, and writing to them. */

import { element } from '../dom.js';
import { codeWords, momentWords } from '../format.js';
import { photosOf } from '../photos.js';

/** @import { DeskDelivery, DeskMessage } from '../shapes.js' */
/** @import { Wording } from '../format.js' */

const SENDERS = /** @type {Record<string, string>} */ ({ SHOPPER: 'Customer', DRIVER: 'Driver', DESK: 'Desk' });

/**
 * @param {DeskDelivery | null} delivery
 * @param {Wording} wording
 * @param {(to: 'DRIVER' | null) => void} write send what stands in the note; null for all sides
 */
export function threadOf(delivery, wording, write) {
  if (!delivery) {
    return [];
  }
  const { driver, thread } = delivery;
  const lines = thread.messages.nodes.toReversed().map((message) => line(message, wording));
  const press = (/** @type {string} */ words, /** @type {'DRIVER' | null} */ to) =>
    element('button', { type: 'button', 'data-act': `write ${to ?? 'all'}`, onclick: () => write(to) }, words);
  return [
    element('h3', {}, 'Messages'),
    element('ol', { class: 'messages' }, ...lines),
    lines.length === 0 && element('p', { class: 'soft' }, 'Nobody has written.'),
    thread.isOpen && element(
      'div',
      { class: 'acts' },
      driver && press(`Send the note to ${driver.name} alone`, 'DRIVER'),
      press(driver ? 'Send the note to customer and driver' : 'Send the note to the customer', null),
    ),
  ];
}

/**
 * @param {DeskMessage} message
 * @param {Wording} wording
 */
function line({ sender, body, sentAt, to, attachmentUrls }, wording) {
  const who = (/** @type {string} */ side) => SENDERS[side] ?? codeWords(side);
  const head = `${momentWords(sentAt, wording)} · ${who(sender)}${to ? ` to ${who(to).toLowerCase()} alone` : ''}`;
  return element('li', {}, element('span', { class: 'soft' }, head), element('span', {}, body), ...photosOf(attachmentUrls));
}
