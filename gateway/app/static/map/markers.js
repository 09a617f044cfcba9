/** Markers that glide from where they were to where they are. Time is handed in. */

/** @import { Point } from './view.js' */

/** @typedef {'van' | 'courier' | 'stop' | 'home' | 'area' | 'shop' | 'depot'} MarkerKind */

/**
 * @typedef {object} Marker
 * @property {string} id
 * @property {MarkerKind} kind
 * @property {Point} at
 * @property {string} label
 * @property {'accent' | 'soft' | 'good' | 'warn' | 'bad'} [tone]
 */

/**
 * @typedef {object} Glide times in milliseconds
 * @property {Marker} marker
 * @property {Point} origin
 * @property {Point} from
 * @property {Point} to
 * @property {number} since
 * @property {number} lasts
 * @property {number} toldAt
 */

/** A glide lasts as long as the pause between two places did, within these, milliseconds. */
const SHORTEST = 250;
const LONGEST = 5000;

/** Farther than this in one step (metres) is no drive but a correction: it jumps. */
const LONGEST_STEP = 3000;

const METRES_PER_DEGREE = 111_195;

export class Markers {
  /** @type {Map<string, Glide>} */
  #glides = new Map();

  /** How far any marker has come from where it was first, metres. */
  farthest = 0;
  /** @type {Point | null} */
  lastMove = null;

  /**
   * Take the markers as they are now; those that are not listed go.
   *
   * @param {readonly Marker[]} markers
   * @param {number} now milliseconds
   * @param {boolean} jumps whether they jump instead of gliding
   */
  set(markers, now, jumps = false) {
    const before = this.#glides;
    this.#glides = new Map(
      markers.map((marker) => [marker.id, this.#onward(before.get(marker.id), marker, now, jumps)]),
    );
  }

  /** @param {number} now */
  isMoving(now) {
    return this.moving(now) > 0;
  }

  /** @param {number} now */
  moving(now) {
    return [...this.#glides.values()].filter((glide) => now < glide.since + glide.lasts).length;
  }

  /**
   * Every marker with where it is at an instant.
   *
   * @param {number} now
   * @returns {{ marker: Marker, at: Point }[]}
   */
  at(now) {
    return [...this.#glides.values()].map((glide) => ({ marker: glide.marker, at: placeOf(glide, now) }));
  }

  /**
   * @param {Glide | undefined} glide
   * @param {Marker} marker
   * @param {number} now
   * @param {boolean} jumps
   * @returns {Glide}
   */
  #onward(glide, marker, now, jumps) {
    if (!glide) {
      return { marker, origin: marker.at, from: marker.at, to: marker.at, since: now, lasts: 0, toldAt: now };
    }
    if (glide.to[0] === marker.at[0] && glide.to[1] === marker.at[1]) {
      return { ...glide, marker };
    }
    this.farthest = Math.max(this.farthest, metresBetween(glide.origin, marker.at));
    this.lastMove = marker.at;
    const from = placeOf(glide, now);
    const isFar = metresBetween(from, marker.at) > LONGEST_STEP;
    const lasts = jumps || isFar ? 0 : Math.min(LONGEST, Math.max(SHORTEST, now - glide.toldAt));
    return { ...glide, marker, from, to: marker.at, since: now, lasts, toldAt: now };
  }
}

/**
 * @param {Glide} glide
 * @param {number} now
 * @returns {Point}
 */
function placeOf({ from, to, since, lasts }, now) {
  const share = lasts === 0 ? 1 : Math.min(1, Math.max(0, (now - since) / lasts));
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

/**
 * On a plane: good for the few kilometres that a city is wide.
 *
 * @param {Point} one
 * @param {Point} other
 */
function metresBetween(one, other) {
  const squeeze = Math.cos((one[1] * Math.PI) / 180);
  return METRES_PER_DEGREE * Math.hypot((other[0] - one[0]) * squeeze, other[1] - one[1]);
}
