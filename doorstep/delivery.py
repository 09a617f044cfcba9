"""Deliveries, their legs, and the canonical life of a status.

A delivery is what the shopper waits for; a leg is one booking with one carrier. Dispatching again makes a
new leg. The delivery's status is that of its active leg.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from doorstep.address import Address
from doorstep.delivery_status import TERMINAL, DeliveryStage, DeliveryStatus, stage_of
from doorstep.dispatch_rules import DispatchLimits
from doorstep.eta import Eta
from doorstep.goods import Goods
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.position import Position
from doorstep.quote import DeliveryMode, VehicleKind
from doorstep.window import Promise


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
class GivingUp:
    """A booking is called off for another one.

    Attributes
    ----------
    since
        When its carrier was asked first.
    quote_set_id, quote_id
        The offer that is to be booked instead.
    incident_id
        What it is done about.
    why
        Kept with the booking that is made instead; "" where it is one that comes sooner.
    step_id
        Of the step of a playbook or a person that it is; "" where whoever did it writes its own.
    """

    since: datetime
    quote_set_id: str
    quote_id: str
    incident_id: str = ""
    why: str = ""
    step_id: str = ""


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
    extra
        Offered to the courier beside the price, in all.
    free_cancel_until
        What the offer said: calling it off costs nothing before.
    giving_up
        The carrier was asked to call it off for another and has not refused. Until it has said yes the leg is
        live, and nobody else is booked.
    why
        Why this carrier was asked, for dispatchers; "" where nobody wrote it down.
    stack_id
        Of the `Stack` that it is booked with; "" where it goes alone.
    doubted_at
        It ended here, and stands with its carrier or may do so: since when that is looked into. None where
        nothing is in doubt.
    pickup_eta
        When its courier says that it reaches the shop; None where the carrier does not say.
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
    extra: Money | None = None
    free_cancel_until: datetime | None = None
    giving_up: GivingUp | None = None
    why: str = ""
    stack_id: str = ""
    doubted_at: datetime | None = None
    pickup_eta: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Whether the carrier still works on it."""
        return self.status not in TERMINAL


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Delivery:
    """What the shopper waits for.

    Attributes
    ----------
    is_cancel_requested
        It was called off from here: a leg that ends now is not replaced.
    is_called_off_by_person
        And a person did it: no machine books these goods again.
    goods
        As carriers were asked about them.
    limits
        Of whoever dispatched it last.
    late_risk, lasting_risk
        How likely it misses its promise by its ETA, and by that and those before it.
    promised_first
        What was promised before it was late and a later time was promised instead: carriers are measured by
        it. None where `promise` is what they are measured by.
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
    goods: Goods = field(default_factory=Goods)
    limits: DispatchLimits = field(default_factory=DispatchLimits)
    promised_first: Promise | None = None
    lasting_risk: float | None = None

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
    """Something that happened to a delivery. Never changed; corrections are events.

    Attributes
    ----------
    is_correction
        It says what was really so.
    corrects
        Ids of the events that were no such thing.
    by
        Id of the key of whoever said so; "" where nobody did.
    """

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
    corrects: tuple[str, ...] = ()
    by: str = ""

    @property
    def tells_a_step(self) -> bool:
        """Whether it came to its status; a machine's correction only says that a booking stood."""
        return not self.is_correction or self.source is EventSource.PERSON


def as_it_was(events: Sequence[DeliveryEvent]) -> list[DeliveryEvent]:
    """The events without those that a later one corrects."""
    wrong = {id_ for event in events for id_ in event.corrects}
    return [event for event in events if event.id not in wrong]
