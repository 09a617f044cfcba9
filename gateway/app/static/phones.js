/** On the pages of dispatchers: links that open a driver's tours on the driver's phone. */

import { element, fill, find, setText } from './dom.js';
import { createClient, endpointsOf } from './graphql.js';
import { PHONES_DRIVERS, PHONES_END, PHONES_LINK } from './phones/documents.js';
import { qrCode } from './phones/qr.js';
import { sheet } from './theme.js';

/** @typedef {{ id: string, name: string, vehicle: { name: string | null } }} Driver */

/** The key that the page was opened with. */
const KEPT_AS = 'doorstep-secret-key';
const EDGE = 4;
const MOST_PAGES = 10;

const dialog = element(
  'dialog',
  { id: 'phones-dialog', 'aria-labelledby': 'phones-title' },
  element('h2', { id: 'phones-title' }, 'Drivers’ phones'),
  element('div', { id: 'phones-link' }),
  element('p', { class: 'refusal', role: 'alert' }),
  element('ul'),
  element('button', { type: 'button', onclick: () => dialog.close() }, 'Close'),
);
dialog.addEventListener('close', clear);
document.body.append(dialog);
document.adoptedStyleSheets.push(
  sheet(`
    #phones-dialog { width: min(34rem, 100vw); max-height: 90dvh; padding: 1.25rem; color: inherit; border: 1px solid var(--line);
      border-radius: 16px; background: var(--doorstep-surface); }
    #phones-dialog::backdrop { background: rgb(0 0 0 / 45%); }
    #phones-dialog h2 { font-size: 1.25rem; }
    #phones-dialog ul { list-style: none; margin: 0.75rem 0; padding: 0; display: grid; gap: 0.5rem; }
    #phones-dialog li, #phones-dialog .row { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
    #phones-dialog li > span { flex: 1 1 10rem; overflow-wrap: anywhere; }
    #phones-dialog button { min-height: 2.75rem; }
    #phones-dialog input { flex: 1 1 12rem; min-width: 0; padding: 0.55em 0.75em; border: 1px solid var(--line); border-radius: 8px;
      background: var(--paper); }
    #phones-link:not(:empty) { display: grid; gap: 0.6rem; margin-top: 0.75rem; padding: 1rem; border-radius: 12px; background: var(--paper); }
    #phones-link svg { width: 14rem; max-width: 100%; justify-self: center; border-radius: 8px; }
    #phones-dialog .refusal { color: light-dark(#b92c2c, #ff948b); }
    #phones-dialog .refusal:empty { display: none; }
  `),
);
find(document, '#phones').addEventListener('click', open);

async function open() {
  dialog.showModal();
  try {
    const drivers = await everyone();
    fill(find(dialog, 'ul'), ...drivers.map(row));
    refuse(drivers.length ? '' : 'There are no drivers yet. Add one with saveDriver, or “doorstep driver add”.');
  } catch (failure) {
    refuse(/** @type {Error} */ (failure).message);
  }
}

function clear() {
  fill(find(dialog, '#phones-link'));
  fill(find(dialog, 'ul'));
  refuse('');
}

/** @returns {Promise<Driver[]>} */
async function everyone() {
  const found = [];
  for (let after = null, page = 0; page < MOST_PAGES; page += 1) {
    const { drivers } = await ask(PHONES_DRIVERS, { after });
    found.push(...drivers.nodes);
    if (!drivers.pageInfo.hasNextPage) {
      break;
    }
    after = drivers.pageInfo.endCursor;
  }
  return found;
}

/**
 * @param {string} document
 * @param {Record<string, unknown>} variables
 */
function ask(document, variables) {
  const credential = sessionStorage.getItem(KEPT_AS) ?? '';
  return createClient({ endpoint: endpointsOf(null, location.href).http, credential }).send(document, variables);
}

/** @param {Driver} driver */
function row(driver) {
  const name = [driver.name, driver.vehicle.name].filter(Boolean).join(' · ');
  return element(
    'li',
    {},
    element('span', {}, name),
    element('button', { type: 'button', 'aria-label': `Link for ${driver.name}’s phone`, onclick: () => link(driver) }, 'Link for the phone'),
    element('button', { type: 'button', 'aria-label': `Sign ${driver.name} out`, onclick: () => signOut(driver) }, 'Sign out'),
  );
}

/** @param {Driver} driver */
async function link({ id, name }) {
  const made = await act(PHONES_LINK, { driverId: id });
  if (made) {
    const address = new URL(`/drive#token=${made.token}`, location.href).href;
    const until = new Intl.DateTimeFormat('en', { weekday: 'short', hour: 'numeric', minute: '2-digit' }).format(new Date(made.session.expiresAt));
    const field = element('input', { readonly: true, value: address, 'aria-label': 'Link', onfocus: () => field.select() });
    const copy = element('button', { type: 'button', class: 'primary', onclick: () => copied(field, copy) }, 'Copy');
    fill(
      find(dialog, '#phones-link'),
      element('p', {}, `For ${name}, until ${until}. Whoever has this link sees the tours: hand it to ${name} alone. It is shown once.`),
      picture(address),
      element('div', { class: 'row' }, field, copy),
    );
    copy.focus();
  }
}

/** @param {Driver} driver */
async function signOut({ id, name }) {
  const done = await act(PHONES_END, { driverId: id });
  if (done) {
    fill(find(dialog, '#phones-link'), element('p', { role: 'status' }, `${name} is signed out: ${done.ended === 1 ? '1 link' : `${done.ended} links`} ended.`));
  }
}

/**
 * @param {string} document
 * @param {object} input
 * @returns {Promise<any>} null where it was refused, which is said
 */
async function act(document, input) {
  try {
    const [result] = Object.values(await ask(document, { input }));
    refuse(result.message ?? '');
    return result.message ? null : result;
  } catch (failure) {
    refuse(/** @type {Error} */ (failure).message);
    return null;
  }
}

/**
 * @param {HTMLInputElement} field
 * @param {HTMLElement} button
 */
async function copied(field, button) {
  field.select();
  // Only secure pages have a clipboard; what is selected can be copied by hand.
  await navigator.clipboard?.writeText(field.value).then(
    () => setText(button, 'Copied'),
    () => {},
  );
}

/** @param {string} address as a code that a phone's camera reads; null where it is too long */
function picture(address) {
  const code = qrCode(address);
  if (!code) {
    return null;
  }
  const size = code.length + 2 * EDGE;
  const shape = (/** @type {string} */ tag, /** @type {Record<string, string>} */ attributes) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    return made;
  };
  const dark = code.flatMap((line, y) => line.map((isDark, x) => (isDark ? `M${x + EDGE} ${y + EDGE}h1v1h-1z` : ''))).join('');
  const svg = shape('svg', { viewBox: `0 0 ${size} ${size}`, role: 'img', 'aria-label': 'QR code of the link', 'shape-rendering': 'crispEdges' });
  svg.append(shape('rect', { width: String(size), height: String(size), fill: '#ffffff' }), shape('path', { d: dark, fill: '#000000' }));
  return svg;
}

/** @param {string} why */
function refuse(why) {
  setText(find(dialog, '.refusal'), why);
}
