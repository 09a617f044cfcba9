"""What the simulated shop remembers of shipping: fulfillment orders, fulfillments, refunds and returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from doorstep.money import Money

if TYPE_CHECKING:
    from simulator.stores.shopify.records import LineRecord, OrderRecord, Place

DONE = frozenset({"CLOSED", "CANCELLED"})
"""Statuses of a fulfillment order that nothing more happens to."""


@dataclass(slots=True, eq=False)
class UnitLine:
    """How much of a line one fulfillment order has to ship."""

    number: int
    line: LineRecord
    total: int
    remaining: int

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/FulfillmentOrderLineItem/{self.number}"


@dataclass(slots=True, eq=False)
class Hold:
    """Why a fulfillment order waits; `by_app` tells the app's own holds from the staff's."""

    number: int
    reason: str
    notes: str = ""
    handle: str = ""
    external_id: str = ""
    by_app: bool = False

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/FulfillmentHold/{self.number}"


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

    @property
    def remaining(self) -> int:
        """Pieces that are still to be shipped."""
        return sum(line.remaining for line in self.lines)

    @property
    def is_touched(self) -> bool:
        """Whether some of it has been shipped."""
        return any(line.remaining < line.total for line in self.lines)


@dataclass(frozen=True, slots=True)
class Tracking:
    """One parcel's number, whose it is, and where it can be followed."""

    company: str
    number: str
    url: str


@dataclass(frozen=True, slots=True, eq=False)
class EventRecord:
    """One thing that happened to a fulfillment on its way."""

    number: int
    status: str
    happened_at: datetime
    created_at: datetime
    message: str = ""
    address1: str = ""
    city: str = ""
    province: str = ""
    country: str = ""
    zip: str = ""
    latitude: float | None = None
    longitude: float | None = None
    estimated_delivery_at: datetime | None = None

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/FulfillmentEvent/{self.number}"


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """Pieces of a fulfillment order's line."""

    number: int
    unit: UnitRecord
    unit_line: UnitLine
    quantity: int


@dataclass(slots=True, eq=False)
class FulfillmentRecord:
    """A shipment of an order from one location; `by_app` tells the app's own from the staff's."""

    number: int
    name: str
    order: OrderRecord
    place: Place
    picked: Sequence[Picked]
    created_at: datetime
    updated_at: datetime
    tracking: Sequence[Tracking] = ()
    by_app: bool = False
    notified: bool = False
    status: str = "SUCCESS"
    display_status: str = "FULFILLED"
    in_transit_at: datetime | None = None
    delivered_at: datetime | None = None
    estimated_delivery_at: datetime | None = None
    events: list[EventRecord] = field(default_factory=list)

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/Fulfillment/{self.number}"

    @property
    def pieces(self) -> int:
        """How many are in it."""
        return sum(part.quantity for part in self.picked)


@dataclass(frozen=True, slots=True, eq=False)
class RefundedLine:
    """Pieces of a line whose money went back; `restock_type` is a RefundLineItemRestockType."""

    number: int
    line: LineRecord
    quantity: int
    restock_type: str
    place: Place | None
    subtotal: Money


@dataclass(frozen=True, slots=True, eq=False)
class RefundRecord:
    """Money given back."""

    number: int
    order: OrderRecord
    lines: Sequence[RefundedLine]
    total: Money
    note: str
    created_at: datetime

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/Refund/{self.number}"


@dataclass(frozen=True, slots=True, eq=False)
class ReturnedLine:
    """Pieces that come back."""

    number: int
    picked: Picked
    quantity: int
    reason: str


@dataclass(slots=True, eq=False)
class ReturnRecord:
    """Goods on their way back; `status` is a ReturnStatus."""

    number: int
    name: str
    order: OrderRecord
    lines: Sequence[ReturnedLine]
    created_at: datetime
    status: str = "OPEN"

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/Return/{self.number}"
