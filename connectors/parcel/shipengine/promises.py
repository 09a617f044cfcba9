"""Days: when a parcel leaves, and when it arrives by what a rate says."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from doorstep.booking import BookingRequest
from doorstep.calendar import MONDAY_TO_SATURDAY, DayCalendar, DaySpan, Transit
from doorstep.json_reading import Json, integer, text
from doorstep.quote import QuoteRequest
from doorstep.window import Promise, PromiseBasis, Window

# ShipEngine publishes no hours of its carriers; these are those of most.
_HANDOVER_UNTIL = time(17, 0)
_DAY_STARTS = time(9, 0)
_DAY_ENDS = time(20, 0)
_DAYS_WHERE_UNKNOWN = 5
_WORKING = DayCalendar(MONDAY_TO_SATURDAY)


def ship_date(request: QuoteRequest | BookingRequest) -> date:
    """The day on which the carrier gets the goods: today until 17:00 local time, never a Sunday or a day
    that is over.
    """
    name = request.time_zone
    if isinstance(request, BookingRequest) and not name:
        name = request.promise.time_zone
    return _ships_on(_from_when(request).astimezone(_zone(name)))


def promise_of(rate: Json, request: QuoteRequest) -> Promise:
    """When a parcel arrives: on the day that the rate names, else so many working days after it leaves.

    Carriers deliver until 20:00 local time. The instant of `estimated_delivery_date` is a bare day more often
    than not, so its day alone is used. Without day and number it is five days, and marked approximate.
    """
    zone = _zone(request.time_zone)
    local = _from_when(request).astimezone(zone)
    ships_on = _ships_on(local)
    days = integer(rate, "delivery_days")
    arrives_on = _day(rate, "estimated_delivery_date")
    basis = (
        PromiseBasis.CARRIER_COMMITMENT if rate.get("guaranteed_service") is True else PromiseBasis.CALENDAR
    )
    if arrives_on is None:
        if days is None or days < 0:
            days, basis = _DAYS_WHERE_UNKNOWN, PromiseBasis.APPROXIMATE
        arrives_on = _WORKING.after(ships_on, days)
    arrives_on = max(arrives_on, ships_on)
    start = max(datetime.combine(arrives_on, _DAY_STARTS, zone), local)
    return Promise(Window(start, datetime.combine(arrives_on, _DAY_ENDS, zone)), request.time_zone, basis)


def transit_of(rate: Json) -> Transit | None:
    """The working days that a rate names; None where it names none, or the day itself."""
    days = integer(rate, "delivery_days")
    if days is None or days < 0 or _day(rate, "estimated_delivery_date") is not None:
        return None
    return Transit(DaySpan(days, days), MONDAY_TO_SATURDAY)


def _from_when(request: QuoteRequest | BookingRequest) -> datetime:
    return max(request.ready_at, request.asked_at)


def _ships_on(local: datetime) -> date:
    if local.time() >= _HANDOVER_UNTIL:
        return _WORKING.after(local.date(), 1)
    return _WORKING.on_or_after(local.date())


def _day(rate: Json, name: str) -> date | None:
    try:
        return datetime.fromisoformat(text(rate, name)).date()
    except ValueError:
        return None


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
