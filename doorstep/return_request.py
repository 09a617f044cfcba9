"""Goods that a shopper gives back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorstep.address import Address
from doorstep.ids import prefix_of
from doorstep.money import Money
from doorstep.order import FulfillmentLine, FulfillmentMethod, FulfillmentOrder, FulfillmentOrderStatus
from doorstep.window import Window


class ReturnStatus(StrEnum):
    """Where a return stands."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    LABEL_READY = "LABEL_READY"
    IN_TRANSIT = "IN_TRANSIT"
    RECEIVED = "RECEIVED"
    CANCELLED = "CANCELLED"
    OTHER = "OTHER"


RETURN_OVER = frozenset({ReturnStatus.RECEIVED, ReturnStatus.CANCELLED})


class ReturnReason(StrEnum):
    """Why goods come back."""

    NOT_WANTED = "NOT_WANTED"
    WRONG_ITEM = "WRONG_ITEM"
    DAMAGED = "DAMAGED"
    REFUSED = "REFUSED"
    UNDELIVERABLE = "UNDELIVERABLE"
    OTHER = "OTHER"


class ReturnMethod(StrEnum):
    """Who brings them: fetched at the door, or given to a parcel carrier by the shopper."""

    DOOR = "DOOR"
    PARCEL_SHOP = "PARCEL_SHOP"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """Lines of an order that come back, booked like a fulfillment order but the other way round.

    Attributes
    ----------
    id
        Also stands for the fulfillment order of the delivery that brings it back.
    unit_id
        The fulfillment order that the goods came with: it says where they go back to.
    pickup
        When the shopper is there; None for any time.
    due_at
        By when they should have come back.
    label_url
        What the shopper sticks on, where a parcel carrier takes it.
    cost
        Of the way back.
    max_price
        What a person said that the way back may cost; None where nobody said anything.
    """

    id: str
    merchant_id: str
    order_id: str
    unit_id: str
    location_id: str
    status: ReturnStatus
    reason: ReturnReason
    method: ReturnMethod
    lines: tuple[FulfillmentLine, ...]
    created_at: datetime
    due_at: datetime
    pickup: Window | None = None
    delivery_id: str | None = None
    label_url: str = ""
    cost: Money | None = None
    tries: int = 0
    received_at: datetime | None = None
    version: int = 1
    max_price: Money | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in RETURN_OVER

    def as_unit(self, door: Address | None) -> FulfillmentOrder:
        """What is dispatched for it; `door` is where its fulfillment order went, None for the order's."""
        cancelled = self.status is ReturnStatus.CANCELLED
        status = FulfillmentOrderStatus.CANCELLED if cancelled else FulfillmentOrderStatus.DISPATCHED
        if self.status is ReturnStatus.RECEIVED:
            status = FulfillmentOrderStatus.DELIVERED
        return FulfillmentOrder(
            external_id=self.id,
            status=status,
            method=FulfillmentMethod.OTHER,
            lines=self.lines,
            destination=door,
            ready_at=self.pickup.start if self.pickup else None,
            delivery_window=self.pickup,
            id=self.id,
            order_id=self.order_id,
            location_id=self.location_id,
        )


def is_return(unit_id: str) -> bool:
    """Whether what is dispatched under this id goes back to the shop."""
    return prefix_of(unit_id) == "ret"
