"""How many orders there are, and when the first and the last of them changed or was placed."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.stores.shopify.answers import read_page
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import NEWEST_CHANGE, ORDER_IDS, ORDERS_COUNT
from connectors.stores.shopify.payload import Field
from doorstep.window import Window


async def count(client: ShopifyClient, search: str, *, is_walk: bool = False) -> int | None:
    """How many orders a search finds; None where Shopify does not count exactly.

    Parameters
    ----------
    is_walk
        It is one of many counts, which calls that somebody waits for go before.
    """
    answer = await client.send(ORDERS_COUNT, {"query": search}, is_walk=is_walk)
    found = Field(answer.data)["ordersCount"]
    return found["count"].count() if found and found["precision"].value == "EXACT" else None


async def newest_change(client: ShopifyClient) -> datetime | None:
    """Shopify's time of the last change of any order; None where there are no orders."""
    answer = await client.send(NEWEST_CHANGE, {})
    nodes, _ = read_page(Field(answer.data)["orders"])
    return nodes[0]["updatedAt"].instant() if nodes else None


async def placed_span(client: ShopifyClient) -> Window | None:
    """From the first order to the last; None where there are no orders."""
    ends: list[datetime] = []
    for is_last in (False, True):
        variables = {"first": 1, "query": "status:any", "sort": "CREATED_AT", "reverse": is_last}
        answer = await client.send(ORDER_IDS, variables, is_walk=True)
        nodes, _ = read_page(Field(answer.data)["orders"])
        ends += [node["createdAt"].instant() for node in nodes]
    return Window(ends[0], ends[-1] + timedelta(seconds=1)) if len(ends) == 2 else None
