"""All shoppers of a day as one actor: errands at their times, second thoughts minutes later."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial

from starlette.types import ASGIApp

from simulator.people.gateway import Gateway
from simulator.people.purchase import Receipt
from simulator.people.shopper import Errand, Till, buy

logger = logging.getLogger(__name__)

_STILL_AT_THE_TILL = timedelta(seconds=10)

_Deed = Callable[[datetime], Coroutine[None, None, None]]


class Crowd:
    """Sends shoppers to the tills.

    Parameters
    ----------
    tills
        Platform -> store.
    waits
        Whether a tick ends only when every checkout that began in it has ended, one after the other: the
        day is then the same every time. Else a slow gateway holds nobody up but its own shopper.
    """

    def __init__(self, tills: Mapping[str, Till], gateway: Gateway, *, waits: bool) -> None:
        self.placed = 0
        self._tills = tills
        self._gateway = gateway
        self._waits = waits
        self._deeds: list[tuple[datetime, int, _Deed]] = []
        self._order = itertools.count()
        self._receipts: dict[int, Receipt] = {}
        self._running: set[asyncio.Task[None]] = set()

    @property
    def name(self) -> str:
        """They have no door of their own; the name is for logs."""
        return "shoppers"

    @property
    def app(self) -> ASGIApp | None:
        """They only act."""
        return None

    @property
    def next_due(self) -> datetime | None:
        """When somebody will do something."""
        return self._deeds[0][0] if self._deeds else None

    @property
    def waiting(self) -> int:
        """Errands and second thoughts still to come."""
        return len(self._deeds)

    def send(self, errands: Iterable[Errand]) -> None:
        """Plan errands."""
        for errand in errands:
            self._plan(errand.at, partial(self._buy, errand))
            if errand.cancels_at is not None:
                self._plan(errand.cancels_at, partial(self._cancel, errand))
            if errand.moves_at is not None:
                self._plan(errand.moves_at, partial(self._move, errand))

    async def order_now(self, errand: Errand) -> Receipt:
        """Run one errand at once."""
        receipt = await buy(errand, self._tills[errand.store], self._gateway)
        self.placed += 1
        return receipt

    async def tick(self, now: datetime) -> None:
        """Let everybody do what is due."""
        while self._deeds and self._deeds[0][0] <= now:
            at, _, deed = heapq.heappop(self._deeds)
            if self._waits:
                await deed(at)
            else:
                self._start(deed(at))

    async def close(self) -> None:
        """Call off checkouts that still run."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _plan(self, at: datetime, deed: _Deed) -> None:
        heapq.heappush(self._deeds, (at, next(self._order), deed))

    def _start(self, deed: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(deed)
        self._running.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("an errand failed", exc_info=error)

    async def _buy(self, errand: Errand, _: datetime) -> None:
        self._receipts[errand.number] = await self.order_now(errand)

    async def _cancel(self, errand: Errand, now: datetime) -> None:
        receipt = self._receipts.get(errand.number)
        if receipt is None:
            self._plan(now + _STILL_AT_THE_TILL, partial(self._cancel, errand))
        else:
            self._tills[errand.store].cancel(receipt.external_id)

    async def _move(self, errand: Errand, now: datetime) -> None:
        receipt = self._receipts.get(errand.number)
        if receipt is None:
            self._plan(now + _STILL_AT_THE_TILL, partial(self._move, errand))
        else:
            self._tills[errand.store].move(receipt.external_id, errand.moves_to)
