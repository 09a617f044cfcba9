"""Quotes, deliveries and Dashers as the simulated DoorDash keeps them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.geo import LatLng
from simulator.carriers.books import BookState
from simulator.carriers.doordash.orders import Times
from simulator.carriers.doordash.places import CURRENCIES, Place, Trip

QUOTE_HOLDS = timedelta(minutes=5)

OVER = frozenset({"delivered", "returned", "cancelled"})
BEFORE_PICKUP = frozenset({"created", "confirmed", "enroute_to_pickup", "arrived_at_pickup"})


@dataclass(frozen=True, slots=True)
class Dasher:
    """Somebody who carries; only cars have a make."""

    id: int
    name: str
    phone_number: str
    vehicle: str


@dataclass(slots=True)
class DeliveryRecord:
    """A quote, and after its acceptance the delivery of the same external id."""

    external_id: str
    uuid: str
    body: Mapping[str, object]
    pickup: Place
    dropoff: Place
    times: Times
    fee: int
    created_at: datetime
    updated_at: datetime
    pickup_eta: datetime
    dropoff_eta: datetime
    status: str = "quote"
    booked_at: datetime | None = None
    cancellation_reason: str = ""
    dasher: Dasher | None = None
    trip: Trip | None = None
    picked_up_at: datetime | None = None
    dropped_off_at: datetime | None = None
    returned_at: datetime | None = None
    batch_id: str = ""

    @property
    def is_live(self) -> bool:
        """Whether somebody still works on it."""
        return self.status != "quote" and self.status not in OVER

    @property
    def currency(self) -> str:
        """By the country of its pickup."""
        return CURRENCIES[self.pickup.country]

    @property
    def tip(self) -> int:
        """Cents."""
        value = self.body.get("tip", 0)
        return value if isinstance(value, int) else 0

    @property
    def reference(self) -> str:
        """The customer's reference of the goods."""
        return str(self.body.get("pickup_reference_tag", ""))

    @property
    def book_state(self) -> BookState:
        """How it stands in the books."""
        if self.is_live:
            return BookState.LIVE
        if self.status == "delivered":
            return BookState.DELIVERED
        return BookState.FAILED if self.picked_up_at else BookState.CANCELLED

    def is_expired(self, now: datetime) -> bool:
        """Whether it is a quote that nobody may accept any more."""
        return self.status == "quote" and now >= self.created_at + QUOTE_HOLDS

    def position(self, now: datetime) -> LatLng | None:
        """Where its Dasher is."""
        return self.trip.position(now) if self.trip is not None and self.dasher is not None else None


class Ledger:
    """All quotes and deliveries by external id, in the order they were made. No id is free again."""

    def __init__(self) -> None:
        self.records: dict[str, DeliveryRecord] = {}


class Turnstile:
    """Lets so many calls through in any span of time.

    Parameters
    ----------
    most, span_s
        DoorDash: about 300 calls in 60 seconds of the world, for each access key.
    """

    def __init__(self, most: int, span_s: float) -> None:
        self._most = most
        self._span = timedelta(seconds=span_s)
        self._passed: deque[datetime] = deque()

    def lets_through(self, now: datetime) -> bool:
        """Count a call; False if there were too many."""
        while self._passed and self._passed[0] <= now - self._span:
            self._passed.popleft()
        if len(self._passed) >= self._most:
            return False
        self._passed.append(now)
        return True
