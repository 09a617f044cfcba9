"""Couriers and a parcel carrier that do what an order's fate says, and tell of it as real ones do."""

from __future__ import annotations

import itertools
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bench.exceptions.fates import SHOP, Fate
from bench.exceptions.turns import Agenda
from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.delivery_status import DeliveryStatus as Status
from doorstep.errors import RemoteRefused, RemoteUnavailable
from doorstep.geo import LatLng
from doorstep.health import HealthCheck
from doorstep.incident import IncidentKind as Kind
from doorstep.money import Money
from doorstep.position import Position
from doorstep.quote import (
    CarrierAnswer,
    CarrierQuote,
    Decline,
    DeclineReason,
    DeliveryMode,
    PriceBasis,
    QuoteRequest,
    VehicleKind,
)
from doorstep.window import Promise, PromiseBasis, Window

PICKUP_MIN = 20.0
TELLS_EVERY_MIN = 3.0
ETA_ERROR = 0.15
"""Of what is told of the time that is left, to either side, anew each time."""

ELSEWHERE = LatLng(SHOP.lat + 0.02, SHOP.lng)

Tell = Callable[[str, CarrierUpdate], Awaitable[None]]
"""Hands a message of a carrier in."""


@dataclass(slots=True)
class Booked:
    """A row of a carrier's books."""

    external_id: str
    fate: Fate
    key: str
    is_first: bool
    is_live: bool = True
    raw: str = "booked"
    status: Status = Status.BOOKED


