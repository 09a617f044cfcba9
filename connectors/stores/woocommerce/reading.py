"""Reads orders from a store, one, many or all, and adds what an order leaves out."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.stores.woocommerce import mapping
from connectors.stores.woocommerce.catalog import Catalog
from connectors.stores.woocommerce.pages import LARGEST_PAGE, SMALLEST_PAGE, OrderPages, is_too_much
from connectors.stores.woocommerce.store_api import StoreApi
from connectors.stores.woocommerce.walk import Ask, merged, stamp_of, start_of, walk
from doorstep.clock import Clock
from doorstep.errors import RemoteUnavailable
from doorstep.ports import RawOrder

Document = dict[str, Any]

_REFUNDS_PAGE = 100
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
_AT_A_TIME = 4
"""Calls that go out together: what waits longer for its turn than a call may last would count as too slow."""


class OrderReader:
    """Gives orders as the store wrote them, with their refunds, products and units."""

    def __init__(self, api: StoreApi, catalog: Catalog, clock: Clock) -> None:
        self._api = api
        self._catalog = catalog
        self._clock = clock

    async def changed(self, since: datetime | None) -> AsyncIterator[RawOrder]:
        """Every order changed since, trash included, drafts of unfinished checkouts left out."""
        # "any" has no trash in it, nor has "any,trash" (measured): it is a walk of its own.
        listed, trashed = self._walk("any", since), self._walk("trash", since)
        async for _, raw in merged(listed, trashed, lambda pair: pair[0]):
            yield raw

    async def one(self, external_id: str) -> RawOrder | None:
        """One order; None where it was deleted for good, is a refund, or is still a draft."""
        asked_at = self._clock.now()
        order = await self.document(external_id)
        if order is None or is_draft(order):
            return None
        return (await self.complete([order], asked_at))[0]

    async def document(self, external_id: str) -> Document | None:
        """One order's bare document, drafts too; None where there is none of that id."""
        if not external_id.isdecimal():
            return None
        answer = await self._api.read(f"orders/{external_id}", may_be_missing=True)
        return None if answer.payload is None else answer.fields()

    async def many(self, external_ids: Sequence[str]) -> dict[str, RawOrder | None]:
        """Several orders: a list of the living, a list of the trash, and the rest by id.

        An order whose status nobody registers (its plugin was switched off) is in neither list and is only
        found by its id; so nothing is called gone before it was asked for by id.
        """
        found: dict[str, RawOrder | None] = dict.fromkeys(external_ids)
        asked = [external_id for external_id in found if external_id.isdecimal()]
        for status in ("any", "trash"):
            wanted = [external_id for external_id in asked if found[external_id] is None]
            for batch in itertools.batched(wanted, LARGEST_PAGE):
                found |= {raw.external_id: raw for raw in await self._included(status, list(batch))}
        rest = [external_id for external_id in asked if found[external_id] is None]
        for few in itertools.batched(rest, _AT_A_TIME):
            found |= dict(zip(few, await asyncio.gather(*map(self.one, few)), strict=True))
        return found

    async def complete(self, orders: list[Document], asked_at: datetime) -> list[RawOrder]:
        """Add what orders leave out, in as few calls as it takes: none for most of them."""
        if not orders:
            return []
        products = await self._catalog.products_of(orders)
        units = await self._catalog.units() if products else {}
        refunds: list[list[Document]] = []
        for few in itertools.batched(orders, _AT_A_TIME):
            refunds += await asyncio.gather(*map(self._refunds_of, few))
        now = self._clock.now()
        return [
            RawOrder(
                external_id=str(order.get("id", "")),
                body=_body(order, refund, products, units),
                asked_at=asked_at,
                fetched_at=now,
                changed_at=stamp_of(order),
            )
            for order, refund in zip(orders, refunds, strict=True)
        ]

    async def _walk(self, status: str, since: datetime | None) -> AsyncIterator[tuple[datetime, RawOrder]]:
        async for page in walk(OrderPages(self._api, self._clock), Ask(status, start_of(since))):
            orders = [order for order in page.orders if not is_draft(order)]
            for order, raw in zip(orders, await self.complete(orders, page.asked_at), strict=True):
                # Without a date it comes first, as in the store's own list.
                yield stamp_of(order) or _BEFORE_ALL, raw

    async def _included(self, status: str, external_ids: list[str]) -> list[RawOrder]:
        """Those of some orders that have a status; in smaller portions where the host cannot bear them."""
        asked_at = self._clock.now()
        query = {"include": ",".join(external_ids), "status": status, "per_page": str(LARGEST_PAGE)}
        try:
            orders = (await self._api.read("orders", query)).rows()
        except RemoteUnavailable as error:
            if not is_too_much(error) or len(external_ids) <= SMALLEST_PAGE:
                raise
            portion = max(SMALLEST_PAGE, len(external_ids) // 4)
            parts = [
                await self._included(status, list(part)) for part in itertools.batched(external_ids, portion)
            ]
            return [raw for part in parts for raw in part]
        # A plugin that makes the store ignore `include` must not slip us other orders.
        asked_for = [order for order in orders if str(order.get("id")) in external_ids]
        return await self.complete([order for order in asked_for if not is_draft(order)], asked_at)

    async def _refunds_of(self, order: Mapping[str, Any]) -> list[Document]:
        if not order.get("refunds"):
            return []
        found: list[Document] = []
        for number in itertools.count(1):
            answer = await self._api.read(
                f"orders/{order.get('id')}/refunds",
                {"per_page": str(_REFUNDS_PAGE), "page": str(number)},
                may_be_missing=True,
            )
            rows = answer.rows() if answer.payload is not None else []
            found += rows
            if len(rows) < _REFUNDS_PAGE:
                break
        return found


def is_draft(order: Mapping[str, Any]) -> bool:
    """Whether it is a checkout that nobody has finished."""
    return order.get("status") in mapping.DRAFT_STATUSES


def _body(
    order: Mapping[str, Any],
    refunds: list[Document],
    products: Mapping[str, Any],
    units: Mapping[str, str],
) -> str:
    # One order whose lines are no lines is for `read_order` to refuse; the walk goes on.
    given = order.get("line_items")
    lines = [line for line in given if isinstance(line, dict)] if isinstance(given, list) else []
    wanted = {str(line.get("variation_id") or line.get("product_id")) for line in lines}
    return json.dumps(
        {
            "order": order,
            "refunds": refunds,
            "products": {product_id: products[product_id] for product_id in sorted(wanted & products.keys())},
            "units": units,
        }
    )
