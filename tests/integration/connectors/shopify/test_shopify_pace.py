"""The client against a shop with a bucket: it waits before it is refused, and not for ever."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import Document
from connectors.stores.shopify.link import Link, Patience
from doorstep.errors import RateLimited
from doorstep.secret import Secret
from simulator.stores.shopify.cost import Bucket
from tests.integration.connectors.shopify.conftest import Serve

# 2 + 11 * (1 + 44) points at 250 a page.
PARTS = " ".join(f"part{number} {{ id }}" for number in range(44))
PAGE = Document("page", "query Page($first: Int!) { orders(first: $first) { nodes { " + PARTS + " } } }")
PAGE_COST = 497
ORDER = Document("order", "{ order { id } }")
Client = Callable[..., ShopifyClient]


class BusyShop:
    """Answers as long as its bucket lasts; its clock moves with the client's waits alone."""

    def __init__(self, machine: list[float]) -> None:
        self.bucket = Bucket(seconds=lambda: machine[0])
        self.asked: list[str] = []
        self.throttled = 0
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        is_page = "Page" in json.loads(await request.body())["query"]
        cost = PAGE_COST if is_page else 1
        self.asked.append("page" if is_page else "order")
        if not self.bucket.take(cost):
            self.throttled += 1
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return JSONResponse({"errors": [error], "extensions": {"cost": self._told(cost, None)}})
        return JSONResponse({"data": {}, "extensions": {"cost": self._told(cost, cost)}})

    def _told(self, requested: int, actual: int | None) -> dict[str, Any]:
        status = self.bucket.status()
        return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}


async def test_a_walk_at_the_limit_is_never_refused(
    serve: Serve, client: Client, machine: list[float], pauses: list[float]
) -> None:
    shop = BusyShop(machine)
    asking = client(await serve(shop.app))
    for _ in range(30):
        await asking.send(PAGE, {"first": 250}, is_walk=True)
    assert shop.throttled == 0
    # The bucket was full and a tenth of it is left: the rest came in at 100 points a second.
    assert sum(pauses) == pytest.approx((30 * PAGE_COST - 1800) / 100, rel=0.02)


async def test_several_pages_in_flight_are_not_refused_either(
    serve: Serve, client: Client, machine: list[float]
) -> None:
    shop = BusyShop(machine)
    asking = client(await serve(shop.app), patience=Patience(waiting_s=1000.0))
    await asyncio.gather(*(asking.send(PAGE, {"first": 250}, is_walk=True) for _ in range(24)))
    assert shop.throttled == 0
    assert len(shop.asked) == 24


async def test_what_another_app_drank_costs_one_refusal_and_is_then_known(
    serve: Serve, client: Client, machine: list[float]
) -> None:
    shop = BusyShop(machine)
    asking = client(await serve(shop.app))
    await asking.send(PAGE, {"first": 250})
    shop.bucket.drain()
    await asking.send(PAGE, {"first": 250})
    await asking.send(PAGE, {"first": 250})
    assert shop.throttled == 1


async def test_a_call_that_somebody_waits_for_overtakes_the_pages_before_it(
    serve: Serve, client: Client, machine: list[float]
) -> None:
    shop = BusyShop(machine)
    asking = client(await serve(shop.app), patience=Patience(waiting_s=1000.0))
    await asking.send(ORDER, {})
    pages = [asyncio.create_task(asking.send(PAGE, {"first": 250}, is_walk=True)) for _ in range(12)]
    await asyncio.sleep(0)
    await asking.send(ORDER, {})
    await asyncio.gather(*pages)
    # Three pages and the tenth that is left fill the bucket; more are waiting when the order is asked for.
    assert shop.asked.index("order", 1) <= 4
    assert shop.throttled == 0


async def test_a_shop_that_never_stops_throttling_is_given_up(
    serve: Serve, client: Client, pauses: list[float]
) -> None:
    asked = 0

    async def refuse(_: Request) -> Response:
        nonlocal asked
        asked += 1
        status = {"maximumAvailable": 2000, "currentlyAvailable": 2000, "restoreRate": 100}
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        cost = {"requestedQueryCost": 9, "actualQueryCost": None, "throttleStatus": status}
        return JSONResponse({"errors": [error], "extensions": {"cost": cost}})

    asking = client(await serve(Starlette(routes=[Route("/{path:path}", refuse, methods=["POST"])])))
    with pytest.raises(RateLimited):
        await asking.send(ORDER, {})
    assert sum(pauses) <= Patience().waiting_s
    # Pauses of 0.5, 1, 2, 4, 8 and then 10 seconds, with jitter, fill two minutes.
    assert asked < 30


async def test_a_429_silences_every_call_to_the_shop(
    serve: Serve, client: Client, machine: list[float], pauses: list[float]
) -> None:
    is_busy = True
    heard: list[float] = []

    async def answer(_: Request) -> Response:
        nonlocal is_busy
        heard.append(machine[0])
        if is_busy:
            is_busy = False
            return Response("", 429, {"Retry-After": "7"})
        return JSONResponse({"data": {}})

    asking = client(await serve(Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])))
    await asking.send(ORDER, {})
    assert heard == [0.0, 7.0]
    assert pauses == [7.0]


async def test_clients_of_one_shop_share_what_they_know_of_it(serve: Serve) -> None:
    async def refuse(request: Request) -> Response:
        if request.headers["x-shopify-access-token"] == "shpat_one":
            return Response("", 429, {"Retry-After": "60"})
        return JSONResponse({"data": {}})

    url = await serve(Starlette(routes=[Route("/{path:path}", refuse, methods=["POST"])]))
    hasty = Patience(waiting_s=1.0)
    one, another, other_shop = (
        ShopifyClient(Link(f"{shop}.myshopify.com", Secret(token), url), patience=hasty)
        for shop, token in (("one", "shpat_one"), ("one", "shpat_another"), ("two", "shpat_two"))
    )
    with pytest.raises(RateLimited):
        await one.send(ORDER, {})
    with pytest.raises(RateLimited) as failure:
        await another.send(ORDER, {})
    assert failure.value.raw_code == "allowance"
    assert (await other_shop.send(ORDER, {})).data == {}
