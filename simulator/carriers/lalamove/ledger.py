"""Quotations and orders as the simulated Lalamove keeps them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.geo import LatLng, distance_m
from simulator.carriers.books import BookState
from simulator.carriers.lalamove.markets import City, Vehicle

LIVE_STATUSES = frozenset({"ASSIGNING_DRIVER", "ON_GOING", "PICKED_UP"})

DETOUR = 1.3
"""Streets are longer than the crow's way by about this factor."""

_FIX_EVERY_S = 10


@dataclass(frozen=True, slots=True)
class Stop:
    """One end of a ride, with the person there once it is ordered."""

    id: str
    at: LatLng
    address: str
    name: str = ""
    phone: str = ""
    remarks: str = ""


@dataclass(slots=True)
class QuotationRecord:
    """A price that holds for five minutes and one order.

    Attributes
    ----------
    schedule_at
        None for as soon as possible.
    """

    id: str
    city: City
    vehicle: Vehicle
    stops: tuple[Stop, ...]
    price_minor: int
    quoted_at: datetime
    expires_at: datetime
    schedule_at: datetime | None
    used_by: str = ""

    @property
    def road_m(self) -> int:
        """Length of the way along the streets."""
        return road_m(self.stops)


@dataclass(frozen=True, slots=True)
class DriverRecord:
    """Somebody who drives."""

    id: str
    name: str
    phone: str
    plate: str


@dataclass(frozen=True, slots=True)
class Trip:
    """A ride in a straight line at even speed; good enough within a city."""

    start: LatLng
    end: LatLng
    leaves_at: datetime
    arrives_at: datetime

    def position(self, now: datetime) -> LatLng:
        """Where the driver is: at the ends before and after."""
        whole_s = (self.arrives_at - self.leaves_at).total_seconds()
        done_s = (now - self.leaves_at).total_seconds()
        share = 1.0 if whole_s <= 0 else min(1.0, max(0.0, done_s / whole_s))
        lat = self.start.lat + (self.end.lat - self.start.lat) * share
        return LatLng(lat, self.start.lng + (self.end.lng - self.start.lng) * share)


@dataclass(slots=True)
class OrderRecord:
    """One order.

    Attributes
    ----------
    turn
        Grows with every driver who takes or drops it, so that what was planned for another does not happen.
    proof
        Status of the proof of delivery, "" where none was asked for.
    replaces
        Id of the order that customer service put this one in the place of.
    """

    id: str
    quotation: QuotationRecord
    stops: tuple[Stop, ...]
    metadata: Mapping[str, object]
    price_minor: int
    created_at: datetime
    expires_at: datetime
    status: str = "ASSIGNING_DRIVER"
    previous: str = ""
    driver: DriverRecord | None = None
    matched_at: datetime | None = None
    trip: Trip | None = None
    turn: int = 0
    rejections: int = 0
    is_edited: bool = False
    fee_minor: int = 0
    cancelled_by: str = ""
    proof: str = ""
    picked_up_at: datetime | None = None
    ended_at: datetime | None = None
    replaces: str = ""

    @property
    def is_live(self) -> bool:
        """Whether somebody works on it."""
        return self.status in LIVE_STATUSES

    @property
    def total_minor(self) -> int:
        """What it costs in all."""
        return self.price_minor + self.fee_minor

    @property
    def starts_at(self) -> datetime:
        """When the driver is wanted."""
        return self.quotation.schedule_at or self.created_at

    @property
    def book_state(self) -> BookState:
        """How it stands in the books."""
        if self.is_live:
            return BookState.LIVE
        if self.status == "COMPLETED":
            return BookState.FAILED if self.proof == "FAILED" else BookState.DELIVERED
        return BookState.CANCELLED if self.status == "CANCELED" else BookState.FAILED

    def fix(self, now: datetime) -> tuple[LatLng, datetime] | None:
        """Where its driver was last seen: positions are renewed every ten seconds."""
        if self.trip is None or self.driver is None:
            return None
        seen_at = now - timedelta(seconds=now.timestamp() % _FIX_EVERY_S)
        return self.trip.position(seen_at), seen_at


def road_m(stops: tuple[Stop, ...]) -> int:
    """Length of a way along the streets, metres."""
    legs = itertools.pairwise(stops)
    return round(sum(distance_m(here.at, there.at) for here, there in legs) * DETOUR)


class Ledger:
    """All quotations and orders, by id and in the order they were made."""

    def __init__(self) -> None:
        self.quotations: dict[str, QuotationRecord] = {}
        self.orders: dict[str, OrderRecord] = {}
