"""Tokens that end: which one is sent, when another is asked for, and how Shopify is asked for it."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from connectors.stores.shopify.app import AppKeys, ShopifyApp
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import ADDRESS_SAMPLE, WEBHOOK_CREATE, Document
from connectors.stores.shopify.grants import GrantedTokens
from connectors.stores.shopify.link import Link
from connectors.stores.shopify.pace import Pacer
from connectors.stores.shopify.visitors import Visitor
from doorstep.errors import AccountProblem, InvalidInput, RemoteRefused, RemoteUnavailable, UnknownOutcome
from doorstep.secret import Secret
from simulator.clock import WorldClock
from simulator.postman import Postman
from simulator.stores.shopify import FakeShopify
from tests.integration.connectors.shopify.conftest import Serve

SHOP = "corner-shop.myshopify.com"
CLIENT_SECRET = "simulated-client-secret-of-32-bytes-or-more"


class Desk:
    """Takes one access token at a time."""

    def __init__(self, accepted: str) -> None:
        self.accepted = accepted
        self.heard: list[str] = []
        self.app = Starlette(routes=[Route("/admin/api/{rest:path}", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        token = request.headers["x-shopify-access-token"]
        self.heard.append(token)
        if token != self.accepted:
            return JSONResponse({"errors": "[API] Invalid API key or access token"}, 401)
        return JSONResponse({"data": {"token": token}})


class Purse:
    """The access tokens of one shop, as a gateway keeps them."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)
        self.rejected: list[Secret] = []

    async def current(self) -> Secret:
        return Secret(self.tokens[0])

    async def renewed(self, rejected: Secret) -> Secret:
        self.rejected.append(rejected)
        if rejected.matches(self.tokens[0]):
            if len(self.tokens) == 1:
                raise AccountProblem("no more tokens", system="shopify", raw_code="invalid_grant")
            del self.tokens[0]
        return Secret(self.tokens[0])


def client_with(url: str, tokens: Purse | None, fixed: str = "") -> ShopifyClient:
    return ShopifyClient(Link(SHOP, Secret(fixed), url, tokens=tokens), pacer=Pacer())


async def test_every_call_is_sent_with_the_token_of_the_moment(serve: Serve) -> None:
    desk, purse = Desk("one"), Purse("one")
    client = client_with(await serve(desk.app), purse)
    await client.send(ADDRESS_SAMPLE, {})
    desk.accepted = "two"
    purse.tokens = ["two"]
    await client.send(ADDRESS_SAMPLE, {})
    assert desk.heard == ["one", "two"]
    assert purse.rejected == []


@pytest.mark.parametrize("document", [ADDRESS_SAMPLE, WEBHOOK_CREATE], ids=["read", "write"])
async def test_a_call_whose_token_has_just_ended_is_repeated_with_another(
    serve: Serve, document: Document
) -> None:
    desk, purse = Desk("two"), Purse("one", "two")
    answer = await client_with(await serve(desk.app), purse).send(document, {})
    assert answer.data == {"token": "two"}
    assert desk.heard == ["one", "two"]
    assert purse.rejected == [Secret("one")]


async def test_another_token_is_asked_for_once_and_not_again(serve: Serve) -> None:
    desk, purse = Desk("nothing"), Purse("one", "two", "three")
    with pytest.raises(AccountProblem) as failure:
        await client_with(await serve(desk.app), purse).send(ADDRESS_SAMPLE, {})
    assert failure.value.raw_code == "401"
    assert desk.heard == ["one", "two"]


async def test_where_there_is_no_other_token_the_reason_is_told(serve: Serve) -> None:
    desk, purse = Desk("two"), Purse("one")
    with pytest.raises(AccountProblem) as failure:
        await client_with(await serve(desk.app), purse).send(ADDRESS_SAMPLE, {})
    assert failure.value.raw_code == "invalid_grant"


