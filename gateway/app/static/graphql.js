/** GraphQL over HTTP. */

/** Why a request gave no data. Problems that the schema knows are data; they never end up here. */
export class RequestFailed extends Error {
  /**
   * @param {string} message for a person
   * @param {string} code `extensions.code`, or NETWORK where nobody answered
   * @param {boolean} isRetryable
   */
  constructor(message, code, isRetryable) {
    super(message);
    this.code = code;
    this.isRetryable = isRetryable;
  }
}

/** @typedef {{ message: string, extensions?: { code?: string, retryable?: boolean } }} GraphqlError */

/**
 * Where to send queries and where to listen, for a gateway named by its base address.
 *
 * @param {string | null} gateway absolute, or empty for the host of the page
 * @param {string} page address of the page
 */
export function endpointsOf(gateway, page) {
  const http = new URL('/graphql', new URL(gateway || '/', page));
  const socket = new URL(http);
  socket.protocol = http.protocol === 'https:' ? 'wss:' : 'ws:';
  return { http: http.href, socket: socket.href };
}

/**
 * @param {object} to
 * @param {string} to.endpoint
 * @param {string} to.credential a key or a token
 * @param {typeof globalThis.fetch} [to.fetch]
 */
export function createClient({ endpoint, credential, fetch = globalThis.fetch.bind(globalThis) }) {
  return {
    /**
     * Send a document and give its data.
     *
     * @param {string} document
     * @param {Record<string, unknown>} [variables]
     * @param {AbortSignal} [signal]
     * @returns {Promise<any>}
     * @throws {RequestFailed}
     */
    async send(document, variables = {}, signal) {
      const response = await answerTo(() =>
        fetch(endpoint, {
          method: 'POST',
          headers: {
            Accept: 'application/graphql-response+json, application/json',
            Authorization: `Bearer ${credential}`,
            'Content-Type': 'application/json',
          },
          body: JSON.stringify({ query: document, variables }),
          signal,
        }),
      );
      return dataOf(response);
    },
  };
}

/**
 * A key that makes a repeat harmless. `crypto.randomUUID` exists in secure contexts only; a storefront under
 * development is none.
 */
export function idempotencyKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {() => Promise<Response>} ask */
async function answerTo(ask) {
  try {
    return await ask();
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === 'AbortError') {
      throw fault;
    }
    throw new RequestFailed('The delivery service cannot be reached.', 'NETWORK', true);
  }
}

/** @param {Response} response */
async function dataOf(response) {
  /** @type {{ data?: unknown, errors?: GraphqlError[] } | null} */
  const body = await response.json().catch(() => null);
  const error = body?.errors?.[0];
  if (error) {
    throw asFailure(error);
  }
  if (!body?.data) {
    throw new RequestFailed(`The delivery service answered ${response.status}.`, 'NO_DATA', response.status >= 500);
  }
  return body.data;
}

/** @param {GraphqlError} error */
export function asFailure({ message, extensions }) {
  return new RequestFailed(message, extensions?.code ?? 'OTHER', extensions?.retryable ?? false);
}
