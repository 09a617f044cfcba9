"""What asks for rates at a shop's checkout: registered when a shop is linked, and looked after."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from doorstep.order import LinkStatus
from gateway.bootstrap.chores import chores
from gateway.bootstrap.healing import rates_url
from gateway.bootstrap.relinking import unlink_store
from simulator.stores.shopify.carrier_services import CarrierServiceRecord
from tests.conftest import Dsn
from tests.integration.app.installing import id_token, linked, open_app_premises, opened, shop_of, visited
from tests.integration.app.market import SHOPIFY_DOMAIN, Market
from tests.integration.app.premises import Premises


@pytest.fixture
async def premises(dsn: Dsn, tmp_path: Path, market: Market) -> AsyncIterator[Premises]:
    async with open_app_premises(dsn, tmp_path, market) as premises:
        yield premises


def services(market: Market) -> list[tuple[str, bool]]:
    return [(one.callback_url, one.is_active) for one in market.shopify.carrier_services.records]


async def heal(premises: Premises) -> None:
    """What a worker does once an hour."""
    (chore,) = [chore for chore in chores(premises.house) if chore.name == "heal"]
    await chore.act()
    assert chore.rounds is not None
    await chore.rounds.settled()


async def test_a_shop_that_opens_the_app_asks_us_and_its_page_says_what_is_left_to_do(
    premises: Premises, market: Market
) -> None:
    _, page, headers = await opened(premises, id_token(market))
    store = await shop_of(premises)
    assert store is not None
    assert services(market) == [(rates_url(premises.house, store), True)]
    assert "✓ The checkout asks Doorstep for delivery options." in page
    for step in (
        f"https://{SHOPIFY_DOMAIN}/admin/settings/shipping",
        f"addAppBlockId={market.shopify.client_id}/tracking",
        "backup rates",
        "thank-you and order status pages",
    ):
        assert step in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]


async def test_a_shop_that_removes_the_app_and_installs_it_again_asks_us_again(
    premises: Premises, market: Market
) -> None:
    store = await linked(premises, market)
    market.shopify.installation.uninstall()
    await premises.tick(5)
    assert services(market) == []
    market.shopify.installation.install()
    await visited(premises, market.shopify.installation.app_home_url(f"{premises.url}/shopify"))
    assert services(market) == [(rates_url(premises.house, store), True)]


async def test_a_store_that_is_removed_asks_for_no_more_rates_and_can_be_removed_again(
    premises: Premises, market: Market
) -> None:
    store = await linked(premises, market)
    assert services(market)
    await unlink_store(premises.house, store)
    assert services(market) == []
    gone = await unlink_store(premises.house, store)
    assert gone is not None
    assert gone.status is LinkStatus.DISCONNECTED


async def test_what_was_lost_is_mended_by_opening_the_app_and_within_the_hour(
    premises: Premises, market: Market
) -> None:
    store = await linked(premises, market)
    ours = [(rates_url(premises.house, store), True)]
    kept = market.shopify.carrier_services.records
    kept[0].is_active = False
    assert "✓ The checkout asks" in (await opened(premises, id_token(market)))[1]
    assert services(market) == ours

    kept[0].callback_url = ours[0][0].replace("http://", "http://where-we-were.")
    kept.append(CarrierServiceRecord(7, "Doorstep again", ours[0][0], is_active=True, is_discovered=True))
    await premises.settle()
    await heal(premises)
    assert services(market) == ours


async def test_a_shop_that_has_not_agreed_to_rates_is_dispatched_and_told_to(
    premises: Premises, market: Market
) -> None:
    whole = market.shopify.scopes
    market.shopify.scopes = frozenset(whole) - {"read_shipping", "write_shipping"}
    _, page, _ = await opened(premises, id_token(market))
    store = await shop_of(premises)
    assert store is not None
    assert store.status is LinkStatus.CONNECTED
    assert "⚠ The app may not show delivery options at checkout" in page
    assert services(market) == []

    market.shopify.scopes = whole
    assert "✓ The checkout asks" in (await opened(premises, id_token(market)))[1]
    assert services(market) == [(rates_url(premises.house, store), True)]


async def test_a_plan_without_rates_is_said_once_with_what_to_do(premises: Premises, market: Market) -> None:
    market.shopify.set_plan("Basic")
    _, page, _ = await opened(premises, id_token(market))
    # And that nobody carries for it yet, which is another matter.
    assert page.count("⚠") == 2
    assert "no carrier-calculated rates" in page


async def test_a_plan_whose_rates_are_an_add_on_is_told_what_is_missing_and_nothing_of_what_opening_mends(
    premises: Premises, market: Market
) -> None:
    market.shopify.plan = "Grow"
    for _ in range(2):
        _, page, _ = await opened(premises, id_token(market))
        assert "⚠ The shop&#x27;s plan has no carrier-calculated rates" in page
        assert "does not ask Doorstep" not in page
    market.shopify.carrier_services.has_add_on = True
    assert "✓ The checkout asks" in (await opened(premises, id_token(market)))[1]


async def test_a_shop_with_an_app_of_its_own_asks_us_too(premises: Premises, market: Market) -> None:
    tenant = await premises.tenant()
    store_id = await premises.link_store(tenant, "shopify")
    async with premises.house.means.begin(tenant.merchant_id) as work:
        store = await work.accounts.store(store_id)
    assert store is not None
    assert services(market) == [(rates_url(premises.house, store), True)]
