"""Our plugin connects a shop that nobody announced: one button, one yes, no key to copy; who is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from doorstep.errors import InvalidInput
from doorstep.ids import new_id
from doorstep.order import LinkStatus, Store, StorePlatform
from gateway.bootstrap.authorizing import begin_authorization, claim_for_operator
from gateway.bootstrap.chores import chores
from gateway.bootstrap.links import KeptLinks
from gateway.bootstrap.plugin_link import begin_plugin_link
from gateway.bootstrap.relinking import relink_store
from gateway.store.accounts import all_merchants
from simulator.stores.woocommerce import CONSUMER_KEY, CONSUMER_SECRET, Trouble
from tests.integration.app.market import Market
from tests.integration.app.plugin_shop import PluginShop, callback_of, nonce_of
from tests.integration.app.premises import Premises

WOO = StorePlatform.WOOCOMMERCE
PLUGIN = "wc-doorstep/"


@pytest.fixture
def shop(premises: Premises, market: Market) -> PluginShop:
    return PluginShop(premises, market)


async def merchants(shop: PluginShop) -> int:
    async with shop.premises.house.database.doors() as connection:
        return len(await all_merchants(connection))


def key_for(link: str, secret: str = CONSUMER_SECRET, **facts: object) -> bytes:
    """What a shop posts."""
    key = {
        "key_id": 7,
        "user_id": nonce_of(link),
        "consumer_key": CONSUMER_KEY,
        "consumer_secret": secret,
        "key_permissions": "read_write",
    }
    return json.dumps(key | facts).encode()


def wanting(tested: Mapping[str, Any]) -> set[str]:
    """Codes of the checks that a test of the link did not pass."""
    return {check["code"] for check in tested["checks"] if not check["passed"]}


async def test_a_shop_that_nobody_announced_is_connected_and_read(shop: PluginShop) -> None:
    order = shop.market.order_at("woocommerce")
    assert await shop.connect() == "connected"

    store = await shop.store()
    assert store is not None
    assert store.status is LinkStatus.CONNECTED
    kept = shop.plugin.kept
    assert (kept["gateway"], kept["site"], kept["merchant"]) == (
        shop.premises.url,
        store.id,
        "The corner & Co",
    )
    await shop.premises.settle()
    async with shop.premises.house.means.begin(store.merchant_id) as work:
        merchant = await work.accounts.merchant()
        assert (merchant.name, merchant.currency, merchant.time_zone) == (
            "The corner & Co",
            "USD",
            "America/New_York",
        )
        assert await work.orders.by_external_id(store.id, order) is not None
    assert any(one.delivery_url.endswith(store.id) for one in shop.market.woocommerce.hooks.webhooks.values())
    _, tested = await shop.call("test", b"{}")
    assert tested["store"] == {"id": store.id, "status": "CONNECTED"}
    # Nobody carries yet, and nobody knows whom a courier would call.
    assert {"carriers", "pickup_phone"} <= wanting(tested)

    shop.market.woocommerce.enter_pickup_phone("(212) 736-3100")
    _, tested = await shop.call("test", b"{}")
    assert "carriers" in wanting(tested)
    assert "pickup_phone" not in wanting(tested)


async def test_connecting_again_renews_the_keys_of_the_same_store(shop: PluginShop) -> None:
    await shop.connect()
    before, store = dict(shop.plugin.kept), await shop.store()
    assert await shop.connect() == "connected"
    after = shop.plugin.kept
    assert after["site"] == before["site"]
    assert await merchants(shop) == 1
    assert {after["key"], after["secret"]}.isdisjoint({before["key"], before["secret"]})
    assert (await shop.call("test", b"{}"))[0] == 200
    assert (await shop.call("test", b"{}", key=before["key"]))[0] == 401
    assert (await shop.sign("orders/show", {"order_id": "1"}))[0] == 200
    assert (await shop.sign("orders/show", {"order_id": "1"}, secret=before["secret"]))[0] == 401

    # Other credentials of the store, entered by hand, leave the plugin its keys.
    assert store is not None
    await relink_store(
        shop.premises.house, store, {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET}
    )
    assert (await shop.sign("orders/show", {"order_id": "1"}))[0] == 200


async def test_an_address_that_was_mended_in_the_shop_is_read_when_it_connects_again(
    shop: PluginShop,
) -> None:
    await shop.connect()
    store = await shop.store()
    assert store is not None
    begin = shop.premises.house.means.begin
    async with begin(store.merchant_id) as work:
        (place,) = await work.accounts.locations()
        assert place.address.line1 == "1 Market Lane"
        await work.accounts.put_location(replace(place, address=replace(place.address, line1="")))
    await shop.connect()
    for _ in range(200):
        async with begin(store.merchant_id) as work:
            if await work.accounts.locations() == [place]:
                return
        await asyncio.sleep(0.01)
    pytest.fail("the place was not read again")


async def test_an_address_that_was_mended_in_the_shop_is_read_by_itself_within_the_hour(
    shop: PluginShop,
) -> None:
    await shop.connect()
    store = await shop.store()
    assert store is not None
    house = shop.premises.house
    async with house.means.begin(store.merchant_id) as work:
        (place,) = await work.accounts.locations()
        assert store.location_id == place.id
        await work.accounts.put_location(replace(place, address=replace(place.address, line1="")))
    (heal,) = [chore for chore in chores(house) if chore.name == "heal"]
    await heal.act()
    assert heal.rounds is not None
    await heal.rounds.settled()
    async with house.means.begin(store.merchant_id) as work:
        assert await work.accounts.locations() == [place]


async def test_a_shop_that_a_merchant_linked_before_gets_its_plugin_and_stays_theirs(
    shop: PluginShop,
) -> None:
    tenant = await shop.premises.tenant()
    store_id = await shop.premises.link_store(tenant, "woocommerce")
    assert await shop.connect() == "connected"
    assert (shop.plugin.kept["site"], shop.plugin.kept["merchant"]) == (store_id, "Corner shop")
    assert await merchants(shop) == 1


async def test_a_shop_that_was_linked_at_https_is_the_same_at_http(shop: PluginShop) -> None:
    tenant = await shop.premises.tenant()
    store_id = await shop.premises.link_store(tenant, "woocommerce")
    async with shop.premises.house.means.begin(tenant.merchant_id) as work:
        store = await work.accounts.store(store_id)
        assert store is not None
        await work.accounts.put_store(replace(store, url=store.url.replace("http://", "https://")))
    assert await shop.connect() == "connected"
    assert shop.plugin.kept["site"] == store_id
    found = await shop.store()
    assert found is not None
    assert (found.id, found.url, await merchants(shop)) == (store_id, shop.url, 1)


async def test_a_shop_whose_path_is_written_in_other_letters_is_somebody_elses(
    shop: PluginShop,
) -> None:
    tenant = await shop.premises.tenant()
    other = Store(
        new_id("sto"),
        tenant.merchant_id,
        StorePlatform.WOOCOMMERCE,
        "Another shop of the same host",
        shop.url.replace("/woocommerce", "/WooCommerce"),
        new_id("sto"),
        tenant.location_id,
    )
    async with shop.premises.house.means.begin(tenant.merchant_id) as work:
        await work.accounts.put_store(other, {})
    assert await shop.connect() == "connected"
    assert shop.plugin.kept["site"] != other.id


@pytest.mark.parametrize("is_operator", [True, False])
async def test_an_announced_shop_is_joined_on_an_operators_word_alone(
    shop: PluginShop, is_operator: bool
) -> None:
    # A merchant might announce any shop, to be sent its orders as soon as its own admin connects.
    tenant = await shop.premises.tenant()
    announce = claim_for_operator if is_operator else begin_authorization
    announced, _ = await announce(shop.premises.house, tenant.merchant_id, WOO, shop.url)
    assert await shop.connect() == "connected"
    assert (shop.plugin.kept["site"] == announced.id) is is_operator
    assert await merchants(shop) == (1 if is_operator else 2)
    async with shop.premises.house.means.begin(tenant.merchant_id) as work:
        (store,) = await work.accounts.stores()
    assert store.status is (LinkStatus.CONNECTED if is_operator else LinkStatus.PENDING)


async def test_where_only_announced_shops_are_taken_others_are_told_before_they_give_a_key(
    premises: Premises, shop: PluginShop
) -> None:
    house = replace(premises.house, settings=replace(premises.house.settings, woocommerce_claimed_only=True))
    with pytest.raises(InvalidInput, match="announced"):
        await begin_plugin_link(house, shop.url, shop.page, "s" * 40)
    tenant = await premises.tenant()
    await claim_for_operator(house, tenant.merchant_id, WOO, shop.url)
    asked, _ = await begin_plugin_link(house, shop.url, shop.page, "s" * 40)
    assert asked.shop == shop.url


async def test_a_plugin_that_cannot_be_told_is_a_word_on_its_page_and_the_next_press_mends_it(
    shop: PluginShop,
) -> None:
    link = await shop.press()
    shop.market.woocommerce.fail_next(Trouble.HTML_403, 1, PLUGIN)
    assert await shop.agree(link) == "firewall"
    link = await shop.press()
    shop.plugin.is_active = False
    assert await shop.agree(link) == "doorstep_plugin_missing"
    assert await shop.connect() == "connected"
    assert await merchants(shop) == 1


async def test_keys_whose_arrival_was_not_heard_of_are_good_and_so_are_those_before(
    shop: PluginShop,
) -> None:
    await shop.connect()
    before = dict(shop.plugin.kept)
    link = await shop.press()
    shop.market.woocommerce.fail_next(Trouble.LOST_REPLY, 1, PLUGIN)
    assert await shop.agree(link) not in {"connected", ""}
    # The plugin has kept them; had it not, it would go on with those before.
    assert shop.plugin.kept["key"] != before["key"]
    for keys in (shop.plugin.kept, before):
        assert (await shop.call("test", b"{}", key=keys["key"]))[0] == 200
        assert (await shop.sign("orders/show", {"order_id": "1"}, secret=keys["secret"]))[0] == 200
    assert await shop.connect() == "connected"
    assert (await shop.call("test", b"{}", key=before["key"]))[0] == 401


async def test_disconnecting_ends_everything_and_connecting_again_finds_the_same_store(
    shop: PluginShop,
) -> None:
    await shop.connect()
    kept = dict(shop.plugin.kept)
    assert await shop.sign("disconnect", {}) == (200, {"disconnected": True})
    store = await shop.store()
    assert store is not None
    assert store.status is LinkStatus.DISCONNECTED
    assert (await shop.call("test", b"{}"))[0] == 401
    assert (await shop.sign("disconnect", {}))[0] == 401
    shop.plugin.disconnect()
    assert await shop.connect() == "connected"
    assert (shop.plugin.kept["site"], await merchants(shop)) == (kept["site"], 1)
    back = await shop.store()
    assert back is not None
    assert back.status is LinkStatus.CONNECTED


async def test_an_admin_who_is_lured_into_agreeing_gives_nothing_away(shop: PluginShop) -> None:
    # Given a link that somebody else made up, with a state of theirs
    shop.switch_on()
    _, link = await shop.ask(referer=shop.page)
    keys = len(shop.market.woocommerce.keys.all)
    # When the shop's admin agrees, then the shop keeps no key for us, and we nothing of the shop
    assert "Error" in await shop.agree(link)
    assert len(shop.market.woocommerce.keys.all) == keys
    assert (await shop.store(), await merchants(shop), shop.plugin.kept) == (None, 0, {})

    # Neither does it cost a connected shop what it has.
    await shop.connect()
    before = dict(shop.plugin.kept)
    shop.plugin.disconnect()
    assert "Error" in await shop.agree((await shop.ask(referer=shop.page))[1])
    shop.plugin.kept = before
    assert (await shop.call("test", b"{}"))[0] == 200


async def test_a_key_is_taken_for_its_own_ticket_only_while_it_lasts_and_if_it_opens(
    shop: PluginShop,
) -> None:
    link = await shop.press()
    path = callback_of(link)
    refused = [
        (f"{path}x", key_for(link), 404),
        ("/install/woocommerce/plugin/anything", key_for(link), 404),
        (path, key_for(link, user_id="a" * 43), 404),
        (path, key_for(link, "cs_" + "0" * 40), 502),
        (path, key_for(link, key_permissions="read"), 400),
        (path, b"consumer_key=ck_1", 400),
        (path, b"x" * 1_000_001, 413),
    ]
    for where, body, status in refused:
        assert (await shop.premises.post(where, body))[0] == status, body[:60]
    assert await merchants(shop) == 0
    # Used twice it renews what is connected: whoever holds a good key administers the shop.
    assert await shop.agree(link) == "connected"
    assert (await shop.premises.post(path, key_for(link)))[0] == 200
    await shop.market.tick(3601)
    await shop.premises.settle()
    assert (await shop.premises.post(path, key_for(link)))[0] == 404


async def test_a_merchant_who_says_no_comes_back_to_their_own_page(shop: PluginShop) -> None:
    decision = await shop.market.woocommerce.granting.deny(await shop.press())
    assert await shop.told(decision.location) == "denied"


async def test_a_browser_that_does_not_come_from_the_shop_is_told_where_it_is_led(shop: PluginShop) -> None:
    for referer in ("", "https://elsewhere.example/"):
        status, page = await shop.ask(referer=referer)
        assert status == 200
        assert f"Connect {shop.url}?" in page
        # Nor does an address of ours lead on to a page that a stranger had put into a ticket.
        back = f"{callback_of(await shop.press())}/return"
        async with shop.premises.session.get(
            f"{shop.premises.url}{back}", headers={"Referer": referer}, allow_redirects=False
        ) as answer:
            assert answer.status == 200
            assert f"settings of {shop.url}" in await answer.text()


async def test_what_no_settings_page_of_ours_would_ask_is_refused(shop: PluginShop) -> None:
    for query, told in (
        ({"shop": "http://shop.example"}, "https"),
        ({"shop": "ftp://shop.example"}, "address"),
        ({"shop": "https://shop.example\\@elsewhere.example"}, "user name"),
        ({"shop": "https://shop.example"}, "return"),
        ({"return": "https://elsewhere.example/wp-admin/"}, "return"),
        ({"return": f"{shop.url}\\..\\x"}, "return"),
        ({"return": "javascript:alert(1)"}, "return"),
        ({"return": ""}, "return"),
        ({"state": "short"}, "state"),
        ({"state": "<script>alert(1)</script>"}, "state"),
    ):
        status, page = await shop.ask(referer=shop.page, **query)
        assert (status, told in page, "<script>" in page) == (400, True, False), page


async def test_a_shop_in_a_private_network_is_refused_unless_the_operator_allows_it(
    premises: Premises, shop: PluginShop
) -> None:
    house = premises.house
    links = KeptLinks(house.transactions, house.plugins, house.means.roads, house.clock, allow_private=False)
    with pytest.raises(InvalidInput, match="private"):
        await begin_plugin_link(replace(house, links=links), shop.url, shop.page, "s" * 40)
