/** The demo: checkout, tracking and operator's view of one simulated world, side by side. */

import '../doorstep.js';
import { ServerClock } from '../clock.js';
import { find, setText } from '../dom.js';
import { OperatorBoard } from '../operator/board.js';
import { CarrierPanel } from './carriers.js';
import { Checkout } from './checkout.js';
import { dropCourier, placeOrder, readConfig, readState, setRate, silenceVan } from './desk.js';
import { Follower } from './follower.js';

/** @import { DeliveryOptions } from '../shopper/options.js' */
/** @import { DeliveryTracking } from '../shopper/tracking.js' */

const STATE_EVERY_MS = 2000;
const TOAST_MS = 5000;

customElements.define('doorstep-operator', OperatorBoard);

const clock = new ServerClock();
const board = /** @type {OperatorBoard} */ (find(document, 'doorstep-operator'));
const toast = find(document, '#toast');
const carriers = new CarrierPanel(find(document, '#carriers'), find(document, '#carriers-summary'), say);
let toastTimer = 0;

/** @param {string} text */
function say(text) {
  setText(toast, text);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => setText(toast, ''), TOAST_MS);
}

/**
 * Run what a button asks for, and say how it went.
 *
 * @param {string} selector
 * @param {() => Promise<string>} act
 */
function onPress(selector, act) {
  const button = /** @type {HTMLButtonElement} */ (find(document, selector));
  button.addEventListener('click', async () => {
    button.disabled = true;
    say(await act().catch((failure) => failure.message));
    button.disabled = false;
  });
}

function showClock() {
  const timeZone = board.feed?.timeZone ?? 'UTC';
  const format = (/** @type {Intl.DateTimeFormatOptions} */ style) =>
    new Intl.DateTimeFormat('en', { ...style, timeZone }).format(clock.now());
  setText(find(document, '#day'), format({ weekday: 'long' }));
  setText(find(document, '#clock'), format({ hour: 'numeric', minute: '2-digit' }));
}

async function readWorld() {
  const state = await readState().catch(() => null);
  if (state) {
    clock.observe(state.now, state.rate);
    carriers.show(state.carriers);
    document.querySelectorAll('.rates button').forEach((button) => {
      const isPressed = Number(/** @type {HTMLElement} */ (button).dataset.rate) === state.rate;
      button.setAttribute('aria-pressed', String(isPressed));
    });
  }
}

/** The page may be there before the world is. */
async function whenStarted() {
  for (;;) {
    try {
      return await readConfig();
    } catch (failure) {
      say(/** @type {Error} */ (failure).message);
      await new Promise((resolve) => setTimeout(resolve, STATE_EVERY_MS));
    }
  }
}

async function start() {
  const config = await whenStarted();
  /** @type {DeliveryOptions} */ (find(document, 'doorstep-delivery-options')).clock = clock;
  /** @type {DeliveryTracking} */ (find(document, 'doorstep-tracking')).clock = clock;
  board.clock = clock;
  await readWorld();
  board.secretKey = config.secret_key;
  const follower = new Follower(board);
  new Checkout(config, {
    onPlaced: (number) => {
      follower.await(number);
      say(`Order ${number} is placed. Panel 2 follows it once it is booked.`);
    },
    onTrouble: say,
  });
  const handed = new URLSearchParams({ key: config.secret_key, map: '/demo/map.json' });
  document.querySelectorAll('a[data-page]').forEach((link) => {
    const { dataset } = /** @type {HTMLAnchorElement} */ (link);
    link.setAttribute('href', `${dataset.page}#${handed}`);
  });
  onPress('#order', async () => `Order ${(await placeOrder({})).number} is placed.`);
  onPress('#drop', async () => {
    await dropCourier();
    return 'A courier has dropped out. Watch panel 3: the next in rank takes over.';
  });
  onPress('#silence', async () => {
    await silenceVan();
    return 'A van’s phone is silent for some minutes. Panel 3 tells when it has been too long.';
  });
  document.querySelectorAll('.rates button').forEach((button) => {
    button.addEventListener('click', async () => {
      const rate = Number(/** @type {HTMLElement} */ (button).dataset.rate);
      await setRate(rate).catch((failure) => say(failure.message));
      await readWorld();
    });
  });
  setInterval(readWorld, STATE_EVERY_MS);
  setInterval(showClock, 500);
}

start().catch((failure) => say(failure.message));
