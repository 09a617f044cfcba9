/** Tells the gateway where the phone is, while the driver wants that; without a connection it is told later. */

/** @import { Outbox } from './outbox.js' */
/** @import { Fix } from './shapes.js' */

const AT_ONCE = 100;
const SEND_EVERY_MS = 10_000;
const LONGEST_PAUSE_MS = 120_000;

/** A fix is kept if it is this much later than the one before, or this far from it. */
const EVERY_S = 5;
const EVERY_M = 30;
const METERS_A_DEGREE = 111_320;

/** @typedef {'taken' | 'refused' | 'over' | 'later'} Answer refused: these will never be taken; over: the session is */
/** @typedef {'off' | 'seeking' | 'on' | 'blocked' | 'unknown'} SharingState */

export class Sharing {
  #how;
  /** @type {number | null} */
  #watch = null;
  /** @type {Omit<Fix, 'sequence'> | null} */
  #last = null;
  /** @type {any} */
  #timer = null;
  #failures = 0;
  #isSending = false;
  /** @type {SharingState} */
  #state = 'off';

  /**
   * @param {object} how
   * @param {Outbox} how.outbox
   * @param {Geolocation} how.geolocation
   * @param {(fixes: Fix[]) => Promise<Answer>} how.send
   * @param {(state: SharingState) => void} how.onState also when fixes were kept or sent
   * @param {() => void} how.onOver
   * @param {(run: () => void, milliseconds: number) => unknown} [how.later]
   * @param {(timer: any) => void} [how.never]
   */
  constructor(how) {
    this.#how = {
      later: (/** @type {() => void} */ run, /** @type {number} */ milliseconds) => setTimeout(run, milliseconds),
      never: (/** @type {any} */ timer) => clearTimeout(timer),
      ...how,
    };
  }

  get isOn() {
    return this.#watch !== null;
  }

  get state() {
    return this.#state;
  }

  start() {
    if (this.#watch !== null) {
      return;
    }
    this.#say('seeking');
    this.#watch = this.#how.geolocation.watchPosition(
      (position) => this.#take(position),
      (fault) => this.#say(fault.code === fault.PERMISSION_DENIED ? 'blocked' : 'unknown'),
      { enableHighAccuracy: true, maximumAge: 5000, timeout: 60_000 },
    );
    // What waited since the last time.
    this.hurry();
  }

  /** No fix is taken any more; what waits goes with the next start. */
  stop() {
    if (this.#watch !== null) {
      this.#how.geolocation.clearWatch(this.#watch);
    }
    this.#how.never(this.#timer);
    this.#watch = this.#timer = this.#last = null;
    this.#say('off');
  }

  /** Send now what waits, as when the phone is back on the net. */
  hurry() {
    this.#how.never(this.#timer);
    this.#timer = null;
    this.#flush();
  }

  /** @param {GeolocationPosition} position */
  #take({ coords, timestamp }) {
    const fix = {
      lat: coords.latitude,
      lng: coords.longitude,
      recorded_at: timestamp / 1000,
      speed_mps: coords.speed,
      heading_deg: Number.isFinite(coords.heading) ? coords.heading : null,
      accuracy_m: coords.accuracy,
    };
    if (this.#last === null || isWorthIt(this.#last, fix)) {
      const isFirst = this.#last === null;
      this.#last = fix;
      this.#how.outbox.add(fix);
      if (isFirst) {
        this.hurry();
      } else {
        this.#later(SEND_EVERY_MS);
      }
    }
    this.#say('on');
  }

  async #flush() {
    if (this.#isSending || this.#watch === null) {
      return;
    }
    const batch = this.#how.outbox.head(AT_ONCE);
    const last = batch.at(-1);
    if (!last) {
      return;
    }
    this.#isSending = true;
    const answer = await this.#how.send(batch);
    this.#isSending = false;
    if (this.#watch === null) {
      return;
    }
    if (answer === 'over') {
      this.#how.onOver();
    } else if (answer === 'later') {
      this.#later(Math.min(LONGEST_PAUSE_MS, SEND_EVERY_MS * 2 ** this.#failures++));
    } else {
      this.#failures = 0;
      this.#how.outbox.drop(last);
      if (this.#how.outbox.size > 0) {
        this.#later(batch.length === AT_ONCE ? 0 : SEND_EVERY_MS);
      }
    }
    this.#how.onState(this.#state);
  }

  /** @param {number} milliseconds unless it goes sooner already */
  #later(milliseconds) {
    this.#timer ??= this.#how.later(() => this.hurry(), milliseconds);
  }

  /** @param {SharingState} state */
  #say(state) {
    this.#state = state;
    this.#how.onState(state);
  }
}

/**
 * @param {{ lat: number, lng: number, recorded_at: number }} before
 * @param {{ lat: number, lng: number, recorded_at: number }} after
 */
function isWorthIt(before, after) {
  const north = (after.lat - before.lat) * METERS_A_DEGREE;
  const east = (after.lng - before.lng) * METERS_A_DEGREE * Math.cos((after.lat * Math.PI) / 180);
  const seconds = after.recorded_at - before.recorded_at;
  return seconds > 0 && (seconds >= EVERY_S || Math.hypot(north, east) >= EVERY_M);
}
