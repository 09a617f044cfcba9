/**
 * `<doorstep-tracking>`: the shopper's view of one delivery, live, with what the shopper may do about it.
 *
 * Attributes: gateway (base address; the page's own host without it), token, map (address of a GeoJSON file),
 * position-every (seconds between two looks at the position while it is shown), locale.
 */

import { ServerClock } from '../clock.js';
import { TRACKING_POSITION, TRACKING_UPDATED } from './documents.js';
import { element, fill, setText } from '../dom.js';
import { createClient, endpointsOf } from '../graphql.js';
import { CityMap, loadGround, mapStyle } from '../map.js';
import { LiveLine } from '../socket.js';
import { LINE_WORDS, theme } from '../theme.js';
import { ShopperActions } from './actions.js';
import { trackingStyle } from './tracking-style.js';
import { arrange, createParts, markersOf, showTracking, timeZoneOf } from './tracking-view.js';

/** @import { Tracking } from '../shapes.js' */
/** @import { RequestFailed } from '../graphql.js' */
/** @import { LineState } from '../socket.js' */

const POSITION_EVERY_S = 5;

export class DeliveryTracking extends HTMLElement {
  static observedAttributes = ['gateway', 'token', 'map'];

  /** The time of the server; a page whose server's time runs faster hands in its own. */
  clock = new ServerClock();

  #root = this.attachShadow({ mode: 'open' });
  #parts = createParts();
  #actions = new ShopperActions();
  #page = arrange(this.#parts, this.#actions.box);
  #notice = element('div', { class: 'notice', hidden: true });
  #bone = element('div', { class: 'bone' });
  /** @type {CityMap | null} */
  #map = null;
  /** @type {LiveLine | null} */
  #live = null;
  /** @type {Tracking | null} */
  #tracking = null;
  #beat = 0;
  #hurry = () => this.#live?.hurry();

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [theme, mapStyle, trackingStyle];
    this.#root.append(this.#bone, this.#notice, this.#page);
  }

  connectedCallback() {
    this.#map = new CityMap(this.#parts.map, 'Map of the delivery');
    this.#parts.map.append(this.#parts.veil);
    addEventListener('online', this.#hurry);
    this.#start();
  }

  disconnectedCallback() {
    removeEventListener('online', this.#hurry);
    this.#stop();
    this.#actions.end();
    this.#map?.close();
    this.#parts.map.replaceChildren();
  }

  attributeChangedCallback() {
    if (this.isConnected) {
      this.#start();
    }
  }

  #start() {
    this.#stop();
    this.#actions.end();
    const token = this.getAttribute('token');
    this.#tracking = null;
    this.#page.hidden = true;
    this.#notice.hidden = true;
    this.#bone.hidden = !token;
    if (!token) {
      return;
    }
    this.#loadMap();
    const { http, socket } = endpointsOf(this.getAttribute('gateway'), document.baseURI);
    const client = createClient({ endpoint: http, credential: token });
    this.#actions.begin(client, (tracking) => this.#take(tracking), () => this.#ground());
    this.#live = new LiveLine({ endpoint: socket, credential: token, onState: (state) => this.#showLine(state) });
    this.#live.subscribe({
      document: TRACKING_UPDATED,
      onUpdate: (update) => {
        this.clock.observe(update.sentAt);
        if (update.tracking) {
          this.#take(update.tracking);
        }
      },
      onEnd: (failure) => this.#over(failure),
    });
    const every = Number(this.getAttribute('position-every')) || POSITION_EVERY_S;
    this.#beat = setInterval(() => this.#look(client), every * 1000);
  }

  #stop() {
    clearInterval(this.#beat);
    this.#live?.close();
    this.#live = null;
  }

  async #ground() {
    const address = this.getAttribute('map');
    return address ? loadGround(address) : null;
  }

  async #loadMap() {
    const ground = await this.#ground();
    if (ground) {
      this.#map?.setGround(ground);
    }
  }

  /** @param {Tracking} tracking */
  #take(tracking) {
    this.#tracking = tracking;
    this.#bone.hidden = true;
    this.#notice.hidden = true;
    this.#page.hidden = false;
    Object.assign(this.dataset, { stage: tracking.stage, reference: tracking.reference });
    this.#actions.show(tracking, this.#show(tracking));
    const markers = markersOf(tracking);
    this.#map?.setMarkers(markers);
    this.#map?.frame(markers.map(({ at }) => at));
  }

  /** @param {Tracking} tracking */
  #show(tracking) {
    const lang = /** @type {HTMLElement | null} */ (this.closest('[lang]'))?.lang;
    const wording = { locale: this.getAttribute('locale') || lang || navigator.language, now: this.clock.now() };
    showTracking(this.#parts, tracking, wording);
    return { ...wording, timeZone: timeZoneOf(tracking) };
  }

  /**
   * A van's every fix is no news about the delivery, so it is looked at; only while there is something to see.
   *
   * @param {ReturnType<typeof createClient>} client
   */
  async #look(client) {
    const seen = this.#tracking;
    if (!seen || document.hidden) {
      return;
    }
    if (!seen.position) {
      // A time that was expected passes without anybody saying so.
      this.#show(seen);
      return;
    }
    const answer = await client.send(TRACKING_POSITION).catch(() => null);
    if (answer?.tracking.__typename === 'Tracking' && this.#tracking === seen) {
      const { position, positionHidden } = answer.tracking;
      this.#take({ ...seen, position, positionHidden });
    }
  }

  /** @param {LineState} state */
  #showLine(state) {
    this.#parts.line.dataset.state = state;
    this.dataset.line = state;
    setText(this.#parts.line, LINE_WORDS[state]);
  }

  /**
   * A token ends with its delivery: what was shown last stays.
   *
   * @param {RequestFailed | null} failure
   */
  #over(failure) {
    clearInterval(this.#beat);
    this.#showLine('ended');
    this.#actions.end();
    if (this.#tracking) {
      return;
    }
    this.#bone.hidden = true;
    this.#notice.hidden = false;
    fill(
      this.#notice,
      element('strong', { role: 'alert' }, 'This tracking link does not work any more.'),
      element('span', { class: 'soft' }, 'It may have ended with its delivery. The shop can send you a new one.'),
      failure && element('span', { class: 'small soft' }, failure.message),
    );
  }
}
