"""What a merchant enters opens nothing that is not theirs, and brings out nothing of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from doorstep.errors import InvalidInput
from doorstep.order import StorePlatform
from doorstep.secret import Secret
from gateway.api.ports.records import StoreOrder
from gateway.bootstrap.accounts import add_store
from gateway.bootstrap.commands import FlowCommands
from gateway.bootstrap.linking import heal_webhooks
from tests.conftest import Dsn
from tests.integration.app.installing import credentials, open_app_premises
from tests.integration.app.market import SHOPIFY_DOMAIN, SHOPIFY_SECRET, SHOPIFY_TOKEN, Market
from tests.integration.app.premises import Premises


@pytest.fixture
async def premises(dsn: Dsn, tmp_path: Path, market: Market) -> AsyncIterator[Premises]:
    async with open_app_premises(dsn, tmp_path, market) as opened:
        yield opened


async def test_nobody_says_for_a_shop_whose_it_is(premises: Premises, market: Market) -> None:
    tenant = await premises.tenant("Mallory")
    wish = {
        "access_token": SHOPIFY_TOKEN,
        "client_secret": "a-secret-of-mallorys-own",
        "api_endpoint": f"{market.url}/shopify",
    }
    marks = ("shop_said_yes", "claim_is_trusted", "refresh_token", "scope")
    for mark in marks:
        entered = {name: Secret(value) for name, value in {**wish, mark: "yes"}.items()}
        order = StoreOrder(
            StorePlatform.SHOPIFY, f"https://{SHOPIFY_DOMAIN}", "", entered, tenant.location_id
        )
        with pytest.raises(InvalidInput, match=f"takes no credential '{mark}'") as refused:
            await FlowCommands(premises.house, tenant.merchant_id).connect_store(order=order)
        assert refused.value.path == ("credentials", mark)
        with pytest.raises(InvalidInput, match="takes no credential"):
            await add_store(
                premises.house,
                tenant.merchant_id,
                platform="SHOPIFY",
                url=SHOPIFY_DOMAIN,
                credentials={**wish, mark: "yes"},
                location_id=None,
            )


@pytest.mark.parametrize("entered", ["", None])
async def test_our_app_s_secret_is_told_to_no_store(
    premises: Premises, market: Market, entered: str | None
) -> None:
    tenant = await premises.tenant("Mallory")
    url, given = market.store_credentials("woocommerce")
    wish = {name: Secret(value) for name, value in given.items() if name != "webhook_secret"}
    if entered is not None:
        wish["webhook_secret"] = Secret(entered)
    order = StoreOrder(StorePlatform.WOOCOMMERCE, url, "", wish, tenant.location_id)
    linked = await FlowCommands(premises.house, tenant.merchant_id).connect_store(order=order)
    told = {webhook.secret for webhook in market.woocommerce.hooks.webhooks.values()}
    (secret,) = told
    assert secret == (await credentials(premises, linked.store))["webhook_secret"]
    assert secret != SHOPIFY_SECRET
    assert len(secret) >= 32


async def test_a_store_without_a_secret_is_told_so_and_gets_no_webhooks(
    premises: Premises, market: Market
) -> None:
    tenant = await premises.tenant()
    store_id = await premises.link_store(tenant, "woocommerce")
    async with premises.house.transactions.begin_sql(tenant.merchant_id) as work:
        store = await work.accounts.store(store_id)
        assert store is not None
        await work.accounts.put_store(
            store, market.store_credentials("woocommerce")[1] | {"webhook_secret": ""}
        )
    (check,) = await heal_webhooks(premises.house, tenant.merchant_id, store)
    assert (check.passed, check.fault) == (False, "webhook_secret_missing")
