"""Whose turn it is: an agenda by a simulated clock, and jobs that follow from what was committed."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from doorstep.errors import DoorstepError
from doorstep.events import Event
from gateway.bootstrap.house import House
from gateway.flow import HANDLERS
from gateway.flow.ports import Means
from gateway.flow.tracking.track import BookingNotKnownYet
from gateway.store.remembered import RowMemory
from gateway.store.unit_of_work import SqlUnitOfWork

START = datetime(2026, 3, 2, tzinfo=UTC)
TRIES = 5

OTHER_ROOMS = frozenset(
    {
        "tell_of_delivery",
        "tell_of_incident",
        "tell_store",
        "tell_outside",
        "tell_of_trouble",
        "tell_of_another_try",
        "call_of_incident",
        "call_of_order",
        "take_carrier_notice",
        "keep_label",
        "fetch_label",
        "source_order",
        "insert_booked",
    }
)
"""Handlers that tell somebody outside, fetch papers or plan tours: nothing here goes wrong in them."""

Deed = Callable[[], Awaitable[None]]


class HandClock:
    """Shows what it was set to; `seconds` is what breakers go by."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> datetime:
        """The world's time."""
        return self._now

    def seconds(self) -> float:
        """The same as the machine's."""
        return (self._now - START).total_seconds()

    def set(self, now: datetime) -> None:
        """Let time pass until then."""
        self._now = max(now, self._now)


@dataclass(slots=True)
class Agenda:
    """What happens when, and what follows from it at once.

    Attributes
    ----------
    failed
        How often a job failed for good, by the name of the error.
    """

    clock: HandClock = field(default_factory=HandClock)
    failed: dict[str, int] = field(default_factory=dict)
    _due: list[tuple[datetime, int, Deed]] = field(default_factory=list)
    _jobs: deque[tuple[Callable[[Means], Awaitable[None]], int]] = field(default_factory=deque)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def at(self, when: datetime, deed: Deed) -> None:
        """Let something happen."""
        heapq.heappush(self._due, (when, next(self._numbers), deed))

    def after(self, minutes: float, deed: Deed) -> None:
        """Let something happen so much later than now."""
        self.at(self.clock.now() + timedelta(minutes=minutes), deed)

    def follow(self, event: Event) -> None:
        """Every handler of an event."""
        for handler in HANDLERS[type(event)]:
            if handler.__name__ not in OTHER_ROOMS:
                self._jobs.append((_job(handler, event), 0))

    async def run(self, means: Means, until: datetime, show: Callable[[float], None]) -> None:
        """Everything until then, in its order; `show` is told how many seconds of the world have passed."""
        async for _ in self.deeds(until):
            show(self.clock.seconds())
            await self._work_off(means)

    async def deeds(self, until: datetime) -> AsyncIterator[None]:
        """Let happen what happens until then, one after the other; jobs are left to the caller."""
        while self._due and self._due[0][0] <= until:
            when, _, deed = heapq.heappop(self._due)
            self.clock.set(when)
            await deed()
            yield

    async def _work_off(self, means: Means) -> None:
        while self._jobs:
            job, tries = self._jobs.popleft()
            try:
                await job(means)
            except (DoorstepError, BookingNotKnownYet) as error:
                if tries < TRIES:
                    self._jobs.append((job, tries + 1))
                else:
                    name = type(error).__name__
                    self.failed[name] = self.failed.get(name, 0) + 1


class Transactions:
    """The real ones; jobs go to the agenda with the commit instead of into the queue's tables."""

    def __init__(self, house: House, agenda: Agenda) -> None:
        self._house, self._agenda = house, agenda
        self._memory = RowMemory()

    @asynccontextmanager
    async def begin(self, merchant_id: str) -> AsyncIterator[SqlUnitOfWork]:
        """As `gateway.store.unit_of_work.Transactions.begin`."""
        async with self._house.database.tenant(merchant_id) as connection:
            work = _Recording(connection, merchant_id, self._house.queue, self._house.vault, self._memory)
            yield work
            events = work.recorded
        for event in events:
            self._agenda.follow(event)


class _Recording(SqlUnitOfWork):
    """Keeps what was emitted."""

    @property
    def recorded(self) -> list[Event]:
        """In this transaction."""
        return self._events


def _job(
    handler: Callable[[Event, Means], Awaitable[None]], event: Event
) -> Callable[[Means], Awaitable[None]]:
    async def run(means: Means) -> None:
        await handler(event, means)

    return run
