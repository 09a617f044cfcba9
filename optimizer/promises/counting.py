"""How the days of a promise are counted.

1. **Day zero** is the day, by the clocks of the origin, on which an order is placed. From the cut-off on it
   is the day after; and where nobody packs on that day, it is the next one on which somebody does.
2. **Handling** of n days ends n handling days after day zero: with 0 days it is packed on day zero itself.
3. The carrier **fetches** it on the first pickup day from then on, which may be the same day.
4. The day of the pickup is day zero of the **transit**: with 1 day it arrives on the next transit day.
5. It is **handed over** on the first delivery day from then on whose hours are still to come, both when the
   order is placed and when the day of the pickup begins at the origin, which differs from place to place.

Rules 1, 2 and 4 are those of Google Merchant Center's help, "Set up estimated delivery time" (2026), which
says of an order after the cut-off that its day zero is the next business day. That help numbers the calendar
days of its example so that the day of the order is the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from doorstep.calendar import PromiseTerms, first_moment
from doorstep.errors import InvalidInput

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Zones:
    """The clocks of both ends."""

    origin: ZoneInfo
    destination: ZoneInfo

    @classmethod
    def of(cls, terms: PromiseTerms) -> Zones:
        """Those that the terms name.

        Raises
        ------
        InvalidInput
            If there is no such zone.
        """
        return cls(_zone("origin_zone", terms.origin_zone), _zone("destination_zone", terms.destination_zone))


@dataclass(frozen=True, slots=True)
class Arrival:
    """The days on which it arrives at the earliest and at the latest, by the clocks of the destination."""

    earliest: date
    latest: date


def day_zero(ordered_at: datetime, terms: PromiseTerms, zones: Zones) -> date:
    """The day on which handling begins to count."""
    day = ordered_at.astimezone(zones.origin).date()
    if ordered_at >= first_moment(day, terms.cut_off, zones.origin):
        day += _DAY
    return terms.handling_days.on_or_after(day)


def arrival(ordered_at: datetime, terms: PromiseTerms, zones: Zones) -> Arrival:
    """The days on which it arrives."""
    zero = day_zero(ordered_at, terms, zones)
    return Arrival(
        _handed_over(ordered_at, zero, terms.handling.fewest, terms.transit.fewest, terms, zones),
        _handed_over(ordered_at, zero, terms.handling.most, terms.transit.most, terms, zones),
    )


def hours_end(day: date, terms: PromiseTerms, zones: Zones) -> datetime:
    """When nothing more is handed over on a day, UTC; midnight is the end of that day."""
    if terms.delivery_to == time(0):
        day += _DAY
    return first_moment(day, terms.delivery_to, zones.destination)


def _handed_over(
    ordered_at: datetime, zero: date, handling: int, transit: int, terms: PromiseTerms, zones: Zones
) -> date:
    packed = terms.handling_days.after(zero, handling)
    fetched = terms.pickup_days.on_or_after(packed)
    delivery_days = terms.delivery_days if terms.delivery_days is not None else terms.transit_days
    day = delivery_days.on_or_after(terms.transit_days.after(fetched, transit))
    not_before = max(ordered_at, first_moment(fetched, time(0), zones.origin))
    while hours_end(day, terms, zones) <= not_before:
        day = delivery_days.on_or_after(day + _DAY)
    return day


def _zone(field: str, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (
        LookupError,
        ValueError,
        OSError,
    ) as error:  # not there, no path at all, a folder such as "Europe"
        message = f"{field} must be a time zone such as Europe/Madrid, got {name!r}"
        raise InvalidInput(message, path=(field,)) from error
