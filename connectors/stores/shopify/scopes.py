"""The access scopes that the gateway's calls need, and no other. Pure.

Each is needed by a shipped document or a subscribed topic, as Shopify's schemas 2026-07 and 2026-10 say.
"""

from __future__ import annotations

from collections.abc import Collection

SCOPES = (
    "read_orders",
    "read_merchant_managed_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders",
    "write_fulfillments",
    "read_locations",
    "read_products",
    "read_inventory",
    "read_returns",
)
"""Without one of these a shop is not well linked. The app's configuration asks for them all."""

CHECKOUT_SCOPES = ("write_shipping",)
"""For rates at the shop's checkout; a shop that has not agreed to it is dispatched all the same."""

READ_ALL_ORDERS = "read_all_orders"
"""Orders older than 60 days; Shopify grants it on request, and nothing breaks without it."""


def missing_scopes(granted: Collection[str]) -> tuple[str, ...]:
    """Which of `SCOPES` are not granted; a right to write includes the one to read."""
    return tuple(
        scope
        for scope in SCOPES
        if scope not in granted and scope.replace("read_", "write_", 1) not in granted
    )
