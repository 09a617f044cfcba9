"""Bookings of the own fleet are names, so that a repeat is the same booking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from connectors.fleet import FleetConnector, FleetSettings
from doorstep.booking import BookingRequest
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused
from doorstep.money import Money
from doorstep.ports import CarrierConnector, RoadEngine
from doorstep.quote import QuoteRequest

SettingsOf = Callable[..., FleetSettings]

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(frozen=True)
class StoppedClock:
    def now(self) -> datetime:
        return NOON


@pytest.fixture
def fleet(settings_of: SettingsOf, roads: RoadEngine) -> CarrierConnector:
    return FleetConnector(settings_of(), roads, clock=StoppedClock())


@pytest.fixture
async def booking(fleet: CarrierConnector, request_of: Callable[..., QuoteRequest]) -> BookingRequest:
    """The fleet's own offer, taken up."""
    question = request_of()
    offer = (await fleet.quote(question, 5.0)).quotes[0]
    return BookingRequest(
        booking_key="leg_1-1",
        reference="D-1",
        service=offer.service,
        pickup=question.pickup,
        dropoff=question.dropoff,
        parcels=question.parcels,
        value=question.value,
        ready_at=question.ready_at,
        asked_at=question.asked_at,
        promise=offer.promise,
        booking_data=dict(offer.booking_data),
    )


async def test_a_booking_is_named_by_its_key_and_costs_what_was_quoted(
    fleet: CarrierConnector, booking: BookingRequest
) -> None:
    first, again = [await fleet.book(booking, 1.0) for _ in range(2)]
    assert first == again
    assert first.external_id == "fleet-leg_1-1"
    assert first.status is DeliveryStatus.BOOKED
    assert first.price == Money(399, "EUR")


async def test_a_window_that_is_over_cannot_be_booked(
    fleet: CarrierConnector, booking: BookingRequest
) -> None:
    late = replace(booking, asked_at=booking.promise.window.end)
    with pytest.raises(RemoteRefused, match="window is over"):
        await fleet.book(late, 1.0)


@pytest.mark.parametrize(
    "spoiled",
    [
        {"window_start": "noon"},
        {"price": "3.999"},
        {"currency": "XXQ"},
        {"window_end": "2020-01-01T00:00+00:00"},
    ],
)
async def test_booking_data_of_no_quote_is_refused(
    spoiled: dict[str, str], fleet: CarrierConnector, booking: BookingRequest
) -> None:
    with pytest.raises(RemoteRefused, match="ask for a new quote"):
        await fleet.book(replace(booking, booking_data={**booking.booking_data, **spoiled}), 1.0)


async def test_empty_booking_data_is_refused(fleet: CarrierConnector, booking: BookingRequest) -> None:
    with pytest.raises(RemoteRefused):
        await fleet.book(replace(booking, booking_data={}), 1.0)


async def test_cancelling_always_works_and_a_repeat_is_the_same_event(fleet: CarrierConnector) -> None:
    first, again = [await fleet.cancel("fleet-leg_1-1", "changed my mind", 1.0) for _ in range(2)]
    assert first == again
    assert (first.status, first.external_id, first.occurred_at) == (
        DeliveryStatus.CANCELLED,
        "fleet-leg_1-1",
        NOON,
    )


async def test_nobody_outside_knows_the_status(fleet: CarrierConnector) -> None:
    assert (await fleet.fetch("fleet-leg_1-1", 1.0)).status is DeliveryStatus.UNKNOWN


async def test_a_depot_without_drivers_is_found_by_the_doctor(
    fleet: CarrierConnector, settings_of: SettingsOf, roads: RoadEngine
) -> None:
    assert [check.passed for check in await fleet.check()] == [True]
    (check,) = await FleetConnector(settings_of(drivers=()), roads).check()
    assert not check.passed
    assert "loc_1" in check.text


async def test_closing_leaves_the_road_engine_alone(fleet: CarrierConnector) -> None:
    # The engine of these tests raises when it is closed.
    await fleet.close()
