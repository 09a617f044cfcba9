"""Quotes, deliveries and couriers as the simulated Uber keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from doorstep.geo import LatLng
from simulator.carriers.books import BookState
from simulator.carriers.uber_direct.places import Place, Trip
from simulator.carriers.uber_direct.windows import Windows

LIVE_STATUSES = frozenset({"pending", "pickup", "pickup_complete", "dropoff"})

_IDEMPOTENCY_LASTS = timedelta(minutes=60)


@dataclass(slots=True)
class QuoteRecord:
    """A price that holds for a quarter of an hour and one delivery."""

    id: str
    fee: int
    expires_at: datetime
    used_by: str = ""


@dataclass(frozen=True, slots=True)
class CourierRecord:
    """Somebody who carries."""

    id: str
    name: str
    vehicle_type: str
    phone_number: str


@dataclass(slots=True)
class DeliveryRecord:
    """One delivery; a leg back to the store is a delivery of its own, `ret_…`."""

    id: str
    uuid: str
    body: Mapping[str, object]
    pickup: Place
    dropoff: Place
    windows: Windows
    fee: int
    created_at: datetime
    updated_at: datetime
    dropoff_eta: datetime
    pickup_eta: datetime
    quote_id: str = ""
    status: str = "pending"
    courier: CourierRecord | None = None
    trip: Trip | None = None
    is_imminent: bool = False
    picked_up_at: datetime | None = None
    ended_at: datetime | None = None
    undeliverable_reason: str = ""
    undeliverable_action: str = ""
    cancel_reasons: tuple[str, str] | None = None
    related: list[tuple[str, str]] = field(default_factory=list)
    drops_on_the_way: bool = False

    @property
    def is_live(self) -> bool:
        """Whether somebody still works on it."""
        return self.status in LIVE_STATUSES

    @property
    def is_return(self) -> bool:
        """Whether it brings goods back."""
        return self.id.startswith("ret_")

    @property
    def external_id(self) -> str:
        """The customer's id of it."""
        return str(self.body.get("external_id", ""))

    @property
    def reference(self) -> str:
        """The customer's reference of the goods."""
        return str(self.body.get("manifest_reference", ""))

    @property
    def book_state(self) -> BookState:
        """How it stands in the books."""
        if self.is_live:
            return BookState.LIVE
        if self.status == "delivered":
            return BookState.DELIVERED
        return BookState.FAILED if self.picked_up_at else BookState.CANCELLED

    def position(self, now: datetime) -> LatLng | None:
        """Where its courier is."""
        return self.trip.position(now) if self.trip is not None and self.courier is not None else None


class Ledger:
    """All quotes and deliveries, by id and in the order they were made."""

    def __init__(self) -> None:
        self.quotes: dict[str, QuoteRecord] = {}
        self.deliveries: dict[str, DeliveryRecord] = {}
        self._keys: dict[str, tuple[str, datetime]] = {}

    def remember_key(self, key: str, delivery: DeliveryRecord) -> None:
        """Answer a repeat of this idempotency key with this delivery for an hour."""
        self._keys[key] = (delivery.id, delivery.created_at)

    def by_key(self, key: str, now: datetime) -> DeliveryRecord | None:
        """The delivery that was made with this idempotency key within the last hour."""
        delivery_id, made_at = self._keys.get(key, ("", now))
        return self.deliveries.get(delivery_id) if now - made_at < _IDEMPOTENCY_LASTS else None

    def live_twin(self, external_id: str, reference: str) -> DeliveryRecord | None:
        """A live delivery with the same external id or the same reference."""
        for delivery in self.deliveries.values():
            if not delivery.is_live or delivery.is_return:
                continue
            same_id = external_id and delivery.external_id == external_id
            if same_id or (reference and delivery.reference == reference):
                return delivery
        return None
