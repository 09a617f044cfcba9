/**
 * Lets the driver's page open without a network: its own files, as they were when there was one. What they
 * show is not here: the page keeps that itself, and forgets it when the driver signs out.
 */

const SHELL = 'doorstep-drive';
const PATIENCE_MS = 4000;
/** @type {any} */
const worker = self;

worker.addEventListener('install', () => worker.skipWaiting());
worker.addEventListener('activate', (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener('message', (/** @type {any} */ event) => {
  const files = /** @type {string[]} */ (event.data).filter((address) => isOurs(new URL(address)));
  event.waitUntil(caches.open(SHELL).then((shell) => shell.addAll(files)));
});

worker.addEventListener('fetch', (/** @type {any} */ event) => {
  if (event.request.method === 'GET' && isOurs(new URL(event.request.url))) {
    event.respondWith(newest(event.request));
  }
});

/** @param {URL} address */
function isOurs({ origin, pathname }) {
  return origin === location.origin && (pathname === '/drive' || pathname.startsWith('/static/'));
}

/**
 * The network's answer where it comes in time, else what is kept.
 *
 * @param {Request} request
 */
async function newest(request) {
  const shell = await caches.open(SHELL);
  const kept = await shell.match(request, { ignoreSearch: true });
  if (!kept) {
    return fetch(request);
  }
  const asked = fetch(request).then(async (answer) => {
    if (answer.ok) {
      await shell.put(request, answer.clone());
    }
    return answer.ok ? answer : kept;
  });
  const patience = new Promise((resolve) => setTimeout(() => resolve(kept), PATIENCE_MS));
  return Promise.race([asked.catch(() => kept), patience]);
}
