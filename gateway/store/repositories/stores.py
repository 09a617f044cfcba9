"""What stores and we know of each other: how far each is read, its articles, what it was told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.order import LinkStatus
from doorstep.product import Product
from gateway.flow.records import PrivacyRequest, PrivacyStatus, ReportState, ReportStatus, StoreSync
from gateway.store import columns
from gateway.store import tables as t
from gateway.store.codec import from_json
from gateway.store.documents import Documents
from gateway.store.repositories.turns import take_turns

_NOT_LINKED = (LinkStatus.PENDING, LinkStatus.DISCONNECTED)


class SqlSyncs:
    """How far each store is read; see `gateway.flow.ports.Syncs`."""

    def __init__(self, connection: AsyncConnection, merchant_id: str) -> None:
        self._connection = connection
        self._merchant_id = merchant_id
        self._syncs = Documents(connection, t.store_syncs, StoreSync, columns.store_sync)

    async def get(self, store_id: str, *, lock: bool = False) -> StoreSync:
        if lock:
            await take_turns(self._connection, f"sync {store_id}")
        return await self._syncs.get(store_id, lock=lock) or StoreSync(store_id, self._merchant_id)

    async def put(self, sync: StoreSync) -> None:
        await self._syncs.put(sync)


class SqlReports:
    """What stores were told; see `gateway.flow.ports.Reports`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._reports = Documents(connection, t.reports, ReportState, columns.report)

    async def get(self, unit_id: str, *, lock: bool = False) -> ReportState | None:
        if lock:
            await take_turns(self._connection, f"report {unit_id}")
        return await self._reports.get(unit_id, lock=lock)

    async def put(self, state: ReportState) -> None:
        await self._reports.put(state)

    async def due(self, now: datetime, limit: int) -> Sequence[ReportState]:
        c, stores = t.reports.c, t.stores.c
        oldest_first = (c.due_at, c.id)
        theirs = (
            select(c.doc, c.due_at, func.row_number().over(order_by=oldest_first).label("turn"))
            .where(c.store_id == stores.id, c.due_at <= now)
            .order_by(*oldest_first)
            .limit(limit)
            .lateral("theirs")
        )
        query = (
            select(theirs.c.doc)
            .select_from(t.stores.join(theirs, true()))
            .where(stores.doc["status"].astext.not_in(_NOT_LINKED))
            .order_by(theirs.c.turn, theirs.c.due_at)
            .limit(limit)
        )
        return [from_json(doc, ReportState) for doc in (await self._connection.execute(query)).scalars()]

    async def refused_among(self, unit_ids: Sequence[str]) -> Sequence[ReportState]:
        return await self._reports.find(
            t.reports.c.id.in_(list(unit_ids)), t.reports.c.status == ReportStatus.REFUSED
        )

    async def counts(self, store_id: str) -> Mapping[ReportStatus, int]:
        query = (
            select(t.reports.c.status, func.count())
            .where(t.reports.c.store_id == store_id)
            .group_by(t.reports.c.status)
        )
        found = {ReportStatus(status): count for status, count in await self._connection.execute(query)}
        return {status: found.get(status, 0) for status in ReportStatus}


class SqlProducts:
    """Articles; see `gateway.flow.ports.Products`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._products = Documents(connection, t.products, Product, columns.product)

    async def by_external_ids(self, store_id: str, external_ids: Iterable[str]) -> Mapping[str, Product]:
        found = await self._products.find(
            t.products.c.store_id == store_id, t.products.c.external_id.in_(list(external_ids))
        )
        return {product.external_id: product for product in found}

    async def by_skus(self, store_id: str, skus: Iterable[str]) -> Mapping[str, Product]:
        found = await self._products.find(
            t.products.c.store_id == store_id,
            # Without this the index, which leaves out what has no SKU, would not be used.
            t.products.c.sku != "",
            t.products.c.sku.in_(list(skus)),
            order_by=t.products.c.id,
        )
        return {product.sku: product for product in found}

    async def read_since(self, store_id: str, external_ids: Iterable[str], since: datetime) -> frozenset[str]:
        query = select(t.products.c.external_id).where(
            t.products.c.store_id == store_id,
            t.products.c.external_id.in_(list(external_ids)),
            t.products.c.read_at >= since,
        )
        return frozenset((await self._connection.execute(query)).scalars())

    async def put(self, product: Product, read_at: datetime) -> None:
        await take_turns(self._connection, f"product {product.store_id} {product.external_id}")
        # One that two walks met at once keeps the id that it got first.
        known = (await self.by_external_ids(product.store_id, [product.external_id])).get(product.external_id)
        await self._products.put(replace(product, id=known.id) if known else product, read_at=read_at)


class SqlPrivacyRequests:
    """Requests about people's data; see `gateway.flow.ports.PrivacyRequests`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._requests = Documents(connection, t.privacy_requests, PrivacyRequest, columns.privacy_request)

    async def get(self, request_id: str, *, lock: bool = False) -> PrivacyRequest | None:
        return await self._requests.get(request_id, lock=lock)

    async def put(self, request: PrivacyRequest) -> None:
        await self._requests.put(request)

    async def waiting(self) -> Sequence[PrivacyRequest]:
        return await self._requests.find(
            t.privacy_requests.c.status == PrivacyStatus.WAITING,
            order_by=(t.privacy_requests.c.due_at, t.privacy_requests.c.id),
        )
