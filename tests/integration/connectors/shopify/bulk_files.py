"""Files as bulk operations write them, out of orders as pages show them."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Node = dict[str, Any]

_PAYLOAD = Path(__file__).parents[3] / "payloads" / "shopify" / "order.json"


def lines_of(order: Node) -> Iterator[Node]:
    """The lines of one order: itself, its children, and theirs."""
    yield {"__typename": "Order", **_plain(order)}
    for place, node in enumerate(order["shippingLines"]["nodes"]):
        child = {"__typename": "ShippingLine", "id": f"{order['id']}/ShippingLine/{place}"}
        yield {**child, **node, "__parentId": order["id"]}
    for node in order["lineItems"]["nodes"]:
        yield {"__typename": "LineItem", **node, "__parentId": order["id"]}
    for unit in order["fulfillmentOrders"]["nodes"]:
        yield {"__typename": "FulfillmentOrder", **_plain(unit), "__parentId": order["id"]}
        for place, node in enumerate(unit["lineItems"]["nodes"]):
            child = {"__typename": "FulfillmentOrderLineItem", "id": f"{unit['id']}/Line/{place}"}
            yield {**child, **node, "__parentId": unit["id"]}


def file_of(orders: Iterable[Node], rng: random.Random | None = None) -> bytes:
    """The whole file; with `rng` its lines stand in any order."""
    lines = [json.dumps(line) for order in orders for line in lines_of(order)]
    if rng is not None:
        rng.shuffle(lines)
    return "".join(f"{line}\n" for line in lines).encode()


def sample_orders(count: int) -> Iterator[Node]:
    """Orders that differ in their numbers alone."""
    text = json.dumps(json.loads(_PAYLOAD.read_text())["order"])
    for number in range(1, count + 1):
        # Every number of the sample gets a tail of its own.
        order: Node = json.loads(text)
        order["id"] = f"gid://shopify/Order/{number}"
        order["name"] = f"#{number}"
        for place, line in enumerate(order["lineItems"]["nodes"]):
            line["id"] = f"gid://shopify/LineItem/{number}{place}"
        for place, unit in enumerate(order["fulfillmentOrders"]["nodes"]):
            unit["id"] = f"gid://shopify/FulfillmentOrder/{number}{place}"
            unit["lineItems"]["nodes"][0]["lineItem"]["id"] = f"gid://shopify/LineItem/{number}0"
        yield copy.deepcopy(order)


def _plain(node: Node) -> Node:
    connections = ("lineItems", "shippingLines", "fulfillmentOrders")
    return {name: value for name, value in node.items() if name not in connections}
