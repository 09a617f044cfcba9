"""How a carrier did, counted from what happened."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

from doorstep.money import Money

PRIOR_GOOD, PRIOR_ALL = 19.0, 20.0
"""A carrier without a record counts as one that did well 19 times of 20, until it shows otherwise."""

RESPONSE_BOUNDS_MS = (
    *(5, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300, 400, 500, 750),
    *(1000, 1500, 2000, 3000, 4000, 5000, 7500, 10_000, 15_000, 20_000, 30_000),
)
"""Response times are counted up to each of these, and in one class more above the last.

What was counted is kept by its place in this row: a bound may be added at the end, none changed.
"""

_NO_RESPONSES = (0,) * (len(RESPONSE_BOUNDS_MS) + 1)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One account with one carrier over some days.

    Attributes
    ----------
    deliveries
        Bookings that came to an end.
    on_time, first_attempt
        How many arrived within their promise, and how many at the first attempt.
    cancelled
        Bookings that the carrier dropped.
    asked, answered
        Questions for a price, and those that were answered in time.
    average_cost
        Of a booking; None without one.
    p95_response_ms
        Of its quotes; None without one.
    """

    account_id: str
    days: int
    deliveries: int = 0
    on_time: int = 0
    first_attempt: int = 0
    cancelled: int = 0
    incidents: int = 0
    asked: int = 0
    answered: int = 0
    average_cost: Money | None = None
    p95_response_ms: int | None = None

    @property
    def reliability(self) -> float:
        """Chance that a booking goes well, 0 to 1: what was seen, leaning on the prior while that is little.

        A booking that the carrier dropped counts as one that did not go well.
        """
        seen = self.deliveries + self.cancelled
        return (self.on_time + PRIOR_GOOD) / (seen + PRIOR_ALL)


@dataclass(frozen=True, slots=True)
class CarrierCounts:
    """What happened with one account on one day (UTC), in one currency; counts of the same add up.

    Attributes
    ----------
    asked
        Questions for a price: every one is answered or timed out.
    answered, declined
        In time, and how many of these said no.
    failed
        Bookings that ended without the goods being handed over.
    cost
        Of all bookings together; None where nothing was booked.
    responses
        (len(RESPONSE_BOUNDS_MS) + 1,) answers by how long they took.
    """

    account_id: str
    day: date
    asked: int = 0
    answered: int = 0
    timed_out: int = 0
    declined: int = 0
    booked: int = 0
    delivered: int = 0
    failed: int = 0
    on_time: int = 0
    first_attempt: int = 0
    cancelled: int = 0
    incidents: int = 0
    cost: Money | None = None
    responses: tuple[int, ...] = _NO_RESPONSES

    @property
    def currency(self) -> str:
        """Of the cost; "" where nothing was booked."""
        return "" if self.cost is None else self.cost.currency

    def __add__(self, other: CarrierCounts) -> CarrierCounts:
        """Both together.

        Raises
        ------
        ValueError
            If they are of different accounts, days or currencies.
        """
        if _bin(self) != _bin(other):
            raise ValueError("counts add up within one account, day and currency")
        sums = {name: getattr(self, name) + getattr(other, name) for name in COUNTED}
        cost = None if self.cost is None or other.cost is None else self.cost + other.cost
        return replace(self, **sums, cost=cost, responses=_merged(self.responses, other.responses))

    def __neg__(self) -> CarrierCounts:
        """What takes these back when it is added."""
        numbers = {name: -getattr(self, name) for name in COUNTED}
        cost = None if self.cost is None else replace(self.cost, minor=-self.cost.minor)
        return replace(self, **numbers, cost=cost, responses=tuple(-number for number in self.responses))


COUNTED = tuple(
    field.name
    for field in fields(CarrierCounts)
    if field.name not in {"account_id", "day", "cost", "responses"}
)
"""The plain numbers among the fields of `CarrierCounts`."""


@dataclass(frozen=True, slots=True)
class Requote:
    """A booking whose price had to be asked for again: what a price lock costs is learned from these.

    Attributes
    ----------
    id
        Of the leg that was booked, so that it counts once.
    waited_s
        From the quote that was shown to the one that was booked, seconds.

    Raises
    ------
    ValueError
        If the prices are in different currencies, or the second came before the first.
    """

    id: str
    account_id: str
    quoted: Money
    booked: Money
    waited_s: int
    noted_at: datetime

    def __post_init__(self) -> None:
        if self.quoted.currency != self.booked.currency:
            raise ValueError("quoted and booked must be in one currency")
        if self.waited_s < 0:
            raise ValueError(f"waited_s must not be negative, got {self.waited_s}")


