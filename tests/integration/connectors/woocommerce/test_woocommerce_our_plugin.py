"""Our plugin is handed its keys, over http and https, under a path, past hosts that drop headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from connectors.stores.woocommerce.connector import WooCommerceConnector
from connectors.stores.woocommerce.our_plugin import Handover, ShopFacts, hand_over, read_facts
from doorstep.errors import RemoteError
from doorstep.secret import Secret
from simulator.stores.woocommerce import FakeWooCommerce, Trouble

Link = Callable[..., Awaitable[WooCommerceConnector]]


def handover(state: str) -> Handover:
    return Handover(
        "https://gateway.example", "sto_1", Secret("pk_live_1"), Secret("shared"), "Corner shop", state
    )


@pytest.mark.parametrize(("https", "is_stripped"), [(False, False), (True, False), (True, True)])
async def test_the_plugin_keeps_what_it_was_handed(
    store: FakeWooCommerce, link: Link, https: bool, is_stripped: bool
) -> None:
    store.plugin.is_active = True
    store.door.strips_authorization = is_stripped
    api = (await link(store, https=https))._api  # the connector has no other use for it
    await hand_over(api, handover(store.plugin.press_connect()))
    assert store.plugin.kept == {
        "gateway": "https://gateway.example",
        "site": "sto_1",
        "key": "pk_live_1",
        "secret": "shared",
        "merchant": "Corner shop",
    }
    assert await read_facts(api) == ShopFacts("The corner & Co", "USD", "America/New_York")


async def test_each_reason_why_it_could_not_be_handed_over_has_a_code(
    store: FakeWooCommerce, link: Link
) -> None:
    api = (await link(store))._api
    told: list[str] = []

    async def try_with(state: str) -> None:
        with pytest.raises(RemoteError) as raised:
            await hand_over(api, handover(state))
        told.append(raised.value.raw_code)
        assert "shared" not in str(raised.value)

    await try_with("s" * 40)
    store.plugin.is_active = True
    await try_with("s" * 40)
    store.rest.may_manage = False
    await try_with(store.plugin.press_connect())
    store.rest.may_manage = True
    store.fail_next(Trouble.HTML_200, 1, "wc-doorstep/")
    await try_with(store.plugin.press_connect())
    store.door.has_permalinks = False
    await try_with(store.plugin.press_connect())
    assert told == [
        "doorstep_plugin_missing",
        "not_asked",
        "rights_missing",
        "html_instead_of_json",
        "redirected",
    ]
    assert store.plugin.kept == {}
