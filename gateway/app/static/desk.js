/** The desk: the queue of what needs a person, live, and what a person does about it. */

import { ServerClock } from './clock.js';
import { Panel } from './desk/panel.js';
import { EVERYTHING, filterOf, Queue } from './desk/queue.js';
import { hasKeys, showFilters } from './desk/filters.js';
import { showRows } from './desk/rows.js';
import { Source } from './desk/source.js';
import {
  ACKNOWLEDGE, APPLY_REMEDY, ASSIGN, CLAIM, COMMENT, ESCALATE, REOPEN, RESOLVE, SEND_MESSAGE, UNDO_STEP,
} from './documents.js';
import { find, setText } from './dom.js';
import { fromFragment, keepMap } from './fragment.js';
import { idempotencyKey } from './graphql.js';

/** @import { Person } from './shapes.js' */

/** The same as the operator's page: one key opens both. */
const KEPT_AS = 'doorstep-secret-key';
const KEYS = /** @type {Record<string, string>} */ ({
  c: 'claim', a: 'acknowledge', m: 'comment', h: 'hand over', e: 'escalate', r: 'resolve',
});
const LOOK_AGAIN_MS = 30_000;
const LINES = { connecting: 'Connecting…', live: '', waiting: 'Not connected; trying again…', ended: 'Ended' };

const form = /** @type {HTMLFormElement} */ (find(document, '.key-form'));
const board = find(document, '#board');
const filters = /** @type {HTMLFormElement} */ (find(document, '#filters'));
const list = find(document, '#list ol');
const more = /** @type {HTMLButtonElement} */ (find(document, '#more'));

class Desk {
  #queue = new Queue();
  #clock = new ServerClock();
  #panel = new Panel(find(document, '#panel'));
  #source;
  /** @type {Person | null} */
  #me = null;
  /** @type {Person[]} */
  #people = [];
  #timeZone = 'UTC';
  #choice = EVERYTHING;
  /** How many there were when the queue was read. */
  #total = '';
  /** @type {string | null} */
  #wanted = null;
  /** The same words keep their key until they are sent: a repeat is one message. */
  #draft = { words: '', key: '' };
  #beat = 0;
  #look = 0;

