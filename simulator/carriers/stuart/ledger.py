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
OVER = frozenset({"delivered", "cancelled"})


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
class Dropoff:
    """One door of a job as it was asked for."""

    stop: Stop
    package_type: str
    client_reference: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A job as it was asked for, checked.

    Attributes
    ----------
    dropoffs
        In the order in which the courier rides to them.
    """

    pickup: Stop
    dropoffs: tuple[Dropoff, ...]
    market: Market
    price: float
    assignment_code: str = ""
    pickup_at: datetime | None = None
    dropoff_at: datetime | None = None


@dataclass(slots=True)
class DeliveryRecord:
    """What is brought to one door."""

    id: int
    dropoff: Dropoff
    status: str = "pending"
    picked_at: datetime | None = None
    delivered_at: datetime | None = None
    eta: datetime | None = None
    canceled_by: str = ""
    reason_key: str = ""

    @property
    def is_live(self) -> bool:
        """Whether it is still to be brought."""
        return self.status not in OVER

    @property
    def book_state(self) -> BookState:
        """How it stands in the books."""
        if self.is_live:
            return BookState.LIVE
        if self.status == "delivered":
            return BookState.DELIVERED
        return BookState.FAILED if self.picked_at is not None else BookState.CANCELLED

    def call_off(self, by: str, reason: str) -> None:
        """End it without its being brought."""
        self.status, self.canceled_by, self.reason_key = "cancelled", by, reason


@dataclass(slots=True)
class JobRecord:
    """One job of one courier, with a delivery for each door in the order of the tour."""

    id: int
    order: Order
    deliveries: list[DeliveryRecord]
    created_at: datetime
    status: str = "new"
    courier: CourierRecord | None = None
    trip: Trip | None = None
    round: int = 0
    ended_at: datetime | None = None
    eta_pickup: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Whether somebody still works on it."""
        return self.status in LIVE_STATUSES

    @property
    def live_deliveries(self) -> list[DeliveryRecord]:
        """Those that are still to be brought."""
        return [delivery for delivery in self.deliveries if delivery.is_live]

    @property
    def current(self) -> DeliveryRecord:
        """The one at hand: the next that is to be brought, or the last."""
        return next(iter(self.live_deliveries), self.deliveries[-1])

    @property
    def is_cancelable(self) -> bool:
        """Whether the courier has no goods yet."""
        return self.is_live and all(one.status in BEFORE_PICKUP for one in self.live_deliveries)

    def position(self, now: datetime) -> LatLng | None:
        """Where its courier is."""
        return self.trip.position(now) if self.trip is not None and self.courier is not None else None


class Ledger:
    """All jobs, by number and in the order they were made."""

    def __init__(self) -> None:
        self.jobs: dict[int, JobRecord] = {}

    def by_reference(self, reference: str) -> JobRecord | None:
        """The job that has a delivery with a client reference; the last, where some were stacked by hand."""
        return next((job for job in reversed(self.jobs.values()) if reference in references_of(job)), None)

    def by_delivery(self, delivery_id: int) -> tuple[JobRecord, DeliveryRecord] | None:
        """A delivery with its job."""
        return next(
            (
                (job, delivery)
                for job in self.jobs.values()
                for delivery in job.deliveries
                if delivery.id == delivery_id
            ),
            None,
        )


def references_of(job: JobRecord) -> list[str]:
    """The client references of its deliveries."""
    return [delivery.dropoff.client_reference for delivery in job.deliveries]
