/** One thread, over the whole screen: customer, desk and driver about one delivery. */

import { element, find, keyed, setText } from '../dom.js';
import { momentWords } from '../format.js';
import { idempotencyKey } from '../graphql.js';
import { photosOf } from '../photos.js';

/** @import { Message, Thread } from './shapes.js' */
/** @import { Wording } from '../format.js' */

const SENDERS = /** @type {Record<string, string>} */ ({ DRIVER: 'You', DESK: 'Desk', SHOPPER: 'Customer' });
const ALONE = /** @type {Record<string, string>} */ ({ DRIVER: ' · to you alone', DESK: ' · to the desk alone' });

export class Talk {
  #dialog;
  #form;
  #act;
  #threadId = '';
  /** The same words keep their key until they are sent: a repeat is one message. */
  #draft = { words: '', key: '' };
  /** Selects what opened it; that is painted anew meanwhile. */
  #opener = '';

  /**
   * @param {HTMLDialogElement} dialog
   * @param {object} act
   * @param {(input: { threadId: string, body: string, to: string | null, photos: File[], idempotencyKey: string }) => Promise<string | null>} act.say
   * @param {() => void} act.onOpen something is to be shown
   */
  constructor(dialog, act) {
    this.#dialog = dialog;
    this.#form = /** @type {HTMLFormElement} */ (find(dialog, 'form'));
    this.#act = act;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    find(dialog, '.close').addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => {
      const opener = this.#opener;
      this.clear();
      /** @type {HTMLElement | null} */ (opener && document.querySelector(opener))?.focus();
    });
  }

  /** Id of the thread that is open; "" where none is. */
  get threadId() {
    return this.#threadId;
  }

  /**
   * @param {string} threadId
   * @param {string} title
   * @param {string} opener selects what gets the focus back
   */
  open(threadId, title, opener) {
    this.#threadId = threadId;
    this.#opener = opener;
    setText(find(this.#dialog, '#talk-title'), title);
    this.#dialog.showModal();
    this.#act.onOpen();
  }

  /**
   * @param {Thread} thread
   * @param {Wording} wording
   */
  show({ id, isOpen, messages }, wording) {
    if (id !== this.#threadId) {
      return;
    }
    const list = find(this.#dialog, 'ol');
    const count = list.children.length;
    keyed(list, messages.nodes.toReversed(), {
      key: (message) => message.id,
      create: (message) => bubble(message, wording),
      update: () => {},
    });
    if (list.children.length !== count) {
      list.scrollTop = list.scrollHeight;
    }
    this.#form.querySelectorAll('textarea, select, input, .primary').forEach((each) => each.toggleAttribute('disabled', !isOpen));
    if (!isOpen) {
      this.#refuse('Nobody writes here any more: the delivery is over.');
    }
  }

  close() {
    this.#dialog.close();
  }

  clear() {
    this.#threadId = '';
    this.#opener = '';
    this.#form.reset();
    this.#refuse('');
    find(this.#dialog, 'ol').replaceChildren();
    setText(find(this.#dialog, '#talk-title'), '');
  }

  async #send() {
    const given = new FormData(this.#form);
    const [body, to] = [String(given.get('body')).trim(), String(given.get('to'))];
    const chosen = /** @type {HTMLInputElement} */ (find(this.#dialog, '[name="photos"]'));
    const photos = [...(chosen.files ?? [])];
    const named = photos.map(({ name, size, lastModified }) => `${name} ${size} ${lastModified}`);
    const [threadId, words] = [this.#threadId, [this.#threadId, to, body, ...named].join(' ')];
    if (!body && photos.length === 0) {
      return;
    }
    if (this.#draft.words !== words) {
      this.#draft = { words, key: idempotencyKey() };
    }
    const button = find(this.#dialog, '.primary');
    button.toggleAttribute('disabled', true);
    const wrong = await this.#act.say({ threadId, body, to: to || null, photos, idempotencyKey: this.#draft.key });
    button.toggleAttribute('disabled', false);
    if (threadId !== this.#threadId) {
      return;
    }
    this.#refuse(wrong ? `Not sent. ${wrong}` : '');
    if (wrong === null) {
      this.#draft = { words: '', key: '' };
      /** @type {HTMLTextAreaElement} */ (find(this.#dialog, 'textarea')).value = '';
      chosen.value = '';
      this.#act.onOpen();
    }
  }

  /** @param {string} why */
  #refuse(why) {
    setText(find(this.#dialog, '.refusal'), why);
  }
}

/**
 * @param {Message} message
 * @param {Wording} wording
 */
function bubble({ sender, body, sentAt, to, attachmentUrls }, wording) {
  const head = `${SENDERS[sender] ?? 'Somebody'}${to ? (ALONE[to] ?? '') : ''} · ${momentWords(sentAt, wording)}`;
  return element('li', { class: sender === 'DRIVER' && 'mine' }, element('small', {}, head), body, ...photosOf(attachmentUrls));
}
