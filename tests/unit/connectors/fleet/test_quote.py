"""Offers of the own fleet: where, how heavy, how far, how much, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.fleet import FleetConnector, FleetSettings
from connectors.fleet.distance import estimate
from connectors.fleet.settings import DayWindow, Depot, Surcharge
from doorstep.address import Address
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.ports import RoadEngine
from doorstep.quote import CarrierQuote, Decline, DeclineReason, PriceBasis, QuoteRequest
from doorstep.window import PromiseBasis, Window

SettingsOf = Callable[..., FleetSettings]
RequestOf = Callable[..., QuoteRequest]
RoadsOf = Callable[..., RoadEngine]

AROUND = Address("MT", postal_code="BKR 9010", location=LatLng(35.90, 14.46))
"""In no postcode zone, within ten kilometres."""


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    """In March 2026; Malta is an hour ahead until the 29th. The second is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


async def offer_of(fleet: FleetConnector, request: QuoteRequest, budget_s: float = 5.0) -> CarrierQuote:
    answer = await fleet.quote(request, budget_s)
    assert answer.declined == ()
    return answer.quotes[0]


async def decline_of(fleet: FleetConnector, request: QuoteRequest, budget_s: float = 5.0) -> Decline:
    answer = await fleet.quote(request, budget_s)
    assert answer.quotes == ()
    return answer.declined[0]


@pytest.fixture
def fleet(settings_of: SettingsOf, roads: RoadEngine) -> FleetConnector:
    return FleetConnector(settings_of(), roads)


async def test_an_offer_has_a_price_of_the_sheet_and_the_next_window(
    fleet: FleetConnector, request_of: RequestOf
) -> None:
    offer = await offer_of(fleet, request_of())
    assert offer.carrier == fleet.carrier == "own_fleet"
    assert offer.mode is fleet.mode
    assert offer.price == Money(399, "EUR")
    assert offer.price_basis is PriceBasis.RATE_SHEET
    # Ready at 10:05, loaded 10:35, there 10:45: the window from 10 to 12 still has its first half.
    assert offer.promise.window == Window(utc(2, 9), utc(2, 11))
    assert offer.promise.basis is PromiseBasis.SLOT
    assert offer.promise.time_zone == "Europe/Malta"
    assert offer.service == "same_day"
    assert offer.expires_at == utc(2, 9, 30)


PRICES: dict[str, tuple[dict[str, Any], int]] = {
    "the first row that carries the weight": ({"parcels": (Parcel(5_001),)}, 799),
    "the weight is that of all parcels": ({"parcels": (Parcel(3_000), Parcel(2_001))}, 799),
    # 5 km at 0.75.
    "kilometres in proportion": ({"dropoff": AROUND}, 500 + 375),
    # Asked at 14:40, so that the window from 16 to 18 is next.
    "an evening surcharge": ({"asked_at": utc(2, 13, 40)}, 399 + 200),
    "no surcharge on Saturdays": ({"asked_at": utc(7, 13, 40)}, 399),
    "dear goods ride free": ({"value": Money(10_000, "EUR")}, 0),
    "one cent less does not": ({"value": Money(9_999, "EUR")}, 399),
    "a postcode in other letters": ({"dropoff": Address("MT", postal_code="vlt1117")}, 399),
}


@pytest.mark.parametrize("case", PRICES)
async def test_the_price_follows_the_rate_sheet(
    case: str, fleet: FleetConnector, request_of: RequestOf
) -> None:
    changes, minor = PRICES[case]
    assert (await offer_of(fleet, request_of(**changes))).price == Money(minor, "EUR")


