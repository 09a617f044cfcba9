/** Asks again and again, at the pace of `pace.js`, and shows what is new. The order-status extension uses it too. */

import { readDeliveries } from './answer.js';
import { nextLookS } from './pace.js';

/** @import { Delivery } from './answer.js' */
/** @import { Outcome } from './pace.js' */

/** @typedef {{ status: number, body: unknown, retryAfterS: number }} Reply status 0: nobody answered */

const LONGEST_WAIT_MS = 10_000;
const REFUSALS = new Set([400, 401, 403]);

/**
 * Ends when there is nothing more to see, or by the signal.
 *
 * @param {object} by
 * @param {() => Promise<Reply>} by.ask
 * @param {(deliveries: Delivery[], outcome: Outcome) => void} by.show called after each look; what was known stays
 * @param {AbortSignal} by.signal
 * @param {(ms: number, signal: AbortSignal) => Promise<void>} [by.sleep]
 * @param {() => Date} [by.now]
 * @param {() => number} [by.random] from 0 to 1: pages that were opened together shall not ask together
 */
export async function watch({ ask, show, signal, sleep = wait, now = () => new Date(), random = Math.random }) {
  const began = now();
  /** @type {Delivery[]} */
  let deliveries = [];
  let times = 0;
  /** @type {Outcome | null} */
  let before = null;
  while (!signal.aborted) {
    const reply = await ask().catch(() => nobody());
    if (signal.aborted) {
      return;
    }
    const [outcome, found] = judge(reply);
    deliveries = found ?? deliveries;
    times = outcome === before ? times + 1 : 1;
    before = outcome;
    show(deliveries, outcome);
    const sinceS = (now().getTime() - began.getTime()) / 1000;
    const next = nextLookS({ outcome, times, deliveries, retryAfterS: reply.retryAfterS, sinceS, now: now() });
    if (next === null) {
      return;
    }
    await sleep(next * 1000 * (1 + random() * 0.2), signal);
  }
}

/**
 * One question over HTTP; never throws.
 *
 * @param {string} address
 * @param {RequestInit} init
 * @param {typeof globalThis.fetch} [fetch]
 * @returns {Promise<Reply>}
 */
export async function askOverHttp(address, init, fetch = globalThis.fetch.bind(globalThis)) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LONGEST_WAIT_MS);
  try {
    const response = await fetch(address, { ...init, signal: limit.signal, cache: 'no-store' });
    const retryAfterS = Number(response.headers.get('retry-after')) || 0;
    const body = response.status === 200 ? await response.json() : null;
    return { status: response.status, body, retryAfterS: Math.max(0, retryAfterS) };
  } catch {
    return nobody();
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {Reply} reply
 * @returns {[Outcome, Delivery[] | null]}
 */
function judge({ status, body }) {
  if (status === 404) {
    return ['NOTHING', null];
  }
  if (REFUSALS.has(status)) {
    return ['REFUSED', null];
  }
  const found = status === 200 ? readDeliveries(body) : null;
  if (!found) {
    return ['TROUBLE', null];
  }
  return found.length ? ['KNOWN', found] : ['NOTHING', found];
}

/** @returns {Reply} */
function nobody() {
  return { status: 0, body: null, retryAfterS: 0 };
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function wait(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
