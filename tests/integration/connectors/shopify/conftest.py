"""A simulated Shopify shop behind a real web server, and the connector linked to it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest
from starlette.types import ASGIApp

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.connector import ShopifyConnector
from connectors.stores.shopify.link import Link, Patience
from connectors.stores.shopify.pace import Pacer
from doorstep.address import Address
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.secret import Secret
from simulator.clock import WorldClock
from simulator.postman import Postman
from simulator.stores.shopify import CartLine, Customer, FakeShopify
from simulator.stores.woocommerce import served

TOKEN = "shpat_simulated"
CLIENT_SECRET = "simulated-client-secret"
ANA = Customer("Ana", "Lopez", "ana@example.test", "(212) 736-3100")
HOME = Address(
    "US",
    line1="350 5th Ave",
    city="New York",
    province="NY",
    postal_code="10118",
    location=LatLng(40.7484, -73.9857),
)
WAREHOUSE = Address("US", line1="55 Water St", city="Brooklyn", province="NY", postal_code="11201")
TEA = CartLine("TEA-1", "Tea tin", 2, Money(2495, "USD"), weight_g=750)

Serve = Callable[..., Awaitable[str]]


@pytest.fixture
def clock() -> WorldClock:
    """Stands still unless it is moved."""
    return WorldClock(datetime(2026, 11, 22, 14, tzinfo=UTC), rate=0)


@pytest.fixture
async def postman(clock: WorldClock) -> AsyncIterator[Postman]:
    postman = Postman(clock, random.Random(7))
    yield postman
    await postman.close()


@pytest.fixture
def machine() -> list[float]:
    """What the throttle's clock shows, seconds; pauses of the connector move it on."""
    return [0.0]


@pytest.fixture
async def shop(clock: WorldClock, postman: Postman, machine: list[float]) -> AsyncIterator[FakeShopify]:
    shop = FakeShopify(
        clock,
        postman,
        random.Random(7),
        places=[("Brooklyn", WAREHOUSE), ("Queens", WAREHOUSE)],
        token=TOKEN,
        client_secret=CLIENT_SECRET,
        seconds=lambda: machine[0],
    )
    yield shop
    await shop.close()


@pytest.fixture
def pauses() -> list[float]:
    """Seconds that the connector wanted to wait between tries."""
    return []


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve an application on a free port of this machine: `await serve(app, certificate=…, key=…)`."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(app: ASGIApp, *, certificate: str = "", key: str = "", date: bool = True) -> str:
            return await stack.enter_async_context(
                served(app, certificate_file=certificate, key_file=key, shows_date=date)
            )

        yield make


@pytest.fixture
def client(pauses: list[float], machine: list[float]) -> Callable[..., ShopifyClient]:
    """Make a client of an address: `client(url, token=…, ca_file=…, patience=…)`."""

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        machine[0] += seconds
        # Calls under way take real time: without any for them, the machine's clock would run away meanwhile.
        await asyncio.sleep(0.001)

    def make(
        url: str,
        *,
        token: str = TOKEN,
        ca_file: str = "",
        patience: Patience | None = None,
        domain: str = "corner-shop.myshopify.com",
    ) -> ShopifyClient:
        link = Link(domain, Secret(token), url, ca_file)
        pacer = Pacer(seconds=lambda: machine[0], sleep=pause)
        return ShopifyClient(link, patience=patience, pacer=pacer, sleep=pause, rng=random.Random(1))

    return make


@pytest.fixture
async def connector(
    shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient], clock: WorldClock
) -> AsyncIterator[ShopifyConnector]:
    """Linked to `shop`, three orders a page."""
    url = await serve(shop.app, date=False)
    connector = ShopifyConnector(client(url), Secret(CLIENT_SECRET), clock=clock, page_size=3)
    yield connector
    await connector.close()
