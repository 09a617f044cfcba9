/** Google's encoded polyline format, precision 5, as the API gives the path of a route. */

/** @import { Point } from './view.js' */

/**
 * @param {string} text
 * @returns {Point[]}
 */
export function decodePolyline(text) {
  /** @type {Point[]} */
  const points = [];
  let place = 0;
  let latitude = 0;
  let longitude = 0;
  const next = () => {
    let value = 0;
    let shift = 0;
    let chunk = 0;
    do {
      chunk = text.charCodeAt(place++) - 63;
      value |= (chunk & 31) << shift;
      shift += 5;
    } while (chunk >= 32);
    return value & 1 ? ~(value >> 1) : value >> 1;
  };
  while (place < text.length) {
    latitude += next();
    longitude += next();
    points.push([longitude / 1e5, latitude / 1e5]);
  }
  return points;
}
