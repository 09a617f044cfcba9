"""Couriers with books of their own, who misbehave as the dice fall."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bench.dispatch.chaos import Dice
from doorstep.booking import Booking, BookingRequest, CarrierUpdate, StackOffer, StackRequest
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

EXTRA_DOOR = 0.4
"""What a further door of a tour costs, as a share of the way to one alone."""


@dataclass(slots=True)
class Booked:
    """A row of a courier's books.

    Attributes
    ----------
    is_denied
        The courier said that it would not take it.
    is_stacked
        It goes on a tour with others.
    """

    external_id: str
    order: str
    price: Money
    key: str
    is_live: bool = True
    is_denied: bool = False
    is_stacked: bool = False
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
        price = Money(self.minor, request.value.currency)
        return self._book((request,), price)[0]

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

    def _book(self, requests: Sequence[BookingRequest], price: Money) -> tuple[Booking, ...]:
        """All or none; each price is that of the whole."""
        if self.dice.falls(IS_DOWN):
            raise RemoteUnavailable("down", system=self.carrier)
        fresh = [request for request in requests if request.booking_key not in self.books]
        if fresh:
            if self.dice.falls(REFUSES):
                raise RemoteRefused("no courier", system=self.carrier, kind=IncidentKind.NO_COURIER)
            if self.dice.falls(LOSES_BEFORE):
                raise UnknownOutcome("lost on the way there", system=self.carrier)
        self.dice.may_kill()
        is_denied = bool(fresh) and self.dice.falls(REFUSES_YET_BOOKS)
        for request in fresh:
            self._enter(request, price, is_denied=is_denied, is_stacked=len(requests) > 1)
        if is_denied:
            raise RemoteRefused("no courier", system=self.carrier, kind=IncidentKind.NO_COURIER)
        if self.dice.falls(LOSES_AFTER):
            raise UnknownOutcome("lost on the way back", system=self.carrier)
        self.dice.may_kill()
        return tuple(self._answer(self.books[request.booking_key]) for request in requests)

    def _enter(self, request: BookingRequest, price: Money, *, is_denied: bool, is_stacked: bool) -> None:
        key, order = request.booking_key, request.reference.rpartition("-")[0]
        external_id = f"{self.carrier}-{next(self._numbers)}-{key[-6:]}"
        row = Booked(external_id, order, price, key, is_denied=is_denied, is_stacked=is_stacked)
        self.books[key] = row
        self.booked(self, row)

    def _answer(self, row: Booked) -> Booking:
        status = DeliveryStatus.BOOKED if row.is_live else DeliveryStatus.CANCELLED
        return Booking(row.external_id, status, "booked", row.price)

    def _booked(self, external_id: str) -> Booked:
        found = next((one for one in self.books.values() if one.external_id == external_id), None)
        if found is None:
            raise RemoteRefused("no such booking", system=self.carrier)
        return found


class StackingCourier(ChaosCourier):
    """One whose couriers go to several doors; its word about keys holds for each of them."""

    async def quote_stack(self, stack: StackRequest, budget_s: float) -> StackOffer:  # noqa: ARG002 - at once
        """Dearer than one door, cheaper than each alone; or not together just now."""
        if self.dice.falls(DECLINES):
            raise RemoteRefused("not together", system=self.carrier)
        if self.dice.falls(IS_DOWN):
            raise RemoteUnavailable("down", system=self.carrier)
        return StackOffer(self._price(stack))

    async def book_stack(self, stack: StackRequest, budget_s: float) -> tuple[Booking, ...]:  # noqa: ARG002 - ditto
        """Book all once for these keys, as if they were one."""
        return self._book(stack.stops, self._price(stack))

    def _price(self, stack: StackRequest) -> Money:
        doors = 1 + EXTRA_DOOR * (len(stack.stops) - 1)
        return Money(round(self.minor * doors), stack.stops[0].value.currency)


def live_bookings(couriers: Sequence[ChaosCourier]) -> Mapping[str, list[Booked]]:
    """What the books hold live, by the number of the order."""
    live: dict[str, list[Booked]] = {}
    for courier in couriers:
        for booked in courier.books.values():
            if booked.is_live:
                live.setdefault(booked.order, []).append(booked)
    return live
