"""A stepped world on a free port, with a stand-in for the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, time
from typing import Any

import aiohttp
import pytest

from gateway.cli.demo.moods import CARRIERS
from simulator.city import City, build_city
from simulator.stores.woocommerce import served
from simulator.world import World, WorldSettings
from simulator.world.plan import Customs
from simulator.world.serving import serving
from tests.integration.simulator.standin import PUBLISHABLE, SECRET, StandIn

Json = dict[str, Any]


class Desk:
    """Speaks with a world's control desk."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def get(self, path: str) -> Json:
        async with self.session.get(f"{self.url}/control/{path}") as response:
            assert response.status == 200, await response.text()
            found: Json = await response.json(content_type=None)
            return found

    async def post(self, path: str, body: Json | None = None) -> Json:
        status, answer = await self.try_post(path, body)
        assert status in {200, 201}, answer
        return answer

    async def try_post(self, path: str, body: Json | None = None) -> tuple[int, Json]:
        async with self.session.post(f"{self.url}/control/{path}", json=body or {}) as response:
            return response.status, await response.json(content_type=None)

    async def link(self, gateway_url: str, **more: Any) -> None:
        link = {
            "gateway_url": gateway_url,
            "publishable_key": PUBLISHABLE,
            "secret_key": SECRET,
            "gps_url": f"{gateway_url}/positions/osmand",
            "webhooks": {carrier: f"{gateway_url}/webhooks/{carrier}" for carrier in CARRIERS},
        }
        await self.post("link", link | more)


@pytest.fixture
def standin() -> StandIn:
    return StandIn()


@pytest.fixture
async def gateway_url(standin: StandIn) -> AsyncIterator[str]:
    async with served(standin.app) as url:
        yield url


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened
    # The closing of a session's connections takes one more turn of the loop.
    await asyncio.sleep(0)


OpenWorld = Callable[..., Awaitable[Desk]]


@pytest.fixture(scope="session")
def city() -> City:
    return build_city(7)


@pytest.fixture
async def open_world(session: aiohttp.ClientSession, city: City) -> AsyncIterator[OpenWorld]:
    """Opens worlds by their settings; half past eight to half past eleven, moved by hand, unless told."""
    opened: list[Any] = []

    async def open_one(**settings: Any) -> Desk:
        defaults: Json = {
            "seed": 7,
            "day": date(2026, 11, 23),
            "quiet_after": time(11, 30),
            "is_stepped": True,
            "customs": Customs(orders_per_hour=30),
        }
        context = serving(World(WorldSettings(**defaults | settings), city))
        url = await context.__aenter__()
        opened.append(context)
        return Desk(url, session)

    yield open_one
    for context in opened:
        await context.__aexit__(None, None, None)


@pytest.fixture
async def desk(open_world: OpenWorld) -> Desk:
    return await open_world()
