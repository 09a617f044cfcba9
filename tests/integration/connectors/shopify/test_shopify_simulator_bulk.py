"""Bulk operations of the simulated shop, over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from simulator.clock import WorldClock
from simulator.stores.shopify import FakeShopify
from tests.integration.connectors.shopify.conftest import ANA, HOME, TEA, Serve
from tests.integration.connectors.shopify.simulator_asking import Asking

ORDERS = """{ orders(query: "status:any") { edges { node { id name
    lineItems { edges { node { id quantity } } }
    fulfillmentOrders { nodes { id lineItems { nodes { id remainingQuantity } } } }
} } } }"""
RUN = """mutation($q: String!, $g: Boolean!) { bulkOperationRunQuery(query: $q, groupObjects: $g) {
    bulkOperation { id status } userErrors { field message code } } }"""
STATUS = """query($id: ID!) { bulkOperation(id: $id) {
    status errorCode url partialDataUrl objectCount rootObjectCount fileSize completedAt } }"""


@pytest.fixture
async def asking(shop: FakeShopify, serve: Serve, clock: WorldClock) -> AsyncIterator[Asking]:
    for _ in range(30):
        shop.place_order(ANA, HOME, [TEA])
    clock.advance(5)
    shop.settle(clock.now())
    shop.bucket.capacity = 100_000
    async with aiohttp.ClientSession() as session:
        yield Asking(await serve(shop.app), session)


async def run(asking: Asking, query: str = ORDERS, *, grouped: bool = False) -> dict[str, Any]:
    made = (await asking.data(RUN, q=query, g=grouped))["bulkOperationRunQuery"]
    assert isinstance(made, dict)
    return made


async def ended(asking: Asking, clock: WorldClock, gid: str) -> dict[str, Any]:
    """Let ten seconds of the world pass, and the machine write."""
    clock.advance(10)
    for _ in range(1000):
        status: dict[str, Any] = (await asking.data(STATUS, id=gid))["bulkOperation"]
        if status["status"] not in {"CREATED", "RUNNING", "CANCELING"}:
            return status
        clock.advance(1)
        await asyncio.sleep(0)
    raise AssertionError("the operation never ended")


async def lines_of(asking: Asking, url: str) -> list[dict[str, Any]]:
    async with asking.session.get(url) as response:
        assert response.status == 200
        return [json.loads(line) for line in (await response.text()).splitlines()]


async def test_a_file_holds_every_object_with_its_parent_and_in_no_order(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    gid = (await run(asking))["bulkOperation"]["id"]
    assert (await asking.data(STATUS, id=gid))["bulkOperation"]["status"] == "RUNNING"
    status = await ended(asking, clock, gid)
    # An order, its line, its fulfillment order and the line of that.
    assert (status["status"], status["objectCount"], status["rootObjectCount"]) == ("COMPLETED", "120", "30")
    lines = await lines_of(asking, status["url"])
    seen: set[str] = set()
    early = 0
    for line in lines:
        seen.add(line["id"])
        early += line.get("__parentId", line["id"]) not in seen
    assert len(seen) == 120
    assert early, "children may come before their parents"
    parents = {line.get("__parentId") for line in lines} - {None}
    assert parents <= seen


async def test_grouped_objects_follow_their_parents(asking: Asking, clock: WorldClock) -> None:
    gid = (await run(asking, grouped=True))["bulkOperation"]["id"]
    lines = await lines_of(asking, (await ended(asking, clock, gid))["url"])
    assert ["/Order/" in line["id"] for line in lines] == [True, False, False, False] * 30


async def test_five_at_once_and_no_more(asking: Asking, clock: WorldClock) -> None:
    gids = [(await run(asking))["bulkOperation"]["id"] for _ in range(5)]
    sixth = await run(asking)
    assert sixth["userErrors"][0]["code"] == "OPERATION_IN_PROGRESS"
    await ended(asking, clock, gids[0])
    assert (await run(asking))["userErrors"] == []


async def test_nothing_found_has_no_file_and_a_file_is_kept_for_seven_days(
    asking: Asking, clock: WorldClock
) -> None:
    nothing = '{ orders(query: "id:1") { edges { node { id } } } }'
    empty = await ended(asking, clock, (await run(asking, nothing))["bulkOperation"]["id"])
    assert (empty["status"], empty["url"], empty["objectCount"]) == ("COMPLETED", None, "0")
    gid = (await run(asking))["bulkOperation"]["id"]
    url = (await ended(asking, clock, gid))["url"]
    clock.advance(7 * 86_400)
    assert (await asking.data(STATUS, id=gid))["bulkOperation"]["status"] == "EXPIRED"
    async with asking.session.get(url) as response:
        assert response.status == 404


async def test_a_failed_one_leaves_a_part(asking: Asking, shop: FakeShopify, clock: WorldClock) -> None:
    shop.bulk.fail_next("TIMEOUT", after_objects=17)
    status = await ended(asking, clock, (await run(asking))["bulkOperation"]["id"])
    assert (status["status"], status["errorCode"], status["url"]) == ("FAILED", "TIMEOUT", None)
    assert len(await lines_of(asking, status["partialDataUrl"])) == 17


async def test_an_app_without_the_scope_learns_it_when_it_has_run(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    shop.scopes = {"read_locations"}
    status = await ended(asking, clock, (await run(asking))["bulkOperation"]["id"])
    assert (status["status"], status["errorCode"], status["partialDataUrl"]) == (
        "FAILED",
        "ACCESS_DENIED",
        None,
    )


async def test_a_running_one_can_be_cancelled_and_then_not_again(asking: Asking, clock: WorldClock) -> None:
    gid = (await run(asking))["bulkOperation"]["id"]
    first = await asking.do("bulkOperationCancel", "bulkOperation { status }", id=("ID!", gid))
    assert first["bulkOperation"]["status"] == "CANCELING"
    assert (await ended(asking, clock, gid))["status"] == "CANCELED"
    second = await asking.do("bulkOperationCancel", "bulkOperation { status }", id=("ID!", gid))
    assert second["userErrors"][0]["message"] == "A bulk operation cannot be canceled when it is canceled"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{ shop { id } }", "at least one connection"),
        ('{ nodes(ids: ["x"]) { id } }', "exactly one top-level field"),
        ("{ nonsense }", "Invalid bulk query"),
        (
            "{ orders { nodes { id fulfillmentOrders { nodes { id fulfillments { nodes { id "
            "events { nodes { id } } } } } } } } }",
            "nesting depth",
        ),
        (
            "{ orders { nodes { id a: lineItems { nodes { id } } b: lineItems { nodes { id } } "
            "c: shippingLines { nodes { id } } d: returns { nodes { id } } "
            "e: fulfillmentOrders { nodes { id } } } } }",
            "more than 5 connections",
        ),
        (
            "{ orders { nodes { id fulfillments(first: 5) { id events { nodes { id } } } } } }",
            "within a list field",
        ),
    ],
)
async def test_illegal_queries_are_refused(asking: Asking, query: str, words: str) -> None:
    refused = await run(asking, query)
    assert refused["bulkOperation"] is None
    assert words in refused["userErrors"][0]["message"]
    assert refused["userErrors"][0]["code"] == "INVALID"


async def test_its_end_is_told(asking: Asking, shop: FakeShopify, clock: WorldClock) -> None:
    told: list[Any] = []
    shop.announce = told.extend
    gid = (await run(asking))["bulkOperation"]["id"]
    await ended(asking, clock, gid)
    [(topic, payload)] = told
    assert topic == "BULK_OPERATIONS_FINISH"
    assert (payload["admin_graphql_api_id"], payload["status"], payload["type"]) == (
        gid,
        "completed",
        "query",
    )
