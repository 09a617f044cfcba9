"""When a parcel is scanned, and what each scan says."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from simulator.carriers.easypost.tariff import SAME_DAY, Service

_SUNDAY = 6
_COLLECTION = time(16, 0)
_NEXT_TRY = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class Scan:
    """One line of a tracker.

    Attributes
    ----------
    is_final
        Nothing follows.
    """

    at: datetime
    status: str
    status_detail: str
    message: str
    is_final: bool = False


_DELIVERED = ("delivered", "arrived_at_destination", "Delivered")

# What may happen instead of a delivery: (status, detail, message) at the door, then hours later the end.
FATES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "refused": (
        ("return_to_sender", "refused", "Refused by addressee"),
        ("return_to_sender", "return", "Returned to sender"),
    ),
    "absent": (("failure", "delivery_exception", "No one home, notice left"), _DELIVERED),
    "address_correction": (("failure", "address_correction", "Address corrected by carrier"), _DELIVERED),
    "delayed": (("in_transit", "delayed", "Arriving late"), _DELIVERED),
    "weather_delay": (("in_transit", "weather_delay", "Delayed by weather"), _DELIVERED),
    "missorted": (("in_transit", "missorted", "Missent"), _DELIVERED),
    "lost": (("failure", "lost", "Parcel lost"),),
    "damaged": (("failure", "damaged", "Parcel damaged"),),
    "collection": (
        ("available_for_pickup", "arrived_at_pickup_location", "Ready for pickup at the post office"),
        _DELIVERED,
    ),
}


def plan_scans(
    bought_at: datetime,
    service: Service,
    zone: ZoneInfo,
    rng: random.Random,
    fate: str,
    scale: float,
) -> tuple[list[Scan], datetime]:
    """All scans to come, oldest first, and when the parcel is expected.

    `scale` shortens everything alike: 0.01 makes a quarter of an hour of a day.
    """
    label = Scan(bought_at + timedelta(seconds=1), "pre_transit", "label_created", "Label created")
    plan = _same_day(bought_at, rng) if service is SAME_DAY else _post(bought_at, service, zone, rng)
    ways, door_at = plan
    ending = FATES.get(fate, (_DELIVERED,))
    last = len(ending) - 1
    ends = [
        Scan(door_at + _NEXT_TRY * place, *words, is_final=place == last)
        for place, words in enumerate(ending)
    ]

    def scaled(at: datetime) -> datetime:
        return bought_at + (at - bought_at) * scale

    return [replace(scan, at=scaled(scan.at)) for scan in (label, *ways, *ends)], scaled(door_at)


def _same_day(bought_at: datetime, rng: random.Random) -> tuple[list[Scan], datetime]:
    fetched_at = bought_at + timedelta(minutes=rng.uniform(30, 60))
    ways = [
        Scan(fetched_at, "in_transit", "received_at_origin_facility", "Picked up"),
        Scan(fetched_at + timedelta(minutes=20), "out_for_delivery", "out_for_delivery", "Out for delivery"),
    ]
    return ways, bought_at + timedelta(minutes=rng.uniform(120, 235))


def _post(
    bought_at: datetime, service: Service, zone: ZoneInfo, rng: random.Random
) -> tuple[list[Scan], datetime]:
    days = _working_days(bought_at.astimezone(zone), service.days)

    def on(day: date, hour: float) -> datetime:
        return (datetime.combine(day, time(0), zone) + timedelta(hours=hour)).astimezone(UTC)

    first, last = days[0], days[-1]
    accepted_at = on(first, 16 + rng.uniform(0.1, 1.5))
    ways = [
        Scan(accepted_at, "in_transit", "received_at_origin_facility", "Accepted at origin facility"),
        Scan(on(first, 20), "in_transit", "departed_origin_facility", "Departed origin facility"),
        *(
            Scan(on(day, 3), "in_transit", "arrived_at_facility", "Arrived at regional facility")
            for day in days[1:-1]
        ),
        Scan(on(last, 5.5), "in_transit", "received_at_destination_facility", "Arrived at post office"),
        Scan(on(last, 8.5), "out_for_delivery", "out_for_delivery", "Out for delivery"),
    ]
    return ways, on(last, rng.uniform(10, 18))


def _working_days(local: datetime, days: int) -> list[date]:
    """The day of collection and the `days` after it, Sundays left out."""
    day = local.date()
    if local.time() >= _COLLECTION or day.weekday() == _SUNDAY:
        day = _next_working_day(day)
    working = [day]
    while len(working) <= days:
        working.append(_next_working_day(working[-1]))
    return working


def _next_working_day(day: date) -> date:
    following = day + timedelta(days=1)
    return following + timedelta(days=1) if following.weekday() == _SUNDAY else following
