/** What the operator's map shows. Pure. */

import { decodePolyline } from '../map/polyline.js';
import { nameOf } from './happenings.js';

/** @import { Delivery, LatLng, Route } from '../shapes.js' */
/** @import { Marker } from '../map/markers.js' */
/** @import { Point } from '../map/view.js' */
/** @import { Ledger } from './ledger.js' */

const STAGE_TONES = /** @type {Record<string, Marker['tone']>} */ ({
  ON_THE_WAY: 'accent',
  NEARBY: 'good',
  NEEDS_ATTENTION: 'bad',
});
const IDLE = new Set(['OFF_DUTY', 'ON_BREAK']);

/**
 * @param {Ledger} ledger
 * @param {readonly { kind: string, name: string, key: string, at: Point }[]} places
 * @returns {Marker[]}
 */
export function operatorMarkers(ledger, places) {
  const shops = places.map(({ kind, name, key, at }) => ({
    id: key,
    kind: kind === 'depot' ? /** @type {const} */ ('depot') : /** @type {const} */ ('shop'),
    at,
    label: name,
  }));
  return [...shops, ...ledger.open.flatMap(doorOf), ...ledger.open.flatMap(courierOf), ...ledger.drivers.map(vanOf)];
}

/**
 * @param {Delivery} delivery
 * @returns {Marker[]}
 */
function doorOf(delivery) {
  const { location, address1 } = delivery.destination;
  if (!location) {
    return [];
  }
  const tone = delivery.flags.includes('EXCEPTION_OPEN') ? 'bad' : (STAGE_TONES[delivery.stage] ?? 'soft');
  const label = [nameOf(delivery), address1].filter(Boolean).join(' · ');
  return [{ id: delivery.id, kind: 'stop', at: pointOf(location), label, tone }];
}

/**
 * @param {Delivery} delivery
 * @returns {Marker[]}
 */
function courierOf(delivery) {
  const { activeLeg } = delivery;
  if (!activeLeg?.position || activeLeg.mode === 'OWN_FLEET') {
    return [];
  }
  const label = [activeLeg.courier?.displayName ?? activeLeg.carrier.name, nameOf(delivery)].join(' · ');
  return [{ id: `courier:${delivery.id}`, kind: 'courier', at: pointOf(activeLeg.position.location), label }];
}

/**
 * @param {import('../shapes.js').DriverPosition} driver
 * @returns {Marker}
 */
function vanOf({ driver, position, status }) {
  const tone = status === 'SILENT' ? 'warn' : IDLE.has(status) ? 'soft' : 'accent';
  const label = [driver.vehicle.name, driver.name].filter(Boolean).join(' · ');
  return { id: driver.id, kind: 'van', at: pointOf(position.location), label, tone };
}

/**
 * @param {readonly Route[]} routes
 * @returns {Point[][]}
 */
export function routeLines(routes) {
  return routes.map(({ path, stops }) =>
    path ? decodePolyline(path) : stops.map(({ location }) => pointOf(location)),
  );
}

/**
 * @param {LatLng} place
 * @returns {Point}
 */
function pointOf({ longitude, latitude }) {
  return [longitude, latitude];
}