def note_answer(account_id: str, at: datetime, response_ms: int, *, declined: bool = False) -> CarrierCounts:
    """It answered a question for a price in time, with offers or, `declined`, with none."""
    place = bisect_left(RESPONSE_BOUNDS_MS, response_ms)
    responses = tuple(int(number == place) for number in range(len(_NO_RESPONSES)))
    return CarrierCounts(
        account_id, _day(at), asked=1, answered=1, declined=int(declined), responses=responses
    )


def note_timeout(account_id: str, at: datetime) -> CarrierCounts:
    """It did not answer a question for a price in time, or not at all."""
    return CarrierCounts(account_id, _day(at), asked=1, timed_out=1)


def note_booking(account_id: str, at: datetime, cost: Money) -> CarrierCounts:
    """It took a booking at a price."""
    return CarrierCounts(account_id, _day(at), booked=1, cost=cost)


def note_arrival(account_id: str, at: datetime, *, on_time: bool, first_attempt: bool) -> CarrierCounts:
    """It handed the goods over, at the end of its promise or before (`on_time`)."""
    return CarrierCounts(
        account_id, _day(at), delivered=1, on_time=int(on_time), first_attempt=int(first_attempt)
    )


def note_failure(account_id: str, at: datetime) -> CarrierCounts:
    """A booking ended without the goods being handed over: returned, lost, given up."""
    return CarrierCounts(account_id, _day(at), failed=1)


def note_cancellation(account_id: str, at: datetime) -> CarrierCounts:
    """It dropped a booking. What we call off ourselves is not counted."""
    return CarrierCounts(account_id, _day(at), cancelled=1)


def note_incident(account_id: str, at: datetime) -> CarrierCounts:
    """Something went wrong with a booking of its."""
    return CarrierCounts(account_id, _day(at), incidents=1)


def summed(counts: Iterable[CarrierCounts]) -> Sequence[CarrierCounts]:
    """The same with one of each account, day and currency, in this order."""
    sums: dict[tuple[str, date, str], CarrierCounts] = {}
    for one in counts:
        known = sums.get(_bin(one))
        sums[_bin(one)] = one if known is None else known + one
    return [sums[key] for key in sorted(sums)]


def score(account_id: str, counts: Iterable[CarrierCounts], *, days: int, today: date) -> Scorecard:
    """How an account did over the last `days` days, `today` among them; other counts are passed over.

    The average cost is in the currency of most bookings. The response time is the 95th percentile, straight
    between the bounds that it was counted by.
    """
    since = today - timedelta(days=days - 1)
    mine = [one for one in counts if one.account_id == account_id and since <= one.day <= today]
    total = {name: sum(getattr(one, name) for one in mine) for name in COUNTED}
    return Scorecard(
        account_id,
        days,
        deliveries=total["delivered"] + total["failed"],
        on_time=total["on_time"],
        first_attempt=total["first_attempt"],
        cancelled=total["cancelled"],
        incidents=total["incidents"],
        asked=total["asked"],
        answered=total["answered"],
        average_cost=_average_cost(mine),
        p95_response_ms=_percentile_ms([one.responses for one in mine], 95),
    )


def _average_cost(counts: Sequence[CarrierCounts]) -> Money | None:
    booked: dict[str, int] = {}
    minor: dict[str, int] = {}
    for one in counts:
        if one.cost is not None:
            booked[one.currency] = booked.get(one.currency, 0) + one.booked
            minor[one.currency] = minor.get(one.currency, 0) + one.cost.minor
    if not any(booked.values()):
        return None
    currency = max(sorted(booked), key=lambda code: booked[code])
    # Half a minor unit is rounded up, in integers.
    return Money((2 * minor[currency] + booked[currency]) // (2 * booked[currency]), currency)


def _percentile_ms(rows: Sequence[tuple[int, ...]], percent: int) -> int | None:
    classes = _NO_RESPONSES
    for row in rows:
        classes = _merged(classes, row)
    so_far = list(accumulate(classes))
    if not so_far[-1]:
        return None
    # The smallest rank that so many percent do not exceed, counted from 1.
    rank = -(-so_far[-1] * percent // 100)
    place = bisect_left(so_far, rank)
    if place >= len(RESPONSE_BOUNDS_MS):
        return RESPONSE_BOUNDS_MS[-1]
    below = RESPONSE_BOUNDS_MS[place - 1] if place else 0
    into = rank - (so_far[place] - classes[place])
    return below + (RESPONSE_BOUNDS_MS[place] - below) * into // classes[place]


def _merged(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    """Place by place; what an earlier version kept may be shorter."""
    width = max(len(one), len(other))
    longer = (row + (0,) * (width - len(row)) for row in (one, other))
    return tuple(map(sum, zip(*longer, strict=True)))


def _bin(counts: CarrierCounts) -> tuple[str, date, str]:
    return counts.account_id, counts.day, counts.currency


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
