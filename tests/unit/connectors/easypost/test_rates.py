"""Rates as offers, and the calendar behind their promises."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parcel.easypost.rates import promise_of, read_rates, title_of
from doorstep.address import Address
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.quote import DeclineReason, DeliveryMode, PriceBasis, QuoteRequest
from doorstep.window import PromiseBasis

PAYLOADS = Path(__file__).parents[3] / "payloads" / "easypost"
ZONE = "America/New_York"
# A Monday, ten in the morning in New York.
MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
STORE = Address("US", "Till", "Corner Shop", "1 Main St", "", "Port Meridian", "NY", "10001")
DOOR = Address("US", "A. Shopper", "", "2 Side St", "", "Port Meridian", "NY", "10002")
QUESTION = QuoteRequest(
    "qst_1", STORE, DOOR, (Parcel(1_000, 300, 200, 100),), Money(4200, "USD"), MONDAY, MONDAY, ZONE
)


def payload(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PAYLOADS / name).read_text())
    return loaded


def local(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=ZoneInfo(ZONE))


def test_rates_become_offers_that_can_be_bought() -> None:
    ground, express = read_rates(payload("shipment_rated.json"), QUESTION).quotes

    assert (ground.service, ground.title) == ("USPS.GroundAdvantage", "USPS Ground Advantage")
    assert (ground.price, ground.price_basis) == (Money(607, "USD"), PriceBasis.LIVE)
    assert ground.mode is DeliveryMode.PARCEL
    assert ground.booking_data["shipment_id"] == "shp_00000000000000000000000000000001"
    assert ground.booking_data["rate_id"] == "rate_00000000000000000000000000000001"
    assert ground.expires_at == MONDAY + timedelta(hours=24)
    assert express.promise.basis is PromiseBasis.CARRIER_COMMITMENT


def test_rates_in_another_currency_and_carriers_without_rates_are_declines() -> None:
    silent, foreign = read_rates(payload("shipment_rated.json"), QUESTION).declined

    assert (silent.reason, silent.text) == (DeclineReason.OUT_OF_AREA, "FedExDefault does not go there.")
    assert (foreign.reason, foreign.text) == (
        DeclineReason.RULE,
        "CanadaPost charges in CAD, not in USD.",
    )


def test_rates_of_the_beta_endpoint_name_no_shipment() -> None:
    rated = payload("shipment_rated.json")
    rates = [{name: value for name, value in rate.items() if name != "id"} for rate in rated["rates"]]

    offers = read_rates({"rates": rates, "messages": []}, QUESTION).quotes

    assert "shipment_id" not in offers[0].booking_data
    assert offers[0].booking_data["service"] == "GroundAdvantage"


@pytest.mark.parametrize(
    ("ready", "days", "arrives"),
    [
        (local(23, 10), 0, 23),
        (local(23, 10), 3, 26),
        # Ready after 17:00 leaves a day later.
        (local(23, 17), 3, 27),
        # Thursday plus three working days skips the Sunday.
        (local(26, 10), 3, 30),
        # Saturday evening leaves on Monday.
        (local(28, 18), 0, 30),
        (local(29, 10), 0, 30),
    ],
)
def test_promises_count_mondays_to_saturdays(ready: datetime, days: int, arrives: int) -> None:
    promise = promise_of({"est_delivery_days": days}, ready, ZONE)

    assert promise.window.end == local(arrives, 20)
    assert promise.window.start == max(local(arrives, 9), ready)
    assert promise.basis is PromiseBasis.CALENDAR


def test_without_a_number_of_days_the_promise_is_marked_approximate() -> None:
    promise = promise_of({"est_delivery_days": None}, MONDAY, ZONE)

    assert promise.basis is PromiseBasis.APPROXIMATE
    assert promise.window.end == local(28, 20)


def test_an_unknown_time_zone_counts_in_utc() -> None:
    promise = promise_of({"est_delivery_days": 1}, MONDAY, "Nowhere/Land")

    assert promise.window.end == datetime(2026, 11, 24, 20, tzinfo=UTC)


@given(
    ready=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware by `timezones`
    days=st.integers(0, 30),
)
def test_a_promise_never_ends_before_the_goods_are_ready(ready: datetime, days: int) -> None:
    window = promise_of({"est_delivery_days": days}, ready, ZONE).window

    assert ready <= window.start < window.end
    assert window.end.astimezone(ZoneInfo(ZONE)).weekday() != 6


@pytest.mark.parametrize(
    ("service", "title"),
    [
        ("Priority", "USPS Priority"),
        ("FEDEX_GROUND", "USPS FEDEX GROUND"),
        ("UPSSaver", "USPS UPS Saver"),
        ("???", "USPS ???"),
    ],
)
def test_titles_are_made_of_words(service: str, title: str) -> None:
    assert title_of("USPS", service) == title