async def test_a_token_that_was_entered_by_hand_is_tried_once(serve: Serve) -> None:
    desk = Desk("two")
    with pytest.raises(AccountProblem) as failure:
        await client_with(await serve(desk.app), None, fixed="one").send(ADDRESS_SAMPLE, {})
    assert failure.value.raw_code == "401"
    assert "HTTP 401" in str(failure.value)
    assert desk.heard == ["one"]


async def test_many_calls_in_flight_outlive_the_end_of_their_token(serve: Serve) -> None:
    desk, purse = Desk("one"), Purse("one", "two")
    client = client_with(await serve(desk.app), purse)
    calls = [asyncio.create_task(client.send(ADDRESS_SAMPLE, {})) for _ in range(40)]
    await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
    desk.accepted = "two"
    answers = await asyncio.gather(*calls)
    assert {answer.data["token"] for answer in answers} == {"one", "two"}
    assert purse.tokens == ["two"]


class Counter:
    """Shopify's token endpoint: hears, and answers what it is told to."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.is_over = asyncio.Event()
        self.reply: Callable[[], Awaitable[Response]] = self._grant
        path = "/admin/oauth/access_token"
        self.app = Starlette(routes=[Route(path, self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        self.heard.append(json.loads(await request.body()))
        return await self.reply()

    async def never(self) -> Response:
        """No answer as long as anybody waits for it."""
        await self.is_over.wait()
        return Response()

    async def _grant(self) -> Response:
        return JSONResponse(
            {
                "access_token": f"shpat_{len(self.heard)}",
                "scope": "read_orders",
                "expires_in": 3600,
                "refresh_token": f"shprt_{len(self.heard)}",
                "refresh_token_expires_in": 7776000,
            }
        )


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
async def app(serve: Serve, counter: Counter) -> AsyncIterator[ShopifyApp]:
    keys = AppKeys("client-1", Secret(CLIENT_SECRET), api_endpoint=await serve(counter.app))
    app = ShopifyApp(keys, budget_s=0.5)
    yield app
    counter.is_over.set()
    await app.close()


KEYS = {"client_id": "client-1", "client_secret": CLIENT_SECRET}
OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"


async def test_an_id_token_is_exchanged_for_a_pair_of_tokens_that_end(
    app: ShopifyApp, counter: Counter
) -> None:
    granted = await app.exchange(SHOP, Secret("id-token"))
    assert granted.access_token == Secret("shpat_1")
    assert granted.refresh_token == Secret("shprt_1")
    assert granted.ends_at is not None
    assert granted.ends_at > datetime.now(UTC)
    assert counter.heard == [
        {
            **KEYS,
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": "id-token",
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
            "requested_token_type": OFFLINE,
            "expiring": 1,
        }
    ]


async def test_a_refresh_token_is_turned_into_the_next_pair(app: ShopifyApp, counter: Counter) -> None:
    await app.refresh(SHOP, Secret("shprt_0"))
    assert counter.heard == [{**KEYS, "grant_type": "refresh_token", "refresh_token": "shprt_0"}]


async def test_a_token_that_does_not_end_is_turned_into_one_that_does(
    app: ShopifyApp, counter: Counter
) -> None:
    await app.migrate(SHOP, Secret("shpat_old"))
    [heard] = counter.heard
    assert heard["subject_token"] == "shpat_old"
    assert heard["subject_token_type"] == heard["requested_token_type"] == OFFLINE
    assert heard["expiring"] == "1"


async def test_a_refresh_whose_answer_is_lost_is_simply_repeated(app: ShopifyApp, counter: Counter) -> None:
    usual, counter.reply = counter.reply, counter.never
    with pytest.raises(RemoteUnavailable) as failure:
        await app.refresh(SHOP, Secret("shprt_0"))
    assert failure.value.raw_code == "timeout"
    counter.reply = usual
    assert (await app.refresh(SHOP, Secret("shprt_0"))).refresh_token == Secret("shprt_2")


async def test_a_migration_whose_answer_is_lost_may_have_happened(app: ShopifyApp, counter: Counter) -> None:
    counter.reply = counter.never
    with pytest.raises(UnknownOutcome):
        await app.migrate(SHOP, Secret("shpat_old"))


async def test_the_client_secret_follows_no_redirect(app: ShopifyApp, counter: Counter, serve: Serve) -> None:
    elsewhere = Counter()
    target = await serve(elsewhere.app)

    async def redirect() -> Response:
        return PlainTextResponse("", 307, {"Location": f"{target}/admin/oauth/access_token"})

    counter.reply = redirect
    with pytest.raises(RemoteRefused, match="redirect"):
        await app.refresh(SHOP, Secret("shprt_0"))
    assert elsewhere.heard == []


async def test_neither_secrets_nor_bodies_are_printed_or_quoted(
    app: ShopifyApp, counter: Counter, capfd: pytest.CaptureFixture[str]
) -> None:
    async def fail() -> Response:
        return PlainTextResponse(json.dumps(counter.heard[-1]), 500)

    counter.reply = fail
    with pytest.raises(RemoteUnavailable) as failure:
        await app.refresh(SHOP, Secret("shprt_0"))
    shown = "".join(capfd.readouterr()) + repr(failure.value) + repr(vars(failure.value))
    assert "shprt" not in shown
    assert CLIENT_SECRET not in shown


@pytest.mark.parametrize("shop", ["evil.test", "evil.test/.myshopify.com", "a.myshopify.com.evil.test", ""])
async def test_no_host_but_a_shops_is_ever_sent_the_client_secret(shop: str) -> None:
    app = ShopifyApp(AppKeys("client-1", Secret(CLIENT_SECRET)))
    with pytest.raises(InvalidInput) as refusal:
        await app.refresh(shop, Secret("shprt_0"))
    assert refusal.value.path == ("shop",)
    await app.close()


async def test_a_shopify_that_cannot_be_reached_is_unavailable() -> None:
    app = ShopifyApp(AppKeys("client-1", Secret(CLIENT_SECRET), api_endpoint="http://127.0.0.1:1"))
    with pytest.raises(RemoteUnavailable) as failure:
        await app.migrate(SHOP, Secret("shpat_old"))
    assert failure.value.raw_code == "unreachable"
    await app.close()


@dataclass
class Keeper:
    """Keeps one shop's pair of tokens, and refreshes it with the app."""

    app: ShopifyApp
    pair: GrantedTokens

    async def current(self) -> Secret:
        return self.pair.access_token

    async def renewed(self, rejected: Secret) -> Secret:
        assert self.pair.refresh_token is not None
        self.pair = await self.app.refresh(SHOP, self.pair.refresh_token)
        return self.pair.access_token


