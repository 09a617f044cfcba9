"""Sync: walks through a store, so that nothing is lost even where no webhook arrives.

Every cursor is the store's own time and moves with the commit of what was read: whatever ends a walk, the
next one goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import batched
from typing import Literal

from doorstep.errors import NotFound
from doorstep.events import SyncRequested
from doorstep.order import LinkStatus, Store
from doorstep.ports import RawOrder, StoreConnector, Touch
from gateway.flow.claim import ClaimLost, is_held, kept_alive, until
from gateway.flow.intake.articles import learn_articles
from gateway.flow.intake.keep import Intake, keep_orders
from gateway.flow.intake.reach import reached, watched
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.records import StoreSync

OVERLAP = timedelta(minutes=10)
"""How far before its cursor a walk starts again: stores tick in seconds and their indexes lag."""

BATCH = 100
"""Orders kept in one transaction. Measured: twice as fast as 25 of them, and hardly slower than 200."""

TOUCHED = 200
"""Orders with a changed part that are fetched together."""

AHEAD = timedelta(hours=1)
"""How far a store's clock may be ahead of ours. A later date of change moves no cursor: a plug-in may have
written one of next year, behind which nothing would ever be found.
"""

RESCAN_EVERY, RESCAN_BACK = timedelta(days=1), timedelta(days=2)

Cursor = Literal["orders_until", "history_until"]

Progress = Callable[[Intake], None]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a walk through a store found.

    Attributes
    ----------
    is_busy
        Somebody else is walking through it: nothing was read.
    """

    counts: Mapping[Intake, int]
    is_busy: bool = False


async def sync_requested(event: SyncRequested, means: Means) -> None:
    """Somebody wants it read now."""
    async with means.begin(event.merchant_id) as work:
        store = await work.accounts.store(event.store_id)
    if store is not None and store.status is not LinkStatus.DISCONNECTED:
        await sync_store(means, event.merchant_id, event.store_id, is_full=event.is_full)


async def sync_store(
    means: Means,
    merchant_id: str,
    store_id: str,
    on_progress: Progress | None = None,
    *,
    is_full: bool = False,
) -> SyncReport:
    """Read what changed since the last walk, or everything where there was none.

    Raises
    ------
    NotFound
        If there is no such store.
    RemoteError
        If the store could not be read to the end; what was read is kept, and so is how far it was read.
    """
    async with means.begin(merchant_id) as work:
        store = await work.accounts.store(store_id)
    if store is None:
        raise NotFound(store_id)
    walk = _Walk(means, store, on_progress)
    if not await walk.claim(is_full=is_full):
        return SyncReport(walk.counts, is_busy=True)
    try:
        async with kept_alive(walk.renew), watched(means, store):
            connector = await means.links.store(merchant_id, store_id)
            await _read(walk, connector)
    except ClaimLost:
        return SyncReport(walk.counts, is_busy=True)
    finally:
        await asyncio.shield(walk.release())
    return SyncReport(walk.counts)


async def rescan_due(means: Means, store: Store) -> Mapping[Intake, int] | None:
    """Look a second time at what changed within two days, once a night; None where it is too early.

    A change that the store's index showed only after the walk had passed is found here.
    """
    now = means.clock.now()
    async with means.begin(store.merchant_id) as work:
        sync = await work.syncs.get(store.id)
    is_early = sync.rescanned_at is not None and now < sync.rescanned_at + RESCAN_EVERY
    if sync.orders_until is None or is_early:
        return None
    walk = _Walk(means, store, None)
    async with watched(means, store):
        connector = await means.links.store(store.merchant_id, store.id)
        since = min(sync.orders_until, now) - RESCAN_BACK
        await walk.keep_all(connector, connector.changed_orders(since))
    await walk.note(lambda current: replace(current, rescanned_at=now))
    return walk.counts


async def _read(walk: _Walk, connector: StoreConnector) -> None:
    sync = await walk.state()
    if sync.orders_until is None:
        # The store's last change before its history is read: what changes meanwhile is for the next walk.
        now = walk.means.clock.now()
        newest = await connector.newest_change()
        if newest is not None and newest > now + AHEAD:
            newest = now - RESCAN_EVERY  # one order of the future hides which change was the last
        after = sync.history_until - OVERLAP if sync.history_until else None
        await walk.keep_all(connector, connector.all_orders(after), cursor="history_until")
        await walk.note(partial(_history_read, newest=newest, now=walk.means.clock.now()))
        return
    changed = connector.changed_orders(sync.orders_until - OVERLAP)
    await walk.keep_all(connector, changed, cursor="orders_until")
    if sync.parts_until is not None:
        await walk.fetch_touched(connector, connector.touched_orders(sync.parts_until - OVERLAP))


def _history_read(sync: StoreSync, newest: datetime | None, now: datetime) -> StoreSync:
    return replace(
        sync,
        orders_until=newest,
        parts_until=sync.parts_until or newest,
        history_until=None,
        history_read_at=now,
    )


