/** From degrees to pixels and back: a plane about one latitude, good for a city. */

/** @typedef {[number, number]} Point longitude and latitude, degrees, as in GeoJSON */
/** @typedef {[number, number, number, number]} Box west, south, east, north */

const PIXELS_PER_DEGREE = { least: 800, most: 400_000 };

/** No frame is narrower than this unless somebody wants it closer: about 900 m. */
const SMALLEST_SPAN = 0.008;

/** A view of less than this share of the best scale is too wide. */
const LOOSEST = 0.45;

export class View {
  width = 1;
  height = 1;
  /** @type {Point} */
  centre = [0, 0];
  /** Pixels a degree of latitude. */
  scale = 10_000;
  /** Degrees of latitude that a frame shows at least. */
  smallestSpan = SMALLEST_SPAN;
  /** Length of a degree of longitude over one of latitude, where the view first was. */
  #squeeze = 1;

  /** @param {Point} point */
  project([longitude, latitude]) {
    return /** @type {[number, number]} */ ([
      this.width / 2 + (longitude - this.centre[0]) * this.#squeeze * this.scale,
      this.height / 2 - (latitude - this.centre[1]) * this.scale,
    ]);
  }

  /**
   * @param {number} x
   * @param {number} y
   * @returns {Point}
   */
  unproject(x, y) {
    return [
      this.centre[0] + (x - this.width / 2) / (this.#squeeze * this.scale),
      this.centre[1] - (y - this.height / 2) / this.scale,
    ];
  }

  /**
   * @param {number} dx pixels
   * @param {number} dy pixels
   */
  pan(dx, dy) {
    this.centre = this.unproject(this.width / 2 - dx, this.height / 2 - dy);
  }

  /**
   * Zoom so that what lies under a pixel stays there.
   *
   * @param {number} factor above 1 comes closer
   * @param {number} x
   * @param {number} y
   */
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const held = this.unproject(x, y);
    const { least, most } = PIXELS_PER_DEGREE;
    this.scale = Math.min(most, Math.max(least, this.scale * factor));
    const [movedX, movedY] = this.project(held);
    this.pan(x - movedX, y - movedY);
  }

  /**
   * Whether a box is in sight and not lost in too wide a view either.
   *
   * @param {Box} box
   * @param {number} margin pixels
   */
  fits([west, south, east, north], margin) {
    const [left, top] = this.project([west, north]);
    const [right, bottom] = this.project([east, south]);
    const isInside =
      left >= margin && top >= margin && right <= this.width - margin && bottom <= this.height - margin;
    return isInside && this.scale > this.framing([west, south, east, north], margin).scale * LOOSEST;
  }

  /**
   * A glide to another centre and scale; call it until it answers false.
   *
   * @param {{ centre: Point, scale: number }} target
   * @param {number} since milliseconds
   * @param {number} lasts milliseconds
   */
  easing({ centre, scale }, since, lasts) {
    const from = { centre: this.centre, scale: this.scale };
    return (/** @type {number} */ now) => {
      const share = Math.min(1, (now - since) / lasts);
      const eased = 1 - (1 - share) ** 3;
      this.scale = from.scale * (scale / from.scale) ** eased;
      this.centre = [
        from.centre[0] + (centre[0] - from.centre[0]) * eased,
        from.centre[1] + (centre[1] - from.centre[1]) * eased,
      ];
      return share < 1;
    };
  }

  /**
   * Centre and scale that show a box whole.
   *
   * @param {Box} box
   * @param {number} margin pixels on every side
   */
  framing([west, south, east, north], margin) {
    const latitude = (south + north) / 2;
    if (this.#squeeze === 1) {
      this.#squeeze = Math.max(0.05, Math.cos((latitude * Math.PI) / 180));
    }
    const width = Math.max(this.smallestSpan, (east - west) * this.#squeeze);
    const height = Math.max(this.smallestSpan, north - south);
    const roomX = Math.max(40, this.width - 2 * margin);
    const roomY = Math.max(40, this.height - 2 * margin);
    return {
      centre: /** @type {Point} */ ([(west + east) / 2, latitude]),
      scale: Math.min(roomX / width, roomY / height),
    };
  }
}

/**
 * The smallest box around points; null without any.
 *
 * @param {readonly Point[]} points
 * @returns {Box | null}
 */
export function boxAround(points) {
  if (points.length === 0) {
    return null;
  }
  const longitudes = points.map(([longitude]) => longitude);
  const latitudes = points.map(([, latitude]) => latitude);
  return [Math.min(...longitudes), Math.min(...latitudes), Math.max(...longitudes), Math.max(...latitudes)];
}
