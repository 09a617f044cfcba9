"""The webhook topics that are subscribed to, with the scopes that Shopify asks for each.

The scopes are those of Shopify's own metadata, version 2026-07.
`orders/fulfilled` and `orders/partially_fulfilled` say nothing that `orders/updated` and `fulfillments/*` do
not say too. The three compliance topics cannot be subscribed to: they stand in the app's configuration file.
Pure.
"""

from __future__ import annotations

_ORDERS = ("read_orders",)
_UNITS = ("read_merchant_managed_fulfillment_orders",)
_SHIPMENTS = ("read_fulfillments",)
_RETURNS = ("read_returns",)
_PLACES = ("read_locations",)

TOPIC_SCOPES: dict[str, tuple[str, ...]] = {
    "ORDERS_CREATE": _ORDERS,
    "ORDERS_UPDATED": _ORDERS,
    "ORDERS_EDITED": _ORDERS,
    "ORDERS_CANCELLED": _ORDERS,
    "ORDERS_PAID": _ORDERS,
    "ORDERS_DELETE": _ORDERS,
    "FULFILLMENT_ORDERS_ORDER_ROUTING_COMPLETE": _UNITS,
    "FULFILLMENT_ORDERS_CANCELLED": _UNITS,
    "FULFILLMENT_ORDERS_HOLD_RELEASED": _UNITS,
    "FULFILLMENT_ORDERS_LINE_ITEMS_PREPARED_FOR_LOCAL_DELIVERY": _UNITS,
    "FULFILLMENT_ORDERS_LINE_ITEMS_PREPARED_FOR_PICKUP": _UNITS,
    "FULFILLMENT_ORDERS_MERGED": _UNITS,
    "FULFILLMENT_ORDERS_MOVED": _UNITS,
    "FULFILLMENT_ORDERS_PLACED_ON_HOLD": _UNITS,
    "FULFILLMENT_ORDERS_RESCHEDULED": _UNITS,
    "FULFILLMENT_ORDERS_SCHEDULED_FULFILLMENT_ORDER_READY": _UNITS,
    "FULFILLMENT_ORDERS_SPLIT": _UNITS,
    "FULFILLMENTS_CREATE": _SHIPMENTS,
    "FULFILLMENTS_UPDATE": _SHIPMENTS,
    "REFUNDS_CREATE": _ORDERS,
    "RETURNS_APPROVE": _RETURNS,
    "RETURNS_CANCEL": _RETURNS,
    "RETURNS_CLOSE": _RETURNS,
    "RETURNS_DECLINE": _RETURNS,
    "RETURNS_PROCESS": _RETURNS,
    "RETURNS_REOPEN": _RETURNS,
    "RETURNS_REQUEST": _RETURNS,
    "RETURNS_UPDATE": _RETURNS,
    "LOCATIONS_ACTIVATE": _PLACES,
    "LOCATIONS_CREATE": _PLACES,
    "LOCATIONS_DEACTIVATE": _PLACES,
    "LOCATIONS_DELETE": _PLACES,
    "LOCATIONS_UPDATE": _PLACES,
    "APP_UNINSTALLED": (),
    "APP_SCOPES_UPDATE": (),
    "BULK_OPERATIONS_FINISH": (),
}
"""Topic -> scopes of which the app needs all; a right to write includes the one to read."""

TOPICS = tuple(TOPIC_SCOPES)

COMPLIANCE_TOPICS = ("customers/data_request", "customers/redact", "shop/redact")

_FAMILIES = (
    "FULFILLMENT_ORDERS",
    "FULFILLMENTS",
    "ORDERS",
    "REFUNDS",
    "RETURNS",
    "LOCATIONS",
    "APP",
    "BULK_OPERATIONS",
)


def header_name(topic: str) -> str:
    """A topic as webhooks name it: FULFILLMENT_ORDERS_MOVED is "fulfillment_orders/moved"."""
    family = next(one for one in _FAMILIES if topic.startswith(f"{one}_"))
    return f"{family}/{topic.removeprefix(f'{family}_')}".lower()