async def test_an_installed_app_lives_through_the_end_of_its_tokens_and_dies_with_its_removal(
    serve: Serve, clock: WorldClock, postman: Postman
) -> None:
    shop = FakeShopify(
        clock, postman, random.Random(1), domain=SHOP, token="", client_secret=CLIENT_SECRET, places=[]
    )
    url = await serve(shop.app, date=False)
    keys = AppKeys(shop.client_id, Secret(CLIENT_SECRET), api_endpoint=url)
    app = ShopifyApp(keys, clock=clock)
    query = urlsplit(shop.installation.app_home_url("https://gateway.test/shopify")).query
    assert app.read_signed_shop(query) == SHOP
    token = shop.installation.id_token(user=7)
    assert app.read_id_token(token) == Visitor(SHOP, "7")

    keeper = Keeper(app, await app.exchange(SHOP, Secret(token)))
    client = ShopifyClient(Link(SHOP, Secret(""), url, tokens=keeper), pacer=Pacer())
    await client.send(ADDRESS_SAMPLE, {})
    first = keeper.pair
    clock.advance(7200.0)
    await client.send(ADDRESS_SAMPLE, {})
    assert keeper.pair.access_token != first.access_token
    assert keeper.pair.ends_at is not None
    assert clock.now() < keeper.pair.ends_at < clock.now() + timedelta(hours=1)

    shop.installation.uninstall()
    with pytest.raises(AccountProblem) as failure:
        await client.send(ADDRESS_SAMPLE, {})
    assert failure.value.raw_code == "application_cannot_be_found"
    await app.close()
    await shop.close()
