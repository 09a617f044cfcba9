"""What goes wrong: workers that are killed around transactions, and jobs that run again."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from procrastinate import App

from doorstep.events import Event
from gateway.auth.vault import Vault
from gateway.flow import HANDLERS
from gateway.flow.ports import Means
from gateway.store.database import Database
from gateway.store.remembered import RowMemory
from gateway.store.unit_of_work import SqlUnitOfWork

KILLED = 0.02
"""Chance that a worker is killed at one of the places where it may be."""

Deed = Callable[[Means], Awaitable[object]]


class Killed(Exception):
    """The worker is gone, in the middle of whatever it did."""


@dataclass(slots=True)
class Dice:
    """All chance comes from here; without chaos nothing goes wrong."""

    rng: random.Random
    is_wild: bool = True
    kills: int = 0

    def falls(self, chance: float) -> bool:
        """Whether something happens that has this chance."""
        return self.is_wild and self.rng.random() < chance

    def may_kill(self) -> None:
        """The worker may end here."""
        if self.falls(KILLED):
            self.kills += 1
            raise Killed


@dataclass(slots=True)
class Jobs:
    """What is to be done, in no order.

    Attributes
    ----------
    broken_off
        How often the database broke something off, as it does where two wait for each other.
    """

    waiting: deque[Deed] = field(default_factory=deque)
    done: int = 0
    broken_off: int = 0

    def follow(self, event: Event) -> None:
        """Every handler of an event."""
        for handler in HANDLERS[type(event)]:
            if handler.__name__ not in _OTHER_ROOMS:
                self.waiting.append(_job(handler, event))


_OTHER_ROOMS = frozenset(
    {
        "tell_of_delivery",
        "tell_of_incident",
        "tell_store",
        "take_carrier_notice",
        "begin_playbook",
        "keep_label",
        "fetch_label",
        "follow_delivery",
        "source_order",
    }
)
"""Handlers that book nobody here, where there is one place to ship from and nothing comes back."""


def _job(handler: Callable[[Event, Means], Awaitable[None]], event: Event) -> Deed:
    async def run(means: Means) -> None:
        await handler(event, means)

    return run


class ChaosTransactions:
    """The real transactions; jobs go to `jobs` with the commit instead of into the queue's tables."""

    def __init__(self, database: Database, queue: App, vault: Vault, dice: Dice, jobs: Jobs) -> None:
        self._database, self._queue, self._vault = database, queue, vault
        self._dice, self._jobs = dice, jobs
        self._memory = RowMemory()

    @asynccontextmanager
    async def begin(self, merchant_id: str) -> AsyncIterator[SqlUnitOfWork]:
        """As `gateway.store.unit_of_work.Transactions.begin`; the worker may be killed at three places."""
        self._dice.may_kill()
        events: list[Event] = []
        async with self._database.tenant(merchant_id) as connection:
            work = _Recording(connection, merchant_id, self._queue, self._vault, self._memory)
            yield work
            self._dice.may_kill()
            events = work.recorded
        for event in events:
            self._jobs.follow(event)
        self._dice.may_kill()


class _Recording(SqlUnitOfWork):
    """Keeps what was emitted."""

    @property
    def recorded(self) -> list[Event]:
        """In this transaction."""
        return self._events
