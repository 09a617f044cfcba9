"""A simulated Lalamove for each test."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.carriers.lalamove import MARKETS, FakeLalamove
from simulator.carriers.lalamove.allowance import PRODUCTION, SANDBOX
from simulator.carriers.serving import serve
from simulator.clock import WorldClock
from simulator.postman import Postman
from tests.integration.connectors.lalamove.simulator.lalamove_wire import (
    SECRET,
    START,
    Rig,
    Wish,
)


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    wish: Wish = getattr(request, "param", Wish())
    clock = WorldClock(START, rate=0)
    postman = Postman(clock, random.Random(11))
    rigs: list[Rig] = []

    async def take_letter(letter: Request) -> Response:
        rigs[0].letters.append((clock.now(), await letter.body()))
        return Response(status_code=rigs[0].hook_status[0])

    world = Starlette(routes=[Route("/hook", take_letter, methods=["POST"])])
    async with serve(world) as url:
        lalamove = FakeLalamove(
            clock,
            postman,
            random.Random(7),
            api_key="pk_test_1",
            api_secret=SECRET.decode(),
            market=MARKETS["HK"],
            webhook_url=f"{url}/hook",
            pace=wish.pace,
            habits=wish.habits,
            orders_a_second=wish.orders_a_second,
            calls_a_minute=SANDBOX if wish.sandbox else PRODUCTION,
        )
        world.mount("/", lalamove.app)
        async with aiohttp.ClientSession(url) as session:
            rigs.append(Rig(clock, postman, lalamove, session, f"{url}/hook"))
            yield rigs[0]
        await lalamove.close()
        await postman.close()