WINDOWS: dict[str, tuple[dict[str, Any], tuple[int, int], str]] = {
    # Loaded 11:30 at the latest for 11:40, beyond the middle of 10 to 12.
    "the second half of a window is too late": ({"asked_at": utc(2, 9, 56)}, (2, 11), "same_day"),
    "goods that are ready later": (
        {"asked_at": utc(2, 9), "ready_at": utc(2, 13, 30)},
        (2, 15),
        "same_day",
    ),
    # 14:59 in Malta: loaded 15:34, so that 16 to 18 is next; Ann is home before 18:30.
    "just before the cut-off": ({"asked_at": utc(2, 13, 59)}, (2, 15), "same_day"),
    "at the cut-off": ({"asked_at": utc(2, 14)}, (3, 9), "next_working_day"),
    # Saturday evening: nobody drives on Sunday.
    "over the weekend": ({"asked_at": utc(7, 18)}, (9, 9), "next_working_day"),
    "what the shopper asked for": (
        {"delivery_window": Window(utc(4, 12), utc(4, 14))},
        # Windows of Wednesday that meet 13:00 to 15:00: the first begins at 12:00.
        (4, 11),
        "next_working_day",
    ),
    # 30 kg are for Bob, who drives on Mondays only.
    "the van that is large enough": (
        {"asked_at": utc(3, 9), "parcels": (Parcel(30_000),)},
        (9, 9),
        "next_working_day",
    ),
    # The clocks are put forward on 29 March; 10:00 in Malta is then 8:00 UTC.
    "in summer time": ({"asked_at": utc(28, 20)}, (30, 8), "next_working_day"),
}


@pytest.mark.parametrize("case", WINDOWS)
async def test_the_promise_is_the_next_window_that_a_van_can_keep(
    case: str, fleet: FleetConnector, request_of: RequestOf
) -> None:
    changes, (day, hour), service = WINDOWS[case]
    offer = await offer_of(fleet, request_of(**changes))
    assert offer.promise.window == Window(utc(day, hour), utc(day, hour + 2))
    assert offer.service == service


async def test_a_van_must_be_home_by_the_end_of_its_shift(
    settings_of: SettingsOf, roads: RoadEngine, request_of: RequestOf
) -> None:
    # Asked at 14:40; at the door at 16:00 and home at 16:10.
    for shift_end, start in (("16:10", utc(2, 15)), ("16:09", utc(3, 9))):
        drivers = tuple(replace(driver, shift_end=shift_end) for driver in settings_of().drivers)
        fleet = FleetConnector(settings_of(drivers=drivers), roads)
        offer = await offer_of(fleet, request_of(asked_at=utc(2, 13, 40)))
        assert offer.promise.window.start == start


async def test_a_surcharge_ends_before_the_minute_of_its_end(
    settings_of: SettingsOf, roads: RoadEngine, request_of: RequestOf
) -> None:
    # The window begins at 10:00.
    for end, minor in (("10:00", 399), ("10:01", 449)):
        surcharge = Surcharge("early", Money(50, "EUR"), start="08:00", end=end)
        fleet = FleetConnector(settings_of(surcharges=(surcharge,)), roads)
        assert (await offer_of(fleet, request_of())).price == Money(minor, "EUR")


async def test_a_closed_date_is_skipped(
    settings_of: SettingsOf, roads: RoadEngine, request_of: RequestOf
) -> None:
    fleet = FleetConnector(settings_of(closed_dates=("2026-03-02", "2026-03-03")), roads)
    offer = await offer_of(fleet, request_of())
    assert offer.promise.window.start == utc(4, 9)
    assert offer.service == "next_working_day"


async def test_a_full_window_is_passed_over_and_counts_the_vans_of_that_day(
    settings_of: SettingsOf, roads: RoadEngine, request_of: RequestOf
) -> None:
    asked: list[tuple[str, Window]] = []

    async def load(depot_id: str, window: Window) -> int:
        asked.append((depot_id, window))
        return {utc(2, 9): 6, utc(2, 11): 5}.get(window.start, 0)

    # Two vans on Monday with three stops each.
    fleet = FleetConnector(settings_of(stops_per_van=3), roads, load)
    offer = await offer_of(fleet, request_of())
    assert offer.promise.window.start == utc(2, 11)
    assert [depot_id for depot_id, _ in asked] == ["loc_1", "loc_1"]


