"""From a cart to the shopper's door in a shop that installed the app, over HTTP at every edge."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from doorstep.address import Address
from doorstep.money import Money
from simulator.stores.shopify import CartLine, Customer
from simulator.stores.shopify.records import Place
from tests.conftest import Dsn
from tests.integration.app.installing import linked, open_app_premises
from tests.integration.app.market import DEPOT, HOME, Market
from tests.integration.app.premises import Premises, Tenant
from tests.integration.app.shoppers import asked_by_proxy, asked_by_token, proxied, session_token

BREAD = CartLine("BREAD-1", "Sourdough loaf", 2, Money(650, "USD"), weight_g=750)
WAREHOUSE = Address(
    "US",
    name="Warehouse",
    line1="100 Jay Street",
    city="Brooklyn",
    province="NY",
    postal_code="11201",
    phone="+12127363101",
    phone_raw="+12127363101",
)


@pytest.fixture
async def premises(dsn: Dsn, tmp_path: Path, market: Market) -> AsyncIterator[Premises]:
    async with open_app_premises(dsn, tmp_path, market) as premises:
        yield premises


async def installed(premises: Premises, market: Market) -> str:
    """The merchant of a shop that installed the app, with a courier."""
    store = await linked(premises, market)
    await premises.link_courier(Tenant(store.merchant_id, store.location_id, "", ""))
    await premises.settle()
    return store.merchant_id


async def test_the_option_that_is_picked_in_the_checkout_is_booked_and_its_shopper_follows_it(
    premises: Premises, market: Market
) -> None:
    # Given a shop whose checkout asks at the address that was registered with it
    merchant_id = await installed(premises, market)

    # When a shopper with a cart of which only grams are known is shown the options
    offered = await market.shopify.checkout.rates(HOME, [BREAD], "de-DE")
    (call,) = market.shopify.checkout.calls
    assert (call.status, offered.is_backup) == (200, False)
    assert "length" not in json.loads(call.body)["rate"]["items"][0]
    (rate,) = offered.rates
    assert rate.name.startswith("Kurier")
    assert "23. Nov." in rate.description

    # And looks at the cart again within a quarter of an hour: Shopify remembers
    await premises.tick(14 * 60)
    assert await market.shopify.checkout.rates(HOME, [BREAD], "de-DE") == offered
    assert len(market.shopify.checkout.calls) == 1

    # And picks it, pays, and the order's webhook comes
    first, _, last = HOME.name.partition(" ")
    buyer = Customer(first, last, HOME.email, HOME.phone_raw)
    gid = market.shopify.place_order(buyer, HOME, [BREAD], rate.code, shipping_price=rate.price)
    for _ in range(3):
        await premises.tick(5)

    # Then the very option is booked, at the price that was shown
    async with premises.house.means.begin(merchant_id) as work:
        (store,) = await work.accounts.stores()
        order = await work.orders.by_external_id(store.id, gid)
        assert order is not None
        choice = await work.quotes.choice(order.choice_reference)
        delivery = await work.deliveries.latest_of(order.fulfillment_orders[0].id)
        assert choice is not None
        assert delivery is not None
        shown = await work.quotes.get(choice.quote_set_id)
    assert shown is not None
    quote = shown.quote(choice.quote_id)
    assert quote is not None
    assert f"{quote.offer.carrier}.{quote.offer.service}" == rate.code
    assert choice.price == rate.price
    leg = delivery.active_leg
    assert leg is not None
    assert (leg.carrier, leg.service) == (quote.offer.carrier, quote.offer.service)
    assert delivery.promise == choice.promise

    # And the shopper follows it from the thank-you page and from a page of the shop
    kept = market.shopify.order(gid)
    status, thanked, _ = await asked_by_token(premises, session_token(market), gid, kept.confirmation_number)
    assert status == 200
    status, looked_up, _ = await asked_by_proxy(premises, proxied(market), kept.name, HOME.email)
    assert (status, looked_up) == (200, thanked)
    (one,) = thanked["deliveries"]
    async with premises.session.get(one["tracking_url"]) as page:
        assert page.status == 200


async def test_when_the_gateway_cannot_answer_the_merchants_backup_rates_are_shown_for_half_a_minute(
    premises: Premises, market: Market
) -> None:
    await installed(premises, market)
    (service,) = market.shopify.carrier_services.records
    address, service.callback_url = service.callback_url, "http://127.0.0.1:1/rates"
    assert (await market.shopify.checkout.rates(HOME, [BREAD])).is_backup
    service.callback_url = address
    assert (await market.shopify.checkout.rates(HOME, [BREAD])).is_backup
    await premises.tick(31)
    assert (await market.shopify.checkout.rates(HOME, [BREAD])).rates


async def test_of_a_cart_from_two_places_each_is_asked_for_what_leaves_from_it(
    premises: Premises, market: Market
) -> None:
    # Given a shop with two places
    shop = market.shopify
    shop.places.append(Place(shop.next_number(), "Warehouse", WAREHOUSE))
    merchant_id = await installed(premises, market)
    jam = replace(BREAD, sku="JAM-1", title="Jam", location=1)

    # When a cart lies in both
    offered = await shop.checkout.rates(HOME, [BREAD, jam])

    # Then Shopify asks for each, and each answer leaves from its own place
    assert [call.status for call in shop.checkout.calls] == [200, 200]
    assert len(offered.rates) == 1
    async with premises.house.database.tenant(merchant_id) as connection:
        rows = await connection.exec_driver_sql("SELECT doc FROM quote_sets ORDER BY asked_at, id")
        asked: list[dict[str, Any]] = [row[0]["request"] for row in rows]
    assert [one["pickup"]["line1"] for one in asked] == [DEPOT.line1, WAREHOUSE.line1]
    assert [one["goods"]["pieces"] for one in asked] == [2, 2]

    # And when the shopper takes what both have, each part is booked as it was shown for its place
    (rate,) = offered.rates
    first, _, last = HOME.name.partition(" ")
    buyer = Customer(first, last, HOME.email, HOME.phone_raw)
    gid = shop.place_order(buyer, HOME, [BREAD, jam], rate.code, shipping_price=rate.price)
    for _ in range(3):
        await premises.tick(5)
    async with premises.house.means.begin(merchant_id) as work:
        (store,) = await work.accounts.stores()
        order = await work.orders.by_external_id(store.id, gid)
        assert order is not None
        shown_from: set[str] = set()
        for unit in order.fulfillment_orders:
            choice = await work.quotes.choice(order.choice_for(unit))
            delivery = await work.deliveries.latest_of(unit.id)
            assert choice is not None
            assert delivery is not None
            assert delivery.promise == choice.promise
            shown = await work.quotes.get(choice.quote_set_id)
            assert shown is not None
            assert shown.origin_id == unit.location_id
            shown_from.add(shown.origin_id)
        assert len(shown_from) == 2
        assert not await work.incidents.all_live()
