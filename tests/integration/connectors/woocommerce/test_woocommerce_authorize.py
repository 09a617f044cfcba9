"""From the link that the merchant opens to an order that is read with the key that came back."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.stores.woocommerce import connect
from connectors.stores.woocommerce.authorize import GrantedKey, authorize_url, read_callback, was_granted
from connectors.stores.woocommerce.connector import WooCommerceConnector
from doorstep.address import Address
from doorstep.ports import StoreLink
from simulator.stores.woocommerce import FakeWooCommerce, served

Link = Callable[..., Awaitable[WooCommerceConnector]]
STATE = "st_0123456789abcdef"


async def test_a_merchant_who_agrees_gives_a_key_that_reads_and_writes(
    store: FakeWooCommerce, home: Address, authority: tuple[str, str, str]
) -> None:
    order_id = store.place_order([("BREAD-1", 1)], home)
    ca_file, certificate, private_key = authority
    store.granting.allows_loopback = True
    store.granting.trust = ssl.create_default_context(cafile=ca_file)
    granted: list[GrantedKey] = []

    async def take(request: Request) -> Response:
        granted.append(read_callback(await request.body()))
        return Response()

    gateway = Starlette(routes=[Route("/keys", take, methods=["POST"])])
    async with (
        served(store.app) as shop,
        served(gateway, certificate_file=certificate, key_file=private_key) as ours,
    ):
        address = f"{shop}{store.shelf.settings.base_path}"
        url = authorize_url(
            address, app_name="Doorstep", state=STATE, return_url=f"{ours}/back", callback_url=f"{ours}/keys"
        )
        decision = await store.granting.approve(url)
        back = dict(parse_qsl(urlsplit(decision.location).query))
        assert (decision.problem, was_granted(back), back["user_id"]) == ("", True, STATE)
        (key,) = granted
        connector = connect(StoreLink(address, key.credentials))
        assert key.state == STATE
        assert await connector.fetch_order(order_id) is not None
        checks = {check.name: check for check in await connector.check()}
        assert checks["permissions"].passed


async def test_a_merchant_who_says_no_comes_back_without_a_key(store: FakeWooCommerce) -> None:
    url = authorize_url(
        "https://shop.example/blog",
        app_name="Doorstep",
        state=STATE,
        return_url="https://doorstep.example/back",
        callback_url="https://doorstep.example/keys",
    )
    decision = await store.granting.deny(url)
    assert not was_granted(dict(parse_qsl(urlsplit(decision.location).query)))
