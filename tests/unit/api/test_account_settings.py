"""Settings of the account itself: holds, booking, profile, and prices for when carriers cannot be asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from doorstep.calendar import DaySpan
from doorstep.merchant import CarrierAccount, FallbackRate, HoldLimits
from doorstep.money import Money
from doorstep.quote import DeliveryMode, VehicleKind
from gateway.flow.dispatching.plain_settings import BookingRules, FallbackTable, Profile
from tests.unit.api import world as w
from tests.unit.api.conftest import Run
from tests.unit.api.fakes import House

BIKES = {
    "carrierCode": "slow_bikes",
    "service": "today",
    "title": "By bike",
    "price": {"amount": "6.50", "currencyCode": "EUR"},
    "fewestDays": 0,
    "mostDays": 1,
}
RATE = FallbackRate("slow_bikes", "today", "By bike", DeliveryMode.COURIER, Money(650, "EUR"), DaySpan(0, 1))
GIVEN: dict[str, tuple[dict[str, Any], Any]] = {
    "HoldLimits": ({"ofOptions": 5, "ofKey": 100}, HoldLimits(5, 100)),
    "BookingRules": (
        {"autoDispatch": False, "autoPlanHorizonSeconds": 0, "priceLockSeconds": 1200},
        BookingRules(auto_dispatch=False, auto_plan_horizon_s=0, price_lock_s=1200),
    ),
    "Profile": (
        {"locale": "pt-BR", "supportUrl": "https://shop.example/help?a=1"},
        Profile("pt-BR", "https://shop.example/help?a=1"),
    ),
}
RATES = """mutation($in: SaveFallbackRatesInput!) { saveFallbackRates(input: $in) {
  ... on SaveFallbackRatesSuccess { fallbackRates { version rates { carrierCode service title mode vehicle
    price { amount } fewestDays mostDays maxWeightGrams countries } } }
  ... on InvalidInput { issues { path message code } } ... on StateConflict { code currentVersion } } }"""


def saving(name: str, fields: str) -> str:
    """A mutation that saves settings of a kind."""
    return f"""mutation($in: Save{name}Input!) {{ save{name}(input: $in) {{
      ... on Save{name}Success {{ {name[0].lower()}{name[1:]} {{ {fields} }} }}
      ... on InvalidInput {{ issues {{ path message }} }}
      ... on StateConflict {{ code currentVersion }} }} }}"""


def with_(house: House, rules: Any) -> None:
    """Saving gives the merchant with these."""
    merchant = replace(w.MERCHANT, holds=rules) if isinstance(rules, HoldLimits) else rules.onto(w.MERCHANT)
    house.commands.answers["save_merchant_rules"] = merchant


@pytest.mark.parametrize("name", GIVEN)
async def test_settings_are_handed_on_and_shown_as_they_were_given(run: Run, house: House, name: str) -> None:
    given, rules = GIVEN[name]
    with_(house, rules)
    result = await run(saving(name, " ".join(given)), None, **{"in": {**given, "expectedVersion": 7}})
    assert result.errors is None
    assert house.commands.asked == [("save_merchant_rules", {"rules": rules, "expected_version": 7})]
    assert result.data == {f"save{name}": {name[0].lower() + name[1:]: given}}


@pytest.mark.parametrize(
    ("name", "given"), [("HoldLimits", {}), ("BookingRules", {}), ("Profile", {"locale": "en"})]
)
async def test_what_is_left_out_is_as_it_usually_is(
    run: Run, house: House, name: str, given: dict[str, Any]
) -> None:
    usual = type(GIVEN[name][1])()
    with_(house, usual)
    assert (await run(saving(name, "version"), None, **{"in": given})).errors is None
    assert house.commands.asked == [("save_merchant_rules", {"rules": usual, "expected_version": None})]


@pytest.mark.parametrize(
    ("name", "given", "path", "words"),
    [
        ("HoldLimits", {"ofOptions": 0}, "ofOptions", "ofOptions must be 1 to 1000, got 0"),
        ("HoldLimits", {"ofKey": 0}, "ofKey", "ofKey must be 1 to 1000000, got 0"),
        (
            "BookingRules",
            {"priceLockSeconds": 1199},
            "priceLockSeconds",
            "priceLockSeconds must be at least 1200: what a checkout shows stays bookable for so long",
        ),
        (
            "BookingRules",
            {"priceLockSeconds": 86_401},
            "priceLockSeconds",
            "priceLockSeconds must be 1200 to 86400, got 86401",
        ),
        (
            "BookingRules",
            {"autoPlanHorizonSeconds": -1},
            "autoPlanHorizonSeconds",
            "autoPlanHorizonSeconds must be 0 to 2592000, got -1",
        ),
        (
            "Profile",
            {"locale": "English\n"},
            "locale",
            "locale must be a language tag such as en or pt-BR",
        ),
    ],
)
async def test_what_makes_no_sense_names_its_field_and_reaches_nobody(
    run: Run, house: House, name: str, given: dict[str, Any], path: str, words: str
) -> None:
    result = await run(saving(name, "version"), None, **{"in": given})
    assert result.data == {f"save{name}": {"issues": [{"path": ["input", path], "message": words}]}}
    assert house.commands.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/help",
        "javascript:alert(1)",
        "//shop.example",
        "https://",
        "https://user:word@shop.example",
        "https://shop.example/a b",
        'https://shop.example/"onload=',
        "https://shop.example:port/",
        "https://[::1/",
    ],
)
async def test_help_is_at_an_https_address_and_nowhere_else(run: Run, house: House, url: str) -> None:
    given = {"locale": "en", "supportUrl": url}
    result = await run(saving("Profile", "version"), None, **{"in": given})
    message = "supportUrl must be an https address such as https://shop.example/help"
    assert result.data == {"saveProfile": {"issues": [{"path": ["input", "supportUrl"], "message": message}]}}
    assert house.commands.asked == []


async def test_own_prices_are_kept_in_order_and_move_as_their_carrier_does(run: Run, house: House) -> None:
    # One that can be linked, and one whose plug-in is gone but with which there is an account.
    account = CarrierAccount(w.id_of("acc"), w.MERCHANT.id, "old_post", "Post", DeliveryMode.PARCEL)
    house.reads.things |= {
        "account_ids_of": {"old_post": [account.id]},
        "carrier_accounts": {account.id: account},
    }
    post = FallbackRate(
        "old_post",
        "ground",
        "Post",
        DeliveryMode.PARCEL,
        Money(0, "EUR"),
        DaySpan(2, 4),
        2000,
        ("ES", "PT"),
        VehicleKind.VAN,
    )
    table = FallbackTable((RATE, post))
    with_(house, table)
    parcel = {**BIKES, "carrierCode": "old_post", "service": " ground ", "title": "Post", "fewestDays": 2}
    parcel |= {"mostDays": 4, "maxWeightGrams": 2000, "countries": ["es", "PT", "ES"], "vehicle": "VAN"}
    parcel |= {"price": {"amount": "0.00", "currencyCode": "EUR"}}
    result = await run(RATES, None, **{"in": {"rates": [BIKES, parcel], "expectedVersion": 3}})
    assert result.errors is None
    assert house.commands.asked == [("save_merchant_rules", {"rules": table, "expected_version": 3})]
    shown = (result.data or {})["saveFallbackRates"]["fallbackRates"]["rates"]
    assert [(row["carrierCode"], row["mode"], row["countries"]) for row in shown] == [
        ("slow_bikes", "COURIER", []),
        ("old_post", "PARCEL", ["ES", "PT"]),
    ]


async def test_everything_that_is_wrong_with_own_prices_is_named_row_by_row(run: Run, house: House) -> None:
    rows = [
        {**BIKES, "carrierCode": "nobody", "service": " ", "title": "x" * 101},
        BIKES,
        {**BIKES, "price": {"amount": "-1.00", "currencyCode": "EUR"}, "fewestDays": 3, "mostDays": 2},
        {**BIKES, "fewestDays": -1, "maxWeightGrams": 0, "countries": ["ES", "UK"]},
    ]
    result = await run(RATES, None, **{"in": {"rates": rows}})
    issues = (result.data or {})["saveFallbackRates"]["issues"]
    assert [".".join(issue["path"]) for issue in issues] == [
        "input.rates.0.carrierCode",
        "input.rates.0.service",
        "input.rates.0.title",
        "input.rates.2.price.amount",
        "input.rates.2.mostDays",
        "input.rates.3.fewestDays",
        "input.rates.3.maxWeightGrams",
        "input.rates.3.countries.1",
    ]
    assert issues[0]["message"] == "there is no carrier 'nobody'; `carriers` lists them all"
    assert "or GB for the United Kingdom" in issues[-1]["message"]
    assert house.commands.asked == []


@pytest.mark.parametrize(
    ("first", "second", "is_reached"),
    [
        ({}, {}, False),
        ({}, {"maxWeightGrams": 500, "countries": ["ES"]}, False),
        ({"maxWeightGrams": 5, "countries": ["ES", "PT"]}, {"maxWeightGrams": 4, "countries": ["PT"]}, False),
        ({"maxWeightGrams": 500}, {}, True),
        ({"maxWeightGrams": 500}, {"maxWeightGrams": 501}, True),
        ({"countries": ["ES"]}, {"countries": ["ES", "PT"]}, True),
        ({"countries": ["ES"]}, {}, True),
        ({}, {"service": "tomorrow"}, True),
    ],
)  # fmt: skip
async def test_a_price_that_would_never_count_is_refused(
    run: Run, house: House, first: dict[str, Any], second: dict[str, Any], is_reached: bool
) -> None:
    with_(house, FallbackTable())
    result = await run(RATES, None, **{"in": {"rates": [{**BIKES, **first}, {**BIKES, **second}]}})
    answer = (result.data or {})["saveFallbackRates"]
    assert len(house.commands.asked) == is_reached
    if not is_reached:
        (issue,) = answer["issues"]
        assert issue["path"] == ["input", "rates", "1"]
        assert issue["message"].startswith("row 1 would never count: row 0 takes all that it takes")


async def test_two_hundred_own_prices_are_the_most(run: Run, house: House) -> None:
    rows = [{**BIKES, "service": f"s{number}"} for number in range(201)]
    result = await run(RATES, None, **{"in": {"rates": rows}})
    (issue,) = (result.data or {})["saveFallbackRates"]["issues"]
    assert (issue["path"], issue["code"]) == (["input", "rates"], "TOO_MANY")
    assert house.commands.asked == []
