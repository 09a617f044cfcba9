/** One exception with all that is known about it, and what a person can do. */

import { element, fill, setText } from '../dom.js';
import { agoWords, codeWords, localTimes, midSentence, momentWords, priceWords } from '../format.js';
import { countdown, standing } from './rows.js';
import { threadOf } from './thread.js';

/** @import { ServerClock } from '../clock.js' */
/** @import { DeskDetail, DeskEntry, DeskStep, Person, Remedy } from '../shapes.js' */

/** Who is no person, no playbook and no carrier is the gateway itself. */
const BY_WORDS = /** @type {Record<string, string>} */ ({ OTHER: 'Doorstep' });
const RESOLUTIONS = ['FIXED', 'FALSE_ALARM', 'ACCEPTED_LOSS', 'REFUNDED', 'DUPLICATE', 'OTHER'];

/**
 * Each answers with what went wrong, or null.
 *
 * @typedef {object} Acts
 * @property {(note: string) => Promise<string | null>} claim
 * @property {(note: string) => Promise<string | null>} acknowledge
 * @property {(text: string) => Promise<string | null>} comment
 * @property {(personId: string, note: string) => Promise<string | null>} assign an empty id puts it back
 * @property {(note: string) => Promise<string | null>} escalate
 * @property {(resolution: string, note: string) => Promise<string | null>} resolve
 * @property {(note: string) => Promise<string | null>} reopen
 * @property {(remedy: Remedy) => Promise<string | null>} apply
 * @property {(step: DeskStep) => Promise<string | null>} undo
 * @property {(threadId: string, to: string | null, body: string) => Promise<string | null>} write
 * @property {() => void} back
 */

/**
 * @typedef {object} Around
 * @property {readonly Person[]} people
 * @property {Person | null} me
 * @property {string} timeZone
 * @property {ServerClock} clock
 * @property {Acts} acts
 */

export class Panel {
  #root;
  /** @type {DeskDetail | null} */
  #shown = null;
  /** @type {HTMLElement | null} */
  #left = null;
  /** Why the last act did not happen; stays while the same exception is shown anew. */
  #wrong = '';

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /** Id of what is shown. */
  get id() {
    return this.#shown?.id ?? null;
  }

  /** The version of it that a person sees. */
  get version() {
    return this.#shown?.version ?? null;
  }

