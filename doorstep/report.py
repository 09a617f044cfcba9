"""What a store is told of a delivery: the state it should show, not the steps that lead there.

A connector compares it with what the store shows and writes only the difference, so that telling it twice
changes nothing and a lost answer is mended by telling it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorstep.delivery_status import DeliveryStatus
from doorstep.geo import LatLng
from doorstep.order import FulfillmentLine


class HoldReason(StrEnum):
    """Why nobody can carry a fulfillment order until a person has acted."""

    ADDRESS = "ADDRESS"
    NO_CARRIER = "NO_CARRIER"
    FAILED_DELIVERY = "FAILED_DELIVERY"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Hold:
    """A fulfillment order waits for a person, and why; no personal data in `text`."""

    reason: HoldReason
    text: str


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step of the delivery that a store may show to the shopper.

    Attributes
    ----------
    id
        Ours (`evt_…`); the same step always has the same.
    """

    id: str
    status: DeliveryStatus
    occurred_at: datetime
    text: str
    location: LatLng | None = None


@dataclass(frozen=True, slots=True)
class OtherPart:
    """Another part of what the store knows as one fulfillment order and Doorstep has cut.

    Attributes
    ----------
    delivery_id
        Its newest; "" where there is none.
    has_failed
        Nobody carries it any more, or it came back.
    waits
        A person is waited for.
    """

    delivery_id: str
    lines: tuple[FulfillmentLine, ...]
    is_delivered: bool = False
    has_failed: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """How the delivery of one fulfillment order stands.

    Attributes
    ----------
    lines
        What the delivery carries; empty where nothing is under way.
    status
        Of the delivery; CANCELLED or FAILED where nobody carries it any more, DRAFT where nobody does yet.
    is_shipped
        Whether the store should count the goods as sent.
    tracking_url
        Our tracking page, or the carrier's; "" for none.
    milestones
        Oldest first.
    hold
        None where nothing waits for a person.
    notify_shopper
        Whether the store may write to the shopper about it.
    beside
        Other parts that the store must go on showing.
    """

    order_external_id: str
    unit_external_id: str
    location_external_id: str
    delivery_id: str
    reference: str
    status: DeliveryStatus
    is_shipped: bool
    lines: tuple[FulfillmentLine, ...] = ()
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    expected_at: datetime | None = None
    milestones: tuple[Milestone, ...] = ()
    hold: Hold | None = None
    notify_shopper: bool = True
    beside: tuple[OtherPart, ...] = ()
