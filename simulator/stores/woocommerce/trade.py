"""What shoppers and the merchant do in a simulated WooCommerce store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from doorstep.address import Address
from simulator.stores.woocommerce.documents import (
    address_block,
    line_item,
    meta_entry,
    order_document,
    refund_document,
    shipping_line,
)
from simulator.stores.woocommerce.hooks import Hooks
from simulator.stores.woocommerce.shelf import Shelf, StoredOrder

CHOICE_KEY = "_doorstep_option"
_PICKUPS = ("local_pickup", "pickup_location")


class Trade:
    """Orders placed, changed and called off; each tells the webhooks what WooCommerce would tell."""

    def __init__(self, shelf: Shelf, hooks: Hooks) -> None:
        self.shelf = shelf
        self.hooks = hooks

    def place_order(
        self,
        lines: Sequence[tuple[str, float]],
        destination: Address | None,
        *,
        billing: Address | None = None,
        status: str = "processing",
        shipping_method: str = "flat_rate",
        shipping_cost: str = "7.50",
        choice: str = "",
        note: str = "",
        in_blocks: bool = False,
    ) -> str:
        """Check out (SKU, quantity) pairs and give back the order's id.

        Parameters
        ----------
        shipping_method
            "flat_rate", "local_pickup", or "" for none.
        choice
            A `cho_…` of our checkout, left in the shipping line's meta.
        in_blocks
            Through the Blocks checkout, which saves a draft first.
        """
        order_id = self.start_checkout(
            lines,
            destination,
            billing=billing,
            shipping_method=shipping_method,
            shipping_cost=shipping_cost,
            choice=choice,
            note=note,
            in_blocks=in_blocks,
        )
        return self.finish_checkout(order_id, status)

    def start_checkout(
        self,
        lines: Sequence[tuple[str, float]],
        destination: Address | None,
        *,
        billing: Address | None = None,
        shipping_method: str = "flat_rate",
        shipping_cost: str = "7.50",
        choice: str = "",
        note: str = "",
        in_blocks: bool = True,
    ) -> str:
        """Fill in the checkout without paying: in the Blocks checkout this is a draft already."""
        shelf = self.shelf
        items = [line_item(shelf, shelf.by_sku(sku), quantity) for sku, quantity in lines]
        meta = {CHOICE_KEY: choice} if choice else {}
        shipping = [shipping_line(shelf, shipping_method, shipping_cost, meta)] if shipping_method else []
        order_id = shelf.next_id()
        document = order_document(shelf, order_id, items, shipping, "checkout-draft") | {
            "billing": address_block(billing or destination, with_email=True),
            "shipping": address_block(destination),
            "customer_note": note,
            "created_via": "store-api" if in_blocks else "checkout",
        }
        now = shelf.now()
        shelf.orders[order_id] = StoredOrder(order_id, document, now, now)
        if in_blocks:
            # A draft is told of as an update, before the creation (measured on 10.5).
            self.hooks.fire("order.updated", order_id)
        return str(order_id)

    def finish_checkout(self, order_id: str, status: str = "processing") -> str:
        """Pay: the draft becomes an order."""
        order = self.shelf.order(order_id)
        self.shelf.touch(order, {"status": status})
        self.hooks.fire("order.created", order.id)
        self.hooks.fire("order.updated", order.id)
        return order_id

    def set_status(self, order_id: str, status: str) -> None:
        """Move an order on, "completed", or hold it, "on-hold"."""
        self._change(order_id, {"status": status})

    def cancel_order(self, order_id: str) -> None:
        """The merchant, or the shopper, calls it off."""
        self.set_status(order_id, "cancelled")

    def edit_address(self, order_id: str, destination: Address) -> None:
        """Somebody corrects where it goes."""
        self._change(order_id, {"shipping": address_block(destination)})

    def write_meta(self, order_id: str, key: str, value: object) -> None:
        """A plugin leaves something in the order; by key, overwriting."""
        order = self.shelf.order(order_id)
        kept = [meta for meta in order.document["meta_data"] if meta["key"] != key]
        added = [] if value is None else [meta_entry(self.shelf, key, value)]
        self._change(order_id, {"meta_data": kept + added})

    def refund(self, order_id: str, pieces: Mapping[str, float], reason: str = "") -> None:
        """Give money back for some pieces by SKU; all of them make the order refunded."""
        order = self.shelf.order(order_id)
        lines = {item["sku"]: item["id"] for item in order.document["line_items"]}
        by_line = {lines[sku]: quantity for sku, quantity in pieces.items()}
        order.refunds.append(refund_document(self.shelf, order, by_line, reason))
        self._change(order_id, {"status": "refunded"} if self._is_all_refunded(order) else {})

    def trash(self, order_id: str) -> None:
        """Put into the trash; this alone is what WooCommerce calls deleted."""
        order = self.shelf.order(order_id)
        order.status_before_trash = order.status
        self.shelf.touch(order, {"status": "trash"})
        self.hooks.fire("order.deleted", order.id)

    def restore(self, order_id: str) -> None:
        """Take out of the trash; 10.5 tells nobody, 8.9 to 10.2 tell (measured)."""
        order = self.shelf.order(order_id)
        self.shelf.touch(order, {"status": order.status_before_trash})
        if self.shelf.settings.tells_of_restoring:
            self.hooks.fire("order.restored", order.id)
        if not self.shelf.settings.is_hpos:
            self.hooks.fire("order.updated", order.id)

    def delete_forever(self, order_id: str) -> None:
        """Delete; nobody is told."""
        del self.shelf.orders[int(order_id)]

    def delete_product(self, sku: str) -> None:
        """Delete a product: the lines that name it keep neither its id nor its SKU."""
        product = self.shelf.by_sku(sku)
        del self.shelf.products[product.id]
        for order in self.shelf.orders.values():
            for item in order.document["line_items"]:
                if item["sku"] == sku:
                    item.update(product_id=0, variation_id=0, sku=None)

    def books(self) -> list[dict[str, Any]]:
        """Plain rows of what was really ordered, for an honest count at the end of the day."""
        return [
            {
                "external_id": str(order.id),
                "number": order.document["number"],
                "status": order.status,
                "needs_shipping": self._needs_shipping(order),
                "cancelled": order.status in {"cancelled", "refunded", "trash"},
                "total": order.document["total"],
                "currency": order.document["currency"],
                "placed_at": order.created_at,
            }
            for order in self.shelf.orders.values()
            if order.status != "checkout-draft"
        ]

    def _change(self, order_id: str, changes: Mapping[str, Any]) -> None:
        order = self.shelf.order(order_id)
        self.shelf.touch(order, changes)
        self.hooks.fire("order.updated", order.id)

    def _needs_shipping(self, order: StoredOrder) -> bool:
        is_carried = any(line["method_id"] not in _PICKUPS for line in order.document["shipping_lines"])
        products = (
            self.shelf.products.get(item["variation_id"] or item["product_id"])
            for item in order.document["line_items"]
        )
        return is_carried and any(product is None or not product.is_virtual for product in products)

    @staticmethod
    def _is_all_refunded(order: StoredOrder) -> bool:
        given_back = sum((Decimal(refund["amount"]) for refund in order.refunds), Decimal(0))
        goods = sum((Decimal(item["total"]) for item in order.document["line_items"]), Decimal(0))
        return given_back >= goods
