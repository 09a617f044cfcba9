import assert from 'node:assert/strict';
import test from 'node:test';

import { Markers } from '../../gateway/app/static/map/markers.js';
import { decodePolyline } from '../../gateway/app/static/map/polyline.js';
import { boxAround, View } from '../../gateway/app/static/map/view.js';

/** @import { Marker } from '../../gateway/app/static/map/markers.js' */

/** @param {number} longitude @returns {Marker} */
const van = (longitude) => ({ id: 'van', kind: 'van', at: [longitude, 40], label: '' });

test('a marker glides for as long as the pause between its two places was', () => {
  const markers = new Markers();
  markers.set([van(0)], 0);
  markers.set([van(0.01)], 1000);
  // Told 1000 ms apart: half way after 500 ms.
  assert.deepEqual(markers.at(1500)[0].at, [0.005, 40]);
  assert.deepEqual(markers.at(9000)[0].at, [0.01, 40]);
  assert.equal(markers.moving(1500), 1);
  assert.equal(markers.moving(2000), 0);
});

test('a marker that is told the same place again goes on with its glide', () => {
  const markers = new Markers();
  markers.set([van(0)], 0);
  markers.set([van(0.01)], 1000);
  markers.set([van(0.01)], 1500);
  assert.deepEqual(markers.at(1500)[0].at, [0.005, 40]);
});

test('who wants less motion, or has been far away, jumps', () => {
  const calm = new Markers();
  calm.set([van(0)], 0);
  calm.set([van(0.01)], 1000, true);
  assert.equal(calm.isMoving(1000), false);
  const far = new Markers();
  far.set([van(0)], 0);
  far.set([van(1)], 1000);
  assert.deepEqual(far.at(1000)[0].at, [1, 40]);
});

test('what a marker has come is measured from where it was first, so that trembling is no journey', () => {
  const markers = new Markers();
  // 0.01 degrees of longitude at 40° north: 0.01 * 111195 m * cos 40° = 851.8 m.
  [0, 0.01, 0, 0.01, 0].forEach((longitude, second) => markers.set([van(longitude)], second * 1000));
  assert.equal(Math.round(markers.farthest), 852);
});

test('a marker that is no longer named is gone', () => {
  const markers = new Markers();
  markers.set([van(0)], 0);
  markers.set([], 10);
  assert.deepEqual(markers.at(10), []);
});

test('a view framed on a box shows all of it, north up and east right', () => {
  const view = new View();
  Object.assign(view, { width: 400, height: 200 });
  Object.assign(view, view.framing([-71.55, 39.86, -71.45, 39.94], 20));
  const [left, bottom] = view.project([-71.55, 39.86]);
  const [right, top] = view.project([-71.45, 39.94]);
  assert.ok(left >= 20 && right <= 380 && top >= 19.99 && bottom <= 180.01);
  assert.ok(left < right && top < bottom);
  assert.ok(view.fits([-71.55, 39.86, -71.45, 39.94], 19));
});

test('zooming keeps what lies under the pointer where it is', () => {
  const view = new View();
  Object.assign(view, { width: 400, height: 200 });
  Object.assign(view, view.framing([0, 40, 0.1, 40.1], 10));
  const before = view.unproject(50, 60);
  view.zoom(3, 50, 60);
  const after = view.unproject(50, 60);
  assert.ok(Math.hypot(before[0] - after[0], before[1] - after[1]) < 1e-9);
});

test('no points have no box', () => {
  assert.equal(boxAround([]), null);
  assert.deepEqual(boxAround([[1, 2], [-1, 5]]), [-1, 2, 1, 5]);
});

test('the example of the polyline format’s own description is read', () => {
  // developers.google.com/maps/documentation/utilities/polylinealgorithm
  const points = [[-120.2, 38.5], [-120.95, 40.7], [-126.453, 43.252]];
  assert.deepEqual(decodePolyline('_p~iF~ps|U_ulLnnqC_mqNvxq`@'), points);
});