  /** @param {string} key */
  constructor(key) {
    this.#source = new Source(key, {
      onChange: (update) => this.#hear(update),
      onBegin: (exceptions, total, hasMore) => {
        this.#queue.begin(exceptions);
        this.#total = total;
        more.hidden = !hasMore;
        this.#paint();
      },
      onLine: (state) => {
        const line = find(document, '#line');
        setText(line, LINES[state]);
        line.hidden = !LINES[state];
      },
      onEnd: (failure) => forget(failure?.message ?? 'The gateway has ended the connection.'),
    });
  }

  async open() {
    const { merchant, me, people } = await this.#source.who();
    this.#me = me;
    this.#people = people;
    this.#timeZone = merchant.timeZone;
    setText(find(document, '#merchant'), merchant.name);
    setText(find(document, '#person'), me ? me.name : 'A key of nobody: it can claim nothing');
    showFilters(filters, people, me, (choice) => {
      this.#choice = choice;
      this.#watch();
    });
    this.#watch();
    this.#beat = setInterval(() => document.hidden || this.#paint(), 1000);
    // What becomes due by the clock alone is told by nobody.
    this.#look = setInterval(() => this.#choice.within && this.#watch(), LOOK_AGAIN_MS);
  }

  close() {
    clearInterval(this.#beat);
    clearInterval(this.#look);
    this.#source.stop();
    this.#show(null);
    this.#queue.begin([]);
    this.#paint();
  }

  hurry() {
    this.#source.hurry();
  }

  #watch() {
    this.#source.watch(filterOf(this.#choice, this.#me?.id ?? null));
  }

  async more() {
    const { exceptions, hasMore } = await this.#source.more();
    this.#queue.add(exceptions);
    more.hidden = !hasMore;
    this.#paint();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const isTyping = /** @type {Element} */ (event.target).matches?.('input, textarea, select');
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !hasKeys(filters)) {
      return;
    }
    if (event.key === 'j' || event.key === 'k') {
      const next = this.#queue.beside(this.#wanted, event.key === 'j' ? 1 : -1);
      if (next) {
        this.openOne(next);
        /** @type {HTMLElement | null} */ (list.querySelector(`[data-key="${next}"] button`))?.focus();
      }
    } else if (event.key === 'Escape') {
      this.#back();
    } else if (KEYS[event.key] && this.#wanted) {
      event.preventDefault();
      this.#panel.press(KEYS[event.key]);
    }
  }

  /** @param {string} id */
  async openOne(id) {
    this.#wanted = id;
    this.#paint();
    const detail = await this.#source.detail(id).catch(() => null);
    if (this.#wanted === id) {
      const isOpening = this.#panel.id !== id;
      this.#show(detail);
      // On a phone the list makes room for it.
      if (isOpening && !list.checkVisibility()) {
        this.#panel.focus();
      }
    }
  }

  /** @param {import('./shapes.js').DeskDetail | null} detail */
  #show(detail) {
    if (detail === null) {
      this.#wanted = null;
    }
    board.classList.toggle('has-panel', detail !== null);
    this.#panel.show(detail, {
      people: this.#people, me: this.#me, timeZone: this.#timeZone, clock: this.#clock, acts: this.#acts(),
    });
  }

  #back() {
    const id = this.#wanted;
    this.#show(null);
    this.#paint();
    /** @type {HTMLElement | null} */ (list.querySelector(`[data-key="${id}"] button`))?.focus();
  }

  /** @param {import('./shapes.js').LiveUpdate & { exception: any, leftFilter: boolean }} update */
  #hear(update) {
    this.#clock.observe(update.sentAt);
    const isNew = this.#queue.take(update);
    if (isNew && update.kind === 'CHANGE') {
      setText(find(document, '#news'), `New: ${update.exception.title}`);
    }
    if (update.exception && update.exception.id === this.#wanted) {
      this.openOne(update.exception.id);
    }
    this.#paint();
  }

  #paint() {
    const all = this.#queue.all;
    showRows(list, all, this.#wanted, this.#clock, (id) => this.openOne(id));
    find(document, '#empty').hidden = all.length > 0;
    // Where more can be shown the gateway has counted; else they are all here.
    const count = more.hidden ? String(all.length) : `${all.length} of ${this.#total}`;
    setText(find(document, '#count'), `${count} ${count === '1' ? 'exception' : 'exceptions'}`);
    this.#panel.tick(this.#clock);
  }

  /** @returns {import('./desk/panel.js').Acts} */
  #acts() {
    const about = (/** @type {object} */ more = {}) => ({ exceptionId: this.#panel.id, ...more });
    const seen = (/** @type {object} */ more) => about({ expectedVersion: this.#panel.version, ...more });
    const act = async (/** @type {string} */ document, /** @type {object} */ input) => {
      const wrong = await this.#source.act(document, input);
      // What another did meanwhile is to be seen at once, not only that it was done.
      if (wrong !== null && this.#wanted) {
        this.openOne(this.#wanted);
      }
      return wrong;
    };
    return {
      claim: (note) => act(CLAIM, about({ note })),
      acknowledge: (note) => act(ACKNOWLEDGE, about({ note })),
      comment: (text) => act(COMMENT, about({ text })),
      assign: (personId, note) => act(ASSIGN, seen({ personId: personId || null, note })),
      escalate: (note) => act(ESCALATE, seen({ note })),
      resolve: (resolution, note) => act(RESOLVE, seen({ resolution, note })),
      reopen: (note) => act(REOPEN, seen({ note })),
      apply: ({ id, cost }) =>
        act(APPLY_REMEDY, about({ idempotencyKey: idempotencyKey(), remedyId: id, maxCost: cost })),
      undo: ({ id }) => act(UNDO_STEP, { stepId: id }),
      write: async (threadId, to, body) => {
        if (!body) {
          return 'Write what they are to read into the note first.';
        }
        const words = [threadId, to, body].join(' ');
        this.#draft = this.#draft.words === words ? this.#draft : { words, key: idempotencyKey() };
        const wrong = await act(SEND_MESSAGE, { idempotencyKey: this.#draft.key, threadId, to, body });
        this.#draft = wrong === null ? { words: '', key: '' } : this.#draft;
        if (wrong === null && this.#wanted) {
          this.openOne(this.#wanted);
        }
        return wrong;
      },
      back: () => this.#back(),
    };
  }
}

/** @type {Desk | null} */
let desk = null;

const given = fromFragment(location.hash, 'key');
keepMap(location.hash);
if (given) {
  sessionStorage.setItem(KEPT_AS, given);
  // Out of the address bar, before somebody copies it.
  history.replaceState(null, '', location.pathname);
}
form.addEventListener('submit', (event) => {
  event.preventDefault();
  open(String(new FormData(form).get('key')).trim());
});
find(document, '#leave').addEventListener('click', () => forget(''));
more.addEventListener('click', () => desk?.more());
document.addEventListener('keydown', (event) => desk?.press(event));
addEventListener('online', () => desk?.hurry());
const kept = sessionStorage.getItem(KEPT_AS);
if (kept) {
  open(kept);
} else {
  form.hidden = false;
}

/** @param {string} key */
async function open(key) {
  sessionStorage.setItem(KEPT_AS, key);
  const opened = new Desk(key);
  desk = opened;
  try {
    await opened.open();
  } catch (fault) {
    forget(fault instanceof Error ? fault.message : String(fault));
    return;
  }
  form.hidden = true;
  board.hidden = false;
  document.querySelectorAll('#merchant, header .end').forEach((part) => part.toggleAttribute('hidden', false));
}

/** @param {string} why shown to the person; empty where they asked for it */
function forget(why) {
  sessionStorage.removeItem(KEPT_AS);
  desk?.close();
  desk = null;
  form.reset();
  board.hidden = true;
  form.hidden = false;
  document.querySelectorAll('#merchant, #line, header .end').forEach((part) => part.toggleAttribute('hidden', true));
  setText(find(form, '[role="alert"]'), why);
}
