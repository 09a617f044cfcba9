/** Panel 2: the shopper's page of one running delivery, chosen from a list. */

import { element, find, keyed, setText } from '../dom.js';
import { codeWords } from '../format.js';
import { nameOf } from '../operator/happenings.js';

/** @import { Delivery } from '../shapes.js' */
/** @import { OperatorBoard } from '../operator/board.js' */

/** Most telling first, for a visitor who has not chosen yet. */
const STAGES = ['NEARBY', 'ON_THE_WAY', 'PREPARING', 'NEEDS_ATTENTION'];

export class Follower {
  #panel = find(document, '#tracking');
  #select = /** @type {HTMLSelectElement} */ (find(this.#panel, '#running'));
  #tracking = find(this.#panel, 'doorstep-tracking');
  #own = /** @type {HTMLAnchorElement} */ (find(this.#panel, '#own-page'));
  #board;
  #followed = '';
  /** @type {string | null} */
  #awaited = null;

  /** @param {OperatorBoard} board */
  constructor(board) {
    this.#board = board;
    this.#select.addEventListener('change', () => this.#follow(this.#select.value));
    board.addEventListener('doorstep-painted', () => this.#update());
  }

  /**
   * Follow the order of this number as soon as it has a delivery.
   *
   * @param {string} number
   */
  await(number) {
    this.#awaited = number;
  }

  #update() {
    const { open, finished } = this.#board.ledger;
    const isOffered = (/** @type {Delivery} */ { stage, id }) => stage !== 'NOT_DELIVERED' || id === this.#followed;
    const offered = [...open, ...finished].filter(isOffered);
    this.#select.disabled = offered.length === 0;
    find(this.#panel, '#nothing').hidden = offered.length > 0;
    keyed(this.#select, offered, {
      key: ({ id }) => id,
      create: ({ id }) => element('option', { value: id }),
      update: (option, delivery) => setText(option, labelOf(delivery)),
    });
    const awaited = open.find(({ order }) => plain(order?.number) === plain(this.#awaited));
    if (this.#awaited && awaited) {
      this.#awaited = null;
      this.#follow(awaited.id);
    } else if (!this.#followed) {
      const [first] = [...open].sort((one, other) => STAGES.indexOf(one.stage) - STAGES.indexOf(other.stage));
      this.#follow((first ?? offered[0])?.id ?? '');
    }
    this.#select.value = this.#followed;
  }

  /** @param {string} id */
  async #follow(id) {
    if (!id || id === this.#followed) {
      return;
    }
    this.#followed = id;
    const token = await this.#board.feed?.trackingToken(id).catch(() => null);
    if (token && this.#followed === id) {
      this.#tracking.setAttribute('token', token);
      this.#own.href = `/track/${encodeURIComponent(token)}#map=/demo/map.json`;
      this.#own.hidden = false;
    }
  }
}

/** @param {Delivery} delivery */
function labelOf(delivery) {
  return [nameOf(delivery), codeWords(delivery.status), delivery.activeLeg?.carrier.name].filter(Boolean).join(' · ');
}

/** @param {string | null | undefined} number */
function plain(number) {
  return (number ?? '').replace(/^#/, '');
}
