/** What a shopper can do about a delivery: a list of what is open at the moment, each behind its own heading. */

import { element, setText } from '../dom.js';
import { anotherTime } from './another-time.js';
import { createAct } from './ask.js';
import { doorPin, safePlace } from './door.js';
import { messages } from './messages.js';

/** @import { Tracking } from '../shapes.js' */
/** @import { Wording } from '../format.js' */
/** @import { GroundMap } from '../map/ground.js' */
/** @import { Act, Client } from './ask.js' */

/**
 * @typedef {object} World what a panel may know and do
 * @property {Act} act
 * @property {Client} client
 * @property {() => Wording} wording
 * @property {() => Tracking} tracking as it is now
 * @property {() => Promise<GroundMap | null>} ground streets, where the page has them
 * @property {(words: string) => void} done closes the panel and says so
 */

/**
 * @typedef {object} Panel
 * @property {string} title
 * @property {HTMLElement} body
 * @property {() => Promise<void>} [open] it has come into sight
 * @property {() => void} [close] it is out of sight
 * @property {() => Promise<void>} [onChange] something about the delivery changed while it is in sight
 */

/** In the order in which they stand. @type {Record<string, (world: World) => Panel>} */
const PANELS = { RESCHEDULE: anotherTime, CHOOSE_SAFE_PLACE: safePlace, CORRECT_PIN: doorPin, SEND_MESSAGE: messages };

/** @typedef {{ panel: Panel, details: HTMLDetailsElement, count: HTMLElement }} Shown */

export class ShopperActions {
  box = element('section', { class: 'actions', 'aria-label': 'What you can do', hidden: true });
  #list = element('div');
  #said = element('p', { class: 'small said', role: 'status' });
  /** @type {Map<string, Shown>} */
  #shown = new Map();
  /** @type {Tracking | null} */
  #tracking = null;
  /** @type {Wording | null} */
  #wording = null;

  constructor() {
    this.box.append(this.#list, this.#said);
  }

  /**
   * @param {Client} client
   * @param {(tracking: Tracking) => void} onTracking
   * @param {() => Promise<GroundMap | null>} ground
   */
  begin(client, onTracking, ground) {
    this.end();
    this.#world = (/** @type {string} */ action) => ({
      act: createAct(client, onTracking),
      client,
      ground,
      wording: () => /** @type {Wording} */ (this.#wording),
      tracking: () => /** @type {Tracking} */ (this.#tracking),
      done: (words) => this.#done(action, words),
    });
  }

  /** Nothing is open any more: another delivery, or the link has ended. */
  end() {
    [...this.#shown.keys()].forEach((action) => this.#remove(action));
    setText(this.#said, '');
    this.box.hidden = true;
  }

  /**
   * @param {Tracking} tracking
   * @param {Wording} wording
   */
  show(tracking, wording) {
    this.#tracking = tracking;
    this.#wording = wording;
    const open = Object.keys(PANELS).filter((action) => tracking.actions.includes(action));
    [...this.#shown.keys()].filter((action) => !open.includes(action)).forEach((action) => this.#remove(action));
    open.forEach((action, place) => {
      const { details } = this.#shown.get(action) ?? this.#add(action);
      if (this.#list.children[place] !== details) {
        this.#list.insertBefore(details, this.#list.children[place] ?? null);
      }
    });
    this.#showCount(tracking.thread.unreadCount);
    this.box.hidden = open.length === 0 && !this.#said.textContent;
    for (const { panel, details } of this.#shown.values()) {
      if (details.open) {
        panel.onChange?.();
      }
    }
  }

  /** @type {(action: string) => World} */
  #world = () => {
    throw new Error('It has not begun.');
  };

  /** @param {string} action */
  #add(action) {
    const panel = PANELS[action](this.#world(action));
    const count = element('span', { class: 'chip accent', hidden: true });
    const summary = element('summary', {}, panel.title, ' ', count);
    const details = element('details', { 'data-action': action, name: 'action' }, summary, panel.body);
    details.addEventListener('toggle', () => {
      if (details.open) {
        setText(this.#said, '');
        count.hidden = true;
        panel.open?.();
      } else {
        panel.close?.();
      }
    });
    const shown = { panel, details, count };
    this.#shown.set(action, shown);
    return shown;
  }

  /** @param {string} action */
  #remove(action) {
    const shown = this.#shown.get(action);
    shown?.panel.close?.();
    shown?.details.remove();
    this.#shown.delete(action);
  }

  /** @param {number} unread */
  #showCount(unread) {
    const shown = this.#shown.get('SEND_MESSAGE');
    if (shown) {
      shown.count.hidden = unread === 0 || shown.details.open;
      setText(shown.count, `${unread} new`);
    }
  }

  /**
   * @param {string} action
   * @param {string} words
   */
  #done(action, words) {
    const details = this.#shown.get(action)?.details;
    if (details) {
      details.open = false;
      details.querySelector('summary')?.focus();
    }
    setText(this.#said, words);
    this.box.hidden = false;
  }
}
