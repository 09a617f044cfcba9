/** The page of arrivals: what was said and what was true, by day and by part, and which version answers. */

import { ARRIVALS } from './documents.js';
import { element, fill, find, setText } from './dom.js';
import { fromFragment } from './fragment.js';
import { createClient, endpointsOf } from './graphql.js';

/** The same as the operator's page: one key opens both. */
const KEPT_AS = 'doorstep-secret-key';
const GOAL = 0.9;
const WIDTH = 600;
const HEIGHT = 100;

/** @typedef {{ title: string, arrivals: number, errorSeconds: number, lateSeconds: number, coverage: number }} Figures */
/**
 * @typedef {{ arrivals: number, late: number, brier: number, shareBrier: number, ranked: number | null,
 *   spans: { begins: number, ends: number, arrivals: number, told: number, late: number }[] }} Risk
 */
/**
 * @typedef {{ number: number, trainedAt: string, isCurrent: boolean, hasModel: boolean, arrivals: number,
 *   errorSeconds: number | null, reckonedErrorSeconds: number | null, coverage: number | null,
 *   worstCoverage: number | null, worstPart: string | null, note: string }} Version
 */

const form = /** @type {HTMLFormElement} */ (find(document, '.key-form'));
const board = find(document, '#board');

const given = fromFragment(location.hash, 'key');
if (given) {
  sessionStorage.setItem(KEPT_AS, given);
  // Out of the address bar, before somebody copies it.
  history.replaceState(null, '', location.pathname);
}
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const key = String(new FormData(form).get('key')).trim();
  sessionStorage.setItem(KEPT_AS, key);
  show(key);
});
const kept = sessionStorage.getItem(KEPT_AS);
if (kept) {
  show(kept);
} else {
  form.hidden = false;
}

/** @param {string} key */
async function show(key) {
  const client = createClient({ endpoint: endpointsOf(null, location.href).http, credential: key });
  try {
    const data = await client.send(ARRIVALS, { days: 90 });
    fill(board, ...parts(data.etaAccuracy));
    form.hidden = true;
    board.hidden = false;
  } catch (fault) {
    sessionStorage.removeItem(KEPT_AS);
    board.hidden = true;
    form.hidden = false;
    setText(find(form, '[role="alert"]'), fault instanceof Error ? fault.message : String(fault));
  }
}

/**
 * @param {{ overall: Figures | null, days: Figures[], parts: Figures[], lateRisk: Risk | null,
 *   versions: Version[] }} found
 */
function parts({ overall, days, parts: slices, lateRisk, versions }) {
  if (!overall) {
    return [
      element('h1', {}, 'Arrivals: said and true'),
      element('p', {}, 'Nothing has arrived in the last 90 days of which an arrival time was told.'),
      ...versionsOf(versions),
    ];
  }
  return [
    element('h1', {}, 'Arrivals: said and true'),
    element(
      'p',
      {},
      `In the last 90 days ${overall.arrivals} times an arrival was told and turned out. It was off by ` +
        `${minutes(overall.errorSeconds)} on average, and the interval held ${percent(overall.coverage)} of ` +
        `the time; learned intervals are to hold ${percent(GOAL)}.`,
    ),
    element('h2', {}, 'Off by, day by day'),
    bars(days),
    element('h2', {}, 'Interval held, day by day'),
    line(days),
    element('h2', {}, 'By part'),
    table(
      ['', 'Arrivals', 'Off by', 'Later than said', 'Held'],
      slices.map((each) => [
        each.title,
        String(each.arrivals),
        minutes(each.errorSeconds),
        minutes(each.lateSeconds),
        percent(each.coverage),
      ]),
    ),
    ...(lateRisk ? riskOf(lateRisk) : []),
    ...versionsOf(versions),
  ];
}

