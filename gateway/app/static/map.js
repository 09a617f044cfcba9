/** A map on a canvas: no tiles, no requests but for one GeoJSON file if there is one. */

import { element, icon } from './dom.js';
import { listenToGestures } from './map/gestures.js';
import { Ground, paintGrid } from './map/ground.js';
import { Markers } from './map/markers.js';
import { markerAt, paintMarkers, paintRoutes } from './map/paint.js';
import { paletteFor } from './map/palette.js';
import { boxAround, View } from './map/view.js';
import { sheet } from './theme.js';

/** @import { Marker } from './map/markers.js' */
/** @import { Box, Point } from './map/view.js' */
/** @import { GroundMap } from './map/ground.js' */

const MARGIN = 34;
const EASE_MS = 600;

/** Markers that creep need no more than 30 pictures a second. */
const LEAST_PAUSE_MS = 28;

export const mapStyle = sheet(`
  .map { position: relative; overflow: hidden; border-radius: var(--radius); background: var(--sunken);
    /* The canvas reads the accent from here: a canvas knows no custom properties. */
    caret-color: var(--accent); }
  .map canvas { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; cursor: grab; }
  .map canvas:active { cursor: grabbing; }
  .map canvas:focus-visible { outline-offset: -3px; border-radius: var(--radius); }
  .map-buttons { position: absolute; right: 10px; top: 10px; display: grid; border-radius: 8px; overflow: hidden;
    border: 1px solid var(--line); }
  .map-buttons button { padding: 6px; border: 0; border-radius: 0; display: grid; line-height: 0; }
  .map-buttons button + button { border-top: 1px solid var(--line); }
  .map-buttons .icon { width: 16px; height: 16px; }
`);

export class CityMap {
  #view = new View();
  #markers = new Markers();
  /** @type {readonly Point[][]} */
  #routes = [];
  /** @type {Ground | null} */
  #ground = null;
  #canvas;
  #host;
  #painted = document.createElement('canvas');
  #paintedFor = '';
  #paintedAt = 0;
  #isAsked = false;
  #isHeld = false;
  /** @type {Box | null} */
  #frame = null;
  /** @type {((now: number) => boolean) | null} */
  #ease = null;
  /** @type {string | null} */
  #named = null;
  #calm = matchMedia('(prefers-reduced-motion: reduce)');
  #dark = matchMedia('(prefers-color-scheme: dark)');
  #repaint = () => this.#ask();
  #sizes = new ResizeObserver(() => this.#resize());

  /**
   * @param {HTMLElement} host an empty element of class "map"
   * @param {string} label what it shows, for screen readers
   * @param {number} [smallestSpan] degrees of latitude that a frame shows at least
   */
  constructor(host, label, smallestSpan) {
    this.#host = host;
    this.#view.smallestSpan = smallestSpan ?? this.#view.smallestSpan;
    this.#canvas = element('canvas', { tabindex: '0', role: 'img', 'aria-label': label });
    host.append(this.#canvas, this.#buttons());
    listenToGestures(this.#canvas, {
      pan: (dx, dy) => this.#hold(() => this.#view.pan(dx, dy)),
      zoom: (factor, x, y) => this.#hold(() => this.#view.zoom(factor, x, y)),
      point: (x, y) => this.#point(x, y),
      pick: (x, y) => this.#point(x, y),
    });
    this.#sizes.observe(host);
    this.#dark.addEventListener('change', this.#repaint);
    this.#report(0);
  }

  /** @param {GroundMap} map */
  setGround(map) {
    this.#ground = new Ground(map);
    this.#paintedFor = '';
    this.#reframe();
    this.#ask();
  }

  /** Shops and depots that the ground knows. */
  get places() {
    return this.#ground?.places ?? [];
  }

  /** What lies in the middle. */
  get centre() {
    return this.#view.centre;
  }

  /** @param {readonly Marker[]} markers */
  setMarkers(markers) {
    this.#markers.set(markers, performance.now(), this.#calm.matches);
    this.#ask();
  }

  /** @param {readonly Point[][]} routes */
  setRoutes(routes) {
    this.#routes = routes;
    this.#ask();
  }

  /**
   * Keep all of these in sight, unless a person has moved the map. It stays as it is while they are well in it.
   *
   * @param {readonly Point[]} points
   */
  frame(points) {
    const before = this.#frame;
    this.#frame = boxAround(points);
    if (this.#frame && !this.#isHeld && !this.#view.fits(this.#frame, MARGIN / 2)) {
      this.#reframe(before !== null);
    }
  }

  /** Let go of what outlives the element. */
  close() {
    this.#sizes.disconnect();
    this.#dark.removeEventListener('change', this.#repaint);
  }

