/** All that the operator's view knows, and the figures that follow from it. No elements, no sockets. */

import { isSameDay } from '../format.js';
import { deliveryHappening, exceptionHappenings } from './happenings.js';
import { Shelf } from './shelf.js';

/** @import { Day, Delivery, DeliveryException, DriverPosition, Finished, LiveUpdate } from '../shapes.js' */
/** @import { Happening } from './happenings.js' */

const MOST_HAPPENINGS = 60;
const MOST_FINISHED = 12;
const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'];
const FINISHED_STAGES = new Set(['DELIVERED', 'NOT_DELIVERED']);

export class Ledger {
  /** @type {Shelf<Delivery>} */
  #deliveries = new Shelf();
  /** @type {Shelf<DeliveryException>} */
  #exceptions = new Shelf();
  /** @type {Map<string, DriverPosition>} */
  #drivers = new Map();
  /** @type {Map<string, Happening>} */
  #happenings = new Map();
  /** @type {Day | null} */
  day = null;

  /** @param {LiveUpdate & { delivery: Delivery | null, leftFilter: boolean }} update */
  takeDelivery({ kind, delivery }) {
    const before = delivery ? this.#deliveries.get(delivery.id) : undefined;
    this.#deliveries.take(kind, delivery);
    if (delivery && (kind === 'CHANGE' || !before)) {
      const news = deliveryHappening(before, delivery);
      this.#tell(news ? [news] : []);
    }
    this.finished.slice(MOST_FINISHED).forEach(({ id }) => this.#deliveries.remove(id));
  }

  /** @param {LiveUpdate & { exception: DeliveryException | null }} update */
  takeException({ kind, exception }) {
    const before = exception ? this.#exceptions.get(exception.id) : undefined;
    this.#exceptions.take(kind, exception);
    this.#tell(exception ? exceptionHappenings(before, exception) : []);
  }

  /** @param {readonly DeliveryException[]} exceptions resolved ones of the past */
  takeResolved(exceptions) {
    for (const exception of exceptions) {
      if (!this.#exceptions.get(exception.id)) {
        this.#exceptions.put(exception);
        this.#tell(exceptionHappenings(undefined, exception));
      }
    }
  }

  /** @param {{ moved: readonly DriverPosition[] }} update */
  takeDrivers({ moved }) {
    moved.forEach((driver) => this.#drivers.set(driver.driver.id, driver));
  }

  get drivers() {
    return [...this.#drivers.values()];
  }

  /** Those under way or to come, the promised soonest first. */
  get open() {
    return this.#deliveries.all
      .filter(({ stage }) => !FINISHED_STAGES.has(stage))
      .sort((one, other) => promisedBy(one).localeCompare(promisedBy(other)));
  }

  /** Those that ended while somebody looked, the latest first. */
  get finished() {
    return this.#deliveries.all
      .filter(({ stage }) => FINISHED_STAGES.has(stage))
      .sort((one, other) => other.updatedAt.localeCompare(one.updatedAt));
  }

  /** Exceptions that wait for somebody: what nobody looks at yet first, then by severity and due time. */
  get queue() {
    const rank = (/** @type {DeliveryException} */ { status, severity, dueAt }) =>
      `${status === 'OPEN' ? 0 : 1}${SEVERITIES.indexOf(severity)}${dueAt}`;
    return this.#exceptions.all
      .filter(({ resolvedAt }) => !resolvedAt)
      .sort((one, other) => rank(one).localeCompare(rank(other)));
  }

  /** The latest first, also among those of one instant. */
  get happenings() {
    return [...this.#happenings.values()]
      .reverse()
      .sort((one, other) => other.at.localeCompare(one.at))
      .slice(0, MOST_HAPPENINGS);
  }

  /**
   * Figures of the day; null where not known yet.
   *
   * @param {Date} now
   * @param {string} timeZone
   */
  figures(now, timeZone) {
    const timely = (this.day?.deliveries.nodes ?? []).map(wasOnTime).filter((answer) => answer !== null);
    const mended = this.#exceptions.all.filter(
      ({ resolvedAt, resolvedBy }) =>
        resolvedAt && resolvedBy && resolvedBy !== 'PERSON' && isSameDay(resolvedAt, now, timeZone),
    );
    return {
      orders: this.day?.orders.total.value ?? null,
      delivered: this.day?.deliveries.total.value ?? null,
      onTime: timely.length > 0 ? timely.filter(Boolean).length / timely.length : null,
      exceptions: this.queue.length,
      mended: mended.length,
    };
  }

  /** @param {readonly Happening[]} news */
  #tell(news) {
    news.forEach((happening) => this.#happenings.set(happening.id, happening));
    if (this.#happenings.size > 2 * MOST_HAPPENINGS) {
      this.#happenings = new Map(this.happenings.reverse().map((happening) => [happening.id, happening]));
    }
  }
}

/** @param {Delivery} delivery */
function promisedBy({ promise, createdAt }) {
  return promise?.window.end ?? createdAt;
}

/** @param {Finished} delivery */
function wasOnTime({ promise, activeLeg, updatedAt }) {
  return promise ? Date.parse(activeLeg?.endedAt ?? updatedAt) <= Date.parse(promise.window.end) : null;
}
