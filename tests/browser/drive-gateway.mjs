/** As much of a gateway as the driver's page asks; `test_documents.py` holds its documents against the schema. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const STATIC = new URL('../../gateway/app/static/', import.meta.url);
const TYPES = /** @type {Record<string, string>} */ ({ html: 'text/html', js: 'text/javascript', css: 'text/css' });
let messages = 0;

/** What the desk hands out. */
export const TOKEN = `dk_live_${'x'.repeat(49)}`;

/** @param {number} number @param {string} name @param {object} [more] @returns {any} */
export function stop(number, name, more) {
  const hour = 8 + number;
  const at = (/** @type {number} */ later) => `2026-11-23T${String(hour + later).padStart(2, '0')}:00:00Z`;
  return {
    id: `stp_${number}`, sequence: number, kind: 'DROPOFF', status: 'PLANNED', plannedArrival: `2026-11-23T${String(hour).padStart(2, '0')}:30:00Z`,
    arrivedAt: null, departedAt: null, requirements: number === 1 ? ['PIN'] : [],
    location: { latitude: 40.73 + number / 1000, longitude: -73.98 - number / 1000 }, windows: [{ start: at(0), end: at(number === 2 ? 3 : 2) }], eta: null,
    address: {
      name, company: null, address1: `${number} Sample Street`, address2: null, city: 'Springfield', postalCode: '12345',
      phone: `+1202555010${number}`, instructions: number === 1 ? 'Second yard, blue door.' : null,
    },
    deliveries: [{ id: `del_${number}`, reference: `#100${number}`, status: 'OUT_FOR_DELIVERY', thread: { id: `thr_${number}`, isOpen: true, unreadCount: 0 } }],
    ...more,
  };
}

/** @param {object} [more] @returns {any} */
export function tour(more) {
  return {
    id: 'rte_1', version: 1, status: 'STARTED', startsAt: '2026-11-23T08:00:00Z', endsAt: '2026-11-23T15:00:00Z', isApproximate: false,
    stops: [stop(1, 'Ann Arbor'), stop(2, 'Bo Brook'), stop(3, 'Cleo Hill')], ...more,
  };
}

/** @param {string} sender @param {string} body @param {string | null} [to] @returns {any} */
export function message(sender, body, to = null) {
  return { id: `msg_${++messages}`, sender, body, sentAt: '2026-11-23T09:10:00Z', to, attachmentUrls: [] };
}

/** @param {any} kind @param {any} route @returns {any} */
export function told(kind, route) {
  return { kind, cursor: 'c', sentAt: '2026-11-23T09:15:00Z', routeId: route?.id ?? null, leftFilter: false, route };
}

export class DriveGateway {
  refusal = '';
  isOver = false;
  credential = '';
  /** @type {any[]} */
  said = [];
  /** @type {string[]} */
  seen = [];
  /** Latitude, longitude, seconds. @type {number[][]} */
  fixes = [];
  /** How often a page began to listen. */
  listened = 0;
  #tour = tour();
  /** @type {Map<string, any[]>} */
  #threads = new Map();
  #port = 0;
  /** @type {import('node:http').Server | null} */
  #server = null;
  /** @type {import('playwright-core').WebSocketRoute | null} */
  #socket = null;
  #listening = '';

