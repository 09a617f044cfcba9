/** Routes and markers, painted above the ground. */

import { PATHS } from '../icons.js';
import { MAP_FONT, trace } from './ground.js';

/** @import { View, Point } from './view.js' */
/** @import { Palette } from './palette.js' */
/** @import { Marker } from './markers.js' */

/** @typedef {Palette & { accent: string }} Colours */
/** @typedef {{ marker: Marker, at: Point }} Placed */

/** Big ones lie above small ones. */
const ORDER = ['area', 'depot', 'shop', 'stop', 'home', 'courier', 'van'];
const PICTURES = { van: 'van', courier: 'bike', home: 'home', shop: 'shop', depot: 'depot' };
const RADII = { van: 14, courier: 13, home: 13, shop: 10, depot: 10, stop: 4.5, area: 0 };

/** A shopper's home is told to about 100 m only. */
const AREA_DEGREES = 0.0011;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {readonly (readonly Point[])[]} routes
 * @param {Colours} colours
 */
export function paintRoutes(context, view, routes, colours) {
  context.save();
  context.strokeStyle = colours.accent;
  context.globalAlpha = 0.4;
  context.lineWidth = 3;
  context.lineJoin = 'round';
  context.lineCap = 'round';
  trace(context, view, routes);
  context.stroke();
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {readonly Placed[]} placed
 * @param {Colours} colours
 * @param {string | null} named id of the marker whose label is shown, beside those of vans
 */
export function paintMarkers(context, view, placed, colours, named) {
  const sorted = [...placed].sort((one, other) => ORDER.indexOf(one.marker.kind) - ORDER.indexOf(other.marker.kind));
  for (const { marker, at } of sorted) {
    const [x, y] = view.project(at);
    if (x < -60 || y < -60 || x > view.width + 60 || y > view.height + 60) {
      continue;
    }
    if (marker.kind === 'area') {
      paintArea(context, view, x, y, colours);
    } else if (marker.kind === 'stop') {
      paintDot(context, x, y, toneOf(marker, colours), colours);
    } else {
      paintBadge(context, x, y, marker, colours);
    }
  }
  const target = sorted.find(({ marker }) => marker.id === named);
  if (target?.marker.label) {
    const [x, y] = view.project(target.at);
    paintLabel(context, view, x, y, target.marker, colours);
  }
}

/**
 * The topmost marker under a pixel.
 *
 * @param {View} view
 * @param {readonly Placed[]} placed
 * @param {number} x
 * @param {number} y
 */
export function markerAt(view, placed, x, y) {
  const hit = placed
    .filter(({ marker, at }) => {
      const [markerX, markerY] = view.project(at);
      return Math.hypot(markerX - x, markerY - y) <= RADII[marker.kind] + 5;
    })
    .sort((one, other) => ORDER.indexOf(other.marker.kind) - ORDER.indexOf(one.marker.kind))[0];
  return hit?.marker ?? null;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {number} x
 * @param {number} y
 * @param {Colours} colours
 */
function paintArea(context, view, x, y, colours) {
  const radius = Math.max(18, AREA_DEGREES * view.scale);
  context.save();
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.globalAlpha = 0.14;
  context.fillStyle = colours.accent;
  context.fill();
  context.globalAlpha = 0.5;
  context.strokeStyle = colours.accent;
  context.lineWidth = 1.5;
  context.setLineDash([4, 4]);
  context.stroke();
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {string} colour
 * @param {Colours} colours
 */
function paintDot(context, x, y, colour, colours) {
  context.beginPath();
  context.arc(x, y, RADII.stop, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = colours.surface;
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {Marker} marker
 * @param {Colours} colours
 */
function paintBadge(context, x, y, marker, colours) {
  const radius = RADII[marker.kind];
  const isMover = marker.kind === 'van' || marker.kind === 'courier';
  context.save();
  context.translate(x, y);
  context.shadowColor = 'rgb(0 0 0 / 0.28)';
  context.shadowBlur = 6;
  context.shadowOffsetY = 1.5;
  context.beginPath();
  context.arc(0, 0, radius, 0, 2 * Math.PI);
  context.fillStyle = isMover ? toneOf(marker, colours) : colours.surface;
  context.fill();
  context.shadowColor = 'transparent';
  context.lineWidth = isMover ? 2 : 1.25;
  context.strokeStyle = isMover ? colours.surface : colours.soft;
  context.stroke();
  const size = (radius * 1.3) / 24;
  context.scale(size, size);
  context.translate(-12, -12);
  context.lineWidth = 2;
  context.lineJoin = 'round';
  context.lineCap = 'round';
  context.strokeStyle = isMover ? colours.surface : colours.ink;
  const picture = PICTURES[/** @type {keyof typeof PICTURES} */ (marker.kind)];
  context.stroke(new Path2D(PATHS[/** @type {keyof typeof PATHS} */ (picture)]));
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {number} x
 * @param {number} y
 * @param {Marker} marker
 * @param {Colours} colours
 */
function paintLabel(context, view, x, y, marker, colours) {
  context.save();
  context.font = `600 12px ${MAP_FONT}`;
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  const width = context.measureText(marker.label).width + 16;
  const middle = Math.min(view.width - width / 2 - 4, Math.max(width / 2 + 4, x));
  const above = y - RADII[marker.kind] - 17;
  const top = above < 14 ? y + RADII[marker.kind] + 17 : above;
  context.fillStyle = colours.ink;
  context.beginPath();
  context.roundRect(middle - width / 2, top - 11, width, 22, 6);
  context.fill();
  context.fillStyle = colours.surface;
  context.fillText(marker.label, middle, top + 0.5);
  context.restore();
}

/**
 * @param {Marker} marker
 * @param {Colours} colours
 */
function toneOf({ tone = 'accent' }, colours) {
  return colours[tone];
}
