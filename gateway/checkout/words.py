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
    """Twelve of them or twenty-four."""
    return "hm" if "h" in language.time_formats["short"].pattern else "Hm"


@lru_cache(maxsize=256)
def _locale(name: str) -> Locale:
    """`en-CA`, `pt_BR` or `de`; one that nobody knows is read as English."""
    try:
        return Locale.parse(name.replace("-", "_").split(".")[0])
    except (UnknownLocaleError, ValueError, TypeError):
        language = name[:2].lower()
        return Locale.parse(language if language != name and language.isalpha() else _USUAL)
