"""A shop that installed our app, from then on: webhooks, access that ends, other scopes, removal."""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from connectors.stores.shopify.scopes import CHECKOUT_SCOPES, SCOPES
from doorstep.order import LinkStatus
from gateway.bootstrap.tokens import StoreTokens
from gateway.store.accounts import SHOP_SAID_YES
from gateway.store.database import Database
from gateway.store.unit_of_work import Transactions
from tests.conftest import Dsn
from tests.integration.app.installing import (
    OLD_SECRET,
    credentials,
    id_token,
    linked,
    open_app_premises,
    opened,
    pass_time,
    shop_of,
    visited,
    webhook,
)
from tests.integration.app.market import SHOPIFY_DOMAIN, SHOPIFY_SECRET, Market
from tests.integration.app.premises import Premises

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def premises(dsn: Dsn, tmp_path: Path, market: Market) -> AsyncIterator[Premises]:
    async with open_app_premises(dsn, tmp_path, market) as premises:
        yield premises


async def test_the_apps_webhooks_are_verified_with_its_secret_and_the_one_before(
    premises: Premises, market: Market
) -> None:
    store = await linked(premises, market)
    for number, secret in enumerate((SHOPIFY_SECRET, OLD_SECRET)):
        body = json.dumps({"id": number}).encode()
        assert (await webhook(premises, body, secret, "orders/updated"))[0] == 200
    async with premises.house.database.tenant(store.merchant_id) as connection:
        assert len(list(await connection.execute(text("SELECT 1 FROM inbox")))) == 2
    assert (await webhook(premises, b'{"id":9}', "another-secret", "orders/updated"))[0] == 401


@pytest.mark.parametrize("topic", ["customers/data_request", "customers/redact", "shop/redact"])
async def test_compliance_webhooks_are_answered_for_shops_that_we_do_not_know(
    premises: Premises, topic: str
) -> None:
    body = json.dumps({"shop_id": 1, "shop_domain": SHOPIFY_DOMAIN}).encode()
    assert (await webhook(premises, body, SHOPIFY_SECRET, topic))[0] == 200
    assert (await webhook(premises, body, "another-secret", topic))[0] == 401
    assert (await webhook(premises, body, "", topic))[0] == 401


async def test_a_shop_that_removes_the_app_is_forgotten_and_known_again_when_it_comes_back(
    premises: Premises, market: Market
) -> None:
    # Given a shop that installed the app from Shopify, with the webhooks of the app's own configuration
    shop = market.shopify.installation
    shop.configure(f"{premises.url}/webhooks/shopify")
    status, _ = await visited(premises, shop.app_home_url(f"{premises.url}/shopify"))
    store = await shop_of(premises)
    assert store is not None
    assert (status, store.status) == (200, LinkStatus.CONNECTED)
    await premises.settle()

    # When its merchant takes the app out
    shop.uninstall()
    await premises.tick()

    # Then nothing that opens it is left, while its last webhooks are still believed
    gone = await shop_of(premises)
    assert gone is not None
    assert (gone.status, await credentials(premises, store)) == (
        LinkStatus.DISCONNECTED,
        {SHOP_SAID_YES: "yes"},
    )
    assert (await webhook(premises, b'{"shop_id":1}', SHOPIFY_SECRET, "shop/redact"))[0] == 200
    await premises.settle()

    # And when it comes back it is the same store
    shop.install()
    await visited(premises, shop.app_home_url(f"{premises.url}/shopify"))
    again = await shop_of(premises)
    assert again is not None
    assert (again.id, again.status) == (store.id, LinkStatus.CONNECTED)


async def test_scopes_that_are_taken_away_degrade_the_shop_until_they_are_granted_again(
    premises: Premises, market: Market
) -> None:
    shop = market.shopify.installation
    shop.configure(f"{premises.url}/webhooks/shopify")
    whole = set(market.shopify.scopes)
    await linked(premises, market)
    await premises.settle()
    shop.change_scopes(whole - {"read_locations"})
    await premises.tick()
    store = await shop_of(premises)
    assert store is not None
    assert store.status is LinkStatus.DEGRADED
    _, page, _ = await opened(premises, id_token(market))
    assert "read_locations" in page
    store = await shop_of(premises)
    assert store is not None
    assert (store.status, "read_locations" in store.scopes) == (LinkStatus.DEGRADED, False)

    shop.change_scopes(whole)
    await premises.tick()
    assert "read_locations" not in (await opened(premises, id_token(market)))[1]
    store = await shop_of(premises)
    assert store is not None
    assert (store.status, "read_locations" in store.scopes) == (LinkStatus.CONNECTED, True)


async def test_twenty_tasks_of_two_gateways_renew_at_shopify_once(
    premises: Premises, market: Market, dsn: Dsn
) -> None:
    # Given a token that ends in a minute, and a second gateway on the same database
    store = await linked(premises, market)
    await premises.settle()
    house = premises.house
    assert house.shopify is not None
    other = Database(dsn.app, pool_size=4)
    transactions = Transactions(other, house.queue, house.vault, lambda _news: None)
    holders = [
        StoreTokens(place, house.shopify.refresh, house.clock, store.merchant_id, store.id)
        for place in (house.transactions, transactions)
    ]
    await pass_time(premises, 59 * 60)
    before = market.shopify.oauth.issued

    # When twenty tasks need it at once
    found = await asyncio.gather(*(holders[number % 2].current() for number in range(20)))
    await other.close()

    # Then one pair was given out, and everybody has it
    assert market.shopify.oauth.issued - before == 2
    assert len({token.reveal() for token in found}) == 1
    assert market.shopify.accepts_token(found[0].reveal())


async def test_an_answer_that_is_lost_costs_nothing_but_another_try(
    premises: Premises, market: Market
) -> None:
    store = await linked(premises, market)
    await premises.settle()
    await pass_time(premises, 2 * 3600)
    market.shopify.fail_next("cut_after")
    connector = await premises.house.links.store(store.merchant_id, store.id)
    assert await connector.locations()
    assert (await linked(premises, market)).status is LinkStatus.CONNECTED


def test_the_app_asks_for_exactly_the_scopes_that_it_needs() -> None:
    app = tomllib.loads((ROOT / "storefront" / "shopify-app" / "shopify.app.toml").read_text())
    asked = app["access_scopes"]["scopes"].split(",")
    assert sorted(asked) == sorted([*SCOPES, *CHECKOUT_SCOPES, "write_app_proxy"])
