"""From an order to goods that can be fetched: on which days they are packed, when they are ready. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from doorstep.calendar import DayCalendar, HandlingRules, first_moment


@dataclass(frozen=True, slots=True)
class Handling:
    """The days on which an order is packed at the earliest and at the latest, none of them over.

    Attributes
    ----------
    calendar
        The days on which somebody packs and hands over.
    ready_at
        When it can be fetched for certain.
    """

    earliest: date
    latest: date
    calendar: DayCalendar
    ready_at: datetime

    @property
    def spread(self) -> int:
        """How many working days lie between both."""
        days, day = 0, self.earliest
        while day < self.latest:
            day, days = self.calendar.after(day, 1), days + 1
        return days

    def begins_at(self, now: datetime, zone: ZoneInfo) -> datetime:
        """From when on it may be packed: now, or the beginning of the first day."""
        return max(now, first_moment(self.earliest, time(0), zone))


def handled(
    ordered_at: datetime,
    now: datetime,
    rules: HandlingRules,
    time_zone: str,
    *,
    holidays: Iterable[date] = (),
    not_before: datetime | None = None,
) -> Handling:
    """When an order is packed.

    Day zero is that of the order, or the next one after the cut-off, and the first on which somebody works;
    n days of handling end n working days later (Google Merchant Center's help, "Set up estimated delivery
    time", 2026). What was to be ready on a day that is over is ready on the next working day.

    Parameters
    ----------
    time_zone
        Of the place that it leaves from.
    holidays
        Of that place's country.
    not_before
        The store wants it to be sent no sooner.
    """
    zone = ZoneInfo(time_zone)
    closed = rules.closed | frozenset(holidays) if rules.keeps_holidays else rules.closed
    calendar = DayCalendar(rules.weekdays, closed)
    ordered_on, today = ordered_at.astimezone(zone).date(), now.astimezone(zone).date()
    zero = ordered_on
    if rules.cut_off is not None and ordered_at >= first_moment(ordered_on, rules.cut_off, zone):
        zero += timedelta(days=1)
    zero = calendar.on_or_after(zero)
    first_day = today if not_before is None else max(today, not_before.astimezone(zone).date())
    packed = calendar.after(zero, rules.days.most)
    earliest = calendar.on_or_after(max(calendar.after(zero, rules.days.fewest), first_day))
    latest = calendar.on_or_after(max(packed, first_day))
    is_at_hand = latest == today and (packed < today or packed == ordered_on)
    ready_at = now if is_at_hand else max(now, first_moment(latest, rules.ready_from, zone))
    return Handling(earliest, latest, calendar, max(ready_at, not_before or now))
