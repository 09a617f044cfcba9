/** The ground: park, river, streets and names from GeoJSON, or a plain grid where there is none. */

/** @import { Point, Box, View } from './view.js' */
/** @import { Palette } from './palette.js' */

/**
 * @typedef {object} Feature
 * @property {{ kind: string, class?: string, name?: string, place_kind?: string, key?: string }} properties
 * @property {{ type: string, coordinates: any }} geometry
 */

/** @typedef {{ type: 'FeatureCollection', bbox?: Box, features: Feature[] }} GroundMap */

/** Metres that a street is drawn wide, and the least number of pixels; minor streets first. */
const STREETS = /** @type {const} */ ([
  { names: ['residential', 'living_street', 'unclassified', 'service'], metres: 7, least: 0.9 },
  { names: ['tertiary'], metres: 10, least: 1.3 },
  { names: ['secondary', 'primary'], metres: 13, least: 1.8 },
  { names: ['trunk', 'motorway'], metres: 18, least: 2.4 },
]);
const METRES_PER_DEGREE = 111_195;

/** Names of districts are only drawn when one has this many pixels to itself. */
const NAMED_FROM = 90;
export const MAP_FONT =
  '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';
const GRID_DEGREES = 0.0025;

export class Ground {
  #areas;
  #streets;
  #districts;
  /** @type {Box | null} */
  box;
  /** @type {{ kind: string, name: string, key: string, at: Point }[]} */
  places;

  /** @param {GroundMap} map */
  constructor({ bbox, features }) {
    const of = (/** @type {string} */ kind) => features.filter(({ properties }) => properties.kind === kind);
    this.box = bbox ?? null;
    this.#areas = [...of('park'), ...of('river')].map(({ properties, geometry }) => ({
      kind: /** @type {'park' | 'river'} */ (properties.kind),
      ring: /** @type {Point[]} */ (geometry.coordinates[0]),
    }));
    this.#districts = of('district').map(({ properties, geometry }) => ({
      name: properties.name ?? '',
      ring: /** @type {Point[]} */ (geometry.coordinates[0]),
    }));
    const streets = of('street');
    this.#streets = STREETS.map((width, rank) => ({
      width,
      lines: streets
        .filter(({ properties }) => rankOf(properties.class) === rank)
        .map(({ geometry }) => /** @type {Point[]} */ (geometry.coordinates)),
    }));
    this.places = of('place').map(({ properties, geometry }) => ({
      kind: properties.place_kind ?? '',
      name: properties.name ?? '',
      key: properties.key ?? properties.name ?? '',
      at: /** @type {Point} */ (geometry.coordinates),
    }));
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   * @param {Palette} palette
   */
  paint(context, view, palette) {
    context.fillStyle = palette.paper;
    context.fillRect(0, 0, view.width, view.height);
    for (const { kind, ring } of this.#areas) {
      trace(context, view, [ring]);
      context.fillStyle = palette[kind];
      context.fill();
    }
    this.#paintStreets(context, view, palette);
    this.#paintNames(context, view, palette);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   * @param {Palette} palette
   */
  #paintStreets(context, view, palette) {
    context.lineJoin = 'round';
    context.lineCap = 'round';
    const isCased = view.scale > 14_000;
    for (const pass of isCased ? ['casing', 'street'] : ['street']) {
      this.#streets.forEach(({ width, lines }, rank) => {
        const pixels = Math.max(width.least, (width.metres / METRES_PER_DEGREE) * view.scale);
        const isTrunk = rank === STREETS.length - 1;
        trace(context, view, lines);
        context.strokeStyle = pass === 'casing' ? palette.casing : isTrunk ? palette.trunk : palette.street;
        context.lineWidth = pass === 'casing' ? pixels + 1.6 : pixels;
        context.stroke();
      });
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   * @param {Palette} palette
   */
  #paintNames(context, view, palette) {
    context.font = `600 10px ${MAP_FONT}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.letterSpacing = '0.08em';
    context.lineWidth = 3;
    for (const { name, ring } of this.#districts) {
      const corners = ring.slice(1).map((point) => view.project(point));
      const xs = corners.map(([x]) => x);
      const ys = corners.map(([, y]) => y);
      if (Math.max(...xs) - Math.min(...xs) < NAMED_FROM) {
        continue;
      }
      const x = (Math.min(...xs) + Math.max(...xs)) / 2;
      const y = (Math.min(...ys) + Math.max(...ys)) / 2;
      context.strokeStyle = palette.paper;
      context.strokeText(name.toUpperCase(), x, y);
      context.fillStyle = palette.name;
      context.fillText(name.toUpperCase(), x, y);
    }
    context.letterSpacing = '0px';
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {Palette} palette
 */
export function paintGrid(context, view, palette) {
  context.fillStyle = palette.paper;
  context.fillRect(0, 0, view.width, view.height);
  context.strokeStyle = palette.grid;
  context.lineWidth = 1;
  const step = GRID_DEGREES * Math.max(1, 2 ** Math.round(Math.log2(16_000 / view.scale)));
  const [west, north] = view.unproject(0, 0);
  const [east, south] = view.unproject(view.width, view.height);
  context.beginPath();
  for (let longitude = Math.ceil(west / step) * step; longitude < east; longitude += step) {
    const [x] = view.project([longitude, north]);
    context.moveTo(x, 0);
    context.lineTo(x, view.height);
  }
  for (let latitude = Math.ceil(south / step) * step; latitude < north; latitude += step) {
    const [, y] = view.project([west, latitude]);
    context.moveTo(0, y);
    context.lineTo(view.width, y);
  }
  context.stroke();
}

/**
 * One path of many lines: a single stroke costs less than hundreds.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {readonly (readonly Point[])[]} lines
 */
export function trace(context, view, lines) {
  context.beginPath();
  for (const line of lines) {
    line.forEach((point, index) => {
      const [x, y] = view.project(point);
      if (index === 0) {
        context.moveTo(x, y);
      } else {
        context.lineTo(x, y);
      }
    });
  }
}

/** @param {string | undefined} name */
function rankOf(name) {
  const rank = STREETS.findIndex(({ names }) => /** @type {readonly string[]} */ (names).includes(name ?? ''));
  return Math.max(0, rank);
}