  /**
   * Show an exception; what somebody is writing about the same one stays.
   *
   * @param {DeskDetail | null} exception
   * @param {Around} around
   */
  show(exception, around) {
    const draft = exception?.id === this.id ? this.#note()?.value ?? '' : '';
    const focused = exception?.id === this.id ? focusedIn(this.#root) : null;
    this.#wrong = exception?.id === this.id ? this.#wrong : '';
    this.#shown = exception;
    this.#root.hidden = exception === null;
    if (exception === null) {
      fill(this.#root);
      return;
    }
    this.#left = element('dd', {});
    fill(this.#root, ...this.#parts(exception, around));
    const note = this.#note();
    if (note) {
      note.value = draft;
    }
    /** @type {HTMLElement | null} */ (focused && this.#root.querySelector(focused))?.focus();
    this.tick(around.clock);
  }

  /** @param {ServerClock} clock count down */
  tick(clock) {
    if (this.#shown && this.#left) {
      const { words, isBroken } = countdown(this.#shown, clock);
      setText(this.#left, words);
      this.#left.className = isBroken ? 'is-broken' : '';
    }
  }

  focus() {
    this.#root.focus();
  }

  /** @param {string} name press or focus what a key stands for */
  press(name) {
    const target = /** @type {HTMLElement | null} */ (this.#root.querySelector(`[data-act="${name}"]`));
    if (target instanceof HTMLButtonElement) {
      target.click();
    } else {
      target?.focus();
    }
  }

  /** @param {string | null} wrong why the act did not happen; null where it did, and its words are used up */
  #answer(wrong) {
    this.#wrong = wrong ?? '';
    const [refusal, note] = [this.#root.querySelector('.refusal'), this.#note()];
    if (refusal) {
      setText(refusal, this.#wrong);
    }
    if (note && wrong === null) {
      note.value = '';
    }
  }

  /** @returns {HTMLTextAreaElement | null} */
  #note() {
    return this.#root.querySelector('textarea');
  }

  /**
   * @param {DeskDetail} exception
   * @param {Around} around
   */
  #parts(exception, around) {
    const { id } = exception;
    const run = async (/** @type {() => Promise<string | null>} */ act) => {
      const controls = [...this.#root.querySelectorAll('button, select')];
      controls.forEach((each) => each.toggleAttribute('disabled', true));
      const wrong = await act();
      controls.forEach((each) => each.toggleAttribute('disabled', false));
      if (this.id === id) {
        this.#answer(wrong);
      }
    };
    const note = () => this.#note()?.value.trim() ?? '';
    return [
      element('button', { type: 'button', class: 'back', onclick: around.acts.back }, 'Back to the queue'),
      element('h2', {}, exception.title),
      facts(exception, around, /** @type {HTMLElement} */ (this.#left)),
      element('p', {}, localTimes(exception.evidence, exception.raisedAt, wordingOf(around))),
      exception.status === 'RESOLVED' ? overActs(around, run, note) : liveActs(exception, around, run, note),
      element('p', { class: 'refusal', role: 'alert' }, this.#wrong),
      ...remedies(exception, around, run),
      ...steps(exception, around, run),
      ...threadOf(exception.delivery, wordingOf(around), (to) =>
        run(() => around.acts.write(exception.delivery?.thread.id ?? '', to, note())),
      ),
      element('h3', {}, 'History'),
      element('ol', { class: 'history' }, ...exception.history.nodes.toReversed().map((line) => entry(line, around))),
    ];
  }
}

/**
 * @param {DeskDetail} exception
 * @param {Around} around
 * @param {HTMLElement} left
 */
function facts(exception, { clock }, left) {
  const rows = /** @type {[string, string | HTMLElement | null][]} */ ([
    ['Time', left],
    ['Severity', codeWords(exception.severity) + (exception.escalations ? `, escalated ${exception.escalations} ×` : '')],
    ['Kind', codeWords(exception.kind)],
    ['Who', standing(exception, clock)],
    ['Waits for', exception.waitingFor],
    ['Nobody answered', exception.missedResponses.map(codeWords).join(', ') || null],
    ['Delivery', exception.delivery?.reference ?? null],
    ['Raised', agoWords(-clock.secondsUntil(exception.raisedAt))],
  ]);
  const told = rows.filter(([, value]) => value !== null);
  return element(
    'dl',
    {},
    ...told.flatMap(([name, value]) => [
      element('dt', {}, name),
      value instanceof HTMLElement ? value : element('dd', {}, value),
    ]),
  );
}

/**
 * @param {DeskDetail} exception
 * @param {Around} around
 * @param {(act: () => Promise<string | null>) => void} run
 * @param {() => string} note
 */
function liveActs(exception, { people, me, acts }, run, note) {
  const isMine = me !== null && exception.assignee?.id === me.id;
  const canClaim = me !== null && exception.assignee === null;
  return element(
    'div',
    { class: 'acts' },
    noteField('Note'),
    canClaim && button('Claim', 'claim', () => run(() => acts.claim(note())), 'primary'),
    exception.status !== 'ACKNOWLEDGED' && button('Acknowledge', 'acknowledge', () => run(() => acts.acknowledge(note()))),
    button('Comment', 'say', () => run(() => acts.comment(note()))),
    choice('Hand over to…', 'hand over', handOvers(people, exception, isMine), (to) =>
      run(() => acts.assign(to === 'NOBODY' ? '' : to, note())),
    ),
    button('Escalate', 'escalate', () => run(() => acts.escalate(note()))),
    choice('Resolve as…', 'resolve', RESOLUTIONS.map((code) => [code, codeWords(code)]), (as) =>
      run(() => acts.resolve(as, note())),
    ),
  );
}

/**
 * @param {readonly Person[]} people
 * @param {DeskDetail} exception
 * @param {boolean} isMine
 * @returns {[string, string][]}
 */
function handOvers(people, { assignee }, isMine) {
  const others = people.filter(({ id }) => id !== assignee?.id).map(({ id, name }) => /** @type {[string, string]} */ ([id, name]));
  return assignee ? [['NOBODY', isMine ? 'Back to the queue' : 'Nobody'], ...others] : others;
}

/**
 * @param {Around} around
 * @param {(act: () => Promise<string | null>) => void} run
 * @param {() => string} note
 */
function overActs({ acts }, run, note) {
  return element(
    'div',
    { class: 'acts' },
    noteField('Note'),
    button('Open again', 'reopen', () => run(() => acts.reopen(note()))),
    button('Comment', 'say', () => run(() => acts.comment(note()))),
  );
}

/** @param {string} label */
function noteField(label) {
  const placeholder = 'Note or comment; about shoppers no more than has to be said';
  return element('textarea', { 'data-act': 'comment', maxlength: 2000, 'aria-label': label, placeholder });
}

/**
 * @param {DeskDetail} exception
 * @param {Around} around
 * @param {(act: () => Promise<string | null>) => void} run
 */
function remedies({ remedies: found, status }, around, run) {
  const { acts } = around;
  const wording = wordingOf(around);
  if (!found?.length || status === 'RESOLVED') {
    return [];
  }
  const items = found.map((remedy) => {
    const cost = remedy.cost ? ` · ${priceWords(remedy.cost, 'en')}` : '';
    const eta = remedy.newEta ? ` Then expected ${midSentence(momentWords(remedy.newEta, wording))}.` : '';
    const effect = localTimes(remedy.effect, wording.now.toISOString(), wording);
    const press = element('button', { type: 'button', onclick: () => run(() => acts.apply(remedy)) }, `${remedy.label}${cost}`);
    return element('li', {}, element('span', { class: 'act' }, press), element('span', { class: 'soft' }, `${effect}${eta}`));
  });
  return [element('h3', {}, 'What can be done'), element('ol', { class: 'remedies' }, ...items)];
}

/**
 * @param {DeskDetail} exception
 * @param {Around} around
 * @param {(act: () => Promise<string | null>) => void} run
 */
function steps({ steps: taken }, around, run) {
  const { acts, clock } = around;
  if (!taken.length) {
    return [];
  }
  const items = taken.map((step) => {
    const cost = step.cost ? ` · ${priceWords(step.cost, 'en')}` : '';
    const head = `${codeWords(step.action)} · ${codeWords(step.status)}${cost} · ${agoWords(-clock.secondsUntil(step.at))}`;
    return element(
      'li',
      {},
      element('span', { class: 'soft' }, head),
      element('span', {}, localTimes(step.reason, step.at, wordingOf(around))),
      step.canUndo && element('span', { class: 'act' }, button('Undo', 'undo', () => run(() => acts.undo(step)))),
    );
  });
  return [element('h3', {}, 'What was done'), element('ol', { class: 'steps' }, ...items)];
}

/**
 * @param {DeskEntry} line
 * @param {Around} around
 */
function entry({ at, by, text, person, to, keyName }, around) {
  const wording = wordingOf(around);
  const who = person?.name ?? (keyName ? `Key “${keyName}”` : (BY_WORDS[by] ?? codeWords(by)));
  const whom = to && to.id !== person?.id ? ` to ${to.name}` : '';
  const when = momentWords(at, wording);
  return element('li', {}, element('span', { class: 'soft' }, `${when} · ${who}${whom}`), element('span', {}, localTimes(text, at, wording)));
}

/**
 * @param {Around} around
 * @returns {import('../format.js').Wording}
 */
function wordingOf({ clock, timeZone }) {
  return { locale: 'en', timeZone, now: clock.now() };
}

/**
 * @param {string} words
 * @param {string} name
 * @param {() => void} press
 * @param {string} [look]
 */
function button(words, name, press, look) {
  return element('button', { type: 'button', class: look, 'data-act': name, onclick: press }, words);
}

/**
 * @param {string} words
 * @param {string} name
 * @param {readonly (readonly [string, string])[]} choices
 * @param {(chosen: string) => void} onChoice
 */
function choice(words, name, choices, onChoice) {
  const options = choices.map(([value, label]) => element('option', { value }, label));
  const made = element('select', { 'data-act': name, 'aria-label': words }, element('option', { value: '' }, words), ...options);
  made.onchange = () => {
    const { value } = made;
    made.value = '';
    if (value) {
      onChoice(value);
    }
  };
  return made;
}

/** @param {HTMLElement} root */
function focusedIn(root) {
  const name = root.contains(document.activeElement) && document.activeElement?.getAttribute('data-act');
  return name ? `[data-act="${name}"]` : null;
}

