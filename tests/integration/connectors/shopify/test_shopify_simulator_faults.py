"""What goes wrong at the simulated shop, on order and by chance, over HTTP; and what it costs to ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from email.utils import parsedate_to_datetime

import aiohttp
import pytest

from simulator.clock import WorldClock
from simulator.stores.shopify import FakeShopify, Fault
from tests.integration.connectors.shopify.conftest import ANA, HOME, TEA, Serve
from tests.integration.connectors.shopify.simulator_asking import TOKEN, Asking

SHOP = "{ shop { id } }"
PROGRESS = """mutation($id: ID!) { fulfillmentOrderReportProgress(id: $id) { userErrors { message } } }"""


@pytest.fixture
async def asking(shop: FakeShopify, serve: Serve, clock: WorldClock) -> AsyncIterator[Asking]:
    shop.place_order(ANA, HOME, [TEA])
    clock.advance(5)
    shop.settle(clock.now())
    async with aiohttp.ClientSession() as session:
        yield Asking(await serve(shop.app, date=False), session)


@pytest.mark.parametrize(
    ("fault", "trouble", "is_done"),
    [
        (Fault.CUT_BEFORE, aiohttp.ServerDisconnectedError, False),
        (Fault.CUT_AFTER, aiohttp.ServerDisconnectedError, True),
        (Fault.HALF_BODY, aiohttp.ClientPayloadError, True),
        (Fault.NO_ANSWER, TimeoutError, False),
        (Fault.LOST_ANSWER, TimeoutError, True),
    ],
)
async def test_an_answer_can_be_lost_before_or_after_the_deed(
    asking: Asking, shop: FakeShopify, fault: Fault, trouble: type[Exception], is_done: bool
) -> None:
    [unit] = shop.orders[0].units
    shop.fail_next(fault)
    with pytest.raises(trouble):
        await asyncio.wait_for(asking.data(PROGRESS, id=unit.gid), 0.5)
    assert (unit.status == "IN_PROGRESS") is is_done
    assert shop.faults.met[fault] == 1
    assert "errors" not in await asking.whole(SHOP)


async def test_a_shop_can_be_gone_for_a_while(asking: Asking, shop: FakeShopify, clock: WorldClock) -> None:
    shop.go_down(4 * 3600)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await asking.whole(SHOP)
    clock.advance(4 * 3600)
    assert "errors" not in await asking.whole(SHOP)


async def test_chances_are_met_as_often_as_they_say_and_the_same_for_a_seed(
    asking: Asking, shop: FakeShopify
) -> None:
    shop.faults.chances = {Fault.INTERNAL_ERROR: 0.25, Fault.EMPTY_OBJECT: 0.25}
    answers = [await asking.whole(SHOP) for _ in range(80)]
    assert sum("data" in answer for answer in answers) == 80 - sum(shop.faults.met.values())
    assert 10 <= shop.faults.met[Fault.INTERNAL_ERROR] <= 30
    assert 10 <= shop.faults.met[Fault.EMPTY_OBJECT] <= 30


async def test_partial_data_comes_with_access_denied_for_once(asking: Asking, shop: FakeShopify) -> None:
    text = "{ orders(first: 1) { nodes { name email } } }"
    shop.fail_next(Fault.PARTIAL_DATA)
    partial = await asking.whole(text)
    assert partial["data"]["orders"]["nodes"] == [{"name": "#1001", "email": None}]
    assert partial["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert "errors" not in await asking.whole(text)


async def test_a_retired_version_is_served_by_the_oldest(asking: Asking, shop: FakeShopify) -> None:
    for asked, served in (("2026-10", "2026-10"), ("2026-07", "2026-07"), ("2025-01", "2026-01")):
        _, headers, _ = await asking.raw(SHOP, asked)
        assert headers["x-shopify-api-version"] == served
    shop.retired_versions = ("2026-01", "2026-04")
    _, headers, _ = await asking.raw(SHOP, "2026-01")
    assert headers["x-shopify-api-version"] == "2026-07"


async def test_the_shops_clock_can_be_wrong_in_what_it_writes_and_in_its_header(
    asking: Asking, shop: FakeShopify, clock: WorldClock
) -> None:
    shop.clock_offset_s = 900
    shop.edit_address(shop.orders[0].gid, HOME)
    _, headers, answer = await asking.raw("{ orders(first: 1) { nodes { updatedAt } } }")
    [order] = answer["data"]["orders"]["nodes"]
    assert (datetime.fromisoformat(order["updatedAt"]) - clock.now()).total_seconds() == 900
    off = parsedate_to_datetime(headers["date"]) - datetime.now(parsedate_to_datetime(headers["date"]).tzinfo)
    assert 800 < off.total_seconds() < 1000


async def test_points_are_reserved_given_back_and_counted(asking: Asking, shop: FakeShopify) -> None:
    # 2 + floor(2 ln 250) * (1 + 1) = 24 asked for, and 2 + 1 * 2 = 4 for the one order that there is.
    text = "{ orders(first: 250) { nodes { shippingAddress { zip } } } }"
    cost = (await asking.whole(text))["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (24, 4)
    assert cost["throttleStatus"] == {
        "maximumAvailable": 2000.0,
        "currentlyAvailable": 1996,
        "restoreRate": 100.0,
    }
    shop.bucket.drain()
    throttled = await asking.whole(text)
    assert throttled["errors"] == [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    assert throttled["extensions"]["cost"]["actualQueryCost"] is None
    assert (shop.bucket.throttled, shop.bucket.points_spent, shop.requests) == (1, 4, 2)


@pytest.mark.parametrize(
    ("plan", "rate"), [("Basic", 100), ("Advanced", 200), ("Plus", 1000), ("Enterprise", 2000)]
)
async def test_a_plan_has_its_rate_and_twenty_seconds_worth_of_it(
    asking: Asking, shop: FakeShopify, plan: str, rate: int
) -> None:
    shop.set_plan(plan)
    throttle = (await asking.whole(SHOP))["extensions"]["cost"]["throttleStatus"]
    assert (throttle["maximumAvailable"], throttle["restoreRate"]) == (20 * rate, rate)


async def test_a_list_of_more_than_250_is_refused(asking: Asking) -> None:
    answer = await asking.whole("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["x"] * 251)
    assert answer["errors"][0]["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"


async def test_a_revoked_token_is_told_in_shopifys_words(asking: Asking, shop: FakeShopify) -> None:
    assert asking.token == TOKEN
    shop.revoke_token()
    status, _, answer = await asking.raw(SHOP)
    assert status == 401
    assert answer["errors"].startswith("[API] Invalid API key or access token")
