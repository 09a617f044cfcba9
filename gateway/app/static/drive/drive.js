/** One session of a driver: what is heard, kept, shown and sent while it lasts. */

import { ServerClock } from '../clock.js';
import { find, setText } from '../dom.js';
import { momentWords, timeWords } from '../format.js';
import { Alerts, NEEDS_HELP } from './alerts.js';
import { leftMs } from './kept.js';
import { Outbox } from './outbox.js';
import { placeWords } from './places.js';
import { Sharing } from './sharing.js';
import { isSessionOver, Source } from './source.js';
import { showTour } from './stops.js';
import { Talk } from './talk.js';
import { Tours } from './tours.js';

/** @import { Kept } from './kept.js' */
/** @import { State, TourUpdate } from './shapes.js' */
/** @import { LineState } from '../socket.js' */

const REPAINT_MS = 30_000;
const MOST_NEWS = 20;
const IS_OVER = 'This link has ended. Ask the desk for a new one.';

export class Drive {
  /** @type {State} */
  #state;
  #kept;
  #onOver;
  #tours;
  #clock = new ServerClock();
  #outbox = new Outbox(localStorage);
  /** What was looked at of each thread, as how much was unread. @type {Map<string, number>} */
  #looked = new Map();
  /** @type {LineState} */
  #line = 'connecting';
  /** @type {string | null} */
  #next = null;
  #beat = 0;
  #end = 0;
  /** @type {any} */
  #awake = null;
  #isClosed = false;
  #source;
  #alerts;
  #talk;
  #sharing;

