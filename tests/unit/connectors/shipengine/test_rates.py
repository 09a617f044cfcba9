"""Rates as offers, carriers that failed as declines, and the days that they promise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parcel.shipengine.accounts import read_accounts
from connectors.parcel.shipengine.client import exact
from connectors.parcel.shipengine.promises import promise_of
from connectors.parcel.shipengine.rates import read_estimates, read_rates, title_of
from doorstep.address import Address
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.quote import CarrierAnswer, DeclineReason, DeliveryMode, PriceBasis, QuoteRequest
from doorstep.window import PromiseBasis

PAYLOADS = Path(__file__).parents[3] / "payloads" / "shipengine"
ZONE = "America/New_York"
# A Monday, ten in the morning in New York.
MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
STORE = Address("US", "Till", "Corner Shop", "1 Main St", "", "Port Meridian", "NY", "10001")
DOOR = Address("US", "A. Shopper", "", "2 Side St", "", "Port Meridian", "NY", "10002")
BOX = Parcel(1_000, 300, 200, 100)
QUESTION = QuoteRequest("qst_1", STORE, DOOR, (BOX,), Money(4200, "USD"), MONDAY, MONDAY, ZONE)


def payload(name: str) -> dict[str, Any]:
    loaded: Any = exact((PAYLOADS / name).read_bytes())
    return dict(loaded)


def read(question: QuoteRequest = QUESTION, unfit: Mapping[str, str] | None = None) -> CarrierAnswer:
    return read_rates(payload("rates.json"), question, unfit or {})


def local(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=ZoneInfo(ZONE))


def test_each_service_is_offered_once_in_a_box_of_ours() -> None:
    priority, saver = read().quotes

    # 8.15 + 3.10 + 0.105, and not the cheaper envelope of the carrier's own.
    assert (priority.service, priority.price) == ("stamps_com.usps_priority_mail", Money(1136, "USD"))
    # The other account with the same carrier is cheaper: 29.90 + 3.60.
    assert (saver.service, saver.price) == ("ups.ups_next_day_air_saver", Money(3350, "USD"))
    assert saver.booking_data["carrier_id"] == "se-1005"
    assert (saver.mode, saver.price_basis) == (DeliveryMode.PARCEL, PriceBasis.LIVE)


def test_an_offer_says_how_to_buy_it_for_a_day() -> None:
    offer = read().quotes[0]

    assert offer.expires_at == MONDAY + timedelta(hours=24)
    assert {
        name: offer.booking_data[name] for name in ("service_code", "package_code", "price", "currency")
    } == {
        "service_code": "usps_priority_mail",
        "package_code": "package",
        "price": "11.36",
        "currency": "USD",
    }
    assert offer.booking_data["made_for"]


def test_carriers_that_failed_and_rates_that_cannot_be_had_are_declines() -> None:
    declined = {decline.text: (decline.reason, decline.raw_code) for decline in read().declined}

    assert declined == {
        "fedex refuses the account.": (DeclineReason.ACCOUNT_PROBLEM, "insufficient_funds"),
        "OnTrac does not go there.": (DeclineReason.OUT_OF_AREA, ""),
        "Canada Post Regular Parcel is charged in CAD, not in USD.": (DeclineReason.RULE, ""),
    }


def test_a_rate_that_says_it_is_invalid_is_no_offer() -> None:
    body = payload("rates.json")
    body["rate_response"]["rates"][1] |= {"error_messages": ["Weight over the limit."]}

    answer = read_rates(body, QUESTION, {})

    assert [offer.service for offer in answer.quotes] == ["ups.ups_next_day_air_saver"]
    assert DeclineReason.TOO_HEAVY in {decline.reason for decline in answer.declined}


def test_several_parcels_go_only_where_the_service_takes_them() -> None:
    many = replace(QUESTION, parcels=(BOX, BOX))
    accounts = read_accounts(payload("carriers_partial.json"))

    answer = read(many, accounts.unfit_for(many))

    assert [offer.service for offer in answer.quotes] == ["ups.ups_next_day_air_saver"]
    assert "USPS Priority Mail takes one parcel for each label; this order has more." in {
        decline.text for decline in answer.declined
    }


def test_a_return_goes_only_with_services_that_are_sold_for_one() -> None:
    back = replace(QUESTION, is_return=True)
    listed = payload("carriers_partial.json")
    for carrier in listed["carriers"]:
        for service in carrier["services"]:
            service["is_return_supported"] = service["service_code"] != "usps_priority_mail"
    accounts = read_accounts(listed)

    assert accounts.unfit_for(QUESTION) == {}
    answer = read(back, accounts.unfit_for(back))

    assert "stamps_com.usps_priority_mail" not in {offer.service for offer in answer.quotes}
    assert "USPS Priority Mail is sold for no return." in {decline.text for decline in answer.declined}


def test_estimates_cannot_be_bought_as_they_are() -> None:
    rates = payload("rates.json")["rate_response"]["rates"]
    bare = [{name: value for name, value in rate.items() if name != "rate_id"} for rate in rates]

    offers = read_estimates(bare, QUESTION, {}).quotes

    assert [offer.price_basis for offer in offers] == [PriceBasis.ESTIMATE, PriceBasis.ESTIMATE]
    assert not any("made_for" in offer.booking_data for offer in offers)


@pytest.mark.parametrize("answer", [None, {}, [], ["rate"], [{}], [{"carrier_code": "ups"}]])
def test_an_estimate_of_nothing_is_no_offer(answer: object) -> None:
    assert read_estimates(answer, QUESTION, {}) == CarrierAnswer()


def test_accounts_are_read_with_those_that_failed() -> None:
    accounts = read_accounts(payload("carriers_partial.json"))

    assert accounts.ids == {"se-1001": "stamps_com", "se-1002": "ups"}
    assert accounts.of_carrier("ups") == ["se-1002"]
    assert accounts.single_only == {"stamps_com.usps_priority_mail"}
    assert [(decline.text, decline.reason) for decline in accounts.failed] == [
        ("fedex refuses the account.", DeclineReason.ACCOUNT_PROBLEM)
    ]


@pytest.mark.parametrize(
    ("carrier", "service_code", "service_type", "title"),
    [
        ("UPS", "ups_ground", "UPS® Ground", "UPS Ground"),
        ("Stamps.com", "usps_priority_mail", "USPS Priority Mail", "USPS Priority Mail"),
        ("Canada Post", "regular_parcel", "Regular Parcel", "Canada Post Regular Parcel"),
        ("DHL Express", "worldwide", "Express Worldwide", "DHL Express Express Worldwide"),
        ("Evri", "next_day", "", "Evri next_day"),
    ],
)
def test_titles_name_the_carrier_once(carrier: str, service_code: str, service_type: str, title: str) -> None:
    rate = {
        "carrier_friendly_name": carrier,
        "service_code": service_code,
        "service_type": service_type,
    }
    assert title_of(rate) == title


@pytest.mark.parametrize(
    ("rate", "arrives", "basis"),
    [
        ({"estimated_delivery_date": "2026-11-25T00:00:00Z"}, 25, PromiseBasis.CALENDAR),
        ({"estimated_delivery_date": "2026-11-25"}, 25, PromiseBasis.CALENDAR),
        # The day counts, whatever instant stands beside it.
        ({"estimated_delivery_date": "2026-11-25T03:00:00Z"}, 25, PromiseBasis.CALENDAR),
        (
            {"estimated_delivery_date": "2026-11-24T15:00:00Z", "guaranteed_service": True},
            24,
            PromiseBasis.CARRIER_COMMITMENT,
        ),
        # A day that is over is today.
        ({"estimated_delivery_date": "2026-11-20T00:00:00Z"}, 23, PromiseBasis.CALENDAR),
        ({"delivery_days": 3}, 26, PromiseBasis.CALENDAR),
        # Six working days from Monday: Sunday is none.
        ({"delivery_days": 6}, 30, PromiseBasis.CALENDAR),
        ({"delivery_days": None}, 28, PromiseBasis.APPROXIMATE),
        ({"delivery_days": -1, "estimated_delivery_date": "soon"}, 28, PromiseBasis.APPROXIMATE),
    ],
)
def test_a_promise_is_the_day_that_the_rate_names(
    rate: dict[str, object], arrives: int, basis: PromiseBasis
) -> None:
    promise = promise_of(rate, QUESTION)

    assert promise.window.end == local(arrives, 20)
    assert promise.window.start == max(local(arrives, 9), MONDAY)
    assert (promise.basis, promise.time_zone) == (basis, ZONE)


def test_an_unknown_time_zone_counts_in_utc() -> None:
    promise = promise_of({"delivery_days": 1}, replace(QUESTION, time_zone="Nowhere/Land"))

    assert promise.window.end == datetime(2026, 11, 24, 20, tzinfo=UTC)


@given(
    ready=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware by `timezones`
    days=st.none() | st.integers(-3, 30),
    named=st.none() | st.dates().map(str) | st.text(max_size=5),
)
def test_a_promise_never_ends_before_the_goods_are_ready(
    ready: datetime, days: int | None, named: str | None
) -> None:
    rate = {"delivery_days": days, "estimated_delivery_date": named}
    window = promise_of(rate, replace(QUESTION, ready_at=ready, asked_at=MONDAY)).window

    assert ready <= window.start < window.end
