/**
 * The other end of a live line, and a clock that is moved by hand: no network, no waiting. It speaks as much
 * of graphql-transport-ws as the gateway's `over_socket.py` does.
 */

import { LiveLine } from '../../gateway/app/static/socket.js';

/** One socket that the line has opened. */
class Socket {
  /** @type {any[]} */
  sent = [];
  isClosed = false;
  /** @type {any} */ onopen = null;
  /** @type {any} */ onmessage = null;
  /** @type {any} */ onclose = null;

  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.isClosed = true;
  }

  /** @param {object} message */
  say(message) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** Accept the connection and its credential. */
  welcome() {
    this.onopen?.();
    this.say({ type: 'connection_ack' });
  }

  /** @param {number} code @param {string} [reason] */
  breakOff(code, reason = '') {
    this.onclose?.({ code, reason });
  }

  /** Messages of a type that the line has sent. @param {string} type */
  of(type) {
    return this.sent.filter((message) => message.type === type);
  }

  /** @param {string} id @param {string} kind @param {string} cursor */
  update(id, kind, cursor) {
    this.say({ id, type: 'next', payload: { data: { deliveryUpdated: { kind, cursor } } } });
  }
}

/** A line, the sockets that it opens, the states that it tells, and the timers that it sets. */
export function createWire() {
  /** @type {Socket[]} */
  const sockets = [];
  /** @type {string[]} */
  const states = [];
  /** @type {Map<number, { run: () => void, milliseconds: number }>} */
  const timers = new Map();
  let count = 0;
  const line = new LiveLine({
    endpoint: 'ws://gateway.test/graphql',
    credential: 'token_1',
    onState: (state) => states.push(state),
    open: () => {
      const socket = new Socket();
      sockets.push(socket);
      return /** @type {any} */ (socket);
    },
    later: (run, milliseconds) => {
      timers.set(++count, { run, milliseconds });
      return count;
    },
    never: (timer) => timers.delete(timer),
    random: () => 1,
  });
  /** Let the timers of this length go off. @param {number} milliseconds */
  const pass = (milliseconds) => {
    const due = [...timers].filter(([, timer]) => timer.milliseconds === milliseconds);
    due.forEach(([id, { run }]) => {
      timers.delete(id);
      run();
    });
    return due.length;
  };
  return { line, sockets, states, pass };
}
