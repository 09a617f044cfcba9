"""A simulated DoorDash for each test."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.carriers.doordash import FakeDoorDash
from simulator.carriers.serving import serve
from simulator.clock import WorldClock
from simulator.postman import Habits, Postman
from tests.integration.connectors.doordash.simulator.doordash_wire import (
    KEY,
    START,
    STORE,
    Rig,
    encoded,
)


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    special: dict[str, Any] = {"habits": Habits(), **getattr(request, "param", {})}
    messages: list[dict[str, Any]] = []
    answers: list[int] = []

    async def take_letter(letter: Request) -> Response:
        messages.append({**json.loads(await letter.body()), "header": letter.headers["authorization"]})
        return Response(status_code=answers.pop(0) if answers else 200)

    world = Starlette(routes=[Route("/hook", take_letter, methods=["POST"])])
    clock = WorldClock(START, rate=0)
    postman = Postman(clock, random.Random(11))
    async with serve(world) as url:
        fake = FakeDoorDash(
            clock,
            postman,
            random.Random(7),
            developer_id="dev_42",
            key_id="key_42",
            signing_secret=encoded(KEY),
            webhook_url=f"{url}/hook",
            webhook_authorization="Basic bm90OnJlYWw=",
            geocode=lambda address: STORE if address.startswith("1 Main St") else None,
            **special,
        )
        world.mount("/", fake.app)
        async with aiohttp.ClientSession(url) as session:
            yield Rig(clock, postman, fake, session, messages, answers)
        await fake.close()
        await postman.close()
