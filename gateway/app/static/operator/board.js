/**
 * `<doorstep-operator>`: every delivery and every exception of a merchant, live.
 *
 * Attributes: gateway (base address; the page's own host without it), map (address of a GeoJSON file), locale.
 * The secret key is a property, so that it stands in no markup. Fires `doorstep-merchant` with the name,
 * `doorstep-painted` after each change, and `doorstep-ended` with a message once the key is not accepted.
 */

import { ServerClock } from '../clock.js';
import { element, setText } from '../dom.js';
import { CityMap, loadGround, mapStyle } from '../map.js';
import { LINE_WORDS, theme } from '../theme.js';
import { createDeliveries, showDeliveries } from './deliveries.js';
import { showExceptions } from './exceptions.js';
import { Feed } from './feed.js';
import { createFigures, showFigures } from './figures.js';
import { Ledger } from './ledger.js';
import { operatorMarkers, routeLines } from './markers.js';
import { operatorStyle } from './style.js';
import { showHappenings } from './timeline.js';

/** Lists are painted this often at most: positions come faster than anybody reads. */
const PAINT_EVERY_MS = 400;

export class OperatorBoard extends HTMLElement {
  /** The time of the server; a page whose server's time runs faster hands in its own. */
  clock = new ServerClock();
  ledger = new Ledger();
  /** @type {Feed | null} */
  feed = null;

  #root = this.attachShadow({ mode: 'open' });
  #figures = createFigures();
  #mapBox = element('div', { class: 'map' });
  #deliveries = createDeliveries();
  #exceptions = element('ul');
  #calm = element('p', { class: 'empty' }, 'Nothing needs a person right now.');
  #idle = element('p', { class: 'empty' }, 'No deliveries are open.');
  #quiet = element('p', { class: 'empty' }, 'Nothing has happened yet.');
  #happenings = element('ul', { class: 'happenings' });
  #line = element('span', { class: 'line-state' });
  #news = element('p', { class: 'visually-hidden', role: 'status' });
  /** @type {CityMap | null} */
  #map = null;
  #beat = 0;
  #paintSoon = 0;
  #key = '';
  #hurry = () => this.feed?.hurry();

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [theme, mapStyle, operatorStyle];
    this.#root.append(
      element(
        'div',
        { class: 'board' },
        this.#figures,
        this.#mapBox,
        panel('exceptions', 'Exceptions', null, this.#calm, this.#exceptions),
        panel('deliveries', 'Deliveries', this.#line, this.#idle, this.#deliveries),
        panel('recent', 'Latest', null, this.#quiet, this.#happenings),
        this.#news,
      ),
    );
  }

  /** @param {string} key */
  set secretKey(key) {
    this.#key = key;
    if (this.isConnected) {
      this.#start();
    }
  }

  connectedCallback() {
    this.#map = new CityMap(this.#mapBox, 'Map of vans, couriers and open deliveries');
    this.#mapBox.append(legend());
    addEventListener('online', this.#hurry);
    this.#start();
  }

  disconnectedCallback() {
    removeEventListener('online', this.#hurry);
    this.#stop();
    this.#map?.close();
    this.#mapBox.replaceChildren();
  }

  #start() {
    this.#stop();
    if (!this.#key) {
      return;
    }
    this.#loadMap();
    this.ledger = new Ledger();
    const gateway = this.getAttribute('gateway');
    const from = { gateway, secretKey: this.#key, ledger: this.ledger, clock: this.clock };
    this.feed = new Feed(from, {
      onChange: () => this.#changed(),
      onMerchant: (detail) => this.dispatchEvent(new CustomEvent('doorstep-merchant', { detail })),
      onLine: (state) => {
        this.#line.dataset.state = state;
        setText(this.#line, LINE_WORDS[state]);
      },
      onEnd: (failure) => {
        const detail = failure?.message ?? 'The gateway ended the connection.';
        this.dispatchEvent(new CustomEvent('doorstep-ended', { detail }));
      },
    });
    this.feed.start();
    this.#beat = setInterval(() => this.#changed(), 1000);
  }

  #stop() {
    clearInterval(this.#beat);
    clearTimeout(this.#paintSoon);
    this.#paintSoon = 0;
    this.feed?.stop();
    this.feed = null;
  }

  async #loadMap() {
    const address = this.getAttribute('map');
    const ground = address && (await loadGround(address));
    if (ground) {
      this.#map?.setGround(ground);
    }
  }

  #changed() {
    this.#paintSoon ||= setTimeout(() => {
      this.#paintSoon = 0;
      this.#paint();
    }, PAINT_EVERY_MS);
  }

  #paint() {
    const { feed, ledger } = this;
    if (!feed) {
      return;
    }
    const lang = /** @type {HTMLElement | null} */ (this.closest('[lang]'))?.lang;
    const locale = this.getAttribute('locale') || lang || navigator.language;
    const now = this.clock.now();
    const { queue, happenings } = ledger;
    const deliveries = [...ledger.open, ...ledger.finished];
    showFigures(this.#figures, ledger.figures(now, feed.timeZone));
    const wording = { locale, now, timeZone: feed.timeZone };
    showDeliveries(this.#deliveries, deliveries, wording);
    this.#calm.hidden = queue.length > 0;
    this.#idle.hidden = deliveries.length > 0;
    this.#deliveries.hidden = deliveries.length === 0;
    this.#quiet.hidden = happenings.length > 0;
    showExceptions(this.#exceptions, queue, this.clock, wording, {
      acknowledge: (exception) => feed.acknowledge(exception),
      resolve: (exception, resolution) => feed.resolve(exception, resolution),
    });
    showHappenings(this.#happenings, happenings, this.clock, wording);
    setText(this.#news, queue.length === 1 ? '1 open exception' : `${queue.length} open exceptions`);
    const markers = operatorMarkers(ledger, this.#map?.places ?? []);
    this.#map?.setMarkers(markers);
    this.#map?.setRoutes(routeLines(ledger.day?.routes.nodes ?? []));
    this.#map?.frame(markers.map(({ at }) => at));
    this.dispatchEvent(new CustomEvent('doorstep-painted'));
  }
}

/**
 * @param {string} name
 * @param {string} title
 * @param {Node | null} beside
 * @param {...Node} children
 */
function panel(name, title, beside, ...children) {
  return element(
    'section',
    { class: name, 'aria-label': title },
    element('h3', {}, title, beside),
    element('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': title }, ...children),
  );
}

function legend() {
  const rows = [['', 'Being prepared'], ['accent', 'On the way'], ['good', 'Nearby'], ['bad', 'Exception']];
  return element('ul', { class: 'legend' }, ...rows.map(([tone, text]) => element('li', { class: tone }, text)));
}
