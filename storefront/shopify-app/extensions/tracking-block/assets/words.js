/** An expected arrival in the shopper's language. Pure; the order-status extension uses it too. */

/** @import { Eta } from './answer.js' */

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Nobody waits at home for longer: such a window is told by its days. */
const LONG_MS = 9 * 60 * MINUTE_MS;

/**
 * "today, 14:05–14:25", "tomorrow", "Thu, 26 Nov – Sat, 28 Nov".
 *
 * @param {Eta} eta
 * @param {{ locale?: string, timeZone?: string, now: Date }} wording an unknown locale or zone is the browser's
 */
export function etaWords({ from, to }, { locale, timeZone, now }) {
  const language = known(Intl.DateTimeFormat.supportedLocalesOf.bind(null), locale);
  const zone = known((name) => new Intl.DateTimeFormat('en', { timeZone: name }), timeZone);
  const firstDay = dayWords(from, language, zone, now);
  const lastDay = dayWords(to, language, zone, now);
  if (firstDay !== lastDay) {
    return `${firstDay} – ${lastDay}`;
  }
  if (to.getTime() - from.getTime() >= LONG_MS) {
    return firstDay;
  }
  const clock = new Intl.DateTimeFormat(language, { timeZone: zone, hour: 'numeric', minute: '2-digit' });
  const isPoint = to.getTime() - from.getTime() < MINUTE_MS;
  return `${firstDay}, ${plainSpaces(isPoint ? clock.format(to) : clock.formatRange(from, to))}`;
}

/**
 * @param {Date} instant
 * @param {string | undefined} locale
 * @param {string | undefined} timeZone
 * @param {Date} now
 */
function dayWords(instant, locale, timeZone, now) {
  const days = calendarDay(instant, timeZone) - calendarDay(now, timeZone);
  if (Math.abs(days) <= 1) {
    return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day');
  }
  const style = /** @type {const} */ ({ weekday: 'short', month: 'short', day: 'numeric', timeZone });
  return new Intl.DateTimeFormat(locale, style).format(instant);
}

/**
 * Days since 1970 of the calendar day that an instant falls on.
 *
 * @param {Date} instant
 * @param {string | undefined} timeZone
 */
function calendarDay(instant, timeZone) {
  // Swedish writes dates as ISO 8601 does.
  const style = /** @type {const} */ ({ timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return Date.parse(`${new Intl.DateTimeFormat('sv', style).format(instant)}T00:00:00Z`) / DAY_MS;
}

/**
 * A name that this browser knows, else undefined, which means its own.
 *
 * @param {(name: string) => unknown} tell throws for a name that is none
 * @param {string | undefined} name
 */
function known(tell, name) {
  try {
    return name && tell(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Browsers differ in the narrow spaces that they put around "PM" and dashes.
 *
 * @param {string} text
 */
function plainSpaces(text) {
  return text.replace(/[\u2009\u202f]/g, ' ');
}
