/** The operator's page: asks for a key once, then shows the board. */

import { find, setText } from './dom.js';
import { momentWords } from './format.js';
import { fromFragment, keepMap } from './fragment.js';
import { OperatorBoard } from './operator/board.js';

const KEPT_AS = 'doorstep-secret-key';

customElements.define('doorstep-operator', OperatorBoard);

const form = /** @type {HTMLFormElement} */ (find(document, '.key-form'));
const end = find(document, 'header .end');
const merchant = find(document, '#merchant');
const clock = find(document, '#clock');

const given = fromFragment(location.hash, 'key');
const map = keepMap(location.hash);
if (given) {
  sessionStorage.setItem(KEPT_AS, given);
  // Out of the address bar, before somebody copies it.
  history.replaceState(null, '', map ? `#map=${map}` : location.pathname);
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const key = String(new FormData(form).get('key')).trim();
  sessionStorage.setItem(KEPT_AS, key);
  open(key);
});
find(document, '#leave').addEventListener('click', () => forget(''));

const kept = sessionStorage.getItem(KEPT_AS);
if (kept) {
  open(kept);
} else {
  form.hidden = false;
}

/** @param {string} key */
function open(key) {
  const board = new OperatorBoard();
  if (map) {
    board.setAttribute('map', map);
  }
  board.secretKey = key;
  board.addEventListener('doorstep-merchant', (event) => {
    merchant.hidden = end.hidden = false;
    setText(merchant, /** @type {CustomEvent<string>} */ (event).detail);
  });
  board.addEventListener('doorstep-painted', () => {
    const timeZone = board.feed?.timeZone ?? 'UTC';
    setText(clock, momentWords(board.clock.now().toISOString(), { locale: 'en', timeZone, now: board.clock.now() }));
  });
  board.addEventListener('doorstep-ended', (event) => forget(/** @type {CustomEvent<string>} */ (event).detail));
  form.hidden = true;
  form.after(board);
}

/** @param {string} why shown to the person; empty where they asked for it */
function forget(why) {
  sessionStorage.removeItem(KEPT_AS);
  document.querySelectorAll('doorstep-operator').forEach((board) => board.remove());
  merchant.hidden = end.hidden = true;
  form.reset();
  form.hidden = false;
  setText(find(form, '[role="alert"]'), why);
}
