"""What a simulated WooCommerce is asked, what it answers, and what its endpoints work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.stores.woocommerce.hooks import Hooks
from simulator.stores.woocommerce.listing import per_page_of
from simulator.stores.woocommerce.orders import StoredOrder
from simulator.stores.woocommerce.shelf import Shelf
from simulator.stores.woocommerce.trade import Trade

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """Status, JSON and headers to answer with."""

    status: int
    payload: Any
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """One call that was let in.

    Attributes
    ----------
    endpoint
        Below /wp-json/wc/v3/, or with its own namespace before it, "wc-ast/v3/orders/7/shipment-trackings".
    home
        Address of the store as it was called.
    """

    method: str
    endpoint: str
    query: Query
    payload: dict[str, Any]
    home: str


@dataclass(frozen=True, slots=True)
class Counter:
    """What endpoints work with.

    Attributes
    ----------
    mails
        (order id, what about) of every mail that shoppers got because of an app.
    """

    shelf: Shelf
    hooks: Hooks
    trade: Trade
    mails: list[tuple[int, str]] = field(default_factory=list)

    def order(self, order_id: str) -> StoredOrder | None:
        """The order with this id, None where there is none."""
        return self.shelf.orders.get(int(order_id))

    def save(self, order: StoredOrder, changes: Mapping[str, Any] | None = None) -> None:
        """What `$order->save()` does: stamp it and tell the webhooks.

        HPOS stamps every save, one that changes nothing among them; the legacy storage stamps only where
        the post's own columns change, its status or the customer's note (WooCommerce's data stores, 8.9
        and 10.0). Both tell of an update every time, and of a creation alone where a draft became an order.
        """
        changes = dict(changes or {})
        was_draft = order.status == "checkout-draft"
        is_moved = changes.get("status", order.status) != order.status
        stamps = self.shelf.settings.is_hpos or is_moved or "customer_note" in changes
        self.shelf.touch(order, changes, stamps=stamps)
        is_created = was_draft and is_moved
        self.hooks.fire("order.created" if is_created else "order.updated", order.id)


Handler = Callable[..., Result]
Routes = tuple[tuple[str, str, Handler], ...]


def refusal(status: int, code: str | int, message: str = "No.", **data: object) -> Result:
    """A WordPress error object."""
    return Result(status, {"code": code, "message": message, "data": {"status": status, **data}})


def no_route() -> Result:
    """What WordPress says of a path that nobody registered."""
    return refusal(404, "rest_no_route", "No route was found matching the URL and request method.")


def no_order() -> Result:
    """What WooCommerce says of an order that is not there, or was deleted for good."""
    return refusal(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")


def bad_parameter(name: str) -> Result:
    """What WordPress says of a parameter outside its schema."""
    message = f"Invalid parameter(s): {name}"
    return refusal(400, "rest_invalid_param", message, params={name: f"{name} is not valid."}, details={})


def rows(found: Sequence[dict[str, Any]], query: Query) -> Result:
    """A page of a short list."""
    per_page, number = per_page_of(query), int(query.get("page") or 1)
    shown = list(found[(number - 1) * per_page : number * per_page])
    pages = -(-len(found) // per_page)
    return Result(200, shown, {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)})
