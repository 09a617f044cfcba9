"""Sends calls to one shop no faster than its bucket of points allows, those that somebody waits for first."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from weakref import WeakValueDictionary

from connectors.stores.shopify.allowance import Allowance, Tally
from connectors.stores.shopify.answers import SYSTEM
from connectors.stores.shopify.cost import Cost, CostBook
from connectors.stores.shopify.documents import Document
from doorstep.errors import RateLimited

# A walk that has waited this long goes like any other call, or a busy shop's history would never be read.
_PATIENT_FOR_S = 30.0
_UNKNOWN_WAIT_S = 2.0


class Pacer:
    """The one gate through which all calls to a shop pass, whichever connector they are from.

    It belongs to one event loop at a time.

    Parameters
    ----------
    seconds
        A monotonic clock of the machine, since the limit guards machines.
    """

    def __init__(
        self,
        *,
        seconds: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._seconds = seconds
        self._sleep = sleep
        self._costs = CostBook()
        self._allowance = Allowance()
        self._queue: list[_Ticket] = []
        self._held_until_s = -math.inf

    async def turn(
        self, document: Document, variables: Mapping[str, Any], *, is_walk: bool, longest_s: float
    ) -> Turn:
        """Wait until a call may be sent, and reserve its points; use the turn as a context.

        Parameters
        ----------
        is_walk
            Nobody waits for this call alone: it is a page of many.
        longest_s
            How long to wait at most.

        Raises
        ------
        RateLimited
            If that is too short.
        """
        began_s = self._seconds()
        points = self._costs.expect(document, variables)
        ticket = _Ticket(points, is_walk, began_s, began_s + longest_s)
        self._queue.append(ticket)
        try:
            while (pause_s := self._pause_s(ticket)) > 0:
                self._check_patience(ticket, pause_s)
                await self._rest(ticket, pause_s)
            now_s = self._seconds()
            before = self._allowance.spend(points, now_s)
        finally:
            self._queue.remove(ticket)
            self._wake()
        return Turn(self, document, variables, points, now_s - began_s, before)

    def hold(self, pause_s: float) -> None:
        """Shopify asks for silence: nothing is sent for so long."""
        self._held_until_s = max(self._held_until_s, self._seconds() + pause_s)

    def settle(self, turn: Turn, cost: Cost | None) -> None:
        """A turn has ended; see `Turn.answered`."""
        if cost is not None:
            self._costs.learn(turn.document, turn.variables, cost.requested)
        self._allowance.settle(turn.points, cost, self._seconds(), turn.before)
        self._wake()

    def _pause_s(self, ticket: _Ticket) -> float:
        """Seconds until this ticket's turn; infinite while another is before it."""
        now_s = self._seconds()
        first = self._first(now_s)
        if first is not ticket:
            # It may have become the first by waiting, which nobody told it.
            first.changed.set()
            return math.inf
        # A page leaves something in the bucket for the next call that somebody waits for.
        wait_s = self._allowance.wait_s(ticket.points, now_s, is_generous=ticket.is_walk)
        return max(self._held_until_s - now_s, wait_s)

    def _first(self, now_s: float) -> _Ticket:
        """Whoever need not yield to others; among those the one that came first."""
        return min(self._queue, key=lambda ticket: ticket.yields(now_s))

    def _check_patience(self, ticket: _Ticket, pause_s: float) -> None:
        left_s = ticket.ends_at_s - self._seconds()
        # Whoever is not first cannot know how long it will last, and waits till the end.
        if left_s > 0 and (pause_s <= left_s or math.isinf(pause_s)):
            return
        wait_s = _UNKNOWN_WAIT_S if math.isinf(pause_s) else pause_s
        text = "Shopify's allowance for this shop is used up"
        raise RateLimited(text, system=SYSTEM, retry_after_s=wait_s, raw_code="allowance")

    async def _rest(self, ticket: _Ticket, pause_s: float) -> None:
        """Sleep so long, or until something has changed."""
        ticket.changed.clear()
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(ticket.changed.wait())]
        if math.isfinite(pause_s):
            waits.append(asyncio.ensure_future(self._sleep(pause_s)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _wake(self) -> None:
        """Let the first of the queue look again, and whoever has waited too long."""
        if not self._queue:
            return
        now_s = self._seconds()
        self._first(now_s).changed.set()
        for ticket in self._queue:
            if ticket.ends_at_s <= now_s:
                ticket.changed.set()


class Turn:
    """The right to send one call, with its points reserved until the context ends.

    Attributes
    ----------
    waited_s
        How long it took to get it.
    before
        What had ended when it was given.
    """

    __slots__ = ("_cost", "_pacer", "before", "document", "points", "variables", "waited_s")

    def __init__(
        self,
        pacer: Pacer,
        document: Document,
        variables: Mapping[str, Any],
        points: float,
        waited_s: float,
        before: Tally,
    ) -> None:
        self._pacer = pacer
        self._cost: Cost | None = None
        self.document = document
        self.variables = variables
        self.points = points
        self.waited_s = waited_s
        self.before = before

    def answered(self, cost: Cost | None) -> None:
        """What the answer said of its cost."""
        self._cost = cost

    def __enter__(self) -> Turn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pacer.settle(self, self._cost)


@dataclass(slots=True, eq=False)
class _Ticket:
    points: float
    is_walk: bool
    began_s: float
    ends_at_s: float
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def yields(self, now_s: float) -> bool:
        """Whether calls that somebody waits for go first."""
        return self.is_walk and now_s - self.began_s < _PATIENT_FOR_S


_SHARED: WeakValueDictionary[tuple[str, str], Pacer] = WeakValueDictionary()


def shared_pacer(endpoint: str, shop: str) -> Pacer:
    """The process's one pacer for a shop, for as long as anybody holds it."""
    key = (endpoint, shop)
    pacer = _SHARED.get(key)
    if pacer is None:
        pacer = _SHARED[key] = Pacer()
    return pacer
