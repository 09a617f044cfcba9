"""Words that shoppers read in a store's checkout, in the store's language: days, times and windows."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_interval, format_skeleton

from doorstep.slot import Slot
from doorstep.window import Promise, PromiseBasis

_USUAL = "en"
_LONGEST_NAME = 40

_LONG = timedelta(hours=20)
"""What takes longer is spoken of in days."""


def when(promise: Promise, locale: str) -> str:
    """The window of a promise in the door's own time: a day with its hours, or a span of days."""
    language, zone = _locale(locale), ZoneInfo(promise.time_zone)
    start = promise.window.start.astimezone(zone)
    # A window is half-open: one that ends at midnight ends with the day before.
    end = promise.window.end.astimezone(zone)
    last = end - timedelta(microseconds=1)
    if start.date() != last.date() and end - start >= _LONG:
        return str(format_interval(start, last, "MMMEd", fuzzy=True, locale=language))
    day = format_skeleton("MMMEd", start, locale=language)
    is_whole_day = end - start >= _LONG
    return day if is_whole_day else f"{day}, {format_interval(start, end, _hours(language), locale=language)}"


def slot_name(slot: Slot, locale: str) -> str:
    """A slot to pick, in its own time: "Tue, Nov 24, 3:00 – 5:00 PM"."""
    return when(Promise(slot.window, slot.time_zone, PromiseBasis.SLOT), locale)


def _hours(language: Locale) -> str:
    """Twelve of them or twenty-four; twenty-four too where twelve are told with a part of the day ("B").

    That is how Chinese in traditional letters does it, and Babel 2.18 cannot tell such a span.
    """
    has_parts_of_day = any("B" in fields for fields in language.interval_formats.get("hm", ()))
    is_twelve = "h" in language.time_formats["short"].pattern and not has_parts_of_day
    return "hm" if is_twelve else "Hm"


def _locale(name: str) -> Locale:
    """`en-CA`, `pt_BR` or `de`; of one that nobody knows the language alone, else English."""
    return _parsed(name[:_LONGEST_NAME].partition(".")[0].replace("-", "_"))


@lru_cache(maxsize=256)
def _parsed(name: str) -> Locale:
    for known in (name, name.partition("_")[0].lower()):
        try:
            return Locale.parse(known)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(_USUAL)
