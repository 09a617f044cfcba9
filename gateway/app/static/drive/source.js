/** Asks the gateway for the driver's tours, hears what changes in them, and sends what the driver writes. */

import { createClient, endpointsOf, RequestFailed } from '../graphql.js';
import { putUp } from '../photos.js';
import { LiveLine } from '../socket.js';
import { DRIVE_CHANGED, DRIVE_SAY, DRIVE_SEEN, DRIVE_THREAD, DRIVE_WHO } from './documents.js';

/** @import { Answer } from './sharing.js' */
/** @import { Fix, Me, Thread, TourUpdate } from './shapes.js' */
/** @import { LineState } from '../socket.js' */

/** The session is none, or none any more: asking again does not help. */
const OVER = new Set(['UNAUTHENTICATED', '4401', '4403']);
const AGAIN_MS = 30_000;

/** @param {unknown} failure */
export function isSessionOver(failure) {
  return failure instanceof RequestFailed && OVER.has(failure.code);
}

export class Source {
  #token;
  #client;
  #live;
  #tell;
  #again = 0;

  /**
   * @param {string} token
   * @param {object} tell
   * @param {(update: TourUpdate) => void} tell.onTour
   * @param {(state: LineState) => void} tell.onLine
   * @param {(why: string) => void} tell.onOver the session has ended
   */
  constructor(token, tell) {
    const { http, socket } = endpointsOf(null, document.baseURI);
    this.#token = token;
    this.#client = createClient({ endpoint: http, credential: token });
    this.#live = new LiveLine({ endpoint: socket, credential: token, onState: tell.onLine });
    this.#tell = tell;
  }

  /**
   * @returns {Promise<{ me: Me, expiresAt: string | null }>}
   * @throws {RequestFailed}
   */
  async who() {
    const { viewer } = await this.#client.send(DRIVE_WHO);
    if (!viewer.driver) {
      throw new RequestFailed('This link is no driver’s.', 'UNAUTHENTICATED', false);
    }
    const { name, vehicle } = viewer.driver;
    const { timeZone } = viewer.merchant;
    const driver = [name, vehicle?.name].filter(Boolean).join(' · ');
    return { me: { driver, merchant: viewer.merchant.name, timeZone }, expiresAt: viewer.expiresAt };
  }

  /** Hear of all own tours from now on. */
  watch() {
    this.#live.subscribe({
      document: DRIVE_CHANGED,
      onUpdate: this.#tell.onTour,
      onEnd: (failure) => {
        if (isSessionOver(failure)) {
          this.#tell.onOver(failure?.message ?? '');
        } else {
          this.#tell.onLine('waiting');
          this.#again = setTimeout(() => this.watch(), AGAIN_MS);
        }
      },
    });
  }

  hurry() {
    this.#live.hurry();
  }

  stop() {
    clearTimeout(this.#again);
    this.#live.close();
  }

  /**
   * @param {string} id
   * @returns {Promise<Thread | null>}
   */
  async thread(id) {
    return (await this.#client.send(DRIVE_THREAD, { id })).thread;
  }

  /**
   * What went wrong, in words; null where the message is in the thread.
   *
   * @param {{ threadId: string, body: string, to: string | null, needsHelp?: boolean, photos?: File[], idempotencyKey: string }} input
   */
  async say({ photos = [], ...input }) {
    try {
      const uploadIds = await putUp(this.#client, photos);
      return await this.#act(DRIVE_SAY, { ...input, ...(uploadIds.length > 0 && { uploadIds }) });
    } catch (failure) {
      return this.#wrong(failure);
    }
  }

  /** @param {string} threadId what others wrote there was read */
  async seen(threadId) {
    return this.#act(DRIVE_SEEN, { threadId });
  }

  /**
   * @param {Fix[]} fixes
   * @returns {Promise<Answer>}
   */
  async post(fixes) {
    try {
      const { status } = await fetch('/positions', {
        method: 'POST',
        headers: { Authorization: `Bearer ${this.#token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ device_id: 'page', positions: fixes }),
      });
      if (status === 401) {
        return 'over';
      }
      return status === 200 ? 'taken' : status === 400 ? 'refused' : 'later';
    } catch {
      return 'later';
    }
  }

  /**
   * @param {string} document
   * @param {object} input
   * @returns {Promise<string | null>}
   */
  async #act(document, input) {
    try {
      const [result] = Object.values(await this.#client.send(document, { input }));
      return result.message ?? null;
    } catch (failure) {
      return this.#wrong(failure);
    }
  }

  /** @param {unknown} failure */
  #wrong(failure) {
    if (isSessionOver(failure)) {
      this.#tell.onOver(/** @type {Error} */ (failure).message);
    }
    return /** @type {Error} */ (failure).message;
  }
}
