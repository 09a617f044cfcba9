/** What is handed to a page after the # of its address: it is sent to no server and stands in no log. */

const MAP_KEPT_AS = 'doorstep-map';

/**
 * @param {string} hash with its #
 * @param {string} name
 */
export function fromFragment(hash, name) {
  return new URLSearchParams(hash.slice(1)).get(name);
}

/**
 * An address on the host of the page; null where it leads elsewhere, since anybody can make a link.
 *
 * @param {string} hash with its #
 * @param {string} name
 */
export function ownAddress(hash, name) {
  const address = fromFragment(hash, name);
  return address && /^\/[\w-]/.test(address) ? address : null;
}

/**
 * The map that a link has handed to this tab, for whichever of the operator's pages shows one.
 *
 * @param {string} hash with its #
 */
export function keepMap(hash) {
  const map = ownAddress(hash, 'map') ?? sessionStorage.getItem(MAP_KEPT_AS);
  if (map) {
    sessionStorage.setItem(MAP_KEPT_AS, map);
  }
  return map;
}
