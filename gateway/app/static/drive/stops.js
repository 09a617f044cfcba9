/** The tour as a list: the next stop open, the others a touch away. */

import { element, fill, find, keyed, setText } from '../dom.js';
import { codeWords, dayWords, spanWords, timeWords } from '../format.js';
import { addressLines, mapAddress, placeWords, requirementWords } from './places.js';
import { isOver } from './tours.js';

/** @import { Goods, Stop, Tour } from './shapes.js' */
/** @import { Wording } from '../format.js' */

/** @typedef {(stop: Stop, goods: Goods, opener: string) => void} Write opener selects what was pressed */

/** What of a row's inside was painted, so that it is only painted anew where it differs. @type {WeakMap<Element, string>} */
const painted = new WeakMap();

/**
 * @param {HTMLElement} section
 * @param {readonly Tour[]} tours the first is shown, the others are named
 * @param {string | null} opened id of the stop that was opened by itself before
 * @param {Wording} wording
 * @param {Write} write
 * @returns {string | null} id of the stop that is next
 */
export function showTour(section, tours, opened, wording, write) {
  const [tour, ...later] = tours;
  const stops = tour?.stops ?? [];
  const next = stops.find((stop) => !isOver(stop)) ?? null;
  setText(find(section, '#day'), tour ? `${dayWords(tour.startsAt, wording)} ${span(tour, wording)}` : 'No tour yet');
  setText(find(section, '#sum'), tour ? sum(tour) : 'You see your tour here as soon as the desk has told it.');
  const list = find(section, 'ol');
  keyed(list, stops, {
    key: ({ id }) => id,
    create: () => element('li', {}, row()),
    update: (item, stop) => updateRow(item, stop, stop === next, wording, write),
  });
  if (next && next.id !== opened) {
    list.querySelectorAll('details').forEach((each) => {
      each.open = each.parentElement?.dataset.key === next.id;
    });
  }
  const names = later.map((one) => `${dayWords(one.startsAt, wording)} ${span(one, wording)}, ${one.stops.length} stops`);
  const behind = find(section, '#later');
  behind.hidden = names.length === 0;
  setText(behind, names.length ? `After this: ${names.join('; ')}.` : '');
  return next?.id ?? null;
}

/**
 * @param {Tour} tour
 * @param {Wording} wording
 */
function span({ startsAt, endsAt }, wording) {
  return spanWords({ start: startsAt, end: endsAt }, wording);
}

/** @param {Tour} tour */
function sum({ stops, isApproximate }) {
  const done = stops.filter(isOver).length;
  const about = isApproximate ? ' Times are estimates.' : '';
  return `${stops.length} ${stops.length === 1 ? 'stop' : 'stops'}, ${done} done.${about}`;
}

function row() {
  const part = (/** @type {string} */ name) => element('span', { class: name });
  const summary = element('summary', {}, part('number'), part('where'), part('when'), part('window'));
  return element('details', { class: 'stop' }, summary, element('div', { class: 'inside' }));
}

/**
 * @param {HTMLElement} item
 * @param {Stop} stop
 * @param {boolean} isNext
 * @param {Wording} wording
 * @param {Write} write
 */
function updateRow(item, stop, isNext, wording, write) {
  const details = find(item, 'details');
  const { words, isLate } = whenWords(stop, wording);
  const unread = stop.deliveries.reduce((count, { thread }) => count + thread.unreadCount, 0);
  const window = stop.windows.map((each) => spanWords(each, wording)).join(' or ');
  const below = [window && `Between ${window}`, unread > 0 && messageWords(unread)].filter(Boolean).join(' · ');
  const state = isNext ? 'is-next' : stop.status === 'FAILED' ? 'is-failed' : isOver(stop) ? 'is-over' : '';
  details.className = `stop ${state}`;
  if (isNext) {
    item.setAttribute('aria-current', 'step');
  } else {
    item.removeAttribute('aria-current');
  }
  setText(find(item, '.number'), String(stop.sequence));
  setText(find(item, '.where'), placeWords(stop));
  setText(find(item, '.window'), below);
  const when = find(item, '.when');
  setText(when, words);
  when.className = isLate ? 'when is-late' : 'when';
  const told = JSON.stringify(stop);
  const inside = find(item, '.inside');
  if (painted.get(item) !== told) {
    painted.set(item, told);
    const focused = inside.contains(document.activeElement) ? document.activeElement?.getAttribute('data-act') : null;
    fill(inside, ...parts(stop, write));
    /** @type {HTMLElement | null} */ (focused && inside.querySelector(`[data-act="${focused}"]`))?.focus();
  }
}

/** @param {number} count */
function messageWords(count) {
  return count === 1 ? '1 new message' : `${count} new messages`;
}

/**
 * @param {Stop} stop
 * @param {Wording} wording
 */
function whenWords(stop, wording) {
  if (isOver(stop)) {
    const at = stop.departedAt ?? stop.arrivedAt;
    const state = stop.status === 'DONE' ? 'Done' : codeWords(stop.status);
    return { words: at ? `${state} ${timeWords(at, wording)}` : state, isLate: false };
  }
  if (stop.arrivedAt) {
    return { words: `There since ${timeWords(stop.arrivedAt, wording)}`, isLate: false };
  }
  const at = stop.eta?.at ?? stop.plannedArrival;
  const last = stop.windows.at(-1);
  const isLate = last !== undefined && Date.parse(at) >= Date.parse(last.end);
  return { words: `${timeWords(at, wording)}${isLate ? ', late' : ''}`, isLate };
}

/**
 * @param {Stop} stop
 * @param {Write} write
 */
function parts(stop, write) {
  const { address, deliveries, requirements } = stop;
  const map = { href: mapAddress(stop.location, navigator.userAgent), target: '_blank', rel: 'noreferrer', 'data-act': 'map' };
  const hands = deliveries.map(({ reference }) => element('li', {}, isOver(stop) ? reference : `Hand over ${reference}`));
  return [
    address && element('p', {}, ...addressLines(address).flatMap((line, at) => (at ? [element('br'), line] : [line]))),
    address?.instructions && element('p', { class: 'note' }, address.instructions),
    requirements.length > 0 && element('ul', { 'aria-label': 'At the door' }, ...requirements.map((code) => element('li', {}, requirementWords(code)))),
    hands.length > 0 && element('ul', { 'aria-label': 'Goods' }, ...hands),
    element(
      'div',
      { class: 'acts' },
      !isOver(stop) && element('a', map, 'Open the map'),
      address?.phone && !isOver(stop) && element('a', { href: `tel:${address.phone}`, 'data-act': 'call' }, 'Call'),
      ...deliveries.map((goods) => messages(stop, goods, write)),
    ),
  ];
}

/**
 * @param {Stop} stop
 * @param {Goods} goods
 * @param {Write} write
 */
function messages(stop, goods, write) {
  const { unreadCount } = goods.thread;
  const words = unreadCount > 0 ? `Messages (${unreadCount})` : 'Messages';
  const name = `write ${goods.id}`;
  const press = () => write(stop, goods, `[data-act="${name}"]`);
  const about = stop.deliveries.length > 1 ? `${words} · ${goods.reference}` : words;
  return element('button', { type: 'button', 'data-act': name, onclick: press }, about);
}
