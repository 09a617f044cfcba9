/** The parts of the shopper's page, and how they follow what is known of the delivery. */

import { element, fill, icon, keyed, setText } from '../dom.js';
import { codeWords, midSentence, momentWords, spanWords, timeWords, dayWords, windowWords } from '../format.js';
import { hiddenWords, progressOf, STEPS, stopsWords } from './progress.js';

/** @import { Tracking } from '../shapes.js' */
/** @import { Wording } from '../format.js' */
/** @import { Marker } from '../map/markers.js' */

const ON_FOOT_OR_BIKE = new Set(['FOOT', 'BICYCLE', 'CARGO_BIKE', 'MOTORCYCLE']);

export function createParts() {
  const steps = STEPS.map((step) => element('li', {}, element('span', {}, step)));
  const bar = { role: 'progressbar', 'aria-label': 'Progress', 'aria-valuemin': 1, 'aria-valuemax': STEPS.length };
  return {
    reference: element('span', { class: 'small soft' }),
    line: element('span', { class: 'line-state' }),
    headline: element('h2', { 'aria-live': 'polite' }),
    promise: element('p', { class: 'soft' }),
    etaTime: element('strong'),
    etaSpan: element('span', { class: 'small soft' }),
    stops: element('span', { class: 'stops' }),
    steps: element('ol', { class: 'steps', ...bar }, ...steps),
    courier: element('div', { class: 'courier' }),
    map: element('div', { class: 'map' }),
    veil: element('p', { class: 'veil' }),
    timeline: element('ol', { class: 'timeline' }),
    help: element('p', { class: 'small soft' }),
  };
}

/** @typedef {ReturnType<typeof createParts>} Parts */

/**
 * @param {Parts} parts
 * @param {HTMLElement} actions what the shopper can do
 */
export function arrange(parts, actions) {
  return element(
    'article',
    { hidden: true },
    element(
      'header',
      {},
      element('div', { class: 'top' }, parts.reference, parts.line),
      parts.headline,
      parts.promise,
    ),
    element('div', { class: 'eta' }, parts.etaSpan, element('div', {}, parts.etaTime, parts.stops)),
    parts.steps,
    parts.courier,
    actions,
    parts.map,
    parts.timeline,
    parts.help,
  );
}

/**
 * @param {Parts} parts
 * @param {Tracking} tracking
 * @param {Omit<Wording, 'timeZone'>} wording
 */
export function showTracking(parts, tracking, { locale, now }) {
  const wording = { locale, now, timeZone: timeZoneOf(tracking) };
  setText(parts.reference, `${tracking.merchant.name} · ${tracking.reference}`);
  setText(parts.headline, tracking.headline);
  const promise = tracking.promise && windowWords(tracking.promise.window, wording);
  const isOver = tracking.stage === 'DELIVERED' || tracking.stage === 'NOT_DELIVERED';
  setText(parts.promise, promise && !isOver ? `Promised: ${promise}` : '');
  showEta(parts, tracking, wording);
  showSteps(parts.steps, tracking);
  showCourier(parts.courier, tracking);
  parts.veil.hidden = tracking.position !== null;
  setText(parts.veil, tracking.position ? '' : hiddenWords(tracking.positionHidden));
  parts.map.hidden = isOver;
  showTimeline(parts.timeline, tracking, wording);
  showHelp(parts.help, tracking);
}

/** @param {Tracking} tracking */
export function timeZoneOf({ promise, merchant }) {
  return promise?.timeZone ?? merchant.timeZone;
}

/**
 * What the map shows: the goods, and about where they go.
 *
 * @param {Tracking} tracking
 * @returns {Marker[]}
 */
