/**
 * `<doorstep-delivery-options>`: ranked ways to deliver a cart, and the choice of one.
 *
 * Attributes: gateway (base address; the page's own host without it), publishable-key, country, postal-code,
 * city, address1, province, phone (E.164; some couriers ask for one), items (JSON of CartItemInput), cart-id,
 * store-id, locale.
 * Fires `doorstep-choice` with {reference, option, total, promise, priceLockedUntil}, and with null for a
 * reference once the choice no longer holds.
 */

import { ServerClock } from '../clock.js';
import { CHOOSE, OPTIONS, OPTIONS_AGAIN } from '../documents.js';
import { element, fill, keyed, setText } from '../dom.js';
import { leftWords } from '../format.js';
import { createClient, endpointsOf, idempotencyKey, RequestFailed } from '../graphql.js';
import { theme } from '../theme.js';
import { optionsStyle } from './options-style.js';
import { createRow, updateRow } from './options-view.js';
import { questionOf } from './question.js';

/** @import { Choice, Option, Options, Problem } from '../shapes.js' */

/** Attributes come one by one, and arrow keys pass over options: wait until it is quiet. */
const QUIET_MS = 200;
const REFRESHES = 3;

export class DeliveryOptions extends HTMLElement {
  static observedAttributes = [
    'gateway', 'publishable-key', 'country', 'postal-code', 'city', 'address1', 'province', 'phone',
    'items', 'cart-id', 'store-id',
  ];

  /** The time of the server; a page whose server's time runs faster hands in its own. */
  clock = new ServerClock();

