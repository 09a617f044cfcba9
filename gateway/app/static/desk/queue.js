/** What waits at the desk, the promise that breaks first at the top. No elements, no sockets. */

/** @import { DeskException, LiveUpdate } from '../shapes.js' */

/**
 * What a person has chosen to see; empty fields are any.
 *
 * @typedef {object} Choice
 * @property {string} whose '', MINE, NOBODYS or the id of a person
 * @property {string} severity
 * @property {string} kind
 * @property {string} within seconds
 * @property {boolean} isOver those that are resolved instead
 */

/** @type {Choice} */
export const EVERYTHING = { whose: '', severity: '', kind: '', within: '', isOver: false };

/**
 * The choice as an ExceptionFilter.
 *
 * @param {Choice} choice
 * @param {string | null} me id of the person whose key it is
 */
export function filterOf({ whose, severity, kind, within, isOver }, me) {
  /** @type {Record<string, unknown>} */
  const filter = {};
  if (isOver) {
    filter.status = ['RESOLVED'];
  }
  if (whose === 'NOBODYS') {
    filter.unassigned = true;
  } else if (whose) {
    filter.assigneeIds = [whose === 'MINE' ? me : whose].filter(Boolean);
  }
  if (severity) {
    filter.severities = [severity];
  }
  if (kind) {
    filter.kinds = [kind];
  }
  if (within) {
    filter.dueWithinSeconds = Number(within);
  }
  return filter;
}

/** @param {DeskException} exception when its promise breaks, or where there is none, when an answer is due */
export function breaksAt({ breachesPromiseAt, dueAt }) {
  return breachesPromiseAt ?? dueAt;
}

export class Queue {
  /** @type {Map<string, DeskException>} */
  #waiting = new Map();

  /** The promise that breaks first at the top. */
  get all() {
    return [...this.#waiting.values()].sort(
      (one, other) => Date.parse(breaksAt(one)) - Date.parse(breaksAt(other)) || one.id.localeCompare(other.id),
    );
  }

  /** @param {string | null} id */
  get(id) {
    return id === null ? undefined : this.#waiting.get(id);
  }

  /** @param {readonly DeskException[]} exceptions all that there are */
  begin(exceptions) {
    this.#waiting = new Map(exceptions.map((one) => [one.id, one]));
  }

  /** @param {readonly DeskException[]} exceptions of the next page; what changed meanwhile is newer */
  add(exceptions) {
    exceptions.forEach((one) => this.#put(one));
  }

  /**
   * Take a change; whether it is one that nobody had seen here.
   *
   * @param {LiveUpdate & { exception: DeskException | null, leftFilter: boolean }} update
   */
  take({ exception, leftFilter }) {
    if (!exception) {
      return false;
    }
    if (leftFilter) {
      this.#waiting.delete(exception.id);
      return false;
    }
    const isNew = !this.#waiting.has(exception.id);
    this.#put(exception);
    return isNew;
  }

  /**
   * The id of the one before or behind another, for arrow keys.
   *
   * @param {string | null} id
   * @param {number} step
   */
  beside(id, step) {
    const ids = this.all.map((one) => one.id);
    const place = id === null ? -1 : ids.indexOf(id);
    const next = place < 0 ? (step > 0 ? 0 : ids.length - 1) : place + step;
    return ids[Math.min(Math.max(next, 0), ids.length - 1)] ?? null;
  }

  /** @param {DeskException} exception */
  #put(exception) {
    const known = this.#waiting.get(exception.id);
    if (!known || known.version <= exception.version) {
      this.#waiting.set(exception.id, exception);
    }
  }
}
