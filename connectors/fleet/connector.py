"""The merchant's own vans as a carrier. No system is outside: quotes are arithmetic, bookings are names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from connectors.fleet.area import depot_of, place_of
from connectors.fleet.declined import CARRIER, Declined
from connectors.fleet.distance import Drive
from connectors.fleet.rate_sheet import band_of, explained_price
from connectors.fleet.settings import FleetSettings
from connectors.fleet.slots import Load, Need, Slot, next_slot
from connectors.fleet.vans import can_carry
from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.clock import Clock, SystemClock
from doorstep.delivery_status import DeliveryStatus
from doorstep.driver import Driver
from doorstep.errors import RemoteRefused
from doorstep.health import HealthCheck
from doorstep.money import Money
from doorstep.parcel import total_weight_g
from doorstep.ports import RoadEngine
from doorstep.quote import (
    CarrierAnswer,
    CarrierQuote,
    DeclineReason,
    DeliveryMode,
    PriceBasis,
    QuoteRequest,
)
from doorstep.window import Promise, PromiseBasis, Window

SAME_DAY, NEXT_WORKING_DAY = "same_day", "next_working_day"
"""Service codes; they stay, since checkouts group by them."""

QUOTE_LASTS = timedelta(minutes=30)

UNKNOWN_DRIVE_S = 1800
"""Assumed where a door is not on the map yet: half an hour reaches the edge of most cities."""


async def _nothing_promised(_depot_id: str, _window: Window) -> int:
    return 0


class FleetConnector:
    """`doorstep.ports.CarrierConnector` for vans of one's own.

    Parameters
    ----------
    roads
        For distances; not closed with the connector, since others use it too.
    load
        (location id of the depot, window) -> stops that are promised in it already; without it windows
        are never full.
    """

    def __init__(
        self,
        settings: FleetSettings,
        roads: RoadEngine,
        load: Load = _nothing_promised,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._roads = roads
        self._load = load
        self._clock = clock or SystemClock()

    @property
    def carrier(self) -> str:
        """Stable code."""
        return CARRIER

    @property
    def mode(self) -> DeliveryMode:
        """Own vans."""
        return DeliveryMode.OWN_FLEET

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        """One offer for the next window that a van can keep, or why there is none."""
        try:
            return CarrierAnswer(quotes=(await self._offer(request, budget_s),))
        except Declined as declined:
            return CarrierAnswer(declined=(declined.told(),))

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:  # noqa: ARG002  # no outside system
        """A booking is its key, so that a repeat is the same booking.

        Raises
        ------
        RemoteRefused
            If the window has passed, or `booking_data` is none of ours.
        """
        window, price = _kept(request.booking_data)
        if request.asked_at >= window.end:
            raise _refusal("The delivery window is over; ask for a new quote.", "window_over")
        return Booking(
            external_id=f"fleet-{request.booking_key}",
            status=DeliveryStatus.BOOKED,
            raw_status="booked",
            price=price,
        )

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:  # noqa: ARG002  # ditto
        """Calling off one's own van always works."""
        return self._update(external_id, DeliveryStatus.CANCELLED, "cancelled")

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:  # noqa: ARG002  # no outside system
        """Nobody outside knows more than the caller: the status is UNKNOWN and moves nothing."""
        return self._update(external_id, DeliveryStatus.UNKNOWN, "")

    async def check(self) -> tuple[HealthCheck, ...]:
        """Whether every depot has somebody to drive from it."""
        idle = [depot_id for depot_id in self._settings.depots if not self._settings.drivers_of(depot_id)]
        if not idle:
            return (HealthCheck("drivers", True, "Every depot has a driver."),)
        text = f"Nobody drives from {', '.join(idle)}. Add a driver there, or take the depot out."
        return (HealthCheck("drivers", False, text, "fleet_without_drivers"),)

    async def close(self) -> None:
        """Nothing to let go of."""

    async def _offer(self, request: QuoteRequest, budget_s: float) -> CarrierQuote:
        settings = self._settings
        _require_acceptable(settings, request)
        depot_id, depot = depot_of(settings, request.pickup)
        place = await place_of(settings, depot, request.dropoff, self._roads, budget_s)
        able = can_carry(settings, depot_id, request)
        distance_m = place.drive.metres if place.drive else None
        band = band_of(settings, place.zone, total_weight_g(request.parcels), distance_m)
        slot = await next_slot(settings, _need(request, depot_id, place.drive, able), self._load)
        explained = explained_price(
            settings,
            place.zone,
            band,
            distance_m=distance_m,
            begins=slot.window.start,
            time_zone=depot.time_zone,
            value=request.value,
        )
        return CarrierQuote(
            carrier=CARRIER,
            service=SAME_DAY if slot.is_same_day else NEXT_WORKING_DAY,
            title="Same-day delivery" if slot.is_same_day else "Delivery on the next working day",
            mode=DeliveryMode.OWN_FLEET,
            vehicle=settings.equipment_of(slot.drivers[0]).vehicle,
            price=explained.price,
            price_basis=PriceBasis.RATE_SHEET,
            promise=Promise(slot.window, depot.time_zone, PromiseBasis.SLOT),
            expires_at=request.asked_at + QUOTE_LASTS,
            co2e_g=_co2e_g(settings, place.drive, slot),
            booking_data=_booking_data(depot_id, slot.window, explained.price),
        )

    def _update(self, external_id: str, status: DeliveryStatus, raw_status: str) -> CarrierUpdate:
        return CarrierUpdate(
            source_event_id=f"{external_id}:{status}",
            external_id=external_id,
            status=status,
            raw_status=raw_status,
            occurred_at=self._clock.now(),
        )


def _require_acceptable(settings: FleetSettings, request: QuoteRequest) -> None:
    if request.value.currency != settings.currency:
        raise Declined(
            DeclineReason.RULE,
            f"The rate sheet is in {settings.currency}, the order in {request.value.currency}.",
        )


def _need(request: QuoteRequest, depot_id: str, drive: Drive | None, able: tuple[Driver, ...]) -> Need:
    return Need(
        depot_id=depot_id,
        asked_at=request.asked_at,
        ready_at=request.ready_at,
        drive_s=UNKNOWN_DRIVE_S if drive is None else drive.seconds,
        able=able,
        wanted=request.delivery_window,
    )


def _co2e_g(settings: FleetSettings, drive: Drive | None, slot: Slot) -> int | None:
    """The drive's grams, shared with a van's other stops in the window; None without a distance."""
    if drive is None:
        return None
    stops = max(1.0, (slot.promised + 1) / len(slot.drivers))
    return round(drive.metres / 1000 * settings.co2e_g_per_km / stops)


def _booking_data(depot_id: str, window: Window, price: Money) -> dict[str, str]:
    return {
        "depot_id": depot_id,
        "window_start": window.start.isoformat(),
        "window_end": window.end.isoformat(),
        "price": price.amount,
        "currency": price.currency,
    }


def _kept(data: Mapping[str, str]) -> tuple[Window, Money]:
    """Window and price that `_booking_data` wrote."""
    try:
        start, end = (
            datetime.fromisoformat(data[name]).astimezone(UTC) for name in ("window_start", "window_end")
        )
        return Window(start, end), Money.parse(data["price"], data["currency"])
    except (KeyError, ValueError):
        raise _refusal(
            "booking_data is none of an own-fleet quote; ask for a new quote.", "no_quote"
        ) from None


def _refusal(message: str, code: str) -> RemoteRefused:
    return RemoteRefused(message, system=CARRIER, raw_code=code)