/** @param {Risk} risk */
function riskOf(risk) {
  const ranked = risk.ranked === null
    ? ''
    : ` Of a late and a punctual one, the late one was told the higher risk ${percent(risk.ranked)} of the time.`;
  return [
    element('h2', {}, 'Risk of being late'),
    element(
      'p',
      {},
      `${percent(risk.late)} of ${risk.arrivals} arrivals came after their promise.${ranked} The Brier score is ` +
        `${risk.brier.toFixed(3)}; always telling ${percent(risk.late)} would have ${risk.shareBrier.toFixed(3)}, ` +
        'and less is better.',
    ),
    table(
      ['Risk told', 'Arrivals', 'On average', 'Came late'],
      risk.spans.map((span) => [
        `${percent(span.begins)} to ${percent(span.ends)}`,
        String(span.arrivals),
        percent(span.told),
        percent(span.late),
      ]),
    ),
  ];
}

/** @param {Version[]} versions */
function versionsOf(versions) {
  if (!versions.length) {
    return [element('p', { class: 'soft' }, 'Nothing has been learned yet; roads and carriers are told as they are.')];
  }
  return [
    element('h2', {}, 'What answers'),
    table(
      ['Version', 'Learned', 'Arrivals', 'Off by', 'Roads and carriers', 'Held', 'Held least', ''],
      versions.map((each) => [
        `${each.number} ${each.hasModel ? 'model' : 'table'}${each.isCurrent ? ', answers' : ''}`,
        each.trainedAt.slice(0, 10),
        String(each.arrivals),
        each.errorSeconds === null ? '' : minutes(each.errorSeconds),
        each.reckonedErrorSeconds === null ? '' : minutes(each.reckonedErrorSeconds),
        each.coverage === null ? '' : percent(each.coverage),
        each.worstCoverage === null ? '' : `${percent(each.worstCoverage)} ${each.worstPart ?? ''}`,
        each.note,
      ]),
    ),
  ];
}

/** @param {Figures[]} days */
function bars(days) {
  const most = Math.max(...days.map((day) => day.errorSeconds), 60);
  const step = WIDTH / days.length;
  const drawn = days.map((day, place) => {
    const height = (day.errorSeconds / most) * HEIGHT;
    const bar = shape('rect', {
      class: 'bar', x: place * step, y: HEIGHT - height, width: Math.max(1, step - 1), height,
    });
    bar.append(named(`${day.title}: ${minutes(day.errorSeconds)} over ${day.arrivals} arrivals`));
    return bar;
  });
  return chart(`At most ${minutes(most)} on a day.`, drawn);
}

/** @param {Figures[]} days */
function line(days) {
  const step = WIDTH / Math.max(1, days.length - 1);
  const points = days.map((day, place) => `${place * step},${HEIGHT * (1 - day.coverage)}`).join(' ');
  const goal = shape('line', { class: 'goal', x1: 0, x2: WIDTH, y1: HEIGHT * (1 - GOAL), y2: HEIGHT * (1 - GOAL) });
  const worst = Math.min(...days.map((day) => day.coverage));
  return chart(`At least ${percent(worst)} on a day; the dashed line is ${percent(GOAL)}.`, [
    goal,
    shape('polyline', { class: 'line', points }),
  ]);
}

/**
 * @param {string} words
 * @param {SVGElement[]} drawn
 */
function chart(words, drawn) {
  const picture = shape('svg', {
    class: 'chart', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': words,
  });
  picture.append(...drawn);
  return element('figure', {}, picture, element('figcaption', { class: 'soft' }, words));
}

/** @param {string} words */
function named(words) {
  const title = shape('title', {});
  title.textContent = words;
  return title;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 */
function shape(tag, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, String(value));
  }
  return made;
}

/**
 * @param {string[]} heads
 * @param {string[][]} rows
 */
function table(heads, rows) {
  const head = element('tr', {}, ...heads.map((words) => element('th', { scope: 'col' }, words)));
  const cell = (/** @type {string} */ words) => element('td', /^[-\d]|^$/.test(words) ? {} : { class: 'words' }, words);
  const lines = rows.map((row) => element('tr', {}, ...row.map(cell)));
  return element('div', { class: 'scroll' }, element('table', {}, element('thead', {}, head), element('tbody', {}, ...lines)));
}

/** @param {number} seconds */
function minutes(seconds) {
  return `${(seconds / 60).toFixed(1)} min`;
}

/** @param {number} share */
function percent(share) {
  return `${Math.round(share * 100)} %`;
}