  /** @param {() => void} change */
  #hold(change) {
    this.#isHeld = true;
    this.#ease = null;
    change();
    this.#ask();
  }

  #reframe(isEased = false) {
    const box = this.#frame ?? this.#ground?.box;
    if (!box || this.#isHeld || this.#view.width <= 1) {
      return;
    }
    const wanted = this.#view.framing(box, this.#frame ? MARGIN : 8);
    this.#ease = null;
    if (isEased && !this.#calm.matches) {
      this.#ease = this.#view.easing(wanted, performance.now(), EASE_MS);
    } else {
      Object.assign(this.#view, wanted);
    }
    this.#ask();
  }

  #resize() {
    const { clientWidth, clientHeight } = this.#host;
    const ratio = devicePixelRatio || 1;
    Object.assign(this.#view, { width: clientWidth, height: clientHeight });
    this.#canvas.width = Math.round(clientWidth * ratio);
    this.#canvas.height = Math.round(clientHeight * ratio);
    this.#reframe();
    this.#ask();
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  #point(x, y) {
    const found = markerAt(this.#view, this.#markers.at(performance.now()), x, y)?.id ?? null;
    if (found !== this.#named) {
      this.#named = found;
      this.#ask();
    }
  }

  #ask() {
    if (!this.#isAsked) {
      this.#isAsked = true;
      requestAnimationFrame(() => this.#paint());
    }
  }

  #paint() {
    this.#isAsked = false;
    const context = this.#canvas.getContext('2d');
    if (!context || this.#canvas.width === 0 || !this.#host.isConnected) {
      return;
    }
    const now = performance.now();
    if (now - this.#paintedAt < LEAST_PAUSE_MS) {
      this.#ask();
      return;
    }
    this.#paintedAt = now;
    this.#ease = this.#ease?.(now) ? this.#ease : null;
    const { color, caretColor } = getComputedStyle(this.#host);
    const colours = { ...paletteFor(color), accent: caretColor };
    this.#paintGround(color);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.#painted, 0, 0);
    context.scale(devicePixelRatio, devicePixelRatio);
    paintRoutes(context, this.#view, this.#routes, colours);
    paintMarkers(context, this.#view, this.#markers.at(now), colours, this.#named);
    this.#report(this.#markers.moving(now));
    if (this.#ease || this.#markers.isMoving(now)) {
      this.#ask();
    }
  }

  /**
   * The ground is painted once for each view; markers glide above a copy.
   *
   * @param {string} color
   */
  #paintGround(color) {
    const { centre, scale } = this.#view;
    const { width, height } = this.#canvas;
    const wanted = [...centre, scale, width, height, color].join();
    const context = this.#painted.getContext('2d');
    if (!context || wanted === this.#paintedFor) {
      return;
    }
    this.#paintedFor = wanted;
    Object.assign(this.#painted, { width, height });
    context.scale(devicePixelRatio, devicePixelRatio);
    if (this.#ground) {
      this.#ground.paint(context, this.#view, paletteFor(color));
    } else {
      paintGrid(context, this.#view, paletteFor(color));
    }
  }

  /**
   * What a test of the page can see: a canvas has no elements.
   *
   * @param {number} moving
   */
  #report(moving) {
    const { farthest, lastMove } = this.#markers;
    Object.assign(this.#host.dataset, {
      moving: String(moving),
      markers: String(this.#markers.at(0).length),
      farthestMeters: farthest.toFixed(0),
      lastPosition: lastMove ? `${lastMove[1]},${lastMove[0]}` : '',
    });
  }

  #buttons() {
    const zoom = (/** @type {number} */ factor) => () => this.#hold(() => this.#view.zoom(factor));
    const whole = () => {
      this.#isHeld = false;
      this.#reframe();
    };
    return element(
      'div',
      { class: 'map-buttons' },
      element('button', { type: 'button', 'aria-label': 'Zoom in', onclick: zoom(1.6) }, icon('plus')),
      element('button', { type: 'button', 'aria-label': 'Zoom out', onclick: zoom(1 / 1.6) }, icon('minus')),
      element('button', { type: 'button', 'aria-label': 'Show everything', onclick: whole }, icon('frame')),
    );
  }
}

/** @type {Map<string, Promise<GroundMap | null>>} */
const grounds = new Map();

/**
 * Read a map file, once for all maps of a page; null where there is none: a grid will do.
 *
 * @param {string} address
 */
export function loadGround(address) {
  const read = async () => {
    const answer = await fetch(address).catch(() => null);
    return answer?.ok ? answer.json() : null;
  };
  const known = grounds.get(address) ?? read();
  grounds.set(address, known);
  return known;
}
