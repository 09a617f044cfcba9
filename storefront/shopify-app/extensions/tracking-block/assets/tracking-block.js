/**
 * `<doorstep-order-tracking>`: live tracking on a page of the storefront, asked for through the app proxy.
 *
 * Attributes: proxy (path of the app proxy), live (show the map where there is one), order and contact (where the
 * page knows whose order it is), and the texts, which Liquid has in the shopper's language. Inside: a form
 * with the fields order and contact, and an element with the role "status".
 */

import { isOver, liveOf } from './answer.js';
import { GATEWAY } from './gateway.js';
import { askOverHttp, watch } from './watch.js';
import { etaWords } from './words.js';

/** @import { Delivery } from './answer.js' */
/** @import { Outcome } from './pace.js' */

class OrderTracking extends HTMLElement {
  #watching = new AbortController();
  #list = document.createElement('div');
  /** Links whose live element could not be loaded: a gateway that is away now is not asked again and again. */
  #isPlain = false;

  connectedCallback() {
    const form = this.querySelector('form');
    this.append(this.#list);
    form?.addEventListener('submit', this.#submitted);
    const [order, contact] = [this.getAttribute('order'), this.getAttribute('contact')];
    if (order) {
      this.#follow({ order, contact: contact ?? '' }, { isAsked: false });
    }
  }

  disconnectedCallback() {
    this.querySelector('form')?.removeEventListener('submit', this.#submitted);
    this.#watching.abort();
    this.#list.remove();
  }

  #submitted = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const given = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const order = String(given.get('order') ?? '').trim();
    const contact = String(given.get('contact') ?? '').trim();
    this.#say(this.dataset.looking ?? '');
    this.#list.replaceChildren();
    this.#follow({ order, contact }, { isAsked: true });
  };

  /**
   * @param {{ order: string, contact: string }} question
   * @param {{ isAsked: boolean }} how whether the shopper has asked, and waits for an answer either way
   */
  #follow(question, { isAsked }) {
    this.#watching.abort();
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    const proxy = this.getAttribute('proxy') ?? '';
    watch({
      // In the body, because addresses are kept in logs.
      ask: () =>
        askOverHttp(`${proxy}/tracking`, {
          method: 'POST',
          headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
          body: JSON.stringify(question),
        }),
      show: (deliveries, outcome) => this.#show(deliveries, outcome, isAsked),
      signal,
    });
  }

  /**
   * @param {Delivery[]} deliveries
   * @param {Outcome} outcome
   * @param {boolean} isAsked
   */
  #show(deliveries, outcome, isAsked) {
    if (deliveries.length === 0) {
      if (isAsked) {
        this.#say((outcome === 'TROUBLE' ? this.dataset.trouble : this.dataset.nothing) ?? '');
        this.#watching.abort();
      }
      return;
    }
    this.#say('');
    this.querySelector('form')?.toggleAttribute('hidden', true);
    const shown = this.#list.children;
    deliveries.forEach((delivery, index) => {
      const box = /** @type {HTMLElement} */ (shown[index] ?? this.#list.appendChild(document.createElement('section')));
      this.#fill(box, delivery);
    });
    while (shown.length > deliveries.length) {
      this.#list.lastElementChild?.remove();
    }
  }

  /**
   * @param {HTMLElement} box
   * @param {Delivery} delivery
   */
  #fill(box, delivery) {
    const live = this.hasAttribute('live') && !isOver(delivery) ? liveOf(delivery.link, GATEWAY) : null;
    if (live && box.dataset.live === live.token) {
      return;
    }
    box.className = 'doorstep-delivery';
    box.replaceChildren(...this.#plain(delivery));
    delete box.dataset.live;
    if (live && !this.#isPlain) {
      this.#enliven(box, live);
    }
  }

  /**
   * Words and a link: what is there while the live element loads, and where it does not.
   *
   * @param {Delivery} delivery
   */
  #plain({ text, eta, link }) {
    const parts = [element('p', text, 'doorstep-status')];
    if (eta) {
      const locale = this.closest('[lang]')?.getAttribute('lang') ?? undefined;
      const when = etaWords(eta, { locale, now: new Date() });
      parts.push(element('p', (this.dataset.expected ?? '').replace('[when]', () => when), 'doorstep-eta'));
    }
    if (link) {
      const anchor = element('a', this.dataset.follow ?? link, 'doorstep-link');
      anchor.setAttribute('href', link);
      // The address is a key to the delivery, so no page that it leads on to may learn it.
      anchor.setAttribute('rel', 'noreferrer');
      parts.push(anchor);
    }
    return parts;
  }

  /**
   * @param {HTMLElement} box
   * @param {{ gateway: string, token: string }} live
   */
  async #enliven(box, { gateway, token }) {
    try {
      await import(`${gateway}/static/doorstep.js`);
    } catch {
      this.#isPlain = true;
      return;
    }
    if (!box.isConnected) {
      return;
    }
    const tracking = element('doorstep-tracking', '', '');
    tracking.setAttribute('gateway', gateway);
    tracking.setAttribute('token', token);
    box.dataset.live = token;
    box.replaceChildren(tracking);
  }

  /** @param {string} text */
  #say(text) {
    const line = this.querySelector('[role="status"]');
    if (line) {
      line.textContent = text;
    }
  }
}

/**
 * @param {string} name
 * @param {string} text
 * @param {string} kind
 */
function element(name, text, kind) {
  const made = document.createElement(name);
  made.className = kind;
  made.textContent = text;
  return made;
}

/** A page may hold the block twice. */
if (!customElements.get('doorstep-order-tracking')) {
  customElements.define('doorstep-order-tracking', OrderTracking);
}
