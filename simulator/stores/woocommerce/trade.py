"""What shoppers and the merchant do in a simulated WooCommerce store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from doorstep.address import Address
from simulator.stores.woocommerce.documents import refund_document
from simulator.stores.woocommerce.figures import address_block, worth
from simulator.stores.woocommerce.hooks import Hooks
from simulator.stores.woocommerce.meta import write_meta
from simulator.stores.woocommerce.orders import Carriage, Line, Purchase, StoredOrder
from simulator.stores.woocommerce.shelf import Shelf

CHOICE_KEY = "_doorstep_option"


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
        status: str = "processing",
        **details: Any,
    ) -> str:
        """Check out (SKU, quantity) pairs and give back the order's id.

        Parameters
        ----------
        status
            What paying ends in.
        details
            As for `start_checkout`, except that the classic checkout is the default.
        """
        order_id = self.start_checkout(lines, destination, **{"in_blocks": False, **details})
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
        rate: Mapping[str, str] = MappingProxyType({}),
        note: str = "",
        fee: str = "",
        payment_method: str = "cod",
        in_blocks: bool = True,
        by_rest: bool = False,
    ) -> str:
        """Fill in the checkout without paying: in the Blocks checkout this is a draft already.

        Parameters
        ----------
        shipping_method
            "flat_rate", "local_pickup", or "" for none.
        choice
            A `cho_…` of our checkout, left in the shipping line's meta.
        rate
            What else the rate that was taken carries in its meta.
        fee
            Decimal text of an ad hoc fee.
        payment_method
            "cod" is paid on completion; any other at once.
        in_blocks, by_rest
            Through the Blocks checkout, which saves a draft first, or made through REST by some program.
        """
        shelf = self.shelf
        bought = tuple(Line(shelf.next_id(), shelf.by_sku(sku), quantity) for sku, quantity in lines)
        carried = {**rate, **({CHOICE_KEY: choice} if choice else {})}
        meta = tuple((shelf.next_id(), key, value) for key, value in carried.items())
        purchase = Purchase(
            lines=bought,
            carriage=Carriage(shelf.next_id(), shipping_method, shipping_cost, meta)
            if shipping_method
            else None,
            destination=destination,
            billing=billing or destination,
            note=note,
            payment_method=payment_method,
            in_blocks=in_blocks,
            by_rest=by_rest,
            fee=(shelf.next_id(), fee) if fee else None,
            tax_line_id=shelf.next_id() if shelf.settings.tax_percent else 0,
        )
        now = shelf.now()
        order = StoredOrder(shelf.next_id(), purchase, "checkout-draft", now, now)
        shelf.put(order)
        if in_blocks:
            # A draft is told of as an update, before the creation (measured on 10.5).
            self.hooks.fire("order.updated", order.id)
        return str(order.id)

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

    def overwrite(self, order_id: str, **parts: Any) -> None:
        """Write over top-level parts of the order's document, `shipping={...}`, with whatever a shop has."""
        self._change(order_id, parts)

    def write_meta(self, order_id: str, key: str, value: object) -> None:
        """A plugin leaves something in the order; by key, overwriting."""
        write_meta(self.shelf, self.shelf.order(order_id), key, value)
        self._change(order_id, {})

    def refund(self, order_id: str, pieces: Mapping[str, float], reason: str = "") -> None:
        """Give money back for some pieces by SKU; all of them make the order refunded."""
        order = self.shelf.order(order_id)
        lines = {line.product.sku: line.id for line in order.purchase.lines}
        by_line = {lines[sku]: quantity for sku, quantity in pieces.items()}
        order.refunds.append(refund_document(self.shelf, order, by_line, reason))
        self._change(order_id, {"status": "refunded"} if _is_all_refunded(order) else {})

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
        self.shelf.drop(self.shelf.order(order_id))

    def delete_product(self, sku: str) -> None:
        """Delete a product: the lines that name it keep neither its id nor its SKU."""
        del self.shelf.products[self.shelf.by_sku(sku).id]

    def _change(self, order_id: str, changes: Mapping[str, Any]) -> None:
        order = self.shelf.order(order_id)
        self.shelf.touch(order, changes)
        self.hooks.fire("order.updated", order.id)


def _is_all_refunded(order: StoredOrder) -> bool:
    given_back = sum((Decimal(refund["amount"]) for refund in order.refunds), Decimal(0))
    goods = (worth(line.product.price, line.quantity) for line in order.purchase.lines)
    return given_back >= sum(goods, Decimal(0))
