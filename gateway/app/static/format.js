/** Money, times and codes in words. Pure: the same arguments give the same text. */

/** @import { Money, Window } from './shapes.js' */

const HOUR = 3600;
const DAY = 24 * HOUR;

/** "16:12 UTC", "24 Nov 16:12 UTC", "24 Nov 16:10 to 16:30 UTC" */
const UTC_TIMES = /\b(?:(\d{2} [A-Z][a-z]{2}) )?(\d{2}:\d{2})(?: to (\d{2}:\d{2}))? UTC\b/g;

/** A window longer than this is worded by its end: nobody waits at home for nine hours. */
const LONG_WINDOW = 9 * HOUR;

/** Codes that do not read well by themselves. */
const PHRASES = /** @type {Record<string, string>} */ ({
  AT_DROPOFF: 'At the door',
  LABEL_READY: 'Label printed',
  SEARCHING: 'Looking for a courier',
  TO_PICKUP: 'Going to the shop',
  AT_PICKUP: 'At the shop',
});

/** How times and prices are written: the language, and the zone that days belong to. */
/** @typedef {{ locale: string, timeZone: string, now: Date }} Wording */

/**
 * "$12.90"; nothing to pay is "Free".
 *
 * @param {Money} money
 * @param {string} locale
 */
export function priceWords(money, locale) {
  if (/^0+(\.0*)?$/.test(money.amount)) {
    return 'Free';
  }
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency: money.currencyCode });
  // A decimal string is formatted exactly; only the type does not know that.
  return format.format(/** @type {Intl.StringNumericLiteral} */ (money.amount));
}

/**
 * "2:05 PM"
 *
 * @param {string | Date} instant
 * @param {Wording} wording
 */
export function timeWords(instant, { locale, timeZone }) {
  return plainSpaces(clockFormat(locale, timeZone).format(new Date(instant)));
}

/**
 * "2:05 – 2:25 PM", without the day.
 *
 * @param {Window} window
 * @param {Wording} wording
 */
export function spanWords(window, { locale, timeZone }) {
  return plainSpaces(clockFormat(locale, timeZone).formatRange(new Date(window.start), new Date(window.end)));
}

/**
 * "Today", "Tomorrow", "Thursday", else "Thu, Dec 3"; all in the zone of the wording.
 *
 * @param {string | Date} instant
 * @param {Wording} wording
 */
export function dayWords(instant, { locale, timeZone, now }) {
  const days = calendarDay(new Date(instant), timeZone) - calendarDay(now, timeZone);
  if (days >= -1 && days <= 1) {
    return ['Yesterday', 'Today', 'Tomorrow'][days + 1];
  }
  /** @type {Intl.DateTimeFormatOptions} */
  const style =
    days > 1 && days < 7 ? { weekday: 'long' } : { weekday: 'short', month: 'short', day: 'numeric' };
  return new Intl.DateTimeFormat(locale, { ...style, timeZone }).format(new Date(instant));
}

/**
 * A promise: "Today 2:00 – 4:00 PM", "Today by 2:45 PM", "Tomorrow", "Tuesday – Thursday".
 *
 * @param {Window} window half-open, so that one ending at midnight ends on the day before
 * @param {Wording} wording
 */
export function windowWords(window, wording) {
  const start = new Date(window.start);
  const end = new Date(window.end);
  const last = new Date(end.getTime() - 1);
  const firstDay = dayWords(start, wording);
  const lastDay = dayWords(last, wording);
  const hasBegun = start <= wording.now;
  if (firstDay !== lastDay) {
    return hasBegun ? `By ${midSentence(lastDay)}` : `${firstDay} – ${midSentence(lastDay)}`;
  }
  const seconds = (end.getTime() - start.getTime()) / 1000;
  if (calendarDay(end, wording.timeZone) !== calendarDay(last, wording.timeZone)) {
    return seconds >= LONG_WINDOW || hasBegun ? lastDay : `${firstDay} from ${timeWords(start, wording)}`;
  }
  if (hasBegun || seconds >= LONG_WINDOW) {
    return `${lastDay} by ${timeWords(end, wording)}`;
  }
  return `${firstDay} ${spanWords(window, wording)}`;
}

/**
 * A day and a time: "Today 2:05 PM".
 *
 * @param {string} instant
 * @param {Wording} wording
 */
export function momentWords(instant, wording) {
  return `${dayWords(instant, wording)} ${timeWords(instant, wording)}`;
}

