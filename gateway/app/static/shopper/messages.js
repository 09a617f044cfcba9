/** What shopper, driver and shop write to one another. */

import { READ_THREAD, SEND_MESSAGE, TRACKING_THREAD } from './documents.js';
import { element, fill, keyed, setText } from '../dom.js';
import { momentWords } from '../format.js';
import { RequestFailed } from '../graphql.js';
import { photoInput, photosOf, putUp } from '../photos.js';
import { createForm } from './ask.js';

/** @import { Message } from '../shapes.js' */
/** @import { Panel, World } from './actions.js' */

const LONGEST = 1000;

/** @param {World} world @returns {Panel} */
export function messages({ act, client, wording, tracking }) {
  const list = element('ol', { class: 'messages', 'aria-live': 'polite', 'aria-label': 'Messages', tabindex: '0' });
  const none = element('p', { class: 'small soft' }, 'Nothing has been written yet. Whoever brings it and the shop read what you write.');
  const text = element('textarea', { name: 'text', maxlength: LONGEST, rows: 2, placeholder: 'For whoever brings it, or for the shop' });
  const photos = photoInput();
  let thread = '';
  const form = createForm(
    'Send',
    async () => {
      const body = text.value.trim();
      const chosen = [...(photos.files ?? [])];
      if (!body && chosen.length === 0) {
        return 'Write something first.';
      }
      if (!thread) {
        await open();
      }
      const wrong = thread ? await send(body, chosen) : 'The delivery service cannot be reached.';
      if (wrong === null) {
        form.reset();
        await open();
      }
      return wrong;
    },
    element('label', {}, element('span', { class: 'visually-hidden' }, 'Your message'), text),
    element('label', { class: 'small' }, 'Photos ', photos),
  );

  /**
   * @param {string} body
   * @param {File[]} chosen
   */
  async function send(body, chosen) {
    try {
      const uploadIds = await putUp(client, chosen);
      return await act(SEND_MESSAGE, { threadId: thread, body, ...(uploadIds.length > 0 && { uploadIds }) });
    } catch (fault) {
      if (fault instanceof RequestFailed) {
        return fault.message;
      }
      throw fault;
    }
  }

  async function open() {
    const answer = await client.send(TRACKING_THREAD).catch(() => null);
    if (answer?.tracking.__typename !== 'Tracking') {
      return;
    }
    const { id, unreadCount, messages: { nodes } } = answer.tracking.thread;
    thread = id;
    show([...nodes].reverse());
    if (unreadCount > 0) {
      await client.send(READ_THREAD, { input: { threadId: id } }).catch(() => null);
    }
  }

  /** @param {Message[]} written oldest first */
  function show(written) {
    const wasLast = /** @type {HTMLElement | null} */ (list.lastElementChild)?.dataset.key;
    list.hidden = written.length === 0;
    none.hidden = written.length > 0;
    keyed(list, written, {
      key: ({ id }) => id,
      create: () => element('li', {}, element('span', { class: 'small soft' }), element('p'), element('div')),
      update: (row, { sender, body, sentAt, attachmentUrls }) => {
        row.className = sender === 'SHOPPER' ? 'own' : '';
        setText(row.children[0], `${senderWords(sender, tracking().merchant.name)} · ${momentWords(sentAt, wording())}`);
        setText(row.children[1], body);
        // A link is the same for an hour: what is seen is not fetched again with each word.
        if (row.dataset.photos !== attachmentUrls.join(' ')) {
          row.dataset.photos = attachmentUrls.join(' ');
          fill(row.children[2], ...photosOf(attachmentUrls));
        }
      },
    });
    if (/** @type {HTMLElement | null} */ (list.lastElementChild)?.dataset.key !== wasLast) {
      list.scrollTop = list.scrollHeight;
    }
  }

  return { title: 'Messages', body: element('div', {}, list, none, form), open, onChange: open };
}

/**
 * @param {string} sender a Participant
 * @param {string} shop
 */
export function senderWords(sender, shop) {
  return { SHOPPER: 'You', DRIVER: 'Driver', DESK: shop }[sender] ?? shop;
}
