"""The GraphQL documents, kept as files under `queries/` and checked in tests against Shopify's own schema."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

API_VERSION = "2026-10"
"""Admin API version that every document and mapping was written for; supported until October 2027."""

_FOLDER = resources.files(__package__) / "queries"


@dataclass(frozen=True, slots=True)
class Document:
    """One operation with the fragments that it needs.

    Attributes
    ----------
    is_write
        A lost answer may not be followed by sending it again.
    """

    name: str
    text: str
    is_write: bool = False


def _read(name: str) -> str:
    return (_FOLDER / f"{name}.graphql").read_text(encoding="utf-8")


def _query(name: str) -> Document:
    return Document(name, _read(name))


def _query_of_orders(name: str, *fragments: str) -> Document:
    """An operation with those of the order fragments that it uses; GraphQL refuses unused ones."""
    blocks = _read("order_parts").split("fragment ")[1:]
    chosen = [f"fragment {block.strip()}" for block in blocks if block.split(" ", 1)[0] in fragments]
    return Document(name, "\n\n".join([_read(name).strip(), *chosen]) + "\n")


def _mutation(name: str) -> Document:
    return Document(name, _read(name), is_write=True)


_UNITS = ("FulfillmentOrderParts", "FulfillmentLineParts")
_LINES = ("LineParts", "Price")

ORDERS_PAGE = _query_of_orders("orders_page", "OrderParts", *_UNITS, *_LINES)
ORDER_BY_ID = _query_of_orders("order_by_id", "OrderParts", *_UNITS, *_LINES)
MORE_LINES = _query_of_orders("more_lines", *_LINES)
MORE_FULFILLMENT_ORDERS = _query_of_orders("more_fulfillment_orders", *_UNITS)
MORE_FULFILLMENT_LINES = _query_of_orders("more_fulfillment_lines", "FulfillmentLineParts")
ORDER_OF_FULFILLMENT_ORDER = _query("order_of_fulfillment_order")
ORDERS_COUNT = _query("orders_count")
LOCATIONS = _query("locations")
INSTALLATION = _query("installation")
ADDRESS_SAMPLE = _query("address_sample")
WEBHOOKS = _query("webhooks")
WEBHOOK_CREATE = _mutation("webhook_create")
WEBHOOK_UPDATE = _mutation("webhook_update")

ALL = (
    ORDERS_PAGE,
    ORDER_BY_ID,
    MORE_LINES,
    MORE_FULFILLMENT_ORDERS,
    MORE_FULFILLMENT_LINES,
    ORDER_OF_FULFILLMENT_ORDER,
    ORDERS_COUNT,
    LOCATIONS,
    INSTALLATION,
    ADDRESS_SAMPLE,
    WEBHOOKS,
    WEBHOOK_CREATE,
    WEBHOOK_UPDATE,
)
