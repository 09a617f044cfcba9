"""What we and a carrier say to each other about one leg: the booking, its changes, and news of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from doorstep.address import Address
from doorstep.delivery import Courier, IfUndeliverable, LegDirection
from doorstep.delivery_status import DeliveryStatus
from doorstep.goods import Goods
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.position import Position
from doorstep.window import Promise, Window


@dataclass(frozen=True, slots=True)
class CarrierUpdate:
    """What a carrier's webhook or answer says of one booking, in our words.

    Attributes
    ----------
    source_event_id
        The carrier's id of the event, or a digest that is the same for a repeat.
    status
        UNKNOWN where `raw_status` is none that we know.
    pickup_eta
        When the courier says that it reaches the place where the goods lie.
    trouble
        The incident that this means, if any, with the carrier's own code in `raw_reason`.
    booking_key
        With which it was booked; "" where the carrier does not say.
    replaced_by
        The id under which the carrier goes on with this booking from here on; "" where it keeps its own.
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
    booking_key: str = ""
    replaced_by: str = ""
    pickup_eta: datetime | None = None


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
    time_zone
        IANA, of the place that it leaves from; "" for that of the promise.
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
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class BookingChange:
    """What shall be otherwise about a booking; None leaves it as it is."""

    dropoff: Address | None = None
    instructions: str | None = None
    window: Window | None = None
    items: tuple[tuple[str, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class StackRequest:
    """One courier's tour from one pickup to several doors.

    Attributes
    ----------
    stops
        Two at least, in the order in which they are driven to; each with a booking key of its own, and all
        with the same pickup and service.
    price
        What the carrier quoted for all of them together; None where it has not been asked.
    """

    stops: tuple[BookingRequest, ...]
    price: Money | None = None

    @property
    def ready_at(self) -> datetime:
        """When the last of them can be fetched."""
        return max(stop.ready_at for stop in self.stops)


@dataclass(frozen=True, slots=True)
class StackOffer:
    """What a carrier takes for a tour.

    Attributes
    ----------
    price
        For all stops together.
    expires_at
        None where the price is that of the moment.
    """

    price: Money
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """A carrier's yes; the price of a stop in a stack is that of the whole tour."""

    external_id: str
    status: DeliveryStatus
    raw_status: str
    price: Money
    tracking_number: str = ""
    tracking_url: str = ""
    label_url: str = ""
    dropoff_eta: datetime | None = None
    pickup_eta: datetime | None = None
