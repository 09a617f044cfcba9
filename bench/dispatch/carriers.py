"""Couriers with books of their own, who misbehave as the dice fall."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bench.dispatch.chaos import Dice
from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.clock import Clock
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused, RemoteUnavailable, UnknownOutcome
from doorstep.health import HealthCheck
from doorstep.incident import IncidentKind
from doorstep.money import Money
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
from gateway.flow.dispatching.give_up import WHY as GIVE_UP

REFUSES, IS_DOWN, LOSES_BEFORE, LOSES_AFTER = 0.12, 0.08, 0.06, 0.10
REFUSES_YET_BOOKS, KEEPS_IT = 0.03, 0.10
"""It says no though it has booked; it does not take a job back whose courier comes late."""

DECLINES = 0.15


@dataclass(slots=True)
class Booked:
    """A row of a courier's books; `is_denied` is one that it said it would not take."""

    external_id: str
    order: str
    price: Money
    key: str
    is_live: bool = True
    is_denied: bool = False
    extra: Money | None = None


@dataclass(slots=True)
class ChaosCourier:
    """One courier: keeps its word about keys, and little else.

    Attributes
    ----------
    books
        By booking key: a repeat with the same key is the same booking.
    booked
        Is told of every booking as it is made.
    """

    carrier: str
    minor: int
    clock: Clock
    dice: Dice
    books: dict[str, Booked] = field(default_factory=dict)
    mode: DeliveryMode = DeliveryMode.COURIER
    booked: Callable[[ChaosCourier, Booked], None] = lambda courier, row: None  # noqa: ARG005 - nobody listens
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:  # noqa: ARG002 - at once
        """One offer, or no courier just now."""
        if self.dice.falls(DECLINES):
            return CarrierAnswer(declined=(Decline(self.carrier, DeclineReason.NO_CAPACITY, "none free"),))
        if self.dice.falls(IS_DOWN):
            raise RemoteUnavailable("down", system=self.carrier)
        now = self.clock.now()
        window = Window(now, now + timedelta(hours=2))
        offer = CarrierQuote(
            carrier=self.carrier,
            service="now",
            title="Now",
            mode=self.mode,
            vehicle=VehicleKind.CAR,
            price=Money(self.minor, request.value.currency),
            price_basis=PriceBasis.LIVE,
            promise=Promise(window, request.time_zone, PromiseBasis.CARRIER_COMMITMENT),
            expires_at=now + timedelta(minutes=15),
            pickup_by=now + timedelta(hours=1),
        )
        return CarrierAnswer((offer,))

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:  # noqa: ARG002 - at once
        """Book once for one key; the answer may never be heard."""
        known = self.books.get(request.booking_key)
        if self.dice.falls(IS_DOWN):
            raise RemoteUnavailable("down", system=self.carrier)
        if known is None:
            if self.dice.falls(REFUSES):
                raise RemoteRefused("no courier", system=self.carrier, kind=IncidentKind.NO_COURIER)
            if self.dice.falls(LOSES_BEFORE):
                raise UnknownOutcome("lost on the way there", system=self.carrier)
        self.dice.may_kill()
        if known is None:
            order = request.reference.rpartition("-")[0]
            external_id = f"{self.carrier}-{next(self._numbers)}-{request.booking_key[-6:]}"
            price = Money(self.minor, request.value.currency)
            known = Booked(external_id, order, price, request.booking_key)
            self.books[request.booking_key] = known
            known.is_denied = self.dice.falls(REFUSES_YET_BOOKS)
            self.booked(self, known)
            if known.is_denied:
                raise RemoteRefused("no courier", system=self.carrier, kind=IncidentKind.NO_COURIER)
        if self.dice.falls(LOSES_AFTER):
            raise UnknownOutcome("lost on the way back", system=self.carrier)
        self.dice.may_kill()
        status = DeliveryStatus.BOOKED if known.is_live else DeliveryStatus.CANCELLED
        return Booking(known.external_id, status, "booked", known.price)

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:  # noqa: ARG002 - ditto
        """Call off; already called off is a success."""
        if self.dice.falls(IS_DOWN):
            raise RemoteUnavailable("down", system=self.carrier)
        booked = self._booked(external_id)
        if booked.is_live and reason == GIVE_UP and self.dice.falls(KEEPS_IT):
            raise RemoteRefused("too late", system=self.carrier)
        self.dice.may_kill()
        booked.is_live = False
        if self.dice.falls(LOSES_AFTER):
            raise UnknownOutcome("lost on the way back", system=self.carrier)
        return self.update(booked, DeliveryStatus.CANCELLED, "canceled")

    async def raise_offer(self, external_id: str, extra: Money, budget_s: float) -> Money:  # noqa: ARG002 - ditto
        """Offer more, in all."""
        booked = self._booked(external_id)
        if self.dice.falls(REFUSES) or not booked.is_live:
            raise RemoteRefused("taken", system=self.carrier)
        booked.extra = extra
        if self.dice.falls(LOSES_AFTER):
            raise UnknownOutcome("lost on the way back", system=self.carrier)
        return extra

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:  # noqa: ARG002 - at once
        """Where it stands."""
        booked = self._booked(external_id)
        if booked.is_live:
            return self.update(booked, DeliveryStatus.BOOKED, "booked")
        return self.update(booked, DeliveryStatus.CANCELLED, "canceled", IncidentKind.COURIER_CANCELLED)

    async def check(self) -> tuple[HealthCheck, ...]:
        """Nothing to check."""
        return ()

    async def close(self) -> None:
        """Nothing to let go of."""

    def drop_out(self, booked: Booked) -> Sequence[CarrierUpdate]:
        """The courier gives the job back; what is told of it, last things first."""
        booked.is_live = False
        return (
            self.update(booked, DeliveryStatus.CANCELLED, "canceled", IncidentKind.COURIER_CANCELLED),
            self.update(booked, DeliveryStatus.COURIER_ASSIGNED, "assigned"),
        )

    def update(
        self, booked: Booked, status: DeliveryStatus, raw: str, trouble: IncidentKind | None = None
    ) -> CarrierUpdate:
        """A message about one booking."""
        return CarrierUpdate(
            source_event_id=f"{booked.external_id}:{raw}",
            external_id=booked.external_id,
            status=status,
            raw_status=raw,
            occurred_at=self.clock.now(),
            trouble=trouble,
            booking_key=booked.key,
        )

    def _booked(self, external_id: str) -> Booked:
        found = next((one for one in self.books.values() if one.external_id == external_id), None)
        if found is None:
            raise RemoteRefused("no such booking", system=self.carrier)
        return found


def live_bookings(couriers: Sequence[ChaosCourier]) -> Mapping[str, list[Booked]]:
    """What the books hold live, by the number of the order."""
    live: dict[str, list[Booked]] = {}
    for courier in couriers:
        for booked in courier.books.values():
            if booked.is_live:
                live.setdefault(booked.order, []).append(booked)
    return live