@dataclass(slots=True)
class ScriptedCarrier:
    """One carrier.

    Attributes
    ----------
    by_street
        The fates of orders, by the street that they go to.
    arrived
        When orders really came to their doors, by number; shared by all carriers.
    is_down
        It does not answer.
    """

    carrier: str
    minor: int
    agenda: Agenda
    by_street: Mapping[str, Fate]
    tell: Tell
    first_booked: set[int]
    arrived: dict[int, float]
    mode: DeliveryMode = DeliveryMode.COURIER
    is_down: bool = False
    books: dict[str, Booked] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:  # noqa: ARG002 - at once
        """One offer for what is its kind of order."""
        if self.is_down:
            raise RemoteUnavailable("down", system=self.carrier)
        fate = self.by_street[request.dropoff.line1]
        if fate.is_parcel is not (self.mode is DeliveryMode.PARCEL):
            return CarrierAnswer(declined=(Decline(self.carrier, DeclineReason.OTHER, "not ours"),))
        now = self.agenda.clock.now()
        span = PICKUP_MIN + fate.ride_min + fate.slack_min if not fate.is_parcel else 4 * 1440
        offer = CarrierQuote(
            carrier=self.carrier,
            service="now",
            title="Now",
            mode=self.mode,
            vehicle=VehicleKind.CAR,
            price=Money(self.minor, request.value.currency),
            price_basis=PriceBasis.LIVE,
            promise=Promise(
                Window(now, now + timedelta(minutes=span)), request.time_zone, PromiseBasis.CARRIER_COMMITMENT
            ),
            expires_at=now + timedelta(minutes=15),
            pickup_by=None if fate.is_parcel else now + timedelta(minutes=PICKUP_MIN),
        )
        return CarrierAnswer((offer,))

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:  # noqa: ARG002 - at once
        """Book, and begin to do what the fate says; who comes second does the job well."""
        if self.is_down:
            raise RemoteUnavailable("down", system=self.carrier)
        row = self.books.get(request.booking_key)
        if row is None:
            row = self.take_on(self.by_street[request.dropoff.line1], request.booking_key)
        return Booking(row.external_id, Status.BOOKED, "booked", Money(self.minor, request.value.currency))

    def take_on(self, fate: Fate, key: str) -> Booked:
        """Write a job down and begin with it."""
        is_first = fate.number not in self.first_booked
        self.first_booked.add(fate.number)
        row = Booked(f"{self.carrier}-{next(self._numbers)}", fate, key, is_first)
        self.books[key] = row
        self._begin(row)
        return row

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:  # noqa: ARG002 - ditto
        """Call off what has not been fetched."""
        row = self._row(external_id)
        if row.status not in (Status.BOOKED, Status.COURIER_ASSIGNED, Status.TO_PICKUP):
            raise RemoteRefused("too late", system=self.carrier)
        row.is_live = False
        return self._update(row, Status.CANCELLED, "canceled")

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:  # noqa: ARG002 - at once
        """What it said last."""
        row = self._row(external_id)
        return self._update(row, row.status, row.raw)

    async def check(self) -> tuple[HealthCheck, ...]:
        """Nothing to check."""
        return ()

    async def close(self) -> None:
        """Nothing to let go of."""

    def _begin(self, row: Booked) -> None:
        trouble = row.fate.trouble if row.is_first else None
        if row.fate.is_parcel:
            self._post(row)
        elif trouble is Kind.COURIER_CANCELLED:
            self._say(row, 4, Status.COURIER_ASSIGNED, "assigned")
            self._say(row, 9, Status.CANCELLED, "canceled", trouble=Kind.COURIER_CANCELLED)
        elif trouble is Kind.NO_COURIER:
            self._say(row, 45 + 30 * row.fate.luck, Status.COURIER_ASSIGNED, "assigned")
            self._fetch(row, 60 + 30 * row.fate.luck, 3)
        elif trouble is Kind.MISSED_PICKUP:
            self._say(row, 4, Status.COURIER_ASSIGNED, "assigned")
            self._fetch(row, 60 + 30 * row.fate.luck, 3)
        else:
            dwell = 14 + 10 * row.fate.luck if trouble is Kind.MERCHANT_NOT_READY else 3 + 2 * row.fate.luck
            self._say(row, 4, Status.COURIER_ASSIGNED, "assigned")
            self._fetch(row, 12 + 4 * row.fate.luck, dwell)

    def _fetch(self, row: Booked, comes_min: float, dwell_min: float) -> None:
        """Come to the shop, take it, drive, and hand it over or not."""
        self._say(row, comes_min, Status.AT_PICKUP, "at pickup")
        gone = comes_min + dwell_min
        self._say(row, gone, Status.PICKED_UP, "picked up")
        trouble = row.fate.trouble if row.is_first else None
        if trouble is Kind.LOST:
            return
        ride = row.fate.arrives_after_min(1.0)
        told = gone + TELLS_EVERY_MIN
        while told < gone + ride:
            self._drive(row, gone, told)
            told += TELLS_EVERY_MIN
        self._end(row, gone + ride, trouble)

    def _end(self, row: Booked, at_min: float, trouble: Kind | None) -> None:
        if trouble in (Kind.REFUSED, Kind.RETURN_OVERDUE):
            self._say(row, at_min, Status.ATTEMPT_FAILED, "refused", trouble=Kind.REFUSED)
            self._say(row, at_min + 5, Status.RETURNING, "returning")
            if trouble is Kind.REFUSED:
                self._say(row, at_min + 45, Status.RETURNED, "returned")
            return
        fails = {Kind.RECIPIENT_UNAVAILABLE: 1, Kind.SECOND_FAILED_ATTEMPT: 2}
        for number in range(fails.get(trouble, 0) if trouble is not None else 0):
            raw = f"nobody home {number}"
            self._say(row, at_min, Status.ATTEMPT_FAILED, raw, trouble=Kind.RECIPIENT_UNAVAILABLE)
            self._say(row, at_min + 30, Status.OUT_FOR_DELIVERY, f"again {number}")
            at_min += 40
        if trouble is Kind.DAMAGED:
            self._say(row, at_min - 2, Status.OUT_FOR_DELIVERY, "damaged", trouble=Kind.DAMAGED)
        place = ELSEWHERE if trouble is Kind.PROOF_MISMATCH else row.fate.door
        self._say(row, at_min, Status.DELIVERED, "delivered", place=place)

    def _post(self, row: Booked) -> None:
        """A parcel: scans at night and in the morning, a door on the third day."""
        hour = 60.0
        self._say(row, 5 * hour, Status.PICKED_UP, "collected")
        is_lost = row.is_first and row.fate.trouble is Kind.LOST
        for number in range(2 if is_lost else 4):
            self._say(row, (14 + 11 * number + 4 * row.fate.luck) * hour, Status.IN_TRANSIT, f"scan {number}")
        if not is_lost:
            self._say(row, 64 * hour, Status.DELIVERED, "delivered")

    def _drive(self, row: Booked, gone_min: float, at_min: float) -> None:
        """Where it is, and an ETA that is wrong as carriers' are: nobody knows how long a jam lasts."""
        fate, driven = row.fate, at_min - gone_min
        low, high = 0.0, 1.0
        for _ in range(30):
            middle = (low + high) / 2
            low, high = (middle, high) if fate.arrives_after_min(middle) < driven else (low, middle)
        share = low
        # In a jam half of it is taken to go on: that much is seen on the road ahead.
        pace = (1 + fate.jam.times) / 2 if fate.jam.begins <= share < fate.jam.ends else 1.0
        error = random.Random(f"{fate.number} {driven:.1f}").lognormvariate(0.0, ETA_ERROR)
        left = (1 - share) * fate.ride_min * pace * error
        place = LatLng(
            SHOP.lat + share * (fate.door.lat - SHOP.lat), SHOP.lng + share * (fate.door.lng - SHOP.lng)
        )
        self._say(row, at_min, Status.OUT_FOR_DELIVERY, "on the way", place=place, left_min=left)

    def _say(
        self,
        row: Booked,
        after_min: float,
        status: Status,
        raw: str,
        *,
        trouble: Kind | None = None,
        place: LatLng | None = None,
        left_min: float | None = None,
    ) -> None:
        async def say() -> None:
            if not row.is_live:
                return
            row.status, row.raw = status, raw
            now = self.agenda.clock.now()
            row.is_live = status not in (Status.CANCELLED, Status.DELIVERED, Status.RETURNED)
            if status is Status.DELIVERED:
                self.arrived[row.fate.number] = self.agenda.clock.seconds()
            eta = now + timedelta(minutes=left_min) if left_min is not None else None
            update = replace(self._update(row, status, raw, trouble, place), dropoff_eta=eta)
            await self.tell(self.carrier, update)

        self.agenda.after(after_min, say)

    def _update(
        self, row: Booked, status: Status, raw: str, trouble: Kind | None = None, place: LatLng | None = None
    ) -> CarrierUpdate:
        now = self.agenda.clock.now()
        return CarrierUpdate(
            source_event_id=f"{row.external_id}:{raw}",
            external_id=row.external_id,
            status=status,
            raw_status=raw,
            occurred_at=now,
            position=Position(place, now) if place is not None else None,
            trouble=trouble,
            raw_reason=raw if trouble is not None else "",
            booking_key=row.key,
        )

    def _row(self, external_id: str) -> Booked:
        return next(row for row in self.books.values() if row.external_id == external_id)
