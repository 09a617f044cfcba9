"""The wc-auth flow of the simulated store: an app asks for keys, the merchant decides."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable
from html import unescape
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.stores.woocommerce import FakeWooCommerce, served
from tests.unit.simulator.woocommerce.visitor import visiting

MakeStore = Callable[..., FakeWooCommerce]
RETURN = "https://app.example/back?shop=1"


class App:
    """Takes keys at its callback, and answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.given: list[dict[str, Any]] = []
        self.content_types: list[str] = []
        self.callback_url = ""

    async def take(self, request: Request) -> Response:
        self.content_types.append(request.headers["content-type"])
        self.given.append(json.loads(await request.body()))
        return Response(status_code=self.status)

    def link(self, store_url: str = "", **changes: str) -> str:
        asked = {
            "app_name": "Doorstep",
            "scope": "read_write",
            "user_id": "merchant 7",
            "return_url": RETURN,
            "callback_url": self.callback_url,
        }
        wanted = {name: value for name, value in (asked | changes).items() if value}
        return f"{store_url}/wc-auth/v1/authorize?{urlencode(wanted)}"


@pytest.fixture
async def app() -> AsyncIterator[App]:
    app = App()
    async with contextlib.AsyncExitStack() as stack:
        routes = [Route("/keys", app.take, methods=["POST"])]
        app.callback_url = f"{await stack.enter_async_context(served(Starlette(routes=routes)))}/keys"
        yield app


@pytest.fixture
def shop(make_store: MakeStore) -> FakeWooCommerce:
    store = make_store(treat_as_https=True)
    store.granting.allows_loopback = True
    return store


async def test_approved_keys_are_posted_and_then_work(shop: FakeWooCommerce, app: App) -> None:
    decision = await shop.granting.approve(app.link())
    assert decision.location == f"{RETURN}&success=1&user_id=merchant%207"
    (given,) = app.given
    assert set(given) == {"key_id", "user_id", "consumer_key", "consumer_secret", "key_permissions"}
    assert (given["user_id"], given["key_permissions"]) == ("merchant 7", "read_write")
    assert app.content_types == ["application/json;charset=UTF-8"]
    async with visiting(shop, given["consumer_key"], given["consumer_secret"]) as visitor:
        assert (await visitor.get("orders")).status == 200
        shop.keys.revoke(given["key_id"])
        assert (await visitor.get("orders")).status == 401
    async with visiting(shop) as owner:
        assert (await owner.get("orders")).status == 200


async def test_keys_of_scope_read_write_nothing(shop: FakeWooCommerce, app: App) -> None:
    await shop.granting.approve(app.link(scope="read"))
    (given,) = app.given
    async with visiting(shop, given["consumer_key"], given["consumer_secret"]) as visitor:
        assert (await visitor.get("orders")).status == 200
        assert (await visitor.post("webhooks", {"topic": "order.created"})).status == 401


async def test_denied_the_app_hears_of_it_and_gets_no_key(shop: FakeWooCommerce, app: App) -> None:
    decision = await shop.granting.deny(app.link())
    assert decision.location == f"{RETURN}&success=0&user_id=merchant%207"
    assert (app.given, len(shop.keys.all)) == ([], 1)


@pytest.mark.parametrize("status", [201, 204, 500])
async def test_a_callback_that_does_not_answer_200_loses_the_key_again(
    shop: FakeWooCommerce, app: App, status: int
) -> None:
    app.status = status
    decision = await shop.granting.approve(app.link())
    assert decision.location == ""
    assert "unable to send the consumer data" in decision.problem
    assert len(shop.keys.all) == 1
    (given,) = app.given
    async with visiting(shop, given["consumer_key"], given["consumer_secret"]) as visitor:
        assert (await visitor.get("orders")).status == 401


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"app_name": ""}, "Error: Missing parameter app_name."),
        ({"user_id": "0"}, "Error: Missing parameter user_id."),
        ({"scope": "all"}, "Error: Invalid scope all."),
        ({"callback_url": "http://app.example/keys"}, "Error: The callback_url needs to be over SSL."),
        ({"return_url": "https://"}, "Error: The https:// is not a valid URL."),
    ],
)
async def test_a_link_that_woocommerce_refuses_ends_on_an_error(
    shop: FakeWooCommerce, app: App, changes: dict[str, str], problem: str
) -> None:
    assert (await shop.granting.approve(app.link(**changes))).problem == problem
    assert (await shop.granting.deny(app.link(**changes))).problem == problem


async def test_a_return_address_may_be_plain_http_and_one_without_a_scheme_is_taken_for_https(
    shop: FakeWooCommerce, app: App
) -> None:
    plain = await shop.granting.approve(app.link(return_url="http://app.example/back"))
    bare = await shop.granting.approve(app.link(return_url="app.example/back"))
    assert plain.location == "http://app.example/back?success=1&user_id=merchant%207"
    assert bare.location == "https://app.example/back?success=1&user_id=merchant%207"


async def test_a_real_store_takes_no_callback_on_this_machine(make_store: MakeStore, app: App) -> None:
    store = make_store()
    plain = await store.granting.approve(app.link())
    private = await store.granting.approve(app.link(callback_url="https://127.0.0.1/keys"))
    assert plain.problem == "Error: The callback_url needs to be over SSL."
    assert private.problem.startswith("Error: A valid URL was not provided")
    assert (app.given, len(store.keys.all)) == ([], 1)


async def test_the_merchants_browser_goes_the_same_way(shop: FakeWooCommerce, app: App) -> None:
    async with served(shop.app) as url, aiohttp.ClientSession() as browser:
        async with browser.get(app.link(url)) as response:
            page = await response.text()
        approve, deny = (unescape(link) for link in re.findall(r'href="([^"]+)"', page))
        assert deny == f"{RETURN}&success=0&user_id=merchant%207"
        async with browser.get(f"{url}{approve}", allow_redirects=False) as response:
            assert response.headers["Location"] == f"{RETURN}&success=1&user_id=merchant%207"
        forged = approve.rsplit("=", 1)[0] + "=0000000000"
        async with browser.get(f"{url}{forged}", allow_redirects=False) as response:
            assert response.status == 401
        async with browser.get(app.link(url, scope="all")) as response:
            assert response.status == 401
    assert len(app.given) == 1
