/** The calendar day around an instant, as two instants. Pure. */

const HOUR_MS = 3_600_000;

/**
 * From the midnight before to the one after, in a zone. Days of 23 and 25 hours are found by looking at what
 * the clock on the wall shows.
 *
 * @param {Date} now
 * @param {string} timeZone
 */
export function dayAround(now, timeZone) {
  const begin = midnightBefore(now, timeZone);
  // 26 hours on is the next day even where this one has 25 hours, and its midnight is the end of ours.
  const end = midnightBefore(new Date(begin.getTime() + 26 * HOUR_MS), timeZone);
  return { from: begin.toISOString(), to: end.toISOString() };
}

/**
 * @param {Date} instant
 * @param {string} timeZone
 */
function midnightBefore(instant, timeZone) {
  const { day, sinceMidnightMs } = wallClock(instant, timeZone);
  const guess = new Date(instant.getTime() - sinceMidnightMs);
  const at = wallClock(guess, timeZone);
  if (at.sinceMidnightMs === 0) {
    return guess;
  }
  // The clocks were changed since midnight: the guess is off by that much, to one side or the other.
  const correction = at.day === day ? -at.sinceMidnightMs : 24 * HOUR_MS - at.sinceMidnightMs;
  return new Date(guess.getTime() + correction);
}

/**
 * @param {Date} instant
 * @param {string} timeZone
 */
function wallClock(instant, timeZone) {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone, hourCycle: 'h23', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  });
  const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const seconds = parts.hour * 3600 + parts.minute * 60 + parts.second;
  return { day: parts.day, sinceMidnightMs: seconds * 1000 + (instant.getTime() % 1000) };
}
