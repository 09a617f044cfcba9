"""Whose a shop is that installs our app: announced, linked by hand, confirmed by the shop itself, or not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from doorstep.errors import InvalidInput
from doorstep.order import LinkStatus
from gateway.bootstrap.authorizing import begin_authorization, claim_for_operator
from gateway.bootstrap.claims import CLAIM_LASTS
from gateway.bootstrap.installs import HomeKind, open_app_home
from tests.conftest import Dsn
from tests.integration.app.installing import (
    OLD_SECRET,
    SHOPIFY,
    answered,
    id_token,
    linked,
    open_app_premises,
    opened,
    pass_time,
    pending,
    shop_of,
    ticket_on,
    webhook,
)
from tests.integration.app.market import SHOPIFY_DOMAIN, Market
from tests.integration.app.premises import Premises


@pytest.fixture
async def premises(dsn: Dsn, tmp_path: Path, market: Market) -> AsyncIterator[Premises]:
    async with open_app_premises(dsn, tmp_path, market) as premises:
        yield premises


async def test_a_shop_that_an_operator_announced_is_linked_to_its_merchant(
    premises: Premises, market: Market
) -> None:
    tenant = await premises.tenant()
    house = premises.house
    store, link = await claim_for_operator(house, tenant.merchant_id, SHOPIFY, "corner-shop", "Corner shop")
    assert (store.status, link) == (
        LinkStatus.PENDING,
        f"https://{SHOPIFY_DOMAIN}/admin/oauth/install?client_id={market.shopify.client_id}",
    )
    there = await linked(premises, market)
    assert (there.id, there.merchant_id, there.status) == (store.id, tenant.merchant_id, LinkStatus.CONNECTED)
    assert there.location_id == tenant.location_id


async def test_a_shop_that_a_merchant_announced_is_asked_before_they_see_anything(
    premises: Premises, market: Market
) -> None:
    # Given a merchant who says that a shop is theirs
    tenant = await premises.tenant("Mallory’s <shop>")
    store, _ = await begin_authorization(premises.house, tenant.merchant_id, SHOPIFY, SHOPIFY_DOMAIN)
    _, page, _ = await opened(premises, id_token(market))
    assert "Mallory’s &lt;shop&gt;" in page
    assert (await pending(premises, tenant, store)).status is LinkStatus.PENDING

    # When nobody in the shop knows them
    await answered(premises, ticket_on(page), "no")

    # Then they have nothing, and the page links the shop to an account of its own
    there = await linked(premises, market)
    assert there.merchant_id != tenant.merchant_id


async def test_a_shop_that_a_merchant_linked_by_hand_is_asked_as_well(
    premises: Premises, market: Market
) -> None:
    # Given a merchant who linked a shop with made-up credentials
    tenant = await premises.tenant("Mallory")
    store_id = await premises.link_store(tenant, "shopify")

    # When its owner opens the app, then nothing of it reaches them, the app's webhooks included
    _, page, _ = await opened(premises, id_token(market))
    assert "Is this shop Mallory’s?" in page
    body = json.dumps({"id": 1, "email": "shopper@example.test"}).encode()
    assert (await webhook(premises, body, OLD_SECRET, "orders/updated"))[0] == 200
    async with premises.house.database.tenant(tenant.merchant_id) as connection:
        assert list(await connection.execute(text("SELECT 1 FROM inbox"))) == []

    # And after a no the shop is its owner's
    await answered(premises, ticket_on(page), "no")
    there = await linked(premises, market)
    assert there.merchant_id != tenant.merchant_id
    async with premises.house.means.begin(tenant.merchant_id) as work:
        left = await work.accounts.store(store_id)
    assert left is not None
    assert left.status is LinkStatus.DISCONNECTED


async def test_a_claim_that_the_shop_confirms_is_linked(premises: Premises, market: Market) -> None:
    tenant = await premises.tenant()
    store, _ = await begin_authorization(premises.house, tenant.merchant_id, SHOPIFY, SHOPIFY_DOMAIN)
    _, page, _ = await opened(premises, id_token(market))
    ticket = ticket_on(page)
    forged = premises.house.vault.seal({"use": "another"}).decode()
    for wrong in ("", "made-up", forged):
        assert (await answered(premises, wrong, "yes"))[0] == 400
    status, location = await answered(premises, ticket, "yes")
    assert (status, location.startswith(f"/shopify/id-token?shop={SHOPIFY_DOMAIN}&host=")) == (303, True)
    there = await linked(premises, market)
    assert (there.id, there.status) == (store.id, LinkStatus.CONNECTED)
    # The buttons are good once.
    assert (await answered(premises, ticket, "no"))[0] == 400


async def test_a_claim_that_nobody_confirms_is_void_after_a_day(premises: Premises, market: Market) -> None:
    tenant = await premises.tenant()
    await begin_authorization(premises.house, tenant.merchant_id, SHOPIFY, SHOPIFY_DOMAIN)
    await pass_time(premises, CLAIM_LASTS.total_seconds() + 1)
    assert (await linked(premises, market)).merchant_id != tenant.merchant_id


async def test_another_merchants_shop_cannot_be_claimed(premises: Premises, market: Market) -> None:
    await linked(premises, market)
    tenant = await premises.tenant()
    with pytest.raises(InvalidInput, match="linked already"):
        await begin_authorization(premises.house, tenant.merchant_id, SHOPIFY, SHOPIFY_DOMAIN)


async def test_an_operator_who_takes_announced_shops_alone_takes_no_other(
    premises: Premises, market: Market
) -> None:
    app = premises.house.shopify
    assert app is not None
    house = replace(premises.house, settings=replace(premises.house.settings, shopify_claimed_only=True))
    visit = app.read_visit(id_token(market), f"shop={SHOPIFY_DOMAIN}")
    assert (await open_app_home(house, app, visit)).kind is HomeKind.NOT_ANNOUNCED
    assert (await shop_of(premises), market.shopify.oauth.issued) == (None, 0)

    tenant = await premises.tenant()
    await claim_for_operator(house, tenant.merchant_id, SHOPIFY, SHOPIFY_DOMAIN)
    home = await open_app_home(house, app, visit)
    assert (home.kind, home.store and home.store.merchant_id) == (HomeKind.LINKED, tenant.merchant_id)
