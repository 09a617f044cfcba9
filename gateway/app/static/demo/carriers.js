/** The carriers of the world, and how their servers feel: anybody may make one slow, failing or away. */

import { element, setText } from '../dom.js';
import { setMood } from './desk.js';

/** @import { WorldCarrier } from './desk.js' */

const MOODS = ['well', 'slow', 'failing', 'away'];

export class CarrierPanel {
  #list;
  #summary;
  #say;
  /** @type {Map<string, { mood: HTMLSelectElement, live: HTMLElement }>} */
  #rows = new Map();

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} summary says how many are not well
   * @param {(text: string) => void} say
   */
  constructor(list, summary, say) {
    this.#list = list;
    this.#summary = summary;
    this.#say = say;
  }

  /** @param {WorldCarrier[]} carriers */
  show(carriers) {
    for (const carrier of carriers) {
      const row = this.#rows.get(carrier.carrier) ?? this.#add(carrier);
      setText(row.live, `${carrier.bookings_live} under way`);
      if (row.mood !== document.activeElement) {
        row.mood.value = carrier.mood;
      }
    }
    const ill = carriers.filter((carrier) => carrier.mood !== 'well').map((carrier) => carrier.name);
    setText(this.#summary, ill.length ? `${ill.join(', ')}: not well` : 'all well');
  }

  /** @param {WorldCarrier} carrier */
  #add(carrier) {
    const id = `mood-${carrier.carrier}`;
    const mood = element('select', { id }, ...MOODS.map((word) => new Option(word, word)));
    mood.addEventListener('change', async () => {
      const told = await setMood(carrier.carrier, mood.value).then(
        () => `${carrier.name} is ${mood.value}. Ask for options again, and see what the list makes of it.`,
        (failure) => failure.message,
      );
      mood.blur();
      this.#say(told);
    });
    const live = element('span', { class: 'soft' });
    this.#list.append(element('li', {}, element('label', { for: id }, carrier.name), live, mood));
    const row = { mood, live };
    this.#rows.set(carrier.carrier, row);
    return row;
  }
}
