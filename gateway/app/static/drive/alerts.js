/** What must be seen: questions of the desk until they are answered, changes of the tour until they are noted. */

import { element, keyed, setText } from '../dom.js';

/** @import { Message, Thread } from './shapes.js' */

/** What the desk must see at once. */
export const NEEDS_HELP = 'I need help';

export const ANSWERS = ['I am fine', NEEDS_HELP];

/** @typedef {{ threadId: string, where: string, messageId: string, body: string }} Ping */

/**
 * What the desk asks the driver alone and the driver has not answered; null where there is none.
 *
 * @param {readonly Message[]} messages newest first
 * @returns {Message | null}
 */
export function askedIn(messages) {
  for (const message of messages) {
    if (message.sender === 'DRIVER') {
      return null;
    }
    if (message.sender === 'DESK' && message.to === 'DRIVER') {
      return message;
    }
  }
  return null;
}

export class Alerts {
  #root;
  #act;
  /** By thread. @type {Map<string, Ping>} */
  #pings = new Map();
  /** @type {readonly string[]} */
  #news = [];

  /**
   * @param {HTMLElement} root a live region
   * @param {object} act
   * @param {(ping: Ping, words: string) => Promise<string | null>} act.answer why it did not reach the desk
   * @param {() => void} act.noted the changes were seen
   */
  constructor(root, act) {
    this.#root = root;
    this.#act = act;
  }

  /**
   * @param {Thread} thread
   * @param {string} where
   */
  take({ id, isOpen, messages }, where) {
    const asked = isOpen ? askedIn(messages.nodes) : null;
    const isNew = asked !== null && this.#pings.get(id)?.messageId !== asked.id;
    if (asked) {
      this.#pings.set(id, { threadId: id, where, messageId: asked.id, body: asked.body });
    } else {
      this.#pings.delete(id);
    }
    this.#paint(isNew);
  }

  /** @param {readonly string[]} threadIds where the driver may still answer; what is asked elsewhere is another's now */
  keep(threadIds) {
    for (const id of [...this.#pings.keys()].filter((each) => !threadIds.includes(each))) {
      this.#pings.delete(id);
    }
    this.#paint(false);
  }

  /** @param {string} threadId */
  isAsked(threadId) {
    return this.#pings.has(threadId);
  }

  /** @param {readonly string[]} news all that the driver has not said to have seen */
  tell(news) {
    const isNew = news.length > this.#news.length;
    this.#news = [...news];
    this.#paint(isNew);
  }

  clear() {
    this.#pings.clear();
    this.tell([]);
  }

  /** @param {boolean} isNew */
  #paint(isNew) {
    const pings = [...this.#pings.values()].map((ping) => ({ key: ping.messageId, ping }));
    const news = this.#news.length ? [{ key: 'news', ping: null }] : [];
    keyed(this.#root, [...pings, ...news], {
      key: ({ key }) => key,
      create: ({ ping }) => (ping ? this.#question(ping) : this.#changes()),
      update: (row, { ping }) => ping || this.#list(row),
    });
    if (isNew) {
      // A phone in its holder is not looked at all the time.
      navigator.vibrate?.([300, 150, 300]);
    }
  }

  /** @param {Ping} ping */
  #question(ping) {
    const refusal = element('p', { class: 'refusal' });
    const answer = async (/** @type {string} */ words) => {
      buttons.forEach((each) => each.toggleAttribute('disabled', true));
      setText(refusal, (await this.#act.answer(ping, words)) ?? '');
      buttons.forEach((each) => each.toggleAttribute('disabled', false));
    };
    const buttons = ANSWERS.map((words) => element('button', { type: 'button', onclick: () => answer(words) }, words));
    return element(
      'article',
      { class: 'ping' },
      element('p', { class: 'soft' }, `The desk asks · ${ping.where}`),
      element('p', {}, ping.body),
      element('div', { class: 'acts' }, ...buttons),
      refusal,
    );
  }

  #changes() {
    const press = () => this.#act.noted();
    return element(
      'article',
      { class: 'news' },
      element('p', {}, 'Your tour has changed:'),
      element('ul'),
      element('button', { type: 'button', onclick: press }, 'Got it'),
    );
  }

  /** @param {HTMLElement} row */
  #list(row) {
    const items = this.#news.map((words, at) => ({ key: `${at} ${words}`, words }));
    keyed(/** @type {Element} */ (row.querySelector('ul')), items, {
      key: ({ key }) => key,
      create: ({ words }) => element('li', {}, words),
      update: () => {},
    });
  }
}
