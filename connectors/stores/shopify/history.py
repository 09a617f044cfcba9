"""Every order that a shop has, the fastest way: pages for few, bulk operations for many."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.stores.shopify.bulk import BulkFailed, BulkOrders
from connectors.stores.shopify.counts import count, placed_span
from connectors.stores.shopify.documents import ADDRESS_SAMPLE
from connectors.stores.shopify.lookup import Lookup
from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.walk import CHANGED_ORDERS, PAGE_SIZE, PLACED_ORDERS, Trail, Walker
from connectors.stores.shopify.whole import ChangedMeanwhile, OrderReader, withheld_by_place
from doorstep.ports import RawOrder
from doorstep.window import Window

BULK_THRESHOLD = 1_000
"""Up to so many orders are a few pages, which are there before a bulk operation has begun."""

_SPLITS = 3
_SMALLEST = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class _Span:
    """A part of the history; `splits` says how often it has been halved."""

    window: Window | None
    splits: int = 0

    @property
    def bounds(self) -> tuple[datetime | None, datetime | None]:
        return (self.window.start, self.window.end) if self.window is not None else (None, None)

    def halves(self) -> tuple[_Span, ...]:
        """The two halves; none where it is not worth it."""
        window = self.window
        if window is None or self.splits >= _SPLITS or window.end - window.start < _SMALLEST:
            return ()
        middle = (window.start + (window.end - window.start) / 2).replace(microsecond=0)
        first, second = Window(window.start, middle), Window(middle, window.end)
        return _Span(first, self.splits + 1), _Span(second, self.splits + 1)


class History:
    """Walks and backfills of whole orders."""

    def __init__(
        self, walker: Walker, reader: OrderReader, lookup: Lookup, bulk: BulkOrders, bulk_threshold: int
    ) -> None:
        self._walker = walker
        self._reader = reader
        self._lookup = lookup
        self._bulk = bulk
        self._bulk_threshold = bulk_threshold

    async def walked(
        self, trail: Trail, start: datetime | None, end: datetime | None = None
    ) -> AsyncIterator[RawOrder]:
        """Orders page by page.

        Raises
        ------
        ChangedMeanwhile
            After everything else was given, if an order never stood still.
        """
        restless: list[str] = []
        async for page in self._walker.pages(trail, start, end):
            withheld = withheld_by_place(page.answer, 3)
            for index, node in enumerate(page.nodes):
                at = withheld.get((trail.connection, "nodes", str(index)), ())
                raw: RawOrder | None
                try:
                    raw = await self._reader.whole(node, at, page.asked_at)
                except ChangedMeanwhile:
                    raw = await self._anew(node, restless)
                if raw is not None:
                    yield raw
        async for raw in self._settled(restless):
            yield raw

    async def everything(self) -> AsyncIterator[RawOrder]:
        """All orders, in any order."""
        client = self._walker.client
        total = await count(client, CHANGED_ORDERS.search(None, None), is_walk=True)
        is_small = total is not None and total <= self._bulk_threshold
        # A bulk operation does not say which fields it withheld, a page does.
        if is_small or (await client.send(ADDRESS_SAMPLE, {}, is_walk=True)).denied:
            async for raw in self.walked(CHANGED_ORDERS, None):
                yield raw
            return
        spans = deque([_Span(None)])
        given: set[str] = set()
        while spans:
            async with aclosing(self._span(spans.popleft(), spans, given)) as orders:
                async for raw in orders:
                    yield raw

    async def _span(self, span: _Span, spans: deque[_Span], given: set[str]) -> AsyncGenerator[RawOrder]:
        """One part by bulk operation; where that fails, what it hints at, and then smaller parts or pages."""
        hints: list[str] | None = None
        try:
            async with aclosing(self._bulk.read(PLACED_ORDERS.search(*span.bounds))) as orders:
                async for raw in orders:
                    if raw.external_id not in given:
                        yield raw
        except BulkFailed as failure:
            hints = failure.hints
        if hints is None:
            return
        async for raw in self._hinted([gid for gid in hints if gid not in given]):
            given.add(raw.external_id)
            yield raw
        if span.window is None:
            span = _Span(await placed_span(self._walker.client))
        halves = span.halves()
        spans.extend(halves)
        if not halves:
            async for raw in self.walked(PLACED_ORDERS, *span.bounds):
                if raw.external_id not in given:
                    yield raw

    async def _hinted(self, gids: list[str]) -> AsyncIterator[RawOrder]:
        for start in range(0, len(gids), PAGE_SIZE):
            try:
                found = await self._lookup.fetch(gids[start : start + PAGE_SIZE])
            except ChangedMeanwhile:
                continue  # they come again with the smaller parts
            for raw in found.values():
                if raw is not None:
                    yield raw

    async def _anew(self, node: Field, restless: list[str]) -> RawOrder | None:
        gid = node["id"].text()
        try:
            return await self._reader.by_id(gid)
        except ChangedMeanwhile:
            restless.append(gid)
            return None

    async def _settled(self, gids: list[str]) -> AsyncIterator[RawOrder]:
        """Those that changed under every try, once more."""
        trouble: ChangedMeanwhile | None = None
        for gid in gids:
            try:
                raw = await self._reader.by_id(gid)
            except ChangedMeanwhile as problem:
                trouble = problem
            else:
                if raw is not None:
                    yield raw
        if trouble is not None:
            raise trouble