  /**
   * @param {State} state
   * @param {Kept} kept
   * @param {(why: string) => void} onOver
   */
  constructor(state, kept, onOver) {
    this.#state = state;
    this.#kept = kept;
    this.#onOver = onOver;
    this.#tours = new Tours(state.tours);
    this.#source = new Source(state.token, {
      onTour: (update) => this.#hear(update),
      onLine: (line) => this.#heardLine(line),
      onOver: () => this.#onOver(IS_OVER),
    });
    this.#alerts = new Alerts(find(document, '#alerts'), {
      answer: ({ threadId, messageId }, body) =>
        this.#say({ threadId, body, to: 'DESK', needsHelp: body === NEEDS_HELP, idempotencyKey: `${messageId}-${body.replaceAll(' ', '-')}` }),
      noted: () => this.#note([]),
    });
    this.#talk = new Talk(/** @type {HTMLDialogElement} */ (find(document, '#talk')), {
      say: (input) => this.#say(input),
      onOpen: () => this.#look(this.#talk.threadId),
    });
    this.#sharing = new Sharing({
      outbox: this.#outbox,
      geolocation: navigator.geolocation,
      send: (fixes) => this.#source.post(fixes),
      onState: () => this.#paintSharing(),
      onOver: () => this.#onOver(IS_OVER),
    });
  }

  open() {
    this.#alerts.tell(this.#state.news);
    this.#source.watch();
    this.#meet();
    this.#beat = setInterval(() => document.hidden || this.#paint(), REPAINT_MS);
    this.#expire();
    if (this.#state.shares) {
      this.#sharing.start();
      this.#stayAwake();
    }
    this.#paint();
    this.#paintSharing();
  }

  close() {
    this.#isClosed = true;
    clearInterval(this.#beat);
    clearTimeout(this.#end);
    this.#source.stop();
    this.#sharing.stop();
    this.#awake?.release();
    this.#outbox.clear();
    this.#alerts.clear();
    this.#talk.close();
    this.#talk.clear();
    showTour(find(document, '#tour'), [], null, this.#wording(), () => {});
  }

  hurry() {
    this.#source.hurry();
    this.#sharing.hurry();
  }

  /** The phone is looked at again. */
  wake() {
    if ((leftMs(this.#state, Date.now()) ?? 1) <= 0) {
      this.#onOver(IS_OVER);
      return;
    }
    this.hurry();
    this.#paint();
    if (this.#sharing.isOn) {
      this.#stayAwake();
    }
  }

  toggleSharing() {
    const shares = !this.#sharing.isOn;
    if (shares) {
      this.#sharing.start();
      this.#stayAwake();
    } else {
      this.#sharing.stop();
      this.#awake?.release();
    }
    this.#keep({ shares });
  }

  /** Who this is; without a network it stays who it was. */
  async #meet() {
    try {
      const { me, expiresAt } = await this.#source.who();
      if (!this.#isClosed) {
        this.#keep({ me, expiresAt });
        this.#expire();
        this.#paint();
      }
    } catch (failure) {
      if (isSessionOver(failure) && !this.#isClosed) {
        this.#onOver(IS_OVER);
      }
    }
  }

  /** Browsers stop to say where a phone is once its screen is dark. */
  async #stayAwake() {
    try {
      this.#awake = await navigator.wakeLock?.request('screen');
    } catch {
      // Not allowed just now, as on an empty battery.
    }
  }

  #expire() {
    clearTimeout(this.#end);
    const left = leftMs(this.#state, Date.now());
    if (left !== null) {
      this.#end = setTimeout(() => this.#onOver(IS_OVER), Math.max(left, 0));
    }
  }

  /** @param {TourUpdate} update */
  #hear(update) {
    this.#clock.observe(update.sentAt);
    this.#keep({ skewMs: Date.parse(update.sentAt) - Date.now() });
    this.#expire();
    const news = this.#tours.take(update, this.#wording());
    this.#note([...this.#state.news, ...news].slice(-MOST_NEWS), update.sentAt);
    this.#lookAround();
    this.#paint();
  }

  /** @param {LineState} line */
  #heardLine(line) {
    this.#line = line;
    if (line === 'live') {
      this.#sharing.hurry();
      this.#lookAround();
      if (!this.#state.me) {
        this.#meet();
      }
    }
    this.#paint();
  }

  /**
   * @param {string[]} news
   * @param {string | null} [asOf]
   */
  #note(news, asOf = this.#state.asOf) {
    this.#keep({ news, asOf });
    this.#alerts.tell(news);
  }

  /** @param {Partial<State>} part */
  #keep(part) {
    if (!this.#isClosed) {
      this.#state = { ...this.#state, ...part, tours: this.#tours.all };
      this.#kept.write(this.#state);
    }
  }

  /** Read the threads in which others have written, and the one that is open. */
  #lookAround() {
    this.#alerts.keep(this.#tours.goods.map(({ thread }) => thread.id));
    for (const { thread } of this.#tours.goods) {
      const isNew = thread.unreadCount > 0 && this.#looked.get(thread.id) !== thread.unreadCount;
      this.#looked.set(thread.id, thread.unreadCount);
      if (isNew || thread.id === this.#talk.threadId) {
        this.#look(thread.id);
      }
    }
  }

  /** @param {string} threadId */
  async #look(threadId) {
    const thread = await this.#source.thread(threadId).catch(() => null);
    if (this.#isClosed) {
      return;
    }
    if (thread === null) {
      // Looked at again with the next word of the tour.
      this.#looked.delete(threadId);
      return;
    }
    this.#alerts.take(thread, this.#whereOf(threadId));
    this.#talk.show(thread, this.#wording());
    // A question stays unread until it is answered, so that the page finds it again when it is opened anew.
    if (threadId === this.#talk.threadId && thread.unreadCount > 0 && !this.#alerts.isAsked(threadId)) {
      await this.#source.seen(threadId);
      this.#tours.seen(threadId);
      this.#paint();
    }
  }

  /** @param {{ threadId: string, body: string, to: string | null, needsHelp?: boolean, photos?: File[], idempotencyKey: string }} input */
  async #say(input) {
    const wrong = await this.#source.say(input);
    if (wrong === null && !this.#isClosed) {
      await this.#look(input.threadId);
    }
    return wrong;
  }

  /** @param {string} threadId */
  #whereOf(threadId) {
    const stops = this.#tours.all.flatMap(({ stops: all }) => all);
    const stop = stops.find(({ deliveries }) => deliveries.some(({ thread }) => thread.id === threadId));
    return stop ? `stop ${stop.sequence}, ${placeWords(stop)}` : 'your tour';
  }

  #wording() {
    const timeZone = this.#state.me?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    return { locale: navigator.language, timeZone, now: this.#clock.now() };
  }

  #paint() {
    if (this.#isClosed) {
      return;
    }
    const { asOf, me } = this.#state;
    setText(find(document, '#driver'), me?.driver ?? '');
    const line = find(document, '#line');
    const isAway = this.#line === 'waiting' || !navigator.onLine;
    line.hidden = !isAway;
    const since = asOf ? `This is the tour as of ${momentWords(asOf, this.#wording())}.` : 'Your tour comes as soon as there is a connection.';
    setText(line, isAway ? `No connection. ${since}` : '');
    this.#next = showTour(find(document, '#tour'), this.#tours.all, this.#next, this.#wording(), (stop, { reference, thread }, opener) =>
      this.#talk.open(thread.id, `${placeWords(stop)} · ${reference}`, opener),
    );
  }

  #paintSharing() {
    const { state, isOn } = this.#sharing;
    const waiting = this.#outbox.size;
    const words = {
      off: 'Off. The desk and customers do not see you coming.',
      seeking: 'Looking for where you are…',
      on: waiting > 10 ? `On. ${waiting} places wait for a connection.` : `On, as of ${timeWords(new Date(), this.#wording())}. Keep this page open.`,
      blocked: 'This phone does not allow it. Allow location for this page in the browser’s settings.',
      unknown: 'On, but the phone does not know where it is just now.',
    }[state];
    const button = find(document, '#share button');
    button.setAttribute('aria-pressed', String(isOn));
    setText(button, isOn ? 'Stop sharing my place' : 'Share my place');
    setText(find(document, '#share p'), words);
  }
}
