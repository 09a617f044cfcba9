"""The courier of the paper carrier: picks up what was booked, delivers it, and tells the gateway of both."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp

from bench.sync.furnishing import CARRIER_SECRET
from bench.sync.ours import Gateway
from bench.sync.paper import SIGNATURE_HEADER, end
from doorstep.clock import Clock

_ROUND_EVERY_S = 0.3
_TAKES_S = (40.0, 200.0)
"""World seconds from the booking to the pickup, and from there to the door."""

_DOUBLED = 0.2


@dataclass(slots=True)
class _Errand:
    external_id: str
    pick_up_at: datetime
    is_picked_up: bool = False
    deliver_at: datetime | None = None
    is_over: bool = False

    def is_due(self, now: datetime, heard: Collection[str]) -> bool:
        """Whether its next step is to be done; `heard` are events that the gateway has worked on."""
        if self.deliver_at is None:
            return self.pick_up_at <= now
        return self.deliver_at <= now and f"{self.external_id}:picked_up" in heard


class Rounds:
    """Drives as the world's time goes on; a webhook is repeated until the gateway has answered 200.

    Attributes
    ----------
    bookings
        Reference of every booking that was made, by its id; a repeat with the same key is no second one.
    cancelled
        Those that were called off.
    delivered
        Those that arrived.
    """

    def __init__(
        self, folder: Path, clock: Clock, url: str, gateway: Gateway, account_id: str, rng: random.Random
    ) -> None:
        self.bookings: dict[str, str] = {}
        self.cancelled: set[str] = set()
        self.delivered: set[str] = set()
        self._folder = folder
        self._clock = clock
        self._url = f"{url}/webhooks/carriers/{account_id}"
        self._gateway = gateway
        self._account_id = account_id
        self._rng = rng
        self._errands: list[_Errand] = []
        self._read_to = 0

    @property
    def open_errands(self) -> int:
        """Bookings that have neither arrived nor were called off."""
        return sum(not errand.is_over for errand in self._errands)

    @asynccontextmanager
    async def driving(self) -> AsyncIterator[None]:
        """Drive for as long as the block lasts."""
        task = asyncio.create_task(self._drive())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _drive(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
            while True:
                self._read_journal()
                now = self._clock.now()
                # What is delivered was picked up before, also for the gateway: its queue keeps no order.
                picked = [f"{one.external_id}:picked_up" for one in self._errands if one.is_picked_up]
                heard = await self._gateway.handled(self._account_id, picked)
                due = [one for one in self._errands if one.is_due(now, heard)]
                await asyncio.gather(*(self._go_on(session, errand, now) for errand in due))
                self._errands = [errand for errand in self._errands if not errand.is_over]
                await asyncio.sleep(_ROUND_EVERY_S)

    def _read_journal(self) -> None:
        journal = self._folder / "journal"
        if not journal.exists():
            return
        with journal.open("rb") as lines:
            lines.seek(self._read_to)
            fresh = lines.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read_to += len(whole)
        for line in whole.splitlines():
            row = json.loads(line)
            if row["kind"] == "cancel":
                self.cancelled.add(row["id"])
            elif row["id"] not in self.bookings:
                self.bookings[row["id"]] = row["reference"]
                pick_up_at = self._clock.now() + timedelta(seconds=self._rng.uniform(*_TAKES_S))
                self._errands.append(_Errand(row["id"], pick_up_at))

    async def _go_on(self, session: aiohttp.ClientSession, errand: _Errand, now: datetime) -> None:
        if not errand.is_picked_up:
            if end(self._folder, errand.external_id, "picked") != "picked":
                errand.is_over = True
                return
            if await self._tell(session, errand, "PICKED_UP", now):
                errand.is_picked_up = True
                errand.deliver_at = now + timedelta(seconds=self._rng.uniform(*_TAKES_S))
        elif await self._tell(session, errand, "DELIVERED", now):
            errand.is_over = True
            self.delivered.add(errand.external_id)

    async def _tell(
        self, session: aiohttp.ClientSession, errand: _Errand, status: str, now: datetime
    ) -> bool:
        event = {"id": errand.external_id, "status": status, "at": now.isoformat(timespec="seconds")}
        body = json.dumps(event).encode()
        signature = hmac.new(CARRIER_SECRET.encode(), body, hashlib.sha256).hexdigest()
        copies = 2 if self._rng.random() < _DOUBLED else 1
        try:
            for _ in range(copies):
                async with session.post(
                    self._url, data=body, headers={SIGNATURE_HEADER: signature}
                ) as response:
                    if response.status != 200:
                        return False
        except (aiohttp.ClientError, TimeoutError):
            return False
        return True
