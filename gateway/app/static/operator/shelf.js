/** Things by id, as a live subscription tells them. */

/** @import { UpdateKind } from '../shapes.js' */

/** @template {{ id: string }} Thing */
export class Shelf {
  /** @type {Map<string, Thing>} */
  #things = new Map();
  /** @type {Set<string>} */
  #doubtful = new Set();

  /** All of them, in the order of their first appearance. */
  get all() {
    return [...this.#things.values()];
  }

  /** @param {string} id */
  get(id) {
    return this.#things.get(id);
  }

  /** @param {Thing} thing */
  put(thing) {
    this.#things.set(thing.id, thing);
  }

  /** @param {string} id */
  remove(id) {
    this.#things.delete(id);
  }

  /**
   * Take one message. After a RESET nothing disappears until the new snapshot is whole: then what it did not
   * name is gone.
   *
   * @param {UpdateKind} kind
   * @param {Thing | null} thing
   */
  take(kind, thing) {
    if (kind === 'RESET') {
      this.#doubtful = new Set(this.#things.keys());
    }
    if (thing) {
      this.#doubtful.delete(thing.id);
      this.#things.set(thing.id, thing);
    }
    if (kind === 'CHECKPOINT') {
      this.#doubtful.forEach((id) => this.#things.delete(id));
      this.#doubtful.clear();
    }
  }
}
