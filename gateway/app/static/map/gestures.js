/** Mouse, touch and keys on a map: drag to move, wheel or pinch to zoom, arrows and + and -. */

/**
 * @typedef {object} Wishes
 * @property {(dx: number, dy: number) => void} pan pixels
 * @property {(factor: number, x: number, y: number) => void} zoom about a pixel
 * @property {(x: number, y: number) => void} point the pointer is here, without a button
 * @property {(x: number, y: number) => void} pick a click or tap, not the end of a drag
 */

const KEY_STEP = 60;
const CLICK_SLACK = 5;

/**
 * @param {HTMLElement} target
 * @param {Wishes} wishes
 */
export function listenToGestures(target, wishes) {
  /** @type {Map<number, { x: number, y: number }>} */
  const fingers = new Map();
  let travelled = 0;

  target.addEventListener('pointerdown', (event) => {
    target.setPointerCapture(event.pointerId);
    travelled = fingers.size === 0 ? 0 : CLICK_SLACK + 1;
    fingers.set(event.pointerId, placeIn(target, event));
  });
  target.addEventListener('pointermove', (event) => {
    const before = fingers.get(event.pointerId);
    const now = placeIn(target, event);
    if (!before) {
      wishes.point(now.x, now.y);
      return;
    }
    const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    travelled += Math.hypot(now.x - before.x, now.y - before.y);
    if (others.length === 0) {
      wishes.pan(now.x - before.x, now.y - before.y);
    } else {
      pinch(before, now, others[0], wishes);
    }
    fingers.set(event.pointerId, now);
  });
  target.addEventListener('pointerup', (event) => {
    const { x, y } = placeIn(target, event);
    if (fingers.delete(event.pointerId) && travelled <= CLICK_SLACK) {
      wishes.pick(x, y);
    }
  });
  target.addEventListener('pointercancel', ({ pointerId }) => fingers.delete(pointerId));
  target.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const { x, y } = placeIn(target, event);
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      wishes.zoom(Math.exp(-event.deltaY * lines * 0.0022), x, y);
    },
    { passive: false },
  );
  target.addEventListener('keydown', (event) => {
    const middle = { x: target.clientWidth / 2, y: target.clientHeight / 2 };
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => wishes.pan(KEY_STEP, 0),
      ArrowRight: () => wishes.pan(-KEY_STEP, 0),
      ArrowUp: () => wishes.pan(0, KEY_STEP),
      ArrowDown: () => wishes.pan(0, -KEY_STEP),
      '+': () => wishes.zoom(1.5, middle.x, middle.y),
      '=': () => wishes.zoom(1.5, middle.x, middle.y),
      '-': () => wishes.zoom(1 / 1.5, middle.x, middle.y),
    };
    if (keys[event.key] && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      keys[event.key]();
    }
  });
}

/**
 * @param {{ x: number, y: number }} before
 * @param {{ x: number, y: number }} now
 * @param {{ x: number, y: number }} other
 * @param {Wishes} wishes
 */
function pinch(before, now, other, wishes) {
  const was = Math.hypot(before.x - other.x, before.y - other.y);
  const is = Math.hypot(now.x - other.x, now.y - other.y);
  wishes.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
  if (was > 0) {
    wishes.zoom(is / was, (now.x + other.x) / 2, (now.y + other.y) / 2);
  }
}

/**
 * @param {HTMLElement} target
 * @param {MouseEvent} event
 */
function placeIn(target, event) {
  const frame = target.getBoundingClientRect();
  return { x: event.clientX - frame.left, y: event.clientY - frame.top };
}