export function markersOf({ position, destination, courier, merchant }) {
  /** @type {Marker[]} */
  const markers = [];
  if (destination) {
    const at = /** @type {[number, number]} */ ([destination.longitude, destination.latitude]);
    markers.push({ id: 'area', kind: 'area', at, label: '' }, { id: 'home', kind: 'home', at, label: 'Your address' });
  }
  if (position) {
    const { longitude, latitude } = position.location;
    const kind = ON_FOOT_OR_BIKE.has(courier?.vehicle ?? '') ? 'courier' : 'van';
    markers.push({ id: 'goods', kind, at: [longitude, latitude], label: courier?.displayName ?? merchant.name });
  }
  return markers;
}

/**
 * @param {Parts} parts
 * @param {Tracking} tracking
 * @param {Wording} wording
 */
function showEta(parts, { eta }, wording) {
  /** @type {HTMLElement} */ (parts.etaSpan.parentElement).hidden = !eta;
  if (!eta) {
    return;
  }
  if (new Date(eta.interval.end) < wording.now) {
    setText(parts.etaTime, 'Later than expected');
    setText(parts.etaSpan, `It was to be here by ${midSentence(momentWords(eta.interval.end, wording))}. A new time is not known yet.`);
    parts.stops.hidden = true;
    return;
  }
  const isToday = dayWords(eta.at, wording) === 'Today';
  const span = spanWords(eta.interval, wording);
  setText(parts.etaTime, isToday ? timeWords(eta.at, wording) : momentWords(eta.at, wording));
  setText(parts.etaSpan, `Expected between ${span}`);
  const stops = stopsWords(eta.stopsBefore);
  parts.stops.hidden = !stops;
  setText(parts.stops, stops);
}

/**
 * @param {HTMLElement} list
 * @param {Tracking} tracking
 */
function showSteps(list, tracking) {
  const { step, trouble } = progressOf(tracking);
  list.dataset.trouble = trouble ?? '';
  list.setAttribute('aria-valuenow', String(step + 1));
  const here = trouble === 'ended' ? 'Stopped here' : STEPS[step];
  list.setAttribute('aria-valuetext', `${here}, step ${step + 1} of ${STEPS.length}`);
  [...list.children].forEach((item, index) => {
    item.className = [index <= step ? 'done' : '', index === step ? 'now' : ''].join(' ').trim();
    setText(item.children[0], index === step ? here : STEPS[index]);
  });
}

/**
 * @param {HTMLElement} box
 * @param {Tracking} tracking
 */
function showCourier(box, { courier, carrierName }) {
  box.hidden = !courier && !carrierName;
  const name = courier?.displayName || carrierName || '';
  const vehicle = courier && courier.vehicle !== 'OTHER' ? codeWords(courier.vehicle) : '';
  const beside = [courier?.displayName ? carrierName : '', vehicle].filter(Boolean).join(' · ');
  if (box.dataset.shows !== `${name}${beside}`) {
    box.dataset.shows = `${name}${beside}`;
    const picture = ON_FOOT_OR_BIKE.has(courier?.vehicle ?? '') ? 'bike' : 'van';
    const words = element('div', {}, element('strong', {}, name), element('span', { class: 'small soft' }, beside));
    fill(box, icon(picture), words);
  }
}

/**
 * @param {HTMLElement} list
 * @param {Tracking} tracking
 * @param {Wording} wording
 */
function showTimeline(list, { timeline }, wording) {
  keyed(list, timeline, {
    key: (row) => row.stage,
    create: () => element('li', {}, element('span'), element('time')),
    update: (item, row) => {
      item.className = row.isDone ? 'done' : '';
      const [text, time] = item.children;
      setText(text, row.text);
      setText(time, row.at ? momentWords(row.at, wording) : '');
      time.setAttribute('datetime', row.at ?? '');
    },
  });
}

/**
 * @param {HTMLElement} box
 * @param {Tracking} tracking
 */
function showHelp(box, { merchant }) {
  if (!merchant.supportUrl) {
    box.hidden = true;
  } else if (!box.firstChild) {
    fill(box, 'Questions? ', element('a', { href: merchant.supportUrl, rel: 'noreferrer' }, `Ask ${merchant.name}`));
  }
}
