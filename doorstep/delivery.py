"""Deliveries, their legs, and the canonical life of a status.

A delivery is what the shopper waits for; a leg is one booking with one carrier. Dispatching again makes a
new leg. The delivery's status is that of its active leg.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from doorstep.address import Address
from doorstep.eta import Eta
from doorstep.goods import Goods
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.position import Position
from doorstep.quote import DeliveryMode, VehicleKind
from doorstep.window import Promise, Window


class DeliveryStatus(StrEnum):
    """Canonical status; ranks below say which follows which."""

    DRAFT = "DRAFT"
    QUOTED = "QUOTED"
    BOOKED = "BOOKED"
    SEARCHING = "SEARCHING"
    LABEL_READY = "LABEL_READY"
    COURIER_ASSIGNED = "COURIER_ASSIGNED"
    TO_PICKUP = "TO_PICKUP"
    AT_PICKUP = "AT_PICKUP"
    PICKED_UP = "PICKED_UP"
    IN_TRANSIT = "IN_TRANSIT"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    AT_DROPOFF = "AT_DROPOFF"
    READY_FOR_COLLECTION = "READY_FOR_COLLECTION"
    ATTEMPT_FAILED = "ATTEMPT_FAILED"
    DELIVERED = "DELIVERED"
    RETURNING = "RETURNING"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"


RANK: dict[DeliveryStatus, int] = {
    DeliveryStatus.DRAFT: 0,
    DeliveryStatus.QUOTED: 5,
    DeliveryStatus.BOOKED: 10,
    DeliveryStatus.SEARCHING: 10,
    DeliveryStatus.LABEL_READY: 12,
    DeliveryStatus.COURIER_ASSIGNED: 20,
    DeliveryStatus.TO_PICKUP: 25,
    DeliveryStatus.AT_PICKUP: 30,
    DeliveryStatus.PICKED_UP: 40,
    DeliveryStatus.IN_TRANSIT: 50,
    DeliveryStatus.OUT_FOR_DELIVERY: 60,
    DeliveryStatus.AT_DROPOFF: 70,
    DeliveryStatus.READY_FOR_COLLECTION: 72,
    DeliveryStatus.ATTEMPT_FAILED: 75,
    DeliveryStatus.RETURNING: 80,
    DeliveryStatus.DELIVERED: 100,
    DeliveryStatus.RETURNED: 100,
    DeliveryStatus.CANCELLED: 100,
    DeliveryStatus.FAILED: 100,
}
"""Events never take a leg to a lower rank, but for `LEGAL_LOOPS`."""

TERMINAL = frozenset(status for status, rank in RANK.items() if rank == 100)

LEGAL_LOOPS = frozenset(
    {
        (DeliveryStatus.COURIER_ASSIGNED, DeliveryStatus.SEARCHING),
        (DeliveryStatus.TO_PICKUP, DeliveryStatus.SEARCHING),
        (DeliveryStatus.AT_PICKUP, DeliveryStatus.SEARCHING),
        (DeliveryStatus.ATTEMPT_FAILED, DeliveryStatus.OUT_FOR_DELIVERY),
    }
)
"""The courier was lost before the pickup; a failed attempt is tried again."""


def advance(current: DeliveryStatus, reported: DeliveryStatus) -> DeliveryStatus:
    """The status after a report: the reported one if it leads on, else the current one.

    UNKNOWN never moves anything; a terminal status is left only by an explicit correction.
    """
    if reported is DeliveryStatus.UNKNOWN or current in TERMINAL:
        return current
    if current is DeliveryStatus.UNKNOWN or (current, reported) in LEGAL_LOOPS:
        return reported
    return reported if RANK[reported] > RANK[current] else current


class DeliveryStage(StrEnum):
    """Six steps that never grow, for icons and progress bars."""

    PREPARING = "PREPARING"
    ON_THE_WAY = "ON_THE_WAY"
    NEARBY = "NEARBY"
    DELIVERED = "DELIVERED"
    NOT_DELIVERED = "NOT_DELIVERED"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"


def stage_of(status: DeliveryStatus) -> DeliveryStage:
    """The step that a shopper sees for a status."""
    match status:
        case DeliveryStatus.DELIVERED:
            return DeliveryStage.DELIVERED
        case (
            DeliveryStatus.RETURNED
            | DeliveryStatus.CANCELLED
            | DeliveryStatus.FAILED
            | DeliveryStatus.RETURNING
        ):
            return DeliveryStage.NOT_DELIVERED
        case DeliveryStatus.ATTEMPT_FAILED | DeliveryStatus.READY_FOR_COLLECTION | DeliveryStatus.UNKNOWN:
            return DeliveryStage.NEEDS_ATTENTION
        case DeliveryStatus.AT_DROPOFF:
            return DeliveryStage.NEARBY
        case DeliveryStatus.PICKED_UP | DeliveryStatus.IN_TRANSIT | DeliveryStatus.OUT_FOR_DELIVERY:
            return DeliveryStage.ON_THE_WAY
        case _:
            return DeliveryStage.PREPARING


class DeliveryFlag(StrEnum):
    """Orthogonal to the status."""

    DELAYED = "DELAYED"
    AT_RISK = "AT_RISK"
    EXCEPTION_OPEN = "EXCEPTION_OPEN"
    COURIER_IMMINENT = "COURIER_IMMINENT"
    OTHER = "OTHER"


class EventSource(StrEnum):
    """Who reported something."""

    CARRIER = "CARRIER"
    DRIVER = "DRIVER"
    POSITION = "POSITION"
    PERSON = "PERSON"
    RULE = "RULE"
    STORE = "STORE"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Courier:
    """The person at the wheel, as far as others may know: a first name and a masked number."""

    display_name: str = ""
    vehicle: VehicleKind = VehicleKind.OTHER
    proxy_phone: str | None = None


class LegDirection(StrEnum):
    """Towards the shopper or back."""

    OUTBOUND = "OUTBOUND"
    RETURN = "RETURN"


class IfUndeliverable(StrEnum):
    """What becomes of goods that nobody takes in."""

    RETURN = "RETURN"
    LEAVE_AT_DOOR = "LEAVE_AT_DOOR"
    DISPOSE = "DISPOSE"


@dataclass(frozen=True, slots=True)
class Leg:
    """One booking with one carrier.

    Attributes
    ----------
    external_id
        The carrier's id of the booking.
    booking_key
        Sent as the idempotency key; unique to the attempt.
    asked_until
        Until then, by the machine's clock, somebody is asking the carrier for it.
    """

    id: str
    account_id: str
    carrier: str
    service: str
    mode: DeliveryMode
    status: DeliveryStatus
    price: Money
    booking_key: str
    external_id: str = ""
    direction: LegDirection = LegDirection.OUTBOUND
    quote_id: str = ""
    raw_status: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    label_url: str = ""
    courier: Courier | None = None
    position: Position | None = None
    booked_at: datetime | None = None
    picked_up_at: datetime | None = None
    ended_at: datetime | None = None
    pickup_by: datetime | None = None
    asked_until: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Whether the carrier still works on it."""
        return self.status not in TERMINAL


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the shopper waits for.

    Attributes
    ----------
    is_cancel_requested
        It was called off from here: a leg that ends now is not replaced.
    is_called_off_by_person
        And a person did it: no machine books these goods again.
    """

    id: str
    merchant_id: str
    order_id: str
    fulfillment_order_id: str
    reference: str
    status: DeliveryStatus
    origin_id: str
    destination: Address
    parcels: tuple[Parcel, ...]
    created_at: datetime
    updated_at: datetime
    legs: tuple[Leg, ...] = ()
    promise: Promise | None = None
    eta: Eta | None = None
    late_risk: float | None = None
    flags: tuple[DeliveryFlag, ...] = ()
    requirements: tuple[HandoverRequirement, ...] = ()
    quote_set_id: str = ""
    driver_id: str | None = None
    is_cancel_requested: bool = False
    is_called_off_by_person: bool = False
    version: int = 1

    @property
    def active_leg(self) -> Leg | None:
        """The newest booking that is not over, else the newest of all."""
        live = [leg for leg in self.legs if leg.is_live]
        candidates = live or self.legs
        return candidates[-1] if candidates else None

    @property
    def stage(self) -> DeliveryStage:
        """The step that a shopper sees."""
        if DeliveryFlag.COURIER_IMMINENT in self.flags and self.status is DeliveryStatus.OUT_FOR_DELIVERY:
            return DeliveryStage.NEARBY
        return stage_of(self.status)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in TERMINAL

    def with_leg(self, leg: Leg) -> Delivery:
        """The same delivery with this leg put in its place, or added."""
        if any(old.id == leg.id for old in self.legs):
            return replace(self, legs=tuple(leg if old.id == leg.id else old for old in self.legs))
        return replace(self, legs=(*self.legs, leg))

    def with_flag(self, flag: DeliveryFlag, raised: bool) -> Delivery:
        """The same delivery with a flag raised or lowered."""
        others = tuple(old for old in self.flags if old is not flag)
        return replace(self, flags=(*others, flag) if raised else others)


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """Something that happened to a delivery. Never changed; corrections are events."""

    id: str
    merchant_id: str
    delivery_id: str
    leg_id: str | None
    status: DeliveryStatus
    occurred_at: datetime
    received_at: datetime
    source: EventSource
    source_event_id: str
    text: str
    raw_status: str = ""
    position: Position | None = None
    is_correction: bool = False


@dataclass(frozen=True, slots=True)
class CarrierUpdate:
    """What a carrier's webhook or answer says of one booking, in our words.

    Attributes
    ----------
    source_event_id
        The carrier's id of the event, or a digest that is the same for a repeat.
    status
        UNKNOWN where `raw_status` is none that we know.
    trouble
        The incident that this means, if any, with the carrier's own code in `raw_reason`.
    """

    source_event_id: str
    external_id: str
    status: DeliveryStatus
    raw_status: str
    occurred_at: datetime
    tracking_number: str = ""
    tracking_url: str = ""
    label_url: str = ""
    courier: Courier | None = None
    position: Position | None = None
    dropoff_eta: datetime | None = None
    is_imminent: bool = False
    trouble: IncidentKind | None = None
    raw_reason: str = ""
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """What a carrier is asked to carry.

    Attributes
    ----------
    booking_key
        Idempotency key; at most 64 characters of letters, digits, `_` and `-`.
    reference
        Short and human, printed on labels.
    if_undeliverable
        What the courier does with goods that nobody takes in.
    is_repeat
        The carrier may have been asked with this key before, by a process that is gone.
    """

    booking_key: str
    reference: str
    service: str
    pickup: Address
    dropoff: Address
    parcels: tuple[Parcel, ...]
    value: Money
    ready_at: datetime
    asked_at: datetime
    promise: Promise
    booking_data: dict[str, str]
    items: tuple[tuple[str, int], ...] = ()
    requirements: tuple[HandoverRequirement, ...] = ()
    goods: Goods = field(default_factory=Goods)
    direction: LegDirection = LegDirection.OUTBOUND
    if_undeliverable: IfUndeliverable = IfUndeliverable.RETURN
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class BookingChange:
    """What shall be otherwise about a booking; None leaves it as it is."""

    dropoff: Address | None = None
    instructions: str | None = None
    window: Window | None = None
    items: tuple[tuple[str, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """A carrier's yes."""

    external_id: str
    status: DeliveryStatus
    raw_status: str
    price: Money
    tracking_number: str = ""
    tracking_url: str = ""
    label_url: str = ""
    dropoff_eta: datetime | None = None
