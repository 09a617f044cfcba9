/** Fills a ledger from the gateway: three live subscriptions, and a look at the day now and then. */

import {
  ACKNOWLEDGE, DAY, DELIVERY_UPDATED, DRIVER_MOVED, EXCEPTION_RAISED, EXCEPTIONS_RESOLVED, RESOLVE, TRACKING_TOKEN,
  VIEWER,
} from '../documents.js';
import { createClient, endpointsOf } from '../graphql.js';
import { LiveLine } from '../socket.js';
import { dayAround } from './day.js';

/** @import { DeliveryException } from '../shapes.js' */
/** @import { ServerClock } from '../clock.js' */
/** @import { RequestFailed } from '../graphql.js' */
/** @import { LineState } from '../socket.js' */
/** @import { Ledger } from './ledger.js' */

const DAY_EVERY_MS = 10_000;
const POSITIONS_EVERY_S = 1;

export class Feed {
  /** Where days begin; the merchant's, once it is known. */
  timeZone = 'UTC';

  #ledger;
  #clock;
  #client;
  #live;
  #tell;
  #beat = 0;
  #isIntroduced = false;

  /**
   * @param {object} from
   * @param {string | null} from.gateway
   * @param {string} from.secretKey
   * @param {Ledger} from.ledger
   * @param {ServerClock} from.clock
   * @param {object} tell
   * @param {() => void} tell.onChange
   * @param {(merchantName: string) => void} tell.onMerchant
   * @param {(state: LineState) => void} tell.onLine
   * @param {(failure: RequestFailed | null) => void} tell.onEnd
   */
  constructor({ gateway, secretKey, ledger, clock }, tell) {
    const { http, socket } = endpointsOf(gateway, document.baseURI);
    this.#ledger = ledger;
    this.#clock = clock;
    this.#tell = tell;
    this.#client = createClient({ endpoint: http, credential: secretKey });
    this.#live = new LiveLine({ endpoint: socket, credential: secretKey, onState: tell.onLine });
  }

  start() {
    const { onEnd } = this.#tell;
    this.#live.subscribe({
      document: DRIVER_MOVED,
      variables: { everySeconds: POSITIONS_EVERY_S },
      canResume: false,
      onUpdate: this.#taking((update) => this.#ledger.takeDrivers(update)),
      onEnd,
    });
    this.#live.subscribe({
      document: DELIVERY_UPDATED,
      onUpdate: this.#taking((update) => this.#ledger.takeDelivery(update)),
      onEnd,
    });
    this.#live.subscribe({
      document: EXCEPTION_RAISED,
      onUpdate: this.#taking((update) => this.#ledger.takeException(update)),
      onEnd,
    });
    this.#beat = setInterval(() => document.hidden || this.lookAtDay(), DAY_EVERY_MS);
  }

  stop() {
    clearInterval(this.#beat);
    this.#live.close();
  }

  hurry() {
    this.#live.hurry();
  }

  /** Who we are and what was resolved before; then the day, which needs the server's time. */
  async #introduce() {
    const { viewer } = await this.#client.send(VIEWER);
    this.timeZone = viewer.merchant.timeZone;
    this.#tell.onMerchant(viewer.merchant.name);
    const { deliveryExceptions } = await this.#client.send(EXCEPTIONS_RESOLVED);
    this.#ledger.takeResolved(deliveryExceptions.nodes);
    await this.lookAtDay();
  }

  async lookAtDay() {
    const answer = await this.#client.send(DAY, dayAround(this.#clock.now(), this.timeZone)).catch(() => null);
    if (answer) {
      this.#ledger.day = answer;
      this.#tell.onChange();
    }
  }

  /** @param {DeliveryException} exception */
  acknowledge({ id, version }) {
    return this.#act(ACKNOWLEDGE, { exceptionId: id, expectedVersion: version });
  }

  /**
   * @param {DeliveryException} exception
   * @param {string} resolution
   */
  resolve({ id, version }, resolution) {
    return this.#act(RESOLVE, { exceptionId: id, expectedVersion: version, resolution });
  }

  /**
   * A token that opens the shopper's page of a delivery.
   *
   * @param {string} deliveryId
   * @returns {Promise<string | null>}
   */
  async trackingToken(deliveryId) {
    const answer = await this.#client.send(TRACKING_TOKEN, { input: { deliveryId } });
    return answer.createTrackingToken.token ?? null;
  }

  /**
   * What went wrong, in words; null where it worked: the change itself comes over the socket.
   *
   * @param {string} document
   * @param {object} input
   * @returns {Promise<string | null>}
   */
  async #act(document, input) {
    try {
      const [result] = Object.values(await this.#client.send(document, { input }));
      return result.message ?? null;
    } catch (failure) {
      return /** @type {Error} */ (failure).message;
    }
  }

  /** @param {(update: any) => void} take */
  #taking(take) {
    return (/** @type {import('../shapes.js').LiveUpdate} */ update) => {
      this.#clock.observe(update.sentAt);
      take(update);
      this.#tell.onChange();
      if (!this.#isIntroduced) {
        this.#isIntroduced = true;
        this.#introduce().catch(() => (this.#isIntroduced = false));
      }
    };
  }
}
