"""Jobs and couriers as the simulated Stuart keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from doorstep.geo import LatLng
from simulator.carriers.books import BookState
from simulator.carriers.stuart.markets import Market, Trip

type Json = Mapping[str, object]

LIVE_STATUSES = frozenset({"new", "scheduled", "searching", "in_progress"})
BEFORE_PICKUP = frozenset({"pending", "picking", "almost_picking", "waiting_at_pickup"})


@dataclass(frozen=True, slots=True)
class CourierRecord:
    """Somebody who carries."""

    firstname: str
    lastname: str
    transport: str
    phone: str


@dataclass(frozen=True, slots=True)
class Stop:
    """One end of a job, as it was sent, and where it lies."""

    sent: Json
    address: str
    at: LatLng


@dataclass(frozen=True, slots=True)
class Order:
    """A job as it was asked for, checked."""

    pickup: Stop
    dropoff: Stop
    market: Market
    package_type: str
    price: float
    client_reference: str = ""
    description: str = ""
    assignment_code: str = ""
    pickup_at: datetime | None = None
    dropoff_at: datetime | None = None


@dataclass(slots=True)
class JobRecord:
    """One job with its single delivery."""

    id: int
    delivery_id: int
    order: Order
    created_at: datetime
    status: str = "new"
    delivery_status: str = "pending"
    courier: CourierRecord | None = None
    trip: Trip | None = None
    round: int = 0
    picked_at: datetime | None = None
    delivered_at: datetime | None = None
    ended_at: datetime | None = None
    eta_pickup: datetime | None = None
    eta_dropoff: datetime | None = None
    canceled_by: str = ""
    reason_key: str = ""

    @property
    def is_live(self) -> bool:
        """Whether somebody still works on it."""
        return self.status in LIVE_STATUSES

    @property
    def is_cancelable(self) -> bool:
        """Whether the courier has no goods yet."""
        return self.is_live and self.delivery_status in BEFORE_PICKUP

    @property
    def book_state(self) -> BookState:
        """How it stands in the books."""
        if self.is_live:
            return BookState.LIVE
        if self.delivery_status == "delivered":
            return BookState.DELIVERED
        return BookState.FAILED if self.picked_at is not None else BookState.CANCELLED

    def position(self, now: datetime) -> LatLng | None:
        """Where its courier is."""
        return self.trip.position(now) if self.trip is not None and self.courier is not None else None


class Ledger:
    """All jobs, by number and in the order they were made."""

    def __init__(self) -> None:
        self.jobs: dict[int, JobRecord] = {}

    def by_reference(self, reference: str) -> JobRecord | None:
        """The job with a client reference; there is at most one."""
        return next((job for job in self.jobs.values() if job.order.client_reference == reference), None)