/**
 * A sentence of the gateway's, with the times that it says in UTC as a clock on the wall shows them.
 *
 * @param {string} text "Promised by 16:12 UTC."
 * @param {string} about an instant that the sentence is about; a time without a day is the nearest to it
 * @param {Wording} wording
 */
export function localTimes(text, about, wording) {
  return text.replace(UTC_TIMES, (said, day, from, until) => {
    const start = instantNear(day ? `${day} ${new Date(about).getUTCFullYear()}` : null, from, about);
    if (start === null) {
      return said;
    }
    const words = isSameDay(start, wording.now, wording.timeZone) ? timeWords(start, wording) : midSentence(momentWords(start.toISOString(), wording));
    return until ? `${words} to ${timeWords(instantNear(null, until, start.toISOString()) ?? start, wording)}` : words;
  });
}

/**
 * What is left: "45 s", "4:05", "38 min", "2 h 5 min", "3 days".
 *
 * @param {number} seconds
 */
export function leftWords(seconds) {
  const left = Math.max(0, Math.floor(seconds));
  if (left < 60) {
    return `${left} s`;
  }
  if (left < 600) {
    return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  }
  if (left < HOUR) {
    return `${Math.floor(left / 60)} min`;
  }
  if (left < DAY) {
    const minutes = Math.floor((left % HOUR) / 60);
    return minutes ? `${Math.floor(left / HOUR)} h ${minutes} min` : `${Math.floor(left / HOUR)} h`;
  }
  const days = Math.floor(left / DAY);
  return days === 1 ? '1 day' : `${days} days`;
}

/**
 * How long ago: "just now", "5 min ago", "2 h ago".
 *
 * @param {number} seconds
 */
export function agoWords(seconds) {
  if (seconds < 45) {
    return 'just now';
  }
  if (seconds < HOUR) {
    return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  }
  return seconds < DAY ? `${Math.round(seconds / HOUR)} h ago` : `${Math.round(seconds / DAY)} d ago`;
}

/**
 * An enum's value as a phrase, also one that did not exist when this was written: "Own fleet".
 *
 * @param {string} code
 */
export function codeWords(code) {
  if (code in PHRASES) {
    return PHRASES[code];
  }
  const phrase = code.toLowerCase().replaceAll('_', ' ').replace(/\b(gps|eta)\b/g, (word) => word.toUpperCase());
  return phrase.charAt(0).toUpperCase() + phrase.slice(1);
}

/**
 * Whether two instants fall on one day in a zone.
 *
 * @param {string | Date} one
 * @param {string | Date} other
 * @param {string} timeZone
 */
export function isSameDay(one, other, timeZone) {
  return calendarDay(new Date(one), timeZone) === calendarDay(new Date(other), timeZone);
}

/**
 * @param {string | null} day "24 Nov 2026"; null is the day that brings it nearest
 * @param {string} time "16:12", UTC
 * @param {string} about
 */
function instantNear(day, time, about) {
  const base = Date.parse(`${day ?? about.slice(0, 10)} ${day ? `${time} UTC` : ''}`.trim());
  if (Number.isNaN(base)) {
    return null;
  }
  if (day) {
    return new Date(base);
  }
  const [hours, minutes] = time.split(':').map(Number);
  const atTime = base + (hours * HOUR + minutes * 60) * 1000;
  const away = Math.round((Date.parse(about) - atTime) / (DAY * 1000));
  return new Date(atTime + away * DAY * 1000);
}

/**
 * Days since 1970 of the calendar day that an instant falls on in a zone.
 *
 * @param {Date} instant
 * @param {string} timeZone
 */
function calendarDay(instant, timeZone) {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return Date.parse(`${format.format(instant)}T00:00:00Z`) / (DAY * 1000);
}

/**
 * @param {string} locale
 * @param {string} timeZone
 */
function clockFormat(locale, timeZone) {
  return new Intl.DateTimeFormat(locale, { timeZone, hour: 'numeric', minute: '2-digit' });
}

/**
 * Browsers differ in the narrow spaces that they put around "PM" and dashes.
 *
 * @param {string} text
 */
function plainSpaces(text) {
  return text.replace(/[\u2009\u202f]/g, ' ');
}

/** @param {string} day a day, or a moment that begins with one */
export function midSentence(day) {
  return day.replace(/^(Today|Tomorrow|Yesterday)\b/, (word) => word.toLowerCase());
}
