"""Days on which something happens, and the terms that a promise of days is worked out from."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EVERY_DAY = frozenset(range(1, 8))
WEEKDAYS = frozenset(range(1, 6))
MONDAY_TO_SATURDAY = frozenset(range(1, 7))

_MOST_CLOSED = 90
"""Fewer than any weekday has in two years, within which every calendar must have a working day."""


@dataclass(frozen=True, slots=True)
class DayCalendar:
    """The days on which somebody works: ISO weekdays (1 is Monday), but for `closed`.

    Raises
    ------
    ValueError
        If there is no weekday at all, or one that is none.
    """

    weekdays: frozenset[int] = WEEKDAYS
    closed: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= EVERY_DAY:
            raise ValueError(f"weekdays must be some of 1 (Monday) to 7, got {sorted(self.weekdays)}")

    def is_open(self, day: date) -> bool:
        """Whether somebody works on a day."""
        return day.isoweekday() in self.weekdays and day not in self.closed

    def on_or_after(self, day: date) -> date:
        """The first working day from a day on.

        Raises
        ------
        ValueError
            If there is none within two years.
        """
        for ahead in range(731):
            if self.is_open(day + timedelta(days=ahead)):
                return day + timedelta(days=ahead)
        raise ValueError(f"there is no working day within two years of {day}")

    def after(self, day: date, days: int) -> date:
        """The day that is so many working days after a day; the day itself for 0, open or not."""
        for _ in range(days):
            day = self.on_or_after(day + timedelta(days=1))
        return day


@dataclass(frozen=True, slots=True)
class DaySpan:
    """From `fewest` to `most` working days.

    Raises
    ------
    ValueError
        If there are fewer than none, or `most` is less than `fewest`.
    """

    fewest: int
    most: int

    def __post_init__(self) -> None:
        if not 0 <= self.fewest <= self.most:
            raise ValueError(f"days must be 0 <= fewest <= most, got {self.fewest} and {self.most}")


@dataclass(frozen=True, slots=True)
class Transit:
    """How long a carrier is under way, as it says itself, and on which weekdays it moves.

    Attributes
    ----------
    weekdays
        ISO weekdays, 1 is Monday.
    """

    days: DaySpan
    weekdays: frozenset[int] = WEEKDAYS


@dataclass(frozen=True, slots=True)
class HandlingRules:
    """From an order to goods that somebody can fetch, and when carriers of parcels come for them.

    Attributes
    ----------
    cut_off
        Orders from this time of the day on count as placed on the next working day; None where all of a day
        count on it. Wall clock of the place that they leave from.
    days
        How many working days packing takes; 0 for the day of the order itself.
    weekdays
        On which somebody packs and hands over: ISO weekdays, 1 is Monday.
    ready_from
        On a later day than that of the order goods are ready from this time on.
    pickup_until, pickup_weekdays
        Carriers of parcels take what is packed by this time with them, on these days.
    closed
        Days on which nobody packs and no parcel is fetched; 90 at most.
    keeps_holidays
        Nobody packs on public holidays of the place's country either.

    Raises
    ------
    ValueError
        If no weekday is left, one is none, or too many days are closed.
    """

    cut_off: time | None = None
    days: DaySpan = field(default_factory=lambda: DaySpan(0, 0))
    weekdays: frozenset[int] = EVERY_DAY
    ready_from: time = time(9)
    pickup_until: time = time(17)
    pickup_weekdays: frozenset[int] = WEEKDAYS
    closed: frozenset[date] = frozenset()
    keeps_holidays: bool = False

    def __post_init__(self) -> None:
        if len(self.closed) > _MOST_CLOSED:
            raise ValueError(f"closed must name at most {_MOST_CLOSED} days, got {len(self.closed)}")
        for weekdays in (self.weekdays, self.pickup_weekdays):
            DayCalendar(weekdays)


@dataclass(frozen=True, slots=True)
class PromiseTerms:
    """What a promise of days follows from.

    Attributes
    ----------
    cut_off
        Orders from this time on count as placed on the next working day; wall clock of the origin. So with
        00:00 none counts on its own day; without a cut-off it is `time.max`.
    handling, handling_days
        How long packing takes, and on which days it is done.
    pickup_days
        On which days the carrier comes.
    transit, transit_days
        How long the way takes, and on which days the carrier moves.
    delivery_days
        On which days it hands over; None for the days on which it moves.
    delivery_from, delivery_to
        Between these times of the day, wall clock of the destination; until 00:00 is until the day ends.
    """

    cut_off: time
    handling: DaySpan
    transit: DaySpan
    origin_zone: str
    destination_zone: str
    handling_days: DayCalendar = field(default_factory=DayCalendar)
    pickup_days: DayCalendar = field(default_factory=DayCalendar)
    transit_days: DayCalendar = field(default_factory=DayCalendar)
    delivery_days: DayCalendar | None = None
    delivery_from: time = time(8)
    delivery_to: time = time(20)


def first_moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When the clocks of a zone first show a time of a day, or a later one; UTC.

    Where clocks are put back and show a time twice, the first counts. Where they are put forward and skip a
    time, it is the moment at which they are.
    """
    wall = datetime.combine(day, at.replace(tzinfo=None))
    # PEP 495: a time that is skipped is read with the offset before (fold 0) or after (fold 1) the jump.
    moment, before_jump = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if _wall(moment, zone) == wall:
        return moment
    seconds = range(int((moment - before_jump).total_seconds()))
    jump_s = bisect_left(seconds, wall, key=lambda s: _wall(before_jump + timedelta(seconds=s), zone))
    return before_jump + timedelta(seconds=jump_s)


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
