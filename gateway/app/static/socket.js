/**
 * Live reads over the protocol graphql-transport-ws, with one socket for all of them.
 *
 * A socket that breaks is opened again, with growing pauses. A subscription that has seen its CHECKPOINT goes
 * on from its last cursor; one that had not starts anew, since its snapshot may lack a part.
 */

import { asFailure, RequestFailed } from './graphql.js';

/** @import { LiveUpdate } from './shapes.js' */

const PROTOCOL = 'graphql-transport-ws';
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** The server pings every 20 s: after this the line is dead, whatever the socket believes. */
const LONGEST_SILENCE_MS = 50_000;

/** A fault of the client, or a credential that is refused or over: the same again would not help. */
const FINAL_CODES = new Set([4400, 4401, 4403, 4406, 4409, 4429]);

/** @typedef {'connecting' | 'live' | 'waiting' | 'ended'} LineState */

/**
 * @typedef {object} Listening
 * @property {string} document a subscription of one root field; takes $after if it can resume
 * @property {Record<string, unknown>} [variables]
 * @property {(update: any) => void} onUpdate a LiveUpdate of the root field
 * @property {(failure: RequestFailed | null) => void} [onEnd] null where the server completed it
 * @property {boolean} [canResume] true unless told otherwise
 */

/** @typedef {Listening & { cursor: string | null, isComplete: boolean }} Subscription */

export class LiveLine {
  /** @type {Map<string, Subscription>} */
  #subscriptions = new Map();
  /** @type {WebSocket | null} */
  #socket = null;
  #isReady = false;
  #failures = 0;
  #count = 0;
  /** @type {unknown} */
  #pause;
  /** @type {unknown} */
  #silence;
  #how;

  /**
   * @param {object} how
   * @param {string} how.endpoint ws: or wss:
   * @param {string} how.credential
   * @param {(state: LineState) => void} [how.onState]
   * @param {(endpoint: string, protocol: string) => WebSocket} [how.open]
   * @param {(run: () => void, milliseconds: number) => unknown} [how.later]
   * @param {(timer: any) => void} [how.never]
   * @param {() => number} [how.random] 0 to 1
   */
  constructor(how) {
    this.#how = {
      onState: () => {},
      open: (/** @type {string} */ endpoint, /** @type {string} */ protocol) => new WebSocket(endpoint, protocol),
      later: (/** @type {() => void} */ run, /** @type {number} */ milliseconds) => setTimeout(run, milliseconds),
      never: (/** @type {any} */ timer) => clearTimeout(timer),
      random: Math.random,
      ...how,
    };
  }

  /**
   * Listen until the returned function is called.
   *
   * @param {Listening} listening
   */
  subscribe(listening) {
    const id = String(++this.#count);
    this.#subscriptions.set(id, { ...listening, cursor: null, isComplete: false });
    if (this.#isReady) {
      this.#start(id);
    } else if (!this.#socket) {
      this.#connect();
    }
    return () => {
      if (this.#subscriptions.delete(id) && this.#isReady) {
        this.#send({ id, type: 'complete' });
      }
    };
  }

  /** Try again now, for instance because the machine is back on the net. */
  hurry() {
    if (!this.#socket && this.#subscriptions.size > 0) {
      this.#connect();
    }
  }

  /** Hang up for good. */
  close() {
    this.#subscriptions.clear();
    this.#how.never(this.#pause);
    this.#drop()?.close(1000);
  }

  #connect() {
    this.#how.never(this.#pause);
    this.#how.onState('connecting');
    const socket = this.#how.open(this.#how.endpoint, PROTOCOL);
    this.#socket = socket;
    this.#expectSound();
    socket.onopen = () => {
      this.#send({ type: 'connection_init', payload: { authorization: `Bearer ${this.#how.credential}` } });
    };
    socket.onmessage = ({ data }) => {
      this.#expectSound();
      this.#take(JSON.parse(data));
    };
    socket.onclose = ({ code, reason }) => this.#lost(code, reason);
  }

  /** @param {{ type: string, id?: string, payload?: any }} message */
  #take({ type, id = '', payload }) {
    switch (type) {
      case 'connection_ack':
        this.#isReady = true;
        this.#failures = 0;
        this.#how.onState('live');
        [...this.#subscriptions.keys()].forEach((known) => this.#start(known));
        break;
      case 'ping':
        this.#send({ type: 'pong' });
        break;
      case 'next':
        this.#next(id, payload);
        break;
      case 'error':
        this.#finish(id, asFailure(payload[0]));
        break;
      case 'complete':
        this.#finish(id, null);
        break;
    }
  }

  /** @param {string} id */
  #start(id) {
    const subscription = this.#subscriptions.get(id);
    if (subscription) {
      const { document, variables, cursor } = subscription;
      const resumed = cursor === null ? variables : { ...variables, after: cursor };
      this.#send({ id, type: 'subscribe', payload: { query: document, variables: resumed ?? {} } });
    }
  }

  /**
   * @param {string} id
   * @param {{ data?: Record<string, LiveUpdate> | null, errors?: import('./graphql.js').GraphqlError[] }} payload
   */
  #next(id, { data, errors }) {
    const subscription = this.#subscriptions.get(id);
    const update = data && Object.values(data)[0];
    if (!subscription) {
      return;
    }
    if (!update) {
      this.#finish(id, errors?.[0] ? asFailure(errors[0]) : null);
      return;
    }
    if (update.kind === 'CHECKPOINT') {
      subscription.isComplete = true;
    } else if (update.kind === 'RESET') {
      subscription.isComplete = false;
    }
    const canResume = subscription.canResume !== false && subscription.isComplete;
    subscription.cursor = canResume ? update.cursor : null;
    subscription.onUpdate(update);
  }

  /**
   * @param {string} id
   * @param {RequestFailed | null} failure
   */
  #finish(id, failure) {
    const subscription = this.#subscriptions.get(id);
    if (subscription && failure?.isRetryable) {
      this.#how.later(() => this.#isReady && this.#start(id), this.#pauseMs(3));
      return;
    }
    this.#subscriptions.delete(id);
    subscription?.onEnd?.(failure);
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #lost(code, reason) {
    this.#drop();
    if (this.#subscriptions.size === 0) {
      return;
    }
    if (FINAL_CODES.has(code)) {
      const failure = new RequestFailed(reason || 'The connection was refused.', String(code), false);
      this.#how.onState('ended');
      [...this.#subscriptions.keys()].forEach((id) => this.#finish(id, failure));
      return;
    }
    this.#how.onState('waiting');
    this.#pause = this.#how.later(() => this.hurry(), this.#pauseMs(this.#failures++));
  }

  /** Forget the socket, so that nothing it may still say is heard. */
  #drop() {
    const socket = this.#socket;
    this.#how.never(this.#silence);
    this.#socket = null;
    this.#isReady = false;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
    }
    return socket;
  }

  #expectSound() {
    this.#how.never(this.#silence);
    this.#silence = this.#how.later(() => {
      this.#socket?.close();
      this.#lost(1006, '');
    }, LONGEST_SILENCE_MS);
  }

  /**
   * Doubles with every failure; a random half keeps a crowd of pages from coming back at one moment.
   *
   * @param {number} failures
   */
  #pauseMs(failures) {
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
    return longest * (0.5 + this.#how.random() / 2);
  }

  /** @param {object} message */
  #send(message) {
    this.#socket?.send(JSON.stringify(message));
  }
}
