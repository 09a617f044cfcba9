"""A driver's session sees the tours of that driver and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from doorstep.route import RouteStatus, StopStatus
from gateway.api.schema import GatewaySchema
from gateway.auth.caller import Audience, Caller
from tests.unit.api import world as w
from tests.unit.api.conftest import Run, fault
from tests.unit.api.fakes import House

BOB = w.id_of("drv", 2)
ROUTE = """query($id: ID!) { route(id: $id) { status driver { name } vehicle { kind } onTime { done }
  stops { sequence address { name phone } deliveries { id reference status promise { timeZone } } } } }"""
TOURS = """subscription($driver: ID, $route: ID) { routeUpdated(driverId: $driver, routeId: $route) {
  kind leftFilter routeId changedStopIds route { id } } }"""


def driver(driver_id: str | None = w.DRIVER.id) -> Caller:
    return Caller(Audience.DRIVER, w.MERCHANT.id, "", frozenset(), driver_id=driver_id)


async def test_a_driver_reads_the_own_tour_with_names_and_doors(run: Run) -> None:
    result = await run(ROUTE, driver(), id=w.ROUTE.id)
    assert result.data is not None, result.errors
    shown = result.data["route"]
    assert shown["driver"] == {"name": "Kim"}
    assert shown["stops"][0]["deliveries"][0]["id"] == w.DELIVERY.id
    assert shown["stops"][0]["address"]["name"]


@pytest.mark.parametrize("driver_id", [BOB, None])
async def test_anothers_tour_and_one_that_nobody_was_told_is_not_there(
    run: Run, house: House, driver_id: str | None
) -> None:
    other = await run(ROUTE, driver(driver_id), id=w.ROUTE.id)
    assert other.data == {"route": None}
    house.reads.things["routes"][w.ROUTE.id] = replace(w.ROUTE, status=RouteStatus.PLANNED)
    house.context()
    assert (await run(ROUTE, driver(), id=w.ROUTE.id)).data == {"route": None}


@pytest.mark.parametrize(
    ("status", "hours_over", "is_shown"),
    [
        (RouteStatus.PUBLISHED, 0, True),
        (RouteStatus.STARTED, 20, True),
        (RouteStatus.FINISHED, 1, True),
        (RouteStatus.FINISHED, 13, False),
        (RouteStatus.CANCELLED, 0, False),
    ],
)
async def test_a_driver_sees_a_tour_until_the_day_is_over_and_not_one_that_was_called_off(
    run: Run, house: House, status: RouteStatus, hours_over: int, is_shown: bool
) -> None:
    ended_at = house.clock.now() - timedelta(hours=hours_over)
    house.reads.things["routes"][w.ROUTE.id] = replace(w.ROUTE, status=status, ends_at=ended_at)
    result = await run(ROUTE, driver(), id=w.ROUTE.id)
    assert result.data is not None
    assert (result.data["route"] is not None) == is_shown
    for_the_desk = await run("query($id: ID!) { route(id: $id) { id } }", None, id=w.ROUTE.id)
    assert for_the_desk.data == {"route": {"id": w.ROUTE.id}}


@pytest.mark.parametrize(
    ("status", "driven_by", "is_shown"),
    [
        (StopStatus.EN_ROUTE, w.DRIVER.id, True),
        (StopStatus.DONE, w.DRIVER.id, True),
        (StopStatus.SKIPPED, w.DRIVER.id, False),
        (StopStatus.FAILED, BOB, False),
        (StopStatus.FAILED, None, False),
    ],
)
async def test_a_driver_does_not_see_who_waits_for_what_another_brings_by_now(
    run: Run, house: House, status: StopStatus, driven_by: str | None, is_shown: bool
) -> None:
    things = house.reads.things
    things["routes"][w.ROUTE.id] = replace(w.ROUTE, stops=(replace(w.STOP, status=status),))
    things["deliveries"][w.DELIVERY.id] = replace(w.DELIVERY, driver_id=driven_by)
    document = f'''{{ route(id: "{w.ROUTE.id}") {{ stops {{ status address {{ name }} eta {{ at }}
      requirements deliveries {{ id }} }} }} }}'''
    result = await run(document, driver())
    assert result.data is not None, result.errors
    (stop,) = result.data["route"]["stops"]
    shown = (stop["address"] is not None, stop["eta"] is not None, bool(stop["deliveries"]))
    assert shown == (is_shown, is_shown, is_shown)
    of_the_desk = await run(document, None)
    assert of_the_desk.data is not None
    assert of_the_desk.data["route"]["stops"][0]["deliveries"] == [{"id": w.DELIVERY.id}]


@pytest.mark.parametrize(
    "field",
    [
        "cost { amount }", "plan { id }", "stops { assignment { text } }",
        "driver { costs { fixedCost { amount } } }", "stops { deliveries { lateRisk } }",
        "stops { deliveries { legs { id } } }",
    ],
)  # fmt: skip
async def test_what_is_the_merchants_own_business_is_closed_to_drivers(run: Run, field: str) -> None:
    result = await run(f'{{ route(id: "{w.ROUTE.id}") {{ {field} }} }}', driver())
    assert fault(result)["code"] == "FORBIDDEN"


async def test_a_driver_follows_the_own_tours_and_sees_no_stop_of_one_that_is_given_away(
    schema: GatewaySchema, house: House
) -> None:
    source: AsyncGenerator[Any] = await schema.stream(TOURS, {}, house.context(driver()))
    async with aclosing(source):

        async def told() -> dict[str, object]:
            result = await asyncio.wait_for(anext(source), 5)
            assert result.errors is None, result.errors
            return dict(result.data["routeUpdated"])

        assert ((await told())["routeId"], (await told())["kind"]) == (w.ROUTE.id, "CHECKPOINT")
        house.reads.things["routes"][w.ROUTE.id] = replace(w.ROUTE, driver_id=BOB, stops=())
        house.live.tell(f"tours:{w.DRIVER.id}", w.ROUTE.id)
        assert await told() == {
            "kind": "CHANGE",
            "leftFilter": True,
            "routeId": w.ROUTE.id,
            "changedStopIds": [],
            "route": None,
        }


async def test_a_phone_that_comes_back_hears_nothing_of_the_tours_of_colleagues(
    schema: GatewaySchema, house: House
) -> None:
    others = replace(w.ROUTE, id=w.id_of("rte", 2), driver_id=BOB)
    house.reads.things["routes"][others.id] = others
    house.live.tell(f"tours:{BOB}", others.id)
    house.live.tell(f"tours:{w.DRIVER.id}", w.ROUTE.id)
    document = 'subscription { routeUpdated(after: "0") { routeId leftFilter } }'
    source: AsyncGenerator[Any] = await schema.stream(document, {}, house.context(driver()))
    async with aclosing(source):
        result = await asyncio.wait_for(anext(source), 5)
        assert result.data == {"routeUpdated": {"routeId": w.ROUTE.id, "leftFilter": False}}


@pytest.mark.parametrize(
    ("driver_id", "asked"),
    [
        (w.DRIVER.id, {"driver": BOB}),
        (BOB, {"route": w.ROUTE.id}),
        (None, {}),
        (None, {"driver": w.DRIVER.id}),
    ],
)
async def test_nobody_follows_the_tours_of_others(
    schema: GatewaySchema, house: House, driver_id: str | None, asked: dict[str, str]
) -> None:
    async with aclosing(await schema.stream(TOURS, asked, house.context(driver(driver_id)))) as source:
        assert fault(await anext(source))["code"] == "NOT_FOUND"
