"""What the simulated shop remembers of selling: orders, their lines, locations, subscriptions."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from doorstep.address import Address
from doorstep.money import Money, zero
from simulator.stores.shopify.units import FulfillmentRecord, RefundRecord, ReturnRecord, UnitRecord

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Customer:
    """Who ordered; invented people only."""

    first_name: str
    last_name: str
    email: str = ""
    phone: str = ""

    @property
    def name(self) -> str:
        """Both names."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Company:
    """The business that an order was bought for."""

    name: str
    location_name: str
    po_number: str = ""


@dataclass(frozen=True, slots=True)
class CartLine:
    """One article as the shopper puts it into the cart.

    Attributes
    ----------
    location
        Index into the shop's locations that has it in stock.
    tags, product_type, category
        Of its product; the category is a path of Shopify's taxonomy, "Food > Beer", "" where it has none.
    """

    sku: str
    title: str
    quantity: int
    unit_price: Money
    weight_g: int = 0
    requires_shipping: bool = True
    is_gift_card: bool = False
    location: int = 0
    variant_title: str = ""
    properties: Mapping[str, str] = _NOTHING
    tags: tuple[str, ...] = ()
    product_type: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A location of the shop."""

    number: int
    name: str
    address: Address
    is_fulfillment_service: bool = False
    is_active: bool = True

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/Location/{self.number}"


@dataclass(slots=True, eq=False)
class LineRecord:
    """A line of an order.

    Attributes
    ----------
    current_quantity
        What edits and refunds left of it; `article.quantity` stays, as at Shopify's.
    fulfilled
        Pieces that were shipped.
    """

    number: int
    article: CartLine
    current_quantity: int
    fulfilled: int = 0

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/LineItem/{self.number}"


@dataclass(slots=True, eq=False)
class OrderRecord:
    """An order.

    Attributes
    ----------
    routing_due
        When its fulfillment orders are made.
    presentment
        Currency that the shopper saw, and its minor units per minor unit of the shop's; None as the shop's.
    fulfill_at
        When a pre-order may be shipped.
    delivery_window
        Earliest and latest delivery that the shopper was promised.
    """

    number: int
    name: str
    customer: Customer
    address: Address | None
    lines: list[LineRecord]
    created_at: datetime
    updated_at: datetime
    routing_due: datetime
    shipping_code: str
    shipping_price: Money
    attributes: Mapping[str, str]
    method: str = "SHIPPING"
    note: str = ""
    tags: tuple[str, ...] = ()
    is_test: bool = False
    company: Company | None = None
    presentment: tuple[str, int] | None = None
    fulfill_at: datetime | None = None
    delivery_window: tuple[datetime, datetime] | None = None
    source_name: str = "web"
    financial_status: str = "PAID"
    gateways: tuple[str, ...] = ("shopify_payments",)
    is_edited: bool = False
    cancel_reason: str = ""
    cancelled_at: datetime | None = None
    closed_at: datetime | None = None
    units: list[UnitRecord] = field(default_factory=list)
    fulfillments: list[FulfillmentRecord] = field(default_factory=list)
    refunds: list[RefundRecord] = field(default_factory=list)
    returns: list[ReturnRecord] = field(default_factory=list)

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/Order/{self.number}"

    @property
    def confirmation_number(self) -> str:
        """What stands on the thank-you page: nine letters and digits that the number does not lead to."""
        digest = hashlib.sha256(self.gid.encode()).digest()
        return base64.b32encode(digest).decode()[:9]

    @property
    def position(self) -> int:
        """The number that people see, without its sign."""
        return int(self.name.lstrip("#"))

    @property
    def needs_shipping(self) -> bool:
        """Whether anything in it is carried anywhere."""
        return any(line.article.requires_shipping for line in self.lines)

    @property
    def shipped_as(self) -> str:
        """Display status of its latest shipment, "" before there is one."""
        good = [shipment for shipment in self.fulfillments if shipment.status == "SUCCESS"]
        return good[-1].display_status if good else ""

    @property
    def total(self) -> Money:
        """What it costs after edits, shipping included."""
        goods = zero(self.shipping_price.currency)
        for line in self.lines:
            goods += line.article.unit_price.times(line.current_quantity)
        return goods + self.shipping_price

    @property
    def original_total(self) -> Money:
        """What it cost when it was placed."""
        goods = zero(self.shipping_price.currency)
        for line in self.lines:
            goods += line.article.unit_price.times(line.article.quantity)
        return goods + self.shipping_price

    @property
    def fulfillment_status(self) -> str:
        """Shopify's display status."""
        if not self.needs_shipping:
            return "FULFILLMENT_NOT_REQUIRED"
        live = [unit for unit in self.units if unit.status != "CANCELLED"]
        waiting = [unit for unit in live if unit.status != "CLOSED"]
        if live and not waiting:
            return "FULFILLED"
        if any(shipment.status == "SUCCESS" for shipment in self.fulfillments):
            return "PARTIALLY_FULFILLED"
        statuses = {unit.status for unit in waiting}
        for status in ("ON_HOLD", "SCHEDULED"):
            if statuses == {status}:
                return status
        return "IN_PROGRESS" if "IN_PROGRESS" in statuses else "UNFULFILLED"


@dataclass(slots=True, eq=False)
class SubscriptionRecord:
    """One webhook subscription of the app.

    Attributes
    ----------
    failures
        Tries without a 2xx since the last one.
    is_app_specific
        From the app's own configuration: never deleted for failures, and not seen through the API.
    """

    number: int
    topic: str
    uri: str
    created_at: datetime
    name: str = ""
    filter: str = ""
    include_fields: tuple[str, ...] = ()
    failures: int = 0
    is_app_specific: bool = False

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/WebhookSubscription/{self.number}"
