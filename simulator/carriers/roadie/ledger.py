"""Shipments as the simulated Roadie keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from doorstep.geo import LatLng
from simulator.carriers.books import BookState

type Json = Mapping[str, object]

LIVE_STATES = frozenset(
    {"scheduled", "assigned", "at_pickup", "en_route_to_dropoff", "at_dropoff", "attempted"}
)
BEFORE_PICKUP = frozenset({"scheduled", "assigned", "at_pickup"})


@dataclass(frozen=True, slots=True)
class Place:
    """One end of a shipment, as it was sent, and where it lies; None where nobody knows."""

    sent: Json
    street: str
    at: LatLng | None


@dataclass(frozen=True, slots=True)
class Ask:
    """An estimate or a shipment as it was asked for, checked."""

    body: Json
    pickup: Place
    delivery: Place
    pickup_after: datetime
    deliver_from: datetime
    deliver_until: datetime
    distance_miles: float
    pounds: float


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""

    name: str
    occurred_at: datetime
    at: LatLng | None


@dataclass(slots=True)
class ShipmentRecord:
    """One shipment."""

    id: int
    ask: Ask
    price: float
    tracking_number: str
    created_at: datetime
    updated_at: datetime
    state: str = "scheduled"
    driver: str = ""
    tip: float = 0.0
    cancellation_code: str = ""
    cancellation_comment: str = ""
    signatory_name: str = ""
    had_goods: bool = False
    events: list[Event] = field(default_factory=list)

    @property
    def reference_id(self) -> str:
        """The customer's id of it."""
        return str(self.ask.body.get("reference_id", ""))

    @property
    def is_live(self) -> bool:
        """Whether somebody still works on it."""
        return self.state in LIVE_STATES

    @property
    def is_cancelable(self) -> bool:
        """Whether the driver has no goods yet."""
        return self.state in BEFORE_PICKUP and not self.had_goods

    @property
    def wants_signature(self) -> bool:
        """Whether somebody has to sign."""
        options = self.ask.body.get("options")
        return isinstance(options, Mapping) and options.get("signature_required") is True

    @property
    def book_state(self) -> BookState:
        """How it stands in the books."""
        if self.is_live:
            return BookState.LIVE
        if self.state == "delivered":
            return BookState.DELIVERED
        return BookState.FAILED if self.had_goods else BookState.CANCELLED


class Ledger:
    """All shipments, by id and in the order they were made, and the keys that made them."""

    def __init__(self) -> None:
        self.shipments: dict[int, ShipmentRecord] = {}
        self.by_key: dict[str, ShipmentRecord] = {}