  #root = this.attachShadow({ mode: 'open' });
  #list = element('div', { class: 'list' });
  #notice = element('div', { class: 'notice', hidden: true });
  #status = element('span', { role: 'status', class: 'small soft' });
  #countdown = element('span', { class: 'small soft' });
  /** @type {Options | null} */
  #options = null;
  /** @type {string | null} */
  #chosen = null;
  /** @type {Choice | null} */
  #choice = null;
  #work = new AbortController();
  #quiet = 0;
  #beat = 0;

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [theme, optionsStyle];
    this.#root.append(
      element(
        'fieldset',
        {},
        element('legend', {}, 'Delivery'),
        this.#list,
        this.#notice,
        element('div', { class: 'foot' }, this.#status, this.#countdown),
      ),
    );
  }

  connectedCallback() {
    this.#beat = setInterval(() => this.#tick(), 1000);
    this.#askSoon();
  }

  disconnectedCallback() {
    clearInterval(this.#beat);
    clearTimeout(this.#quiet);
    this.#work.abort();
  }

  attributeChangedCallback() {
    this.#askSoon();
  }

  get #client() {
    const { http } = endpointsOf(this.getAttribute('gateway'), document.baseURI);
    return createClient({ endpoint: http, credential: this.getAttribute('publishable-key') ?? '' });
  }

  get #locale() {
    const lang = /** @type {HTMLElement | null} */ (this.closest('[lang]'))?.lang;
    return this.getAttribute('locale') || lang || navigator.language;
  }

  #askSoon() {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.isConnected && this.#ask(), QUIET_MS);
  }

  async #ask() {
    this.#giveUpChoice();
    if (!this.getAttribute('country') || !this.getAttribute('publishable-key')) {
      this.#show('idle', '');
      this.#tell('Enter an address to see how your order can reach you.');
      return;
    }
    this.#work.abort();
    this.#work = new AbortController();
    this.#show('loading', 'Looking for the best ways to deliver…');
    this.#paint();
    await this.#guarded(async (signal) => {
      const answer = await this.#client.send(OPTIONS, questionOf(this), signal);
      this.#take(answer.deliveryOptions);
    });
  }

  /** @param {Options | Problem} answer */
  #take(answer) {
    if (answer.__typename !== 'DeliveryOptions') {
      const { code, message, retryable } = /** @type {Problem} */ (answer);
      this.#options = null;
      this.#show(code === 'NOT_SERVICEABLE' ? 'empty' : 'failed', '');
      this.#tell(code === 'NOT_SERVICEABLE' ? this.#nobody : message, retryable);
      return;
    }
    this.#options = /** @type {Options} */ (answer);
    this.clock.observe(this.#options.serverTime);
    this.#refreshLater(REFRESHES);
    this.#showOptions(REFRESHES);
  }

  /** @param {number} left how often late carriers are still looked for */
  #showOptions(left) {
    const { offers } = this;
    const missing = this.#options?.destination.missing ?? [];
    if (offers.length === 0 && this.#options?.isComplete === false && left > 0) {
      this.#show('loading', 'Carriers take longer than usual to answer…');
    } else if (offers.length === 0 && this.#options?.isComplete === false) {
      this.#show('empty', '');
      this.#tell('No carrier has answered in time.', true);
    } else if (offers.length === 0) {
      this.#show('empty', '');
      this.#tell('No delivery is possible to this address at the moment.', true);
    } else if (missing.length > 0) {
      this.#show('ready', 'Complete your address to choose one of these.');
    } else {
      this.#show('ready', `${offers.length} ${offers.length === 1 ? 'way' : 'ways'} to deliver, best first.`);
    }
    this.#paint();
  }

  /** Why nobody delivers: by a country or a city alone hardly anybody can say. */
  get #nobody() {
    const isVague = !this.getAttribute('postal-code') && !this.getAttribute('address1');
    return isVague ? 'Enter more of the address to see how your order can reach you.' : 'Nobody can deliver to this address.';
  }

  get offers() {
    return this.#options?.groups.flatMap((group) => group.options) ?? [];
  }

  /**
   * Late carriers join an answer that is not complete.
   *
   * @param {number} left
   */
  #refreshLater(left) {
    const asked = this.#options;
    // Of this question: the next one, about another address, ends it.
    const { signal } = this.#work;
    if (asked && !asked.isComplete && left > 0) {
      setTimeout(async () => {
        const answer = await this.#client.send(OPTIONS_AGAIN, { id: asked.id }, signal).catch(() => null);
        if (this.#options === asked && !signal.aborted && !this.#chosen) {
          this.#options = answer?.deliveryOptionsById ?? asked;
          this.#showOptions(left - 1);
          this.#refreshLater(left - 1);
        }
      }, 1000 * (asked.refreshAfterSeconds ?? 2));
    }
  }

  /** @param {string} code */
  #pick(code) {
    this.#giveUpChoice();
    this.#chosen = code;
    this.#show('choosing', 'Holding this price for you…');
    this.#paint();
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#choose(code), QUIET_MS);
  }

  /** @param {string} code */
  async #choose(code) {
    const group = this.#options?.groups.find(({ options }) => options.some((option) => option.code === code));
    const option = group?.options.find((candidate) => candidate.code === code);
    if (!group || !option || !this.#options) {
      return;
    }
    const input = {
      idempotencyKey: idempotencyKey(),
      deliveryOptionsId: this.#options.id,
      selections: [{ groupId: group.id, optionId: option.id }],
      cartId: this.getAttribute('cart-id'),
    };
    await this.#guarded(async (signal) => {
      const { chooseDeliveryOption: result } = await this.#client.send(CHOOSE, { input }, signal);
      if (this.#chosen === code) {
        this.#takeChoice(result, option);
      }
    });
  }

  /**
   * @param {{ __typename: string, choice?: Choice, code?: string, message?: string }} result
   * @param {Option} option
   */
  #takeChoice({ __typename, choice, code, message }, option) {
    if (choice) {
      this.#choice = choice;
      this.#show('chosen', `${option.title} chosen.`);
      this.#tick();
      this.#fire({ ...choice, option });
      return;
    }
    this.#chosen = null;
    if (__typename === 'OptionChanged' || code === 'OPTION_EXPIRED') {
      this.#show('loading', 'Prices have changed. Looking again…');
      this.#askSoon();
      return;
    }
    this.#show('failed', '');
    this.#tell(message ?? 'This option could not be chosen.', true);
  }

  #giveUpChoice() {
    this.#chosen = null;
    if (this.#choice) {
      this.#choice = null;
      this.#fire({ reference: null });
    }
  }

  /** @param {object} detail */
  #fire(detail) {
    this.dispatchEvent(new CustomEvent('doorstep-choice', { detail, bubbles: true, composed: true }));
  }

  /** @param {(signal: AbortSignal) => Promise<void>} work */
  async #guarded(work) {
    const { signal } = this.#work;
    try {
      await work(signal);
    } catch (fault) {
      if (!signal.aborted) {
        this.#chosen = null;
        this.#show('failed', '');
        this.#tell(fault instanceof RequestFailed ? fault.message : 'Something went wrong.', true);
      }
    }
  }

  /** Prices end; who has not chosen by then is asked for anew, but not behind a page that nobody sees. */
  #tick() {
    const ends = this.#choice ? this.#choice.priceLockedUntil : this.#soonestExpiry;
    const left = ends ? this.clock.secondsUntil(ends) : null;
    const isOpen = this.dataset.state === 'ready' || this.dataset.state === 'chosen';
    setText(this.#countdown, left !== null && isOpen && left > 0 ? `Price held for ${leftWords(left)}` : '');
    if (left !== null && isOpen && left <= 0 && !document.hidden) {
      this.#askSoon();
      this.dataset.state = 'loading';
    }
  }

  get #soonestExpiry() {
    return this.offers.map((option) => option.expiresAt).sort()[0];
  }

  #paint() {
    if (this.offers.length === 0) {
      return;
    }
    const shared = { locale: this.#locale, now: this.clock.now() };
    this.#list.querySelectorAll('.bone').forEach((bone) => bone.remove());
    keyed(
      this.#list,
      this.offers.map((option) => ({ ...shared, option, isChosen: option.code === this.#chosen })),
      { key: ({ option }) => option.code, create: createRow((code) => this.#pick(code)), update: updateRow },
    );
    this.#tick();
  }

  /**
   * @param {'idle' | 'loading' | 'ready' | 'choosing' | 'chosen' | 'empty' | 'failed'} state
   * @param {string} status
   */
  #show(state, status) {
    this.dataset.state = state;
    this.#list.setAttribute('aria-busy', String(state === 'loading'));
    const isListed = state !== 'idle' && state !== 'empty' && (state !== 'failed' || this.offers.length > 0);
    this.#list.hidden = !isListed;
    this.#notice.hidden = true;
    if (state === 'loading' && this.offers.length === 0) {
      fill(this.#list, ...Array.from({ length: 3 }, () => element('div', { class: 'bone' })));
    }
    setText(this.#status, status);
  }

  /**
   * @param {string} message
   * @param {boolean} [canRetry]
   */
  #tell(message, canRetry = false) {
    this.#notice.hidden = false;
    const again = element('button', { type: 'button', onclick: () => this.#ask() }, 'Try again');
    fill(this.#notice, element('span', { role: 'alert' }, message), canRetry && again);
  }
}
