/** Asks the gateway for the queue, hears what changes in it, and tells it what a person does. */

import {
  DESK_CHANGED, DESK_ONE, DESK_QUEUE, DESK_WHO,
} from '../documents.js';
import { createClient, endpointsOf } from '../graphql.js';
import { LiveLine } from '../socket.js';

/** @import { DeskDetail, DeskException, LiveUpdate, Person } from '../shapes.js' */
/** @import { RequestFailed } from '../graphql.js' */
/** @import { LineState } from '../socket.js' */

const AT_ONCE = 50;

export class Source {
  #client;
  #live;
  #tell;
  /** @type {Record<string, unknown>} */
  #filter = {};
  /** @type {string | null} */
  #behind = null;
  #stopListening = () => {};
  /** Which listening is meant: what an older one still says is not heard. */
  #turn = 0;

  /**
   * @param {string} secretKey
   * @param {object} tell
   * @param {(update: LiveUpdate & { exception: DeskException | null, leftFilter: boolean }) => void} tell.onChange
   * @param {(exceptions: DeskException[], total: string, hasMore: boolean) => void} tell.onBegin
   * @param {(state: LineState) => void} tell.onLine
   * @param {(failure: RequestFailed | null) => void} tell.onEnd
   */
  constructor(secretKey, tell) {
    const { http, socket } = endpointsOf(null, document.baseURI);
    this.#client = createClient({ endpoint: http, credential: secretKey });
    this.#live = new LiveLine({ endpoint: socket, credential: secretKey, onState: tell.onLine });
    this.#tell = tell;
  }

  /** @returns {Promise<{ merchant: { name: string, timeZone: string }, me: Person | null, people: Person[] }>} */
  async who() {
    const { viewer, people } = await this.#client.send(DESK_WHO);
    return { merchant: viewer.merchant, me: viewer.person, people: people.nodes };
  }

  /**
   * Show what a filter asks for, from now on. What was begun before is heard no more.
   *
   * @param {Record<string, unknown>} filter
   */
  watch(filter) {
    const turn = ++this.#turn;
    this.#filter = filter;
    this.#stopListening();
    this.#stopListening = this.#live.subscribe({
      document: DESK_CHANGED,
      variables: { filter },
      onUpdate: (update) => turn === this.#turn && this.#hear(update),
      onEnd: this.#tell.onEnd,
    });
  }

  /** @returns {Promise<{ exceptions: DeskException[], hasMore: boolean }>} the next page */
  async more() {
    const { nodes, hasMore } = await this.#page(this.#behind);
    return { exceptions: nodes, hasMore };
  }

  /**
   * @param {string} id
   * @returns {Promise<DeskDetail | null>}
   */
  async detail(id) {
    return (await this.#client.send(DESK_ONE, { id })).deliveryException;
  }

  /**
   * What went wrong, in words; null where it worked: the change itself comes over the socket.
   *
   * @param {string} document
   * @param {object} input
   * @returns {Promise<string | null>}
   */
  async act(document, input) {
    try {
      const [result] = Object.values(await this.#client.send(document, { input }));
      return result.message ?? null;
    } catch (failure) {
      return /** @type {Error} */ (failure).message;
    }
  }

  hurry() {
    this.#live.hurry();
  }

  stop() {
    this.#turn += 1;
    this.#live.close();
  }

  /** @param {LiveUpdate & { exception: DeskException | null, leftFilter: boolean }} update */
  #hear(update) {
    this.#tell.onChange(update);
    if (update.kind === 'CHECKPOINT') {
      // Heard first and read then: nothing that changes between the two is missed.
      const turn = this.#turn;
      this.#page(null).then(
        ({ nodes, total, hasMore }) => turn === this.#turn && this.#tell.onBegin(nodes, total, hasMore),
        (failure) => turn === this.#turn && this.#tell.onEnd(failure),
      );
    }
  }

  /** @param {string | null} after */
  async #page(after) {
    const answer = await this.#client.send(DESK_QUEUE, { filter: this.#filter, first: AT_ONCE, after });
    const { nodes, pageInfo, total } = answer.deliveryExceptions;
    this.#behind = pageInfo.endCursor;
    const count = `${total.value}${total.precision === 'AT_LEAST' ? ' or more' : ''}`;
    return { nodes, hasMore: pageInfo.hasNextPage, total: count };
  }
}
