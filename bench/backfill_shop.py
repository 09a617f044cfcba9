"""The simulated shop of `bench backfill`, in a process of its own, with a meter in front of it."""

from __future__ import annotations

import asyncio
import gc
import json
import random
import re
import sys
import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from doorstep.address import Address
from doorstep.clock import SystemClock
from simulator.postman import Postman
from simulator.stores.shopify import FakeShopify
from simulator.stores.woocommerce import served

DOMAIN = "corner-shop.myshopify.com"
CREDENTIALS = {"access_token": "shpat_simulated", "client_secret": "simulated-client-secret"}
PLANS = {"standard": "Basic", "advanced": "Advanced", "plus": "Plus"}
"""What the simulated shop calls a plan."""

_OPERATION = re.compile(rb'"(?:query|mutation) (\w+)')

DAYS = 30.0
"""How far its history goes back."""

_PLACES = [
    ("Brooklyn", Address("US", line1="55 Water St", city="Brooklyn", province="NY", postal_code="11201")),
    ("Queens", Address("US", line1="30 Vernon Blvd", city="Queens", province="NY", postal_code="11101")),
]


class Meter:
    """Answers for the shop, and writes down what its bucket held after every answer.

    `POST /bench/begin?points=N` fills the bucket up to N points and begins anew; `GET /bench/samples` gives
    what was written since: the operation's name or "file", the machine's monotonic seconds at the request
    and after the answer, points spent, requests throttled, requests, points in the bucket, CPU seconds.
    """

    def __init__(self, shop: FakeShopify) -> None:
        self._shop = shop
        self._samples: list[tuple[str, float, float, float, int, int, float, float]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        path = scope.get("path", "")
        if path == "/bench/begin":
            self._begin(float(Request(scope).query_params["points"]))
            await JSONResponse({})(scope, receive, send)
        elif path == "/bench/samples":
            await JSONResponse({"samples": self._samples})(scope, receive, send)
        else:
            await self._measured(scope, receive, send)

    def _begin(self, points: float) -> None:
        bucket = self._shop.bucket
        bucket.drain()
        bucket.give_back(points)
        bucket.points_spent, bucket.throttled, self._shop.requests = 0.0, 0, 0
        self._samples.clear()

    async def _measured(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = "file" if scope["path"].startswith("/bulk/") else ""
        asked_s = time.monotonic()

        async def heard() -> Message:
            nonlocal name
            message = await receive()
            found = _OPERATION.search(message.get("body", b""))
            name = name or (found[1].decode() if found else "")
            return message

        await self._shop.app(scope, heard, send)
        bucket = self._shop.bucket
        self._samples.append(
            (
                name,
                asked_s,
                time.monotonic(),
                bucket.points_spent,
                bucket.throttled,
                self._shop.requests,
                bucket.available,
                time.process_time(),
            )
        )


def open_shop(request: Mapping[str, Any]) -> tuple[FakeShopify, list[str]]:
    """The shop with its history, and the gids of its orders, oldest first."""
    clock, rng = SystemClock(), random.Random(request["seed"])
    shop = FakeShopify(
        clock,
        Postman(clock, rng),
        rng,
        places=_PLACES,
        domain=DOMAIN,
        token=CREDENTIALS["access_token"],
        client_secret=CREDENTIALS["client_secret"],
    )
    shop.set_plan(PLANS[request["plan"]])
    # How long Shopify itself takes is not ours to measure.
    shop.bulk.duration_s = 0.0
    gids = shop.fill(request["orders"], seed=request["seed"], days=DAYS)
    # Looking for garbage among so many orders would stop the shop for a while, now and then.
    gc.collect()
    gc.freeze()
    return shop, gids


async def serve(request: Mapping[str, Any]) -> None:
    """Serve until standard input ends."""
    shop, gids = open_shop(request)
    try:
        async with served(Meter(shop)) as url:
            chosen = random.Random(request["seed"]).sample(gids, min(200, len(gids)))
            print(json.dumps({"url": url, "gids": chosen}), flush=True)
            await asyncio.to_thread(sys.stdin.buffer.read)
    finally:
        await shop.close()


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1])))
