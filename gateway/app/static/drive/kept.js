/** What stays on the phone between two looks at the page, for as long as the session lasts. */

/** @import { State } from './shapes.js' */

const KEPT_AS = 'doorstep-drive';

/**
 * Milliseconds that a session still lasts, by the server's clock; null where nobody knows yet.
 *
 * @param {State} state
 * @param {number} now milliseconds since 1970 on this phone
 */
export function leftMs({ expiresAt, skewMs }, now) {
  return expiresAt === null || skewMs === null ? null : Date.parse(expiresAt) - now - skewMs;
}

export class Kept {
  /** The key in the store, for whoever watches it. */
  static KEY = KEPT_AS;
  #store;

  /** @param {Storage} store */
  constructor(store) {
    this.#store = store;
  }

  /**
   * What is there; null where there is nothing, or where its session is over: then it is wiped.
   *
   * @param {number} now milliseconds since 1970 on this phone
   * @returns {State | null}
   */
  read(now) {
    try {
      const state = JSON.parse(this.#store.getItem(KEPT_AS) ?? 'null');
      if (state && (leftMs(state, now) ?? 1) <= 0) {
        this.clear();
        return null;
      }
      return state;
    } catch {
      this.clear();
      return null;
    }
  }

  /** @param {State} state */
  write(state) {
    try {
      this.#store.setItem(KEPT_AS, JSON.stringify(state));
    } catch {
      // Full, or forbidden: the page works on, and without a network it shows nothing the next time.
    }
  }

  clear() {
    this.#store.removeItem(KEPT_AS);
  }
}
