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


def _query_with(parts: str, name: str, *fragments: str) -> Document:
    """An operation with those fragments of a file that it uses; GraphQL refuses unused ones."""
    blocks = _read(parts).split("fragment ")[1:]
    chosen = [f"fragment {block.strip()}" for block in blocks if block.split(" ", 1)[0] in fragments]
    return Document(name, "\n\n".join([_read(name).strip(), *chosen]) + "\n")


def _query_of_orders(name: str, *fragments: str) -> Document:
    return _query_with("order_parts", name, *fragments)


def _query_of_products(name: str, *fragments: str) -> Document:
    return _query_with("product_parts", name, *fragments)


def _mutation(name: str) -> Document:
    return Document(name, _read(name), is_write=True)


_UNITS = ("FulfillmentOrderParts", "FulfillmentLineParts")
_LINES = ("LineParts", "Price")
_PRODUCT = ("ProductParts", "StockParts")

ORDERS_PAGE = _query_of_orders("orders_page", "OrderParts", *_UNITS, *_LINES)
ORDERS_BY_ID = _query_of_orders("orders_by_id", "OrderParts", *_UNITS, *_LINES)
MORE_LINES = _query_of_orders("more_lines", *_LINES)
MORE_FULFILLMENT_ORDERS = _query_of_orders("more_fulfillment_orders", *_UNITS)
MORE_FULFILLMENT_LINES = _query_of_orders("more_fulfillment_lines", "FulfillmentLineParts")
ORDERS_OF_UNITS = _query("orders_of_units")
ORDER_IDS = _query("order_ids")
ORDERS_COUNT = _query("orders_count")
NEWEST_CHANGE = _query("newest_change")
TOUCHED_UNITS = _query("touched_units")
BULK_ORDERS = _query("bulk_orders")
BULK_RUN = _mutation("bulk_run")
BULK_STATUS = _query("bulk_status")
BULK_CANCEL = _mutation("bulk_cancel")
PRODUCTS_FOUND = _query_of_products("products_found", *_PRODUCT)
PRODUCT_BY_ID = _query_of_products("product_by_id", *_PRODUCT)
MORE_STOCK = _query_of_products("more_stock", "StockParts")
LOCATIONS = _query("locations")
INSTALLATION = _query("installation")
ADDRESS_SAMPLE = _query("address_sample")
WEBHOOKS = _query("webhooks")
WEBHOOK_CREATE = _mutation("webhook_create")
WEBHOOK_UPDATE = _mutation("webhook_update")
CARRIER_SERVICES = _query("carrier_services")
CARRIER_SERVICE_CREATE = _mutation("carrier_service_create")
CARRIER_SERVICE_UPDATE = _mutation("carrier_service_update")
CARRIER_SERVICE_DELETE = _mutation("carrier_service_delete")
UNIT_GOODS = _query("unit_goods")
MOVE_UNIT = _mutation("move_unit")

ALL = (
    ORDERS_PAGE,
    MORE_LINES,
    MORE_FULFILLMENT_ORDERS,
    MORE_FULFILLMENT_LINES,
    ORDERS_BY_ID,
    ORDERS_OF_UNITS,
    ORDER_IDS,
    ORDERS_COUNT,
    NEWEST_CHANGE,
    TOUCHED_UNITS,
    BULK_ORDERS,
    BULK_RUN,
    BULK_STATUS,
    BULK_CANCEL,
    PRODUCTS_FOUND,
    PRODUCT_BY_ID,
    MORE_STOCK,
    LOCATIONS,
    INSTALLATION,
    ADDRESS_SAMPLE,
    WEBHOOKS,
    WEBHOOK_CREATE,
    WEBHOOK_UPDATE,
    CARRIER_SERVICES,
    CARRIER_SERVICE_CREATE,
    CARRIER_SERVICE_UPDATE,
    CARRIER_SERVICE_DELETE,
    UNIT_GOODS,
    MOVE_UNIT,
)
