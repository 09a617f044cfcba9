"""Wall clock times of a depot: "HH:MM" and weekdays as people write them, instants as programs need them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from doorstep.window import Window

WEEK = (1, 2, 3, 4, 5, 6, 7)
"""ISO weekdays, Monday first."""

_SHAPE = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")


def minutes_of(text: str) -> int:
    """Minutes since midnight; "24:00" is the end of the day.

    Raises
    ------
    ValueError
        If it is no time of day.
    """
    if text == "24:00":
        return 24 * 60
    if not _SHAPE.match(text):
        raise ValueError('must be a time of day such as "09:30"')
    return int(text[:2]) * 60 + int(text[3:])


def instant(day: date, text: str, zone: ZoneInfo) -> datetime:
    """The moment at which a depot's clock shows a time of day, in UTC."""
    days, minutes = divmod(minutes_of(text), 24 * 60)
    moment = time(minutes // 60, minutes % 60)
    return datetime.combine(day + timedelta(days=days), moment, zone).astimezone(UTC)


def span(day: date, start: str, end: str, zone: ZoneInfo) -> Window | None:
    """From one wall clock time to another; None where the clocks are put forward over it."""
    begins, ends = instant(day, start, zone), instant(day, end, zone)
    return Window(begins, ends) if begins < ends else None
