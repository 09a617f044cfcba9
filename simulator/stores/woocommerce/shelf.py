"""What a simulated WooCommerce store keeps: products and orders, with the indexes of its database."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from doorstep.clock import Clock
from simulator.stores.woocommerce import goods
from simulator.stores.woocommerce.goods import PRODUCTS
from simulator.stores.woocommerce.orders import Note, StoredOrder
from simulator.stores.woocommerce.ranking import Key, Ranking
from simulator.stores.woocommerce.settings import Settings

STATUSES = (
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "checkout-draft",
)
"""What `any` stands for: wc_get_order_statuses() with the Blocks checkout's draft, and never trash."""

Product = goods.Product


class Shelf:
    """Orders and products, with one id space for orders and refunds as in WordPress.

    Attributes
    ----------
    by_modified, by_created
        Indexes of the orders.
    clock_error_s
        How far the store's clock is ahead of the world's, which is in every date that it writes.
    """

    def __init__(self, settings: Settings, clock: Clock, rng: random.Random) -> None:
        self.settings = settings
        self.clock = clock
        self.rng = rng
        self.products: dict[int, Product] = {product.id: product for product in PRODUCTS}
        self.orders: dict[int, StoredOrder] = {}
        self.by_modified = Ranking()
        self.by_created = Ranking()
        self.clock_error_s = 0.0
        self._ids = itertools.count(301)
        self._comment_ids = itertools.count(11)

    def now(self) -> datetime:
        """The store's time in whole seconds, as WooCommerce stores it."""
        return (self.clock.now() + timedelta(seconds=self.clock_error_s)).replace(microsecond=0)

    def next_id(self) -> int:
        """An id for an order, a refund, a line or a piece of meta."""
        return next(self._ids)

    def by_sku(self, sku: str) -> Product:
        """The product with this SKU; raises KeyError."""
        return {product.sku: product for product in self.products.values()}[sku]

    def order(self, order_id: str | int) -> StoredOrder:
        """The order with this id; raises KeyError."""
        return self.orders[int(order_id)]

    def put(self, order: StoredOrder) -> None:
        """Take in an order."""
        self.orders[order.id] = order
        self.by_created.add(_created_key(order), order.status)
        self.by_modified.add(modified_key(order), order.status)

    def drop(self, order: StoredOrder) -> None:
        """Delete an order for good."""
        del self.orders[order.id]
        self.by_created.remove(_created_key(order), order.status)
        self.by_modified.remove(modified_key(order), order.status)

    def touch(
        self, order: StoredOrder, changes: Mapping[str, Any] | None = None, *, stamps: bool = True
    ) -> None:
        """Change an order, its status among the changes, and stamp it unless the store would not."""
        changes = dict(changes or {})
        status = str(changes.pop("status", order.status))
        self.by_modified.remove(modified_key(order), order.status)
        if status != order.status:
            self.by_created.remove(_created_key(order), order.status)
            self.by_created.add(_created_key(order), status)
            self._settle(order, status)
        order.status = status
        order.changes.update(changes)
        if stamps:
            order.modified_at = self.now()
        self.by_modified.add(modified_key(order), order.status)

    def add_note(
        self, order: StoredOrder, text: str, *, author: str = "system", for_customer: bool = False
    ) -> Note:
        """Leave a note, which neither stamps the order nor tells the webhooks (measured on 10.5)."""
        note = Note(next(self._comment_ids), text, author, for_customer, self.now())
        order.notes.append(note)
        return note

    def newest_first(self) -> Iterator[StoredOrder]:
        """All orders, the last placed first."""
        return reversed(self.orders.values())

    def _settle(self, order: StoredOrder, status: str) -> None:
        # After WC_Order::maybe_set_date_paid and maybe_set_date_completed: cash is paid on completion.
        is_cash = order.purchase.payment_method == "cod"
        if order.paid_at is None and (status == "completed" or (status == "processing" and not is_cash)):
            order.paid_at = self.now()
        if status == "completed":
            order.completed_at = self.now()


def modified_key(order: StoredOrder) -> Key:
    """Where an order stands by change; within one second a database promises nothing: here they scramble."""
    return int(order.modified_at.timestamp()), order.id * 7919 % 1009, order.id


def _created_key(order: StoredOrder) -> Key:
    return int(order.created_at.timestamp()), 0, order.id
