"""Settings that are saved through GraphQL are what checkouts, slots and machines go by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from doorstep.errors import RemoteUnavailable
from gateway.auth.caller import Audience
from tests.integration.api.test_settings_saved import STAND_IN, USD
from tests.integration.api.test_slots_chosen import HOLD, Counter, counter
from tests.integration.flow.fakes import MERCHANT_ID
from tests.unit.api.test_account_settings import RATES, saving

__all__ = ["counter"]

READ = """{ viewer { merchant { locale supportUrl profile { locale supportUrl version }
  bookingRules { autoDispatch autoPlanHorizonSeconds priceLockSeconds } holdLimits { ofOptions ofKey }
  fallbackRates { version rates { carrierCode service title mode price { amount } countries } } } } }"""
OPTIONS = """{ deliveryOptions(destination: {countryCode: "US", address1: "12 Mill Street",
  city: "Port Meridian", postalCode: "00412"}, items: [{quantity: 1}]) { ... on DeliveryOptions { id
  groups { options { id code title mode price { amount } priceBasis } } } } }"""
CHOOSE = """mutation($key: String!, $set: ID!, $sel: DeliverySelectionInput!) { chooseDeliveryOption(input: {
  idempotencyKey: $key, deliveryOptionsId: $set, selections: [$sel]}) {
  ... on ChooseDeliveryOptionSuccess { choice { priceLockedUntil } } } }"""


def rate(**other: Any) -> dict[str, Any]:
    """A row of the merchant's own prices."""
    return {**STAND_IN, **other}


async def test_own_prices_stand_in_for_a_carrier_that_cannot_be_asked(counter: Counter) -> None:
    rows = [
        rate(title="To Mexico", price={"amount": "1.00", **USD}, countries=["MX"]),
        rate(title="By courier", price={"amount": "7.00", **USD}, countries=["US", "CA"]),
        rate(title="Anywhere", price={"amount": "20.00", **USD}),
        rate(carrierCode="dear", service="gone", title="Not shown", price={"amount": "2.00", **USD}),
    ]
    saved = (await counter.by_merchant(RATES, **{"in": {"rates": rows}}))["fallbackRates"]
    shown = (await counter.by_merchant(READ))["merchant"]["fallbackRates"]
    assert shown["version"] == saved["version"]
    assert [(row["title"], row["mode"], row["countries"]) for row in shown["rates"]] == [
        ("To Mexico", "COURIER", ["MX"]),
        ("By courier", "COURIER", ["US", "CA"]),
        ("Anywhere", "COURIER", []),
        ("Not shown", "COURIER", []),
    ]
    counter.stage.cheap.quote_error = RemoteUnavailable("down", system="cheap")
    answer = await counter.ask(OPTIONS)
    offers = {one["code"]: one for one in answer["groups"][0]["options"]}
    # One row of its service counts; who answers needs none.
    assert set(offers) == {"own_fleet:standard", "cheap:standard", "dear:standard"}
    stand_in = offers["cheap:standard"]
    assert (stand_in["title"], stand_in["mode"]) == ("By courier", "COURIER")
    assert (stand_in["price"], stand_in["priceBasis"]) == ({"amount": "7.00"}, "FALLBACK")


async def test_own_prices_in_another_currency_are_named_by_their_rows(counter: Counter) -> None:
    euros = {"amount": "7.00", "currencyCode": "EUR"}
    rows = [rate(service="a", price=euros), rate(service="b"), rate(service="c", price=euros)]
    answer = await counter.by_merchant(RATES, **{"in": {"rates": rows}})
    assert [issue["path"] for issue in answer["issues"]] == [
        ["input", "rates", row, "price"] for row in ("0", "2")
    ]
    assert answer["issues"][0]["message"] == "price must be in USD, the merchant's currency, not EUR."
    assert (await counter.by_merchant(READ))["merchant"]["fallbackRates"]["rates"] == []


async def test_a_machine_books_and_prices_stand_as_long_as_the_merchant_says(counter: Counter) -> None:
    given = {"autoDispatch": False, "autoPlanHorizonSeconds": 0, "priceLockSeconds": 1200}
    await counter.by_merchant(saving("BookingRules", "version"), **{"in": given})
    await counter.by_merchant(
        saving("Profile", "version"), **{"in": {"locale": "es", "supportUrl": "https://shop.example/help"}}
    )
    merchant = (await counter.by_merchant(READ))["merchant"]
    assert merchant["bookingRules"] == given
    assert (merchant["locale"], merchant["supportUrl"]) == ("es", "https://shop.example/help")
    stage = counter.stage
    answer = await counter.ask(OPTIONS)
    selection = {"groupId": answer["id"], "optionId": answer["groups"][0]["options"][0]["id"]}
    chosen = await counter.ask(CHOOSE, key="key-12345", set=answer["id"], sel=selection)
    until = (stage.clock.now() + timedelta(seconds=1200)).isoformat(timespec="milliseconds")
    assert chosen["choice"]["priceLockedUntil"] == until.replace("+00:00", "Z")
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    unit = (await stage.order()).fulfillment_orders[0]
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.deliveries.live_of(unit.id) is None


async def test_shoppers_hold_as_many_places_as_the_merchant_allows(counter: Counter) -> None:
    await counter.by_merchant(saving("HoldLimits", "version"), **{"in": {"ofOptions": 1}})
    template = await counter.template(capacity=9)
    options_id, option = await counter.options()
    wish = {
        "deliveryOptionsId": options_id,
        "optionId": option["id"],
        "slotId": f"{template['id']}.2026-11-23",
    }
    first, second = [
        await counter.ask(HOLD, Audience.PUBLISHABLE, **{"in": {**wish, "idempotencyKey": f"hold-{n:05}"}})
        for n in range(2)
    ]
    assert first["hold"]["status"] == "HELD"
    assert second["__typename"] == "InvalidInput"
