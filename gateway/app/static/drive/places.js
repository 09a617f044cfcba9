/** Doors in words, and where the phone's own map opens them. Pure. */

import { codeWords } from '../format.js';

/** @import { Door, Stop } from './shapes.js' */

const KINDS = /** @type {Record<string, string>} */ ({ DEPOT: 'Depot', BREAK: 'Break', RELOAD: 'Load again at the depot' });
const REQUIREMENTS = /** @type {Record<string, string>} */ ({
  SIGNATURE: 'Get a signature',
  ADULT_SIGNATURE: 'Get an adult’s signature',
  ID_CHECK: 'Check the ID',
  PIN: 'Ask for the PIN',
  PHOTO: 'Take a photo',
  PHONE_NUMBER: 'Call ahead',
  TWO_PERSON: 'Two people carry it',
  COLD_CHAIN: 'Keep it cold',
  NO_SAFE_PLACE: 'Hand it over in person',
});

/**
 * Whose door it is, or what else is done there.
 *
 * @param {Stop} stop
 */
export function placeWords({ address, kind }) {
  return address?.company || address?.name || address?.address1 || KINDS[kind] || codeWords(kind);
}

/**
 * @param {Door} door
 * @returns {string[]} the lines under the name
 */
export function addressLines({ company, name, address1, address2, postalCode, city }) {
  const lines = [company && name, address1, address2, [postalCode, city].filter(Boolean).join(' ')];
  return lines.filter((line) => typeof line === 'string' && line !== '').map(String);
}

/** @param {string} code */
export function requirementWords(code) {
  return REQUIREMENTS[code] ?? codeWords(code);
}

/**
 * Where a place opens in the phone's own map app.
 *
 * @param {{ latitude: number, longitude: number }} place
 * @param {string} agent `navigator.userAgent`
 */
export function mapAddress({ latitude, longitude }, agent) {
  const [north, east] = [latitude, longitude].map((degrees) => Number(degrees.toFixed(6)));
  const place = `${north},${east}`;
  if (/Android/.test(agent)) {
    return `geo:${place}?q=${place}`;
  }
  return /iPhone|iPad|Macintosh/.test(agent)
    ? `https://maps.apple.com/?daddr=${place}`
    : `https://www.openstreetmap.org/?mlat=${north}&mlon=${east}#map=18/${place.replace(',', '/')}`;
}