class _Walk:
    """One walk through one store, with what it counted."""

    def __init__(self, means: Means, store: Store, on_progress: Progress | None) -> None:
        self.means = means
        self.counts = dict.fromkeys(Intake, 0)
        self._store = store
        self._on_progress = on_progress
        self._turn = 0

    async def claim(self, *, is_full: bool) -> bool:
        """Whether nobody else is at it."""
        async with self.means.begin(self._store.merchant_id) as work:
            sync = await work.syncs.get(self._store.id, lock=True)
            is_free = not is_held(sync.claimed_until)
            # Whoever is at it goes on from its cursor: the walk after that one reads everything.
            sync = replace(sync, wants_full=sync.wants_full or is_full)
            if is_free and sync.wants_full:
                sync = replace(
                    sync, orders_until=None, parts_until=None, history_until=None, wants_full=False
                )
            if is_free:
                self._turn = sync.turn + 1
                sync = replace(sync, claimed_until=until(), turn=self._turn)
            await work.syncs.put(sync)
        return is_free

    async def renew(self, claimed_until: datetime) -> None:
        """Still walking; raises `ClaimLost` where somebody else has begun since."""
        async with self.means.begin(self._store.merchant_id) as work:
            sync = await work.syncs.get(self._store.id, lock=True)
            if sync.turn != self._turn:
                raise ClaimLost
            await work.syncs.put(replace(sync, claimed_until=claimed_until))

    async def release(self) -> None:
        """Let others walk."""
        await self.note(lambda sync: replace(sync, claimed_until=None) if sync.turn == self._turn else sync)

    async def state(self) -> StoreSync:
        """How far it has been read."""
        async with self.means.begin(self._store.merchant_id) as work:
            return await work.syncs.get(self._store.id)

    async def note(self, change: Callable[[StoreSync], StoreSync]) -> None:
        """Write down how far it is."""
        async with self.means.begin(self._store.merchant_id) as work:
            await work.syncs.put(change(await work.syncs.get(self._store.id, lock=True)))

    async def keep_all(
        self, connector: StoreConnector, raws: AsyncIterator[RawOrder], *, cursor: Cursor | None = None
    ) -> None:
        """Keep what comes, a batch at a time; the cursor moves with each."""
        batch: dict[str, RawOrder] = {}
        async with closing(raws):
            async for raw in raws:
                if raw.external_id in batch or len(batch) >= BATCH:
                    await self._keep(connector, list(batch.values()), cursor)
                    batch = {}
                batch[raw.external_id] = raw
        if batch:
            await self._keep(connector, list(batch.values()), cursor)

    async def fetch_touched(self, connector: StoreConnector, touches: AsyncIterator[Touch]) -> None:
        """Fetch orders of which a part changed, unless we know that part as it is."""
        batch: dict[str, datetime] = {}
        async with closing(touches):
            async for touch in touches:
                batch[touch.order_external_id] = touch.touched_at
                if len(batch) >= TOUCHED:
                    await self._fetch_touched(connector, batch)
                    batch = {}
        if batch:
            await self._fetch_touched(connector, batch)

    async def _fetch_touched(self, connector: StoreConnector, touched: Mapping[str, datetime]) -> None:
        async with self.means.begin(self._store.merchant_id) as work:
            known = await work.orders.part_times(self._store.id, list(touched))
        # In the very second that we know of, the part may have changed once more.
        unknown = [id_ for id_, at in touched.items() if id_ not in known or known[id_] <= at]
        found = await connector.fetch_orders(unknown) if unknown else {}
        raws = [raw for raw in found.values() if raw is not None]
        for batch in batched(raws, BATCH):
            await self._keep(connector, batch)
        newest = max(touched.values())
        await self.note(lambda sync: replace(sync, parts_until=_later(sync.parts_until, newest)))

    async def _keep(
        self, connector: StoreConnector, batch: Sequence[RawOrder], cursor: Cursor | None = None
    ) -> None:
        changed = [at for raw in batch if (at := raw.changed_at) and at <= raw.fetched_at + AHEAD]

        async def move(work: UnitOfWork) -> None:
            sync = reached(await work.syncs.get(self._store.id, lock=True), self.means.clock.now())
            if changed and cursor == "orders_until":
                sync = replace(sync, orders_until=_later(sync.orders_until, max(changed)))
            elif changed and cursor == "history_until":
                sync = replace(sync, history_until=_later(sync.history_until, max(changed)))
            await work.syncs.put(sync)

        kept = await keep_orders(self.means, self._store, connector, batch, move)
        await learn_articles(self.means, self._store, connector, kept)
        for one in kept:
            self.counts[one.outcome] += 1
            if self._on_progress is not None:
                self._on_progress(one.outcome)


@asynccontextmanager
async def closing(stream: object) -> AsyncIterator[None]:
    """Let go of what a stream holds, also where it is not read to its end."""
    try:
        yield
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)
