/** The driver's tours as they are told, and in words what has become other than the driver knew. Pure. */

import { spanWords, timeWords } from '../format.js';
import { addressLines, placeWords } from './places.js';

/** @import { Goods, Stop, Tour, TourUpdate } from './shapes.js' */
/** @import { Wording } from '../format.js' */

const OVER = new Set(['DONE', 'FAILED', 'SKIPPED']);

/** @param {Stop} stop */
export function isOver(stop) {
  return OVER.has(stop.status);
}

export class Tours {
  /** @type {Map<string, Tour>} */
  #known;
  /** Told since the snapshot began; null once it is whole. @type {Set<string> | null} */
  #fresh = new Set();

  /** @param {readonly Tour[]} [kept] what was known before */
  constructor(kept = []) {
    this.#known = new Map(kept.map((tour) => [tour.id, tour]));
  }

  /** What is driven first, what is over last, else by when it leaves. */
  get all() {
    const rank = (/** @type {Tour} */ { status }) => (status === 'STARTED' ? 0 : status === 'PUBLISHED' ? 1 : 2);
    return [...this.#known.values()].sort(
      (one, other) => rank(one) - rank(other) || Date.parse(one.startsAt) - Date.parse(other.startsAt),
    );
  }

  /** @returns {Goods[]} all that is handed over */
  get goods() {
    return this.all.flatMap(({ stops }) => stops.flatMap(({ deliveries }) => deliveries));
  }

  /**
   * Take what was told; gives what a driver has to know of it, a sentence each.
   *
   * @param {TourUpdate} update
   * @param {Wording} wording
   * @returns {string[]}
   */
  take({ kind, routeId, route, leftFilter }, wording) {
    if (kind === 'RESET') {
      this.#fresh = new Set();
      return [];
    }
    if (kind === 'CHECKPOINT') {
      const gone = this.all.filter(({ id }) => this.#fresh !== null && !this.#fresh.has(id));
      this.#fresh = null;
      return gone.flatMap((tour) => this.#end(tour.id, wording));
    }
    if (routeId === null) {
      return [];
    }
    if (leftFilter || route === null) {
      return this.#end(routeId, wording);
    }
    const before = this.#known.get(route.id);
    this.#fresh?.add(route.id);
    if (before && before.version > route.version) {
      return [];
    }
    this.#known.set(route.id, route);
    if (before) {
      return changes(before, route, wording);
    }
    return kind === 'SNAPSHOT' ? [] : [`New tour: ${count(route)} from ${timeWords(route.startsAt, wording)}.`];
  }

  /** @param {string} threadId what others wrote there is seen */
  seen(threadId) {
    const goods = this.goods.find(({ thread }) => thread.id === threadId);
    if (goods) {
      goods.thread.unreadCount = 0;
    }
  }

  /**
   * @param {string} id
   * @param {Wording} wording
   */
  #end(id, wording) {
    const tour = this.#known.get(id);
    this.#known.delete(id);
    // One that has been driven is over; nobody took it away.
    const isMissed = tour && tour.stops.some((stop) => !isOver(stop) && stop.deliveries.length > 0);
    return isMissed ? [`The tour from ${timeWords(tour.startsAt, wording)} is not yours any more.`] : [];
  }
}

/** @param {Tour} tour */
function count({ stops }) {
  return stops.length === 1 ? '1 stop' : `${stops.length} stops`;
}

/**
 * @param {Tour} before
 * @param {Tour} after
 * @param {Wording} wording
 */
function changes(before, after, wording) {
  const old = new Map(before.stops.map((stop) => [stop.id, stop]));
  const ahead = after.stops.filter((stop) => !isOver(stop));
  const now = new Set(after.stops.filter(({ status }) => status !== 'SKIPPED').map(({ id }) => id));
  const gone = before.stops.filter((stop) => !isOver(stop) && !now.has(stop.id));
  const stayed = ahead.filter(({ id }) => old.has(id));
  const was = before.stops.filter(({ id }) => stayed.some((stop) => stop.id === id)).map(({ id }) => id);
  const moved = movedIds(was, stayed.map(({ id }) => id));
  return [
    ...gone.map((stop) => `Stop ${stop.sequence} is gone: ${placeWords(stop)}.`),
    ...ahead.filter(({ id }) => !old.has(id)).map((stop) => `New stop ${stop.sequence}: ${placeWords(stop)}.`),
    ...ahead.flatMap((stop) => changesOf(old.get(stop.id), stop, moved, wording)),
  ];
}

/**
 * @param {Stop | undefined} before
 * @param {Stop} after
 * @param {Set<string>} moved
 * @param {Wording} wording
 */
function changesOf(before, after, moved, wording) {
  if (!before) {
    return [];
  }
  const name = placeWords(after);
  const said = [];
  if (moved.has(after.id)) {
    said.push(`Stop ${before.sequence} was moved: ${name} is stop ${after.sequence} now.`);
  }
  const [window] = after.windows;
  if (window && JSON.stringify(after.windows) !== JSON.stringify(before.windows)) {
    said.push(`Stop ${after.sequence}, ${name}: ${spanWords(window, wording)} now.`);
  }
  if (isElsewhere(before, after)) {
    said.push(`Stop ${after.sequence}, ${name}: another door now.`);
  }
  if ((before.address?.instructions ?? '') !== (after.address?.instructions ?? '')) {
    said.push(`Stop ${after.sequence}, ${name}: other instructions now.`);
  }
  return said;
}

/**
 * @param {Stop} before
 * @param {Stop} after
 */
function isElsewhere(before, after) {
  const [one, other] = [before, after].map(({ address }) => (address ? addressLines(address).join('\n') : ''));
  const { latitude, longitude } = before.location;
  return one !== other || latitude !== after.location.latitude || longitude !== after.location.longitude;
}

/**
 * The fewest that have to be moved to come from one order to the other.
 *
 * @param {readonly string[]} before
 * @param {readonly string[]} after the same ids
 */
export function movedIds(before, after) {
  const places = after.map((id) => before.indexOf(id));
  /** For each place, the longest run that ends there and the place before it in the run. */
  const runs = places.map(() => ({ length: 1, previous: -1 }));
  let end = -1;
  places.forEach((place, at) => {
    for (let earlier = 0; earlier < at; earlier += 1) {
      if (places[earlier] < place && runs[earlier].length + 1 > runs[at].length) {
        runs[at] = { length: runs[earlier].length + 1, previous: earlier };
      }
    }
    end = end < 0 || runs[at].length > runs[end].length ? at : end;
  });
  const moved = new Set(after);
  for (let at = end; at >= 0; at = runs[at].previous) {
    moved.delete(after[at]);
  }
  return moved;
}
