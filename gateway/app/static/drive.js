/** The driver's page: the own tour, live, on a phone; readable without a network for as long as the session lasts. */

import { find, setText } from './dom.js';
import { fromFragment } from './fragment.js';
import { Drive } from './drive/drive.js';
import { Kept } from './drive/kept.js';
import { Outbox } from './drive/outbox.js';

/** @import { State } from './drive/shapes.js' */

const kept = new Kept(localStorage);
const form = /** @type {HTMLFormElement} */ (find(document, '.key-form'));
const board = find(document, '#board');

/** @type {Drive | null} */
let drive = null;
/** Whose it is; empty while nobody is signed in. */
let session = '';

const given = taken();
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const text = String(new FormData(form).get('link')).trim();
  begin(tokenIn(text.slice(Math.max(0, text.indexOf('#')))) ?? text);
});
find(document, '#share button').addEventListener('click', () => drive?.toggleSharing());
find(document, '#leave').addEventListener('click', () => forget(''));
addEventListener('online', () => drive?.hurry());
document.addEventListener('visibilitychange', () => document.hidden || drive?.wake());
// A link that is opened in this tab changes the address alone.
addEventListener('hashchange', () => begin(taken() ?? session));
addEventListener('storage', ({ key }) => {
  // Another tab has signed out, or somebody else in: that is theirs, and not this one's to wipe.
  if (key === Kept.KEY && drive && kept.read(Date.now())?.token !== session) {
    close('');
  }
});

const state = kept.read(Date.now());
if (given && given !== state?.token) {
  begin(given);
} else if (state) {
  show(state);
} else {
  // Whatever a page that was killed has left behind.
  new Outbox(localStorage).clear();
  form.hidden = false;
}
prepareForNoNetwork();

/** The token that a link has handed over, out of the address bar before somebody copies it. */
function taken() {
  const token = tokenIn(location.hash);
  if (location.hash) {
    history.replaceState(null, '', location.pathname);
  }
  return token;
}

/**
 * @param {string} hash
 * @returns {string | null} a token in a link's fragment, alone or as `token=…`
 */
function tokenIn(hash) {
  return fromFragment(hash, 'token') ?? /^#?(dk_\w+)$/.exec(hash)?.[1] ?? null;
}

/** @param {string} token somebody signs in: what another has left on this phone goes */
function begin(token) {
  if (token === session) {
    return;
  }
  forget('');
  const fresh = { token, expiresAt: null, skewMs: null, me: null, tours: [], news: [], asOf: null, shares: false };
  kept.write(fresh);
  show(fresh);
}

/** @param {State} from */
function show(from) {
  session = from.token;
  form.hidden = true;
  board.hidden = false;
  document.querySelectorAll('#driver, #leave').forEach((part) => part.toggleAttribute('hidden', false));
  drive = new Drive(from, kept, forget);
  drive.open();
}

/** @param {string} why shown to the driver; empty where they asked for it */
function forget(why) {
  kept.clear();
  close(why);
  new Outbox(localStorage).clear();
}

/** @param {string} why */
function close(why) {
  drive?.close();
  drive = null;
  session = '';
  form.reset();
  board.hidden = true;
  form.hidden = false;
  document.querySelectorAll('#driver, #leave').forEach((part) => part.toggleAttribute('hidden', true));
  document.querySelectorAll('#driver, #line').forEach((part) => setText(part, ''));
  setText(find(form, '[role="alert"]'), why);
}

/** Keep the page's own files for when it is opened without a network. */
async function prepareForNoNetwork() {
  try {
    await navigator.serviceWorker?.register('/drive-worker.js', { scope: '/drive' });
    const { active } = (await navigator.serviceWorker?.ready) ?? {};
    const files = performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('/static/'));
    active?.postMessage([new URL('/drive', location.href).href, ...files]);
  } catch {
    // A browser that keeps nothing: the page works with a network alone.
  }
}
