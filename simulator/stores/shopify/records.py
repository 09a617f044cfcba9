"""What the simulated shop remembers: orders, their lines and fulfillment orders, subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from doorstep.address import Address
from doorstep.money import Money, zero


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
class CartLine:
    """One article as the shopper puts it into the cart.

    Attributes
    ----------
    location
        Index into the shop's locations that has it in stock.
    """

    sku: str
    title: str
    quantity: int
    unit_price: Money
    weight_g: int = 0
    requires_shipping: bool = True
    is_gift_card: bool = False
    location: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A location of the shop."""

    number: int
    name: str
    address: Address
    is_fulfillment_service: bool = False

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/Location/{self.number}"


@dataclass(slots=True, eq=False)
class LineRecord:
    """A line of an order; `current_quantity` is what edits and refunds left of it."""

    number: int
    article: CartLine
    current_quantity: int

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/LineItem/{self.number}"


@dataclass(slots=True, eq=False)
class UnitLine:
    """How much of a line one fulfillment order has to ship."""

    number: int
    line: LineRecord
    total: int
    remaining: int


@dataclass(slots=True, eq=False)
class Hold:
    """Why a fulfillment order waits."""

    number: int
    reason: str


@dataclass(slots=True, eq=False)
class UnitRecord:
    """A fulfillment order."""

    number: int
    order: OrderRecord
    place: Place
    lines: list[UnitLine]
    created_at: datetime
    updated_at: datetime
    status: str = "OPEN"
    request_status: str = "UNSUBMITTED"
    method: str = "SHIPPING"
    service_code: str = ""
    fulfill_at: datetime | None = None
    holds: list[Hold] = field(default_factory=list)

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/FulfillmentOrder/{self.number}"


@dataclass(slots=True, eq=False)
class OrderRecord:
    """An order.

    Attributes
    ----------
    routing_due
        When its fulfillment orders are made.
    shipped_as
        Display status of its shipment, "" before there is one.
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
    cancelled_at: datetime | None = None
    shipped_as: str = ""
    units: list[UnitRecord] = field(default_factory=list)

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/Order/{self.number}"

    @property
    def needs_shipping(self) -> bool:
        """Whether anything in it is carried anywhere."""
        return any(line.article.requires_shipping for line in self.lines)

    @property
    def total(self) -> Money:
        """What it costs after edits, shipping included."""
        goods = zero(self.shipping_price.currency)
        for line in self.lines:
            goods += line.article.unit_price.times(line.current_quantity)
        return goods + self.shipping_price

    @property
    def fulfillment_status(self) -> str:
        """Shopify's display status."""
        if not self.needs_shipping:
            return "FULFILLMENT_NOT_REQUIRED"
        live = [unit for unit in self.units if unit.status != "CANCELLED"]
        shipped = [unit for unit in live if unit.status == "CLOSED"]
        if shipped:
            return "FULFILLED" if len(shipped) == len(live) else "PARTIALLY_FULFILLED"
        if live and all(unit.status == "ON_HOLD" for unit in live):
            return "ON_HOLD"
        return "UNFULFILLED"


@dataclass(slots=True, eq=False)
class SubscriptionRecord:
    """One webhook subscription of the app; `failures` counts tries without a 2xx since the last one."""

    number: int
    topic: str
    uri: str
    created_at: datetime
    name: str = ""
    filter: str = ""
    include_fields: tuple[str, ...] = ()
    failures: int = 0

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/WebhookSubscription/{self.number}"


@dataclass(frozen=True, slots=True)
class BookRow:
    """One order as the shop itself counts it, for comparing with what others counted."""

    external_id: str
    number: str
    needs_shipping: bool
    cancelled: bool
    shipped: bool
    is_test: bool
    pieces: int
    total: Money
    updated_at: datetime
