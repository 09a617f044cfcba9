"""The gateway's side of `bench backfill`, in a process of its own.

"pages" catches up with a store through `sync_store`, while webhooks are worked off and a second walk passes;
"bulk" reads a whole history through `sync_store`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

from bench.backfill_child import peak_rss_mb
from bench.backfill_shop import CREDENTIALS, DAYS, DOMAIN
from doorstep.events import StoreNotified
from doorstep.ids import new_id
from doorstep.merchant import Merchant
from doorstep.order import Store, StorePlatform
from doorstep.ports import RawOrder
from doorstep.window import Window
from gateway.bootstrap.house import House, open_house
from gateway.config import Settings
from gateway.flow.intake.keep import Intake, keep_orders
from gateway.flow.intake.notices import take_notices
from gateway.flow.intake.sync import BATCH, sync_store
from gateway.store.inbox import SqlWebhookInbox
from webhooks.inbound.inbox import InboxMessage, SourceKind

SECOND_WALK_BACK = timedelta(hours=6)
_MERCHANT = Merchant(new_id("mer"), "Bench", "USD", "America/New_York")
_STORE = Store(
    new_id("sto"), _MERCHANT.id, StorePlatform.SHOPIFY, DOMAIN, f"https://{DOMAIN}", DOMAIN, location_id=""
)


@dataclass
class Kept:
    """How many orders were kept until when: (monotonic seconds, orders, CPU seconds of this process)."""

    orders: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    moments: list[tuple[float, int, float]] = field(default_factory=list)

    def add(self, outcome: Intake) -> None:
        """One more."""
        self.orders += 1
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        self.moments.append((time.monotonic(), self.orders, time.process_time()))
        if self.orders % 1000 == 0:
            print(f"  {self.orders:>6} orders kept", file=sys.stderr)


async def read_pages(request: Mapping[str, Any]) -> dict[str, Any]:
    """Read page by page for so many seconds, or until the store is read to its end."""
    kept = Kept()
    async with _house(request) as house:
        long_ago = datetime.now(UTC) - timedelta(days=DAYS + 1)
        async with house.means.begin(_MERCHANT.id) as work:
            sync = await work.syncs.get(_STORE.id)
            # A store that is known and was away: one whose history was never read is read in bulk.
            await work.syncs.put(replace(sync, orders_until=long_ago))
        walking = asyncio.create_task(sync_store(house.means, _MERCHANT.id, _STORE.id, kept.add))
        beside = [
            asyncio.create_task(_notify(house, kept, request["gids"], request["webhook_every_s"])),
            asyncio.create_task(_walk_again(house, kept, request["walk_again_every_s"])),
        ]
        try:
            done, _ = await asyncio.wait(
                [walking, *beside], timeout=request["seconds"], return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
        finally:
            for task in (walking, *beside):
                task.cancel()
            await asyncio.gather(walking, *beside, return_exceptions=True)
    return {"moments": kept.moments, "outcomes": kept.outcomes, "peak_rss_mb": peak_rss_mb()}


async def read_bulk(request: Mapping[str, Any]) -> dict[str, Any]:
    """Read a whole history into the database."""
    kept = Kept()
    async with _house(request) as house:
        await sync_store(house.means, _MERCHANT.id, _STORE.id, kept.add)
        ended_s = time.monotonic()
        now = datetime.now(UTC)
        async with house.means.begin(_MERCHANT.id) as work:
            there = await work.orders.count_placed(_STORE.id, Window(now - timedelta(days=DAYS + 1), now))
    return {
        "ended_s": ended_s,
        "orders": there,
        "outcomes": kept.outcomes,
        "peak_rss_mb": peak_rss_mb(),
        "cpu_s": time.process_time(),
    }


READINGS = {"pages": read_pages, "bulk": read_bulk}


@asynccontextmanager
async def _house(request: Mapping[str, Any]) -> AsyncIterator[House]:
    """The gateway, with one merchant whose one store is the simulated shop."""
    async with open_house(Settings.from_environment(request["settings"])) as house:
        async with house.transactions.begin_sql(_MERCHANT.id) as work:
            await work.accounts.put_merchant(_MERCHANT)
            await work.accounts.put_store(_STORE, {**CREDENTIALS, "api_endpoint": request["url"]})
        yield house


async def _notify(house: House, kept: Kept, gids: Sequence[str], every_s: float) -> None:
    """A webhook now and then, each worked off at once, as a worker does."""
    inbox = SqlWebhookInbox(house.database, house.queue)
    for number in range(sys.maxsize):
        await asyncio.sleep(every_s)
        message = InboxMessage(
            merchant_id=_MERCHANT.id,
            source=_STORE.id,
            kind=SourceKind.STORE,
            topic="orders/updated",
            dedupe_id=f"bench-{number}",
            external_id=gids[number % len(gids)],
            headers={"x-shopify-topic": "orders/updated"},
            body=b"{}",
            received_at=datetime.now(UTC),
        )
        await inbox.put([message])
        await take_notices(StoreNotified(_MERCHANT.id, _STORE.id), house.means)
        kept.add(Intake.UPDATED)


async def _walk_again(house: House, kept: Kept, every_s: float) -> None:
    """Walk over the last hours again and again, beside the long walk, as a nightly second look does."""
    while True:
        await asyncio.sleep(every_s)
        connector = await house.links.store(_MERCHANT.id, _STORE.id)
        since = datetime.now(UTC) - SECOND_WALK_BACK
        raws: list[RawOrder] = [raw async for raw in connector.changed_orders(since)]
        for batch in batched(raws, BATCH):
            for one in await keep_orders(house.means, _STORE, connector, batch):
                kept.add(one.outcome)


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    print(json.dumps(asyncio.run(READINGS[asked["how"]](asked))), flush=True)
