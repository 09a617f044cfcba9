"""WooCommerce stores that hand over a key because their merchant agreed, on the simulated store's page."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from doorstep.errors import InvalidInput
from doorstep.order import LinkStatus, Store, StorePlatform
from gateway.bootstrap.authorizing import STATE_LASTS, begin_authorization, claim_for_operator
from gateway.bootstrap.links import KeptLinks
from simulator.stores.woocommerce import CONSUMER_KEY, CONSUMER_SECRET
from tests.integration.app.market import Market
from tests.integration.app.premises import Premises, Tenant

WOO = StorePlatform.WOOCOMMERCE


async def asked(premises: Premises, market: Market, tenant: Tenant) -> tuple[Store, str]:
    """A store that waits for its merchant's yes, and the link to say it."""
    market.woocommerce.granting.allows_loopback = True
    url = f"{market.url}/woocommerce"
    return await begin_authorization(premises.house, tenant.merchant_id, WOO, url, "Bakery")


async def kept(premises: Premises, store: Store) -> Store:
    async with premises.house.means.begin(store.merchant_id) as work:
        found = await work.accounts.store(store.id)
    assert found is not None
    return found


def callback_of(link: str) -> str:
    """The path that the store posts its key to."""
    return urlsplit(parse_qs(urlsplit(link).query)["callback_url"][0]).path


def posted(link: str, **facts: object) -> bytes:
    """What a store posts; a good key unless told otherwise."""
    key = {
        "key_id": 7,
        "user_id": parse_qs(urlsplit(link).query)["user_id"][0],
        "consumer_key": CONSUMER_KEY,
        "consumer_secret": CONSUMER_SECRET,
        "key_permissions": "read_write",
    }
    return json.dumps(key | facts).encode()


async def test_a_store_whose_merchant_agrees_is_linked_and_read(premises: Premises, market: Market) -> None:
    # Given an order in a store that is not linked
    tenant = await premises.tenant()
    order = market.order_at("woocommerce")
    store, link = await asked(premises, market, tenant)
    assert (store.status, store.name, link.startswith(f"{market.url}/woocommerce/wc-auth/v1/authorize?")) == (
        LinkStatus.PENDING,
        "Bakery",
        True,
    )

    # When the merchant agrees
    decision = await market.woocommerce.granting.approve(link)

    # Then the store has its yes, the merchant a page, and we the order
    async with premises.session.get(decision.location) as page:
        assert (page.status, "Linked" in await page.text()) == (200, True)
    linked = await kept(premises, store)
    assert (linked.status, linked.location_id) == (LinkStatus.CONNECTED, tenant.location_id)
    await premises.settle()
    data = await premises.ask("{ orders { nodes { externalId } } }", tenant.secret_key)
    assert data["orders"]["nodes"] == [{"externalId": order}]

    # And the link is good for nothing more
    assert (await premises.post(callback_of(link), posted(link)))[0] == 404


async def test_a_link_ends_after_an_hour_and_the_store_keeps_no_key(
    premises: Premises, market: Market
) -> None:
    store, link = await asked(premises, market, await premises.tenant())
    market.clock.advance(STATE_LASTS.total_seconds() + 1)
    while premises.house.clock.now() < market.clock.now():
        await asyncio.sleep(0.01)  # until the gateway has noticed
    decision = await market.woocommerce.granting.approve(link)
    assert decision.problem
    assert (await kept(premises, store)).status is LinkStatus.PENDING


async def test_a_newer_link_ends_an_older_one_of_the_same_store(premises: Premises, market: Market) -> None:
    tenant = await premises.tenant()
    store, old = await asked(premises, market, tenant)
    again, new = await asked(premises, market, tenant)
    assert again.id == store.id
    assert (await market.woocommerce.granting.approve(old)).problem
    assert not (await market.woocommerce.granting.approve(new)).problem
    assert (await kept(premises, store)).status is LinkStatus.CONNECTED


async def test_only_a_key_that_opens_the_store_is_taken(premises: Premises, market: Market) -> None:
    store, link = await asked(premises, market, await premises.tenant())
    path = callback_of(link)
    nobody = f"/install/woocommerce/callback/{store.id}-{'a' * 43}"
    refused = [
        (nobody, posted(link), 404),
        (path, posted(link, user_id="a" * 43), 404),
        (path, posted(link, consumer_secret="cs_" + "0" * 40), 502),
        (path, posted(link, key_permissions="read"), 400),
        (path, b"consumer_key=ck_1", 400),
        # Whose link it is not hears nothing of what is wrong with the body.
        (nobody, b"consumer_key=ck_1", 404),
    ]
    for where, body, status in refused:
        assert (await premises.post(where, body))[0] == status, body
        assert (await kept(premises, store)).status is LinkStatus.PENDING

    # A merchant who was refused may press the button again.
    assert not (await market.woocommerce.granting.approve(link)).problem
    assert (await kept(premises, store)).status is LinkStatus.CONNECTED


async def test_a_linked_store_stays_linked_while_it_is_asked_for_another_key(
    premises: Premises, market: Market
) -> None:
    tenant = await premises.tenant()
    store_id = await premises.link_store(tenant, "woocommerce")
    store, _ = await asked(premises, market, tenant)
    assert (store.id, (await kept(premises, store)).status) == (store_id, LinkStatus.CONNECTED)
    connector = await premises.house.links.store(tenant.merchant_id, store_id)
    assert len(await connector.locations()) == 1


async def test_certificates_that_an_operator_names_are_kept_until_the_merchant_agrees(
    premises: Premises, market: Market
) -> None:
    tenant = await premises.tenant()
    address = f"{market.url}/woocommerce"
    named, _ = await claim_for_operator(
        premises.house, tenant.merchant_id, StorePlatform.WOOCOMMERCE, address, ca_file="authority.pem"
    )
    assert (await kept(premises, named)).ca_file == "authority.pem"
    await claim_for_operator(premises.house, tenant.merchant_id, StorePlatform.WOOCOMMERCE, address)
    assert (await kept(premises, named)).ca_file == "authority.pem"


async def test_a_gateway_without_https_says_so_before_anybody_is_asked(
    premises: Premises, market: Market
) -> None:
    tenant = await premises.tenant()
    settings = replace(premises.house.settings, public_url="http://doorstep.example")
    house = replace(premises.house, settings=settings)
    with pytest.raises(InvalidInput, match="DOORSTEP_PUBLIC_URL"):
        await begin_authorization(house, tenant.merchant_id, WOO, f"{market.url}/woocommerce")


async def test_an_address_in_a_private_network_is_refused_unless_the_operator_allows_it(
    premises: Premises, market: Market
) -> None:
    tenant, house = await premises.tenant(), premises.house
    links = KeptLinks(house.transactions, house.plugins, house.means.roads, house.clock, allow_private=False)
    with pytest.raises(InvalidInput, match="private"):
        await begin_authorization(
            replace(house, links=links), tenant.merchant_id, WOO, f"{market.url}/woocommerce"
        )
    async with house.means.begin(tenant.merchant_id) as work:
        assert await work.accounts.stores() == []