async def test_emissions_are_shared_with_the_other_stops_of_the_van(
    settings_of: SettingsOf, roads: RoadEngine, request_of: RequestOf
) -> None:
    async def load(_depot_id: str, _window: Window) -> int:
        return 9

    alone = await offer_of(FleetConnector(settings_of(), roads), request_of())
    shared = await offer_of(FleetConnector(settings_of(), roads, load), request_of())
    # 5 km at 180 g; with this one ten stops on two vans.
    assert (alone.co2e_g, shared.co2e_g) == (900, 180)


DECLINES: dict[str, tuple[dict[str, Any], dict[str, Any], DeclineReason, str]] = {
    "another currency": (
        {},
        {"value": Money(100, "USD")},
        DeclineReason.RULE,
        "The rate sheet is in EUR, the order in USD.",
    ),
    "goods elsewhere": (
        {},
        {"pickup": Address("MT", location=LatLng(36.0, 14.3))},
        DeclineReason.OUT_OF_AREA,
        "The goods are at none of the fleet's depots.",
    ),
    "out of every zone": (
        {},
        {"dropoff": Address("MT", postal_code="VCT 1000", location=LatLng(36.05, 14.24))},
        DeclineReason.OUT_OF_AREA,
        "The address lies in none of the fleet's zones.",
    ),
    "another country's postcode": (
        {},
        {"dropoff": Address("IT", postal_code="SLM 1", location=LatLng(37.5, 15.0))},
        DeclineReason.OUT_OF_AREA,
        "The address lies in none of the fleet's zones.",
    ),
    "nothing but a city": (
        {},
        {"dropoff": Address("MT", city="Valletta")},
        DeclineReason.ADDRESS_PROBLEM,
        "The address has no place on the map to find its zone.",
    ),
    "too heavy for the sheet": (
        {},
        {"parcels": (Parcel(50_001),)},
        DeclineReason.TOO_HEAVY,
        "Weighs 50.001 kg; the rate sheet ends at 50 kg there.",
    ),
    "too heavy for any van": (
        {},
        {"parcels": (Parcel(61_000),)},
        DeclineReason.TOO_HEAVY,
        "Weighs 61 kg; the largest van of the depot takes 60 kg.",
    ),
    "too large for any van": (
        {},
        {"parcels": (Parcel(1_000, 1_000, 1_000, 201),)},
        DeclineReason.TOO_LARGE,
        "The parcels are larger than what any van of the depot takes.",
    ),
    "two people needed": (
        {},
        {"requirements": (HandoverRequirement.TWO_PERSON,)},
        DeclineReason.HANDOVER,
        "No van of the depot does two person.",
    ),
    "nobody drives": ({"drivers": ()}, {}, DeclineReason.CLOSED, "No van drives from this depot."),
    "no van in any window": (
        {"windows": (DayWindow("04:00", "06:00"),)},
        {},
        DeclineReason.CLOSED,
        "No van drives in the next 28 days.",
    ),
    "a window today after the cut-off": (
        {},
        {"asked_at": utc(2, 14, 30), "delivery_window": Window(utc(2, 15), utc(2, 17))},
        DeclineReason.PAST_CUTOFF,
        "The cut-off for today has passed.",
    ),
    "a window on Sunday": (
        {},
        {"delivery_window": Window(utc(8, 9), utc(8, 11))},
        DeclineReason.CLOSED,
        "No van drives in the window that was asked for.",
    ),
    "two depots and no place": (
        {
            "depots": {
                "loc_1": Depot(LatLng(35.9, 14.5), "Europe/Malta"),
                "loc_2": Depot(LatLng(36, 14.3), "Europe/Malta"),
            }
        },
        {"pickup": Address("MT")},
        DeclineReason.ADDRESS_PROBLEM,
        "The pickup has no place on the map, so it is unknown which depot is meant.",
    ),
}


