"""Compare: what a store counts, day by day, against what we keep, so that a gap shows by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched

from doorstep.order import Store
from doorstep.ports import StoreConnector
from doorstep.window import Window
from gateway.flow.intake.keep import forget_order, keep_orders
from gateway.flow.intake.reach import watched
from gateway.flow.intake.sync import closing
from gateway.flow.ports import Means

EVERY = timedelta(days=1)
LOOK_BACK = timedelta(days=60)
"""Shopify shows an app no older orders without a further scope."""


AT_ONCE = 200
"""Missing orders that are fetched together."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differed, and was put right: orders that we lacked, and orders that the store has no longer."""

    days: int
    missing: int
    gone: int


async def count_due(means: Means, store: Store) -> Comparison | None:
    """Compare once a day; None where it is too early."""
    now = means.clock.now()
    async with means.begin(store.merchant_id) as work:
        sync = await work.syncs.get(store.id)
    is_read = sync.history_read_at is not None
    if not is_read or (sync.counted_at is not None and now < sync.counted_at + EVERY):
        return None
    # The last hours are still on their way through webhooks and walks.
    found = await compare(means, store, Window(now - LOOK_BACK, now - timedelta(hours=1)))
    async with means.begin(store.merchant_id) as work:
        current = await work.syncs.get(store.id, lock=True)
        await work.syncs.put(replace(current, counted_at=now))
    return found


async def compare(means: Means, store: Store, span: Window) -> Comparison:
    """Compare every day of a span, and mend the days that differ.

    Raises
    ------
    RemoteError
        If the store could not be asked to the end.
    """
    missing = gone = 0
    days = _days(span)
    async with watched(means, store):
        connector = await means.links.store(store.merchant_id, store.id)
        shown = await connector.shows_since()
        for day in days:
            if shown is not None and day.start < shown:
                continue  # what is not shown is not gone
            async with means.begin(store.merchant_id) as work:
                ours = await work.orders.count_placed(store.id, day)
            theirs = await connector.count_placed(day)
            if theirs is not None and theirs != ours:
                lacked, dropped = await _mend(means, store, connector, day)
                missing, gone = missing + lacked, gone + dropped
    return Comparison(len(days), missing, gone)


async def _mend(means: Means, store: Store, connector: StoreConnector, day: Window) -> tuple[int, int]:
    theirs: set[str] = set()
    ids = connector.placed_ids(day)
    async with closing(ids):
        async for external_id in ids:
            theirs.add(external_id)
    async with means.begin(store.merchant_id) as work:
        ours = await work.orders.placed_ids(store.id, day)
    missing = sorted(theirs - ours)
    for batch in batched(missing, AT_ONCE):
        found = await connector.fetch_orders(batch)
        await keep_orders(means, store, connector, [raw for raw in found.values() if raw is not None])
    gone = 0
    for external_id in sorted(ours - theirs):
        asked_at = means.clock.now()
        if await connector.fetch_order(external_id) is None:
            await forget_order(means, store, external_id, asked_at)
            gone += 1
    return len(missing), gone


def _days(span: Window) -> Sequence[Window]:
    starts: list[datetime] = [span.start]
    while starts[-1] + timedelta(days=1) < span.end:
        starts.append(starts[-1] + timedelta(days=1))
    return [Window(start, min(start + timedelta(days=1), span.end)) for start in starts]
