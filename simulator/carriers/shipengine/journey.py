"""When a parcel is scanned, and what each scan says."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SUNDAY = 6
_COLLECTION = time(16, 0)
_NEXT_TRY = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class Scan:
    """One event of a parcel.

    Attributes
    ----------
    is_final
        Nothing follows.
    """

    at: datetime
    status_code: str
    detail_code: str
    description: str
    is_final: bool = False


_DELIVERED = ("DE", "DELIVERED", "Delivered")

# What may happen instead of a delivery: (status, detail, words) at the door, then hours later the end.
FATES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "refused": (
        ("EX", "REFUSED_BY_CUSTOMER", "Refused by addressee"),
        ("DE", "RETURN_TO_SENDER", "Returned to sender"),
    ),
    "absent": (("AT", "ATTEMPTED_DELIVERY", "No one home, notice left"), _DELIVERED),
    "moved": (("EX", "ADDRESS_QUERY", "Address needs correction"), _DELIVERED),
    "delayed": (("EX", "CARRIER_DELAYS", "Arriving late"), _DELIVERED),
    "customs": (("EX", "HELD_BY_CUSTOMS", "Held by customs"), _DELIVERED),
    "lost": (("EX", "PARCEL_LOST", "Parcel lost"),),
    "damaged": (("DE", "DELIVERED_DAMAGED", "Delivered with damage"),),
    "neighbour": (("DE", "DELIVERED_TO_NEIGHBOUR", "Left with a neighbour"),),
    "collection": (
        ("SP", "AWAITING_COLLECTION_FROM_PICKUP_POINT", "Ready for collection"),
        ("DE", "PARCEL_COLLECTED_FROM_PICKUP_POINT", "Collected"),
    ),
    "unheard": (("IT", "A_CODE_OF_NEXT_YEAR", "Something else"), _DELIVERED),
}


def plan_scans(
    bought_at: datetime, days: int, zone: ZoneInfo, rng: random.Random, fate: str, scale: float
) -> tuple[list[Scan], datetime]:
    """All scans to come, oldest first, and when the parcel is expected.

    `scale` shortens everything alike: 0.01 makes a quarter of an hour of a day.
    """
    ways, door_at = _post(bought_at, days, zone, rng)
    ending = FATES.get(fate, (_DELIVERED,))
    last = len(ending) - 1
    ends = [
        Scan(door_at + _NEXT_TRY * place, *words, is_final=place == last)
        for place, words in enumerate(ending)
    ]

    def scaled(at: datetime) -> datetime:
        return bought_at + (at - bought_at) * scale

    return [replace(scan, at=scaled(scan.at)) for scan in (*ways, *ends)], scaled(door_at)


def _post(bought_at: datetime, days: int, zone: ZoneInfo, rng: random.Random) -> tuple[list[Scan], datetime]:
    working = _working_days(bought_at.astimezone(zone), days)

    def on(day: date, hour: float) -> datetime:
        return (datetime.combine(day, time(0), zone) + timedelta(hours=hour)).astimezone(UTC)

    first, last = working[0], working[-1]
    ways = [
        Scan(bought_at + timedelta(seconds=1), "NY", "SHIPMENT_CREATED", "Label created, not yet in system"),
        Scan(on(first, 16 + rng.uniform(0.1, 1.5)), "AC", "RECEIVED_BY_CARRIER", "Accepted"),
        Scan(on(first, 20), "IT", "HUB_SCAN_OUT", "Departed facility"),
        *(Scan(on(day, 3), "IT", "HUB_SCAN_IN", "Arrived at facility") for day in working[1:-1]),
        Scan(on(last, 5.5), "IT", "RECEIVED_LOCAL_DELIVERY_DEPOT", "Arrived at local depot"),
        Scan(on(last, 8.5), "IT", "OUT_FOR_DELIVERY", "Out for delivery"),
    ]
    return ways, on(last, rng.uniform(10, 18))


def _working_days(local: datetime, days: int) -> list[date]:
    """The day of collection and the `days` after it, Sundays left out."""
    day = local.date()
    if local.time() >= _COLLECTION or day.weekday() == _SUNDAY:
        day = next_working_day(day)
    working = [day]
    while len(working) <= days:
        working.append(next_working_day(working[-1]))
    return working


def next_working_day(day: date) -> date:
    """The day after, or Monday."""
    following = day + timedelta(days=1)
    return following + timedelta(days=1) if following.weekday() == _SUNDAY else following