@pytest.mark.parametrize("case", DECLINES)
async def test_what_the_fleet_cannot_do_is_declined_in_a_sentence(
    case: str, settings_of: SettingsOf, roads: RoadEngine, request_of: RequestOf
) -> None:
    changes, question, reason, text = DECLINES[case]
    decline = await decline_of(FleetConnector(settings_of(**changes), roads), request_of(**question))
    assert (decline.carrier, decline.reason, decline.text) == ("own_fleet", reason, text)


async def test_full_windows_are_declined_for_want_of_room(
    settings_of: SettingsOf, roads: RoadEngine, request_of: RequestOf
) -> None:
    async def load(_depot_id: str, _window: Window) -> int:
        return 1_000

    decline = await decline_of(FleetConnector(settings_of(), roads, load), request_of())
    assert decline.reason is DeclineReason.NO_CAPACITY


async def test_a_distance_beyond_the_sheet_is_out_of_the_area(
    settings_of: SettingsOf, roads_of: RoadsOf, request_of: RequestOf
) -> None:
    fleet = FleetConnector(settings_of(), roads_of(8_001, 900))
    decline = await decline_of(fleet, request_of(dropoff=AROUND))
    assert decline.reason is DeclineReason.OUT_OF_AREA
    assert decline.text == "The rate sheet ends before 8.0 km of road in that zone."


async def test_an_address_without_a_road_is_out_of_the_area(
    settings_of: SettingsOf, roads_of: RoadsOf, request_of: RequestOf
) -> None:
    decline = await decline_of(FleetConnector(settings_of(), roads_of(None, None)), request_of())
    assert decline.reason is DeclineReason.OUT_OF_AREA


@pytest.mark.parametrize("mood", ["slow", "down"])
async def test_a_silent_road_engine_is_replaced_by_an_estimate(
    mood: str, settings_of: SettingsOf, roads_of: RoadsOf, request_of: RequestOf
) -> None:
    fleet = FleetConnector(settings_of(), roads_of(1, 1, mood))
    offer = await offer_of(fleet, request_of(dropoff=AROUND), budget_s=0.05)
    # 4.92 km as the crow flies, 7.035 km of road.
    assert offer.price == Money(500 + 528, "EUR")
    assert offer.price_basis is PriceBasis.RATE_SHEET


def test_an_estimate_never_shortens_a_longer_way() -> None:
    depot = LatLng(35.9, 14.5)
    metres = [estimate(depot, LatLng(35.9 + step / 10_000, 14.5)).metres for step in range(300)]
    assert metres == sorted(metres)


async def test_a_postcode_is_enough_where_the_price_needs_no_distance(
    fleet: FleetConnector, request_of: RequestOf
) -> None:
    offer = await offer_of(fleet, request_of(dropoff=Address("MT", postal_code="SLM 1030")))
    assert offer.price == Money(399, "EUR")
    assert offer.co2e_g is None


@given(minutes=st.integers(0, 60 * 24 * 370), ready=st.integers(0, 3_000))
@settings(deadline=None, max_examples=150)
async def test_a_promise_is_never_in_the_past_and_always_within_a_shift(
    minutes: int, ready: int, settings_of: SettingsOf, roads: RoadEngine, request_of: RequestOf
) -> None:
    asked_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    request = request_of(asked_at=asked_at, ready_at=asked_at + timedelta(minutes=ready))
    offer = await offer_of(FleetConnector(settings_of(), roads), request)
    window = offer.promise.window
    # Half an hour of loading, ten minutes of driving, before the middle of two hours.
    assert request.ready_at + timedelta(minutes=40) <= window.start + timedelta(hours=1)
    assert window.seconds == 7_200
    assert offer.expires_at == asked_at + timedelta(minutes=30)
