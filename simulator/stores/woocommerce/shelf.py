"""What a simulated WooCommerce store keeps: settings, products, orders."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from doorstep.clock import Clock

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


@dataclass(frozen=True, slots=True)
class Settings:
    """How the store is set up.

    Attributes
    ----------
    base_path
        Where it lives on its host, "/blog" or "".
    version
        "10.5" or "10.2" (HPOS), or "8.9" (legacy storage): they filter dates and count pages differently.
    time_zone
        An IANA name, or a bare offset in hours, "+5.5".
    price_decimals
        A setting of its own in WooCommerce, so that yen may come with decimals.
    treat_as_https
        PHP's is_ssl() says yes although the simulator itself is reached through http.
    home_url
        The Site Address that signatures are checked against; "" for the one that was called.
    """

    consumer_key: str
    consumer_secret: str
    base_path: str = ""
    version: str = "10.5"
    time_zone: str = "America/New_York"
    currency: str = "USD"
    price_decimals: int = 2
    weight_unit: str = "kg"
    dimension_unit: str = "cm"
    country: str = "US:NY"
    treat_as_https: bool = False
    home_url: str = ""

    @property
    def is_hpos(self) -> bool:
        """Whether orders lie in tables of their own."""
        return self.version.startswith("10")

    @property
    def tells_of_restoring(self) -> bool:
        """Whether an order taken out of the trash fires order.restored: so on 8.9, 10.0 and 10.2."""
        major, _, minor = self.version.partition(".")
        return (int(major), int(minor)) < (10, 5)

    @property
    def zone(self) -> tzinfo:
        """The store's time zone."""
        if self.is_bare_offset:
            return timezone(timedelta(hours=float(self.time_zone)))
        return ZoneInfo(self.time_zone)

    @property
    def is_bare_offset(self) -> bool:
        """Whether the merchant chose "UTC+5:30" instead of a place."""
        return self.time_zone[:1] in "+-"


@dataclass(frozen=True, slots=True)
class Product:
    """An article, or with a `parent_id` one variation of it. Weight and sides in the store's units."""

    id: int
    sku: str
    name: str
    price: str
    weight: str = ""
    sides: tuple[str, str, str] = ("", "", "")
    is_virtual: bool = False
    parent_id: int = 0


PRODUCTS = (
    Product(13, "BREAD-1", "Sourdough loaf", "6.50", "0.75", ("30", "14", "12")),
    Product(14, "FLOW-1", "Flower bouquet", "49.00", "1.2", ("50", "25", "25")),
    Product(16, "FISH-1", "Frozen fish box", "35.00", "4", ("40", "30", "20")),
    Product(18, "GIFT-25", "Gift card (virtual)", "25.00", is_virtual=True),
    Product(19, "EBOOK", "Ebook (downloadable)", "9.99", is_virtual=True),
    Product(21, "CAKE", "Cake", "30.00"),
    Product(22, "CAKE-L", "Cake, large", "42.00", "2.5", ("32", "32", "15"), parent_id=21),
)


@dataclass(slots=True)
class StoredOrder:
    """An order as the database has it: the unchanging part of its document, and what changes.

    Attributes
    ----------
    document
        As REST shows it, without dates and links.
    """

    id: int
    document: dict[str, Any]
    created_at: datetime
    modified_at: datetime
    refunds: list[dict[str, Any]] = field(default_factory=list)
    status_before_trash: str = ""

    @property
    def status(self) -> str:
        """ "processing", without the wc- prefix."""
        return str(self.document["status"])


class Shelf:
    """Orders and products, with one id space for orders and refunds as in WordPress."""

    def __init__(self, settings: Settings, clock: Clock, rng: random.Random) -> None:
        self.settings = settings
        self.clock = clock
        self.rng = rng
        self.products: dict[int, Product] = {product.id: product for product in PRODUCTS}
        self.orders: dict[int, StoredOrder] = {}
        self._ids = itertools.count(301)

    def now(self) -> datetime:
        """The world's time in whole seconds, as WooCommerce stores it."""
        return self.clock.now().replace(microsecond=0)

    def next_id(self) -> int:
        """An id for an order, a refund, a line or a piece of meta."""
        return next(self._ids)

    def by_sku(self, sku: str) -> Product:
        """The product with this SKU; raises KeyError."""
        return {product.sku: product for product in self.products.values()}[sku]

    def order(self, order_id: str | int) -> StoredOrder:
        """The order with this id; raises KeyError."""
        return self.orders[int(order_id)]

    def touch(self, order: StoredOrder, changes: Mapping[str, Any] | None = None) -> None:
        """Change an order and stamp it."""
        order.document.update(changes or {})
        order.modified_at = self.now()
