"""Whose an order is, asked without reading a single customer, which would need one access scope more."""

from __future__ import annotations

from connectors.stores.shopify.answers import read_page
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import ORDER_IDS
from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.webhook import ORDER_GID, is_gid


async def is_bought_by(client: ShopifyClient, order_gid: str, customer_id: str) -> bool:
    """Whether a search for this order among this customer's finds it.

    A part of the search that Shopify does not take is an error and never a yes, see `answers.read_answer`.

    Parameters
    ----------
    customer_id
        Shopify's number of the person.
    """
    if not (order_gid.startswith(ORDER_GID) and is_gid(order_gid) and customer_id.isdecimal()):
        return False
    number = order_gid.removeprefix(ORDER_GID)
    search = f"id:{number} AND customer_id:{customer_id} AND status:any"
    answer = await client.send(ORDER_IDS, {"first": 1, "query": search, "sort": "CREATED_AT"})
    nodes, _ = read_page(Field(answer.data)["orders"])
    return [node["id"].text() for node in nodes] == [order_gid]
