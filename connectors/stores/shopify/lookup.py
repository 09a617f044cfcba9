"""Orders by their ids in few calls.

A search finds many ids for 2.8 points each, but it lags behind: what was made a moment ago it does not find.
So it never decides that something is not there; Shopify is asked for that by id.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import batched

from connectors.stores.shopify.answers import SYSTEM, read_page
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import ORDERS_OF_UNITS, ORDERS_PAGE
from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.walk import PAGE_SIZE
from connectors.stores.shopify.webhook import FULFILLMENT_ORDER_GID, is_gid, order_gid
from connectors.stores.shopify.whole import AT_ONCE, ChangedMeanwhile, OrderReader, withheld_by_place
from doorstep.clock import Clock
from doorstep.errors import AccountProblem
from doorstep.ports import RawOrder


class Lookup:
    """Finds orders by gid, by number, or by the gid of a fulfillment order."""

    def __init__(self, client: ShopifyClient, reader: OrderReader, clock: Clock) -> None:
        self._client = client
        self._reader = reader
        self._clock = clock

    async def fetch(self, ids: Sequence[str]) -> dict[str, RawOrder | None]:
        """The orders now; every given id is a key, None is Shopify's own word.

        Raises
        ------
        ChangedMeanwhile
            If one changed under every try.
        """
        wanted = {one: order_gid(one) if one.isdecimal() else one for one in ids}
        units = {gid for gid in wanted.values() if is_gid(gid) and gid.startswith(FULFILLMENT_ORDER_GID)}
        owners = await self._owners(units)
        gids = {one: owners.get(gid, gid) for one, gid in wanted.items() if gid not in units or gid in owners}
        orders = await self._orders({gid for gid in gids.values() if is_gid(gid)})
        return {one: orders.get(gids.get(one, "")) for one in ids}

    async def _owners(self, units: set[str]) -> dict[str, str]:
        """Fulfillment order -> order; those that Shopify does not have (any more) are left out."""
        found: dict[str, str] = {}
        for batch in batched(sorted(units), PAGE_SIZE):
            answer = await self._client.send(ORDERS_OF_UNITS, {"ids": list(batch)})
            if answer.denied:
                text = "Shopify denies the app fulfillment orders; an access scope is missing"
                raise AccountProblem(text, system=SYSTEM, raw_code="ACCESS_DENIED")
            nodes = Field(answer.data)["nodes"].items()
            found |= {node["id"].text(): node["orderId"].text() for node in nodes if node}
        return found

    async def _orders(self, gids: set[str]) -> dict[str, RawOrder | None]:
        found: dict[str, RawOrder | None] = {}
        if len(gids) > AT_ONCE:
            for batch in batched(sorted(gids), PAGE_SIZE):
                async for raw in self._search(batch):
                    found[raw.external_id] = raw
        missing = sorted(gids - found.keys())
        return found | (await self._reader.by_ids(missing) if missing else {})

    async def _search(self, gids: Sequence[str]) -> AsyncIterator[RawOrder]:
        """Those that the search index knows, less those that change while they are read."""
        query = f"({by_numbers(gids)}) AND status:any"
        asked_at = self._clock.now()
        answer = await self._client.send(ORDERS_PAGE, {"first": len(gids), "query": query})
        nodes, _ = read_page(Field(answer.data)["orders"])
        withheld = withheld_by_place(answer, 3)
        for index, node in enumerate(nodes):
            try:
                yield await self._reader.whole(
                    node, withheld.get(("orders", "nodes", str(index)), ()), asked_at
                )
            except ChangedMeanwhile:
                continue


def by_numbers(gids: Iterable[str]) -> str:
    """Search text for exactly these."""
    return " OR ".join(f"id:{gid.rpartition('/')[2]}" for gid in gids)
