/** Fixes that wait for a connection; what there is no room for any more is the oldest. */

/** @import { Fix } from './shapes.js' */

const KEPT_AS = 'doorstep-drive-fixes';

/** Some two hours of driving. */
export const MOST_FIXES = 1000;

export class Outbox {
  #store;
  #most;
  /** @type {Fix[]} */
  #fixes;

  /**
   * @param {Storage} store
   * @param {number} [most]
   */
  constructor(store, most = MOST_FIXES) {
    this.#store = store;
    this.#most = most;
    this.#fixes = read(store);
  }

  get size() {
    return this.#fixes.length;
  }

  /** @param {Omit<Fix, 'sequence'>} fix newer than those that are there */
  add(fix) {
    const sequence = (this.#fixes.at(-1)?.sequence ?? 0) + 1;
    this.#fixes.push({ ...fix, sequence });
    this.#fixes.splice(0, Math.max(0, this.#fixes.length - this.#most));
    this.#write();
  }

  /** @param {number} count the oldest ones */
  head(count) {
    return this.#fixes.slice(0, count);
  }

  /** @param {Fix} last forget it and all before it; newer ones may have come meanwhile */
  drop(last) {
    this.#fixes = this.#fixes.filter(({ sequence }) => sequence > last.sequence);
    this.#write();
  }

  clear() {
    this.#fixes = [];
    this.#store.removeItem(KEPT_AS);
  }

  #write() {
    try {
      this.#store.setItem(KEPT_AS, JSON.stringify(this.#fixes));
    } catch {
      // They are still in memory.
    }
  }
}

/** @param {Storage} store @returns {Fix[]} */
function read(store) {
  try {
    const found = JSON.parse(store.getItem(KEPT_AS) ?? '[]');
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}