  /** Be there, always at the same address; gives it. */
  async start() {
    const server = createServer((request, response) => void this.#serve(request, response));
    this.#server = server;
    await new Promise((resolve) => server.listen(this.#port, '127.0.0.1', () => resolve(null)));
    this.#port = server.address().port;
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Be away. */
  async leave() {
    const server = this.#server;
    this.#server = null;
    this.#socket?.close();
    server?.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
  }

  /** @param {import('playwright-core').Page} page */
  async listen(page) {
    await page.routeWebSocket('**/graphql', (socket) => {
      if (!this.#server) {
        socket.close();
        return;
      }
      this.#socket = socket;
      socket.onMessage((text) => this.#hear(JSON.parse(String(text))));
    });
  }

  /** Open the page anew, until it listens again. @param {import('playwright-core').Page} page */
  async reload(page) {
    const before = this.listened;
    await page.reload();
    await this.until(() => this.listened > before);
  }

  /** @param {() => boolean} isSo */
  async until(isSo) {
    const latest = Date.now() + 15_000;
    while (!isSo()) {
      if (Date.now() > latest) {
        throw new Error(`It did not come to ${isSo}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** @returns {any[]} as they are now */
  get stops() {
    return this.#tour.stops;
  }

  /** The second stop goes to the end. */
  moved() {
    const [one, two, three] = this.#tour.stops;
    const [sooner, later] = ['2026-11-23T11:15:00Z', '2026-11-23T12:10:00Z'];
    return [one, { ...three, sequence: 2, plannedArrival: sooner }, { ...two, sequence: 3, plannedArrival: later }];
  }

  /** @param {any} route */
  change(route) {
    this.#tour = route;
    this.#tell(told('CHANGE', route));
  }

  /** @param {string} threadId @param {any} written */
  write(threadId, written) {
    this.#threads.set(threadId, [written, ...(this.#threads.get(threadId) ?? [])]);
    const thread = this.#thread(threadId);
    thread.unreadCount += written.sender === 'DRIVER' ? 0 : 1;
    this.#tell(told('CHANGE', this.#tour));
  }

  /** The desk signs the driver out. */
  end() {
    this.isOver = true;
    this.#socket?.close({ code: 4403, reason: 'Forbidden' });
  }

  /** @param {string} id */
  #thread(id) {
    return this.#tour.stops.flatMap((/** @type {any} */ { deliveries }) => deliveries).find((/** @type {any} */ { thread }) => thread.id === id).thread;
  }

  /** @param {any} message */
  #hear({ type, id }) {
    if (type === 'connection_init') {
      this.#send({ type: 'connection_ack' });
    } else if (type === 'subscribe') {
      this.#listening = id;
      this.#tell(told('SNAPSHOT', this.#tour));
      this.#tell(told('CHECKPOINT', null));
      this.listened += 1;
    }
  }

  /** @param {object} update */
  #tell(update) {
    this.#send({ type: 'next', id: this.#listening, payload: { data: { routeUpdated: update } } });
  }

  /** @param {object} said */
  #send(said) {
    this.#socket?.send(JSON.stringify(said));
  }

  /**
   * @param {import('node:http').Request} request
   * @param {import('node:http').Answer} response
   */
  async #serve(request, response) {
    const path = new URL(request.url ?? '', 'http://x').pathname;
    request.setEncoding('utf8');
    let body = '';
    for await (const chunk of request) {
      body += chunk;
    }
    this.credential = request.headers.authorization ?? this.credential;
    if (path === '/graphql' && !body) {
      response.writeHead(400, {}).end('');
    } else if (path === '/graphql') {
      const data = this.#answer(JSON.parse(body));
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ data }));
    } else if (path === '/positions') {
      this.fixes.push(...JSON.parse(body).positions.map((/** @type {any} */ fix) => [fix.lat, fix.lng, fix.recorded_at]));
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"taken": 1, "ignored": []}');
    } else {
      const name = { '/drive': 'drive.html', '/drive-worker.js': 'drive/worker.js' }[path] ?? path.replace(/^\/static\//, '');
      const file = await readFile(new URL(name, STATIC)).catch(() => null);
      response.writeHead(file ? 200 : 404, { 'Content-Type': TYPES[name.split('.').at(-1) ?? ''] ?? 'text/plain' }).end(file);
    }
  }

  /** @param {{ query: string, variables: any }} asked @returns {object} */
  #answer({ query, variables }) {
    if (query.includes('query DriveWho')) {
      const merchant = { name: 'A shop', timeZone: 'UTC' };
      const driver = { id: 'drv_1', name: 'Robin', vehicle: { name: 'Van 2' } };
      // By its own clock, which is that of its messages and not the phone's.
      return { viewer: { expiresAt: '2026-11-23T16:00:00Z', merchant, driver } };
    }
    if (query.includes('query DeskWho')) {
      return { viewer: { merchant: { name: 'A shop', timeZone: 'UTC' }, person: null }, people: { nodes: [] } };
    }
    if (query.includes('query PhonesDrivers')) {
      const nodes = [{ id: 'drv_1', name: 'Robin', vehicle: { name: 'Van 2' } }];
      return { drivers: { nodes, pageInfo: { hasNextPage: false, endCursor: null } } };
    }
    if (query.includes('mutation PhonesLink')) {
      const session = { expiresAt: '2026-11-24T01:00:00Z' };
      return { createDriverSession: { __typename: 'CreateDriverSessionSuccess', token: TOKEN, session } };
    }
    if (query.includes('query DriveThread')) {
      const nodes = this.#threads.get(variables.id) ?? [];
      return { thread: { ...this.#thread(variables.id), messages: { nodes } } };
    }
    if (query.includes('mutation DriveSeen')) {
      this.seen.push(variables.input.threadId);
      this.#thread(variables.input.threadId).unreadCount = 0;
      return { readThread: { __typename: 'ReadThreadSuccess' } };
    }
    this.said.push(variables.input);
    if (this.refusal) {
      return { sendMessage: { __typename: 'StateConflict', message: this.refusal } };
    }
    const { threadId, body, to } = variables.input;
    this.write(threadId, message('DRIVER', body, to));
    return { sendMessage: { __typename: 'SendMessageSuccess' } };
  }
}
