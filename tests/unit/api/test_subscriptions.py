"""Snapshot, checkpoint, changes; resuming; a reset where that is not possible."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentStatus
from doorstep.route import RoutePlanStatus
from gateway.api.schema import GatewaySchema
from gateway.auth.caller import Caller
from tests.unit.api import world as w
from tests.unit.api.conftest import fault
from tests.unit.api.fake_reads import GOOD_TOKEN
from tests.unit.api.fakes import House, publishable, tracking

DELIVERIES = """subscription($after: String, $filter: DeliveryFilter, $ids: [ID!]) {
  deliveryUpdated(after: $after, filter: $filter, ids: $ids) {
    cursor kind leftFilter delivery { id status } } }"""
EXCEPTIONS = """subscription { exceptionRaised { kind leftFilter exception { id status } } }"""
PLAN = """subscription($id: ID!, $after: String) { routePlanProgress(planId: $id, after: $after) {
  kind plan { status progress { fraction } } } }"""
ROUTE = """subscription($route: ID, $driver: ID, $after: String) {
  routeUpdated(routeId: $route, driverId: $driver, after: $after) {
    kind changedStopIds leftFilter route { id status } } }"""
TRACKING = """subscription($t: TrackingToken, $after: String) { trackingUpdated(token: $t, after: $after) {
  kind cursor tracking { stage status } } }"""


class Watch:
    """A subscription that a test reads one message at a time."""

    def __init__(self, source: AsyncGenerator[Any]) -> None:
        self.source = source

    async def next(self) -> dict[str, Any]:
        result = await asyncio.wait_for(anext(self.source), 5)
        assert result.errors is None, result.errors
        (told,) = result.data.values()
        return dict(told)

    async def kinds(self, count: int) -> list[str]:
        return [(await self.next())["kind"] for _ in range(count)]


async def _watch(
    schema: GatewaySchema, house: House, document: str, caller: Caller | None = None, **variables: Any
) -> aclosing[Any]:
    context = house.context(caller)
    return aclosing(await schema.stream(document, variables, context))


async def test_a_new_watcher_gets_the_state_now_then_a_checkpoint_then_changes(
    schema: GatewaySchema, house: House
) -> None:
    house.reads.things["deliveries"] = {w.delivery(n).id: w.delivery(n) for n in (1, 2)}
    async with await _watch(schema, house, DELIVERIES) as source:
        watch = Watch(source)
        assert await watch.kinds(3) == ["SNAPSHOT", "SNAPSHOT", "CHECKPOINT"]
        house.reads.things["deliveries"][w.DELIVERY.id] = replace(w.DELIVERY, status=DeliveryStatus.DELIVERED)
        house.live.tell("deliveries", w.DELIVERY.id)
        change = await watch.next()
        assert change == {
            "cursor": "1",
            "kind": "CHANGE",
            "leftFilter": False,
            "delivery": {"id": w.DELIVERY.id, "status": "DELIVERED"},
        }
    assert house.live.feeds == {}


async def test_what_changes_while_the_snapshot_is_read_is_not_lost(
    schema: GatewaySchema, house: House
) -> None:
    async with await _watch(schema, house, DELIVERIES) as source:
        watch = Watch(source)
        assert (await watch.next())["kind"] == "SNAPSHOT"
        house.live.tell("deliveries", w.DELIVERY.id)
        assert await watch.kinds(2) == ["CHECKPOINT", "CHANGE"]


async def test_a_watcher_that_comes_back_gets_what_it_missed_and_no_snapshot(
    schema: GatewaySchema, house: House
) -> None:
    for _ in range(3):
        house.live.tell("deliveries", w.DELIVERY.id)
    async with await _watch(schema, house, DELIVERIES, after="1") as source:
        watch = Watch(source)
        assert [(await watch.next())["cursor"] for _ in range(2)] == ["2", "3"]


async def test_a_watcher_that_comes_back_too_late_is_told_to_forget_and_gets_a_snapshot(
    schema: GatewaySchema, house: House
) -> None:
    async with await _watch(schema, house, DELIVERIES, after="lost") as source:
        assert await Watch(source).kinds(3) == ["RESET", "SNAPSHOT", "CHECKPOINT"]


async def test_a_delivery_that_no_longer_matches_says_that_it_left(
    schema: GatewaySchema, house: House
) -> None:
    wanted = {"status": ["OUT_FOR_DELIVERY"]}
    async with await _watch(schema, house, DELIVERIES, filter=wanted) as source:
        watch = Watch(source)
        assert await watch.kinds(2) == ["SNAPSHOT", "CHECKPOINT"]
        house.reads.things["deliveries"][w.DELIVERY.id] = replace(w.DELIVERY, status=DeliveryStatus.DELIVERED)
        house.live.tell("deliveries", w.DELIVERY.id)
        left = await watch.next()
        assert (left["leftFilter"], left["delivery"]["id"]) == (True, w.DELIVERY.id)


async def test_named_deliveries_are_watched_on_their_own_topics(schema: GatewaySchema, house: House) -> None:
    async with await _watch(schema, house, DELIVERIES, ids=[w.DELIVERY.id]) as source:
        await Watch(source).kinds(2)
        assert list(house.live.feeds.values()) == [{f"delivery:{w.DELIVERY.id}"}]


async def test_a_resolved_exception_leaves_the_queue(schema: GatewaySchema, house: House) -> None:
    async with await _watch(schema, house, EXCEPTIONS) as source:
        watch = Watch(source)
        assert await watch.kinds(2) == ["SNAPSHOT", "CHECKPOINT"]
        over = replace(w.incident(), status=IncidentStatus.RESOLVED)
        house.reads.things["incidents"][over.id] = over
        house.live.tell("exceptions", over.id)
        told = await watch.next()
        assert (told["leftFilter"], told["exception"]["status"]) == (True, "RESOLVED")


async def test_progress_of_a_plan_ends_by_itself_when_it_is_ready(
    schema: GatewaySchema, house: House
) -> None:
    async with await _watch(schema, house, PLAN, id=w.PLAN.id) as source:
        watch = Watch(source)
        assert await watch.kinds(2) == ["SNAPSHOT", "CHECKPOINT"]
        house.reads.things["route_plans"][w.PLAN.id] = replace(w.PLAN, status=RoutePlanStatus.READY)
        house.live.tell(f"plan:{w.PLAN.id}", w.PLAN.id)
        assert (await watch.next())["plan"]["status"] == "READY"
        with pytest.raises(StopAsyncIteration):
            await watch.next()
    assert house.live.feeds == {}


@pytest.mark.parametrize("after", [None, "0"])
async def test_a_plan_that_is_over_is_shown_once_and_ends(
    schema: GatewaySchema, house: House, after: str | None
) -> None:
    house.reads.things["route_plans"][w.PLAN.id] = replace(w.PLAN, status=RoutePlanStatus.FAILED)
    async with await _watch(schema, house, PLAN, id=w.PLAN.id, after=after) as source:
        kinds = [result.data["routePlanProgress"]["kind"] async for result in source]
    assert kinds == (["SNAPSHOT", "CHECKPOINT"] if after is None else ["CHANGE"])


async def test_a_plan_that_does_not_exist_is_not_found(schema: GatewaySchema, house: House) -> None:
    async with await _watch(schema, house, PLAN, id=w.id_of("pla", 9)) as source:
        assert fault(await anext(source))["code"] == "NOT_FOUND"


async def test_a_tour_is_followed_with_the_stops_that_changed(schema: GatewaySchema, house: House) -> None:
    async with await _watch(schema, house, ROUTE, route=w.ROUTE.id) as source:
        watch = Watch(source)
        first = await watch.next()
        assert (first["kind"], first["changedStopIds"]) == ("SNAPSHOT", [])
        assert (await watch.next())["route"] is None
        assert list(house.live.feeds.values()) == [{f"route:{w.ROUTE.id}"}]
        new = replace(w.STOP, id=w.id_of("stp", 2), sequence=2)
        house.reads.things["routes"][w.ROUTE.id] = replace(w.ROUTE, stops=(w.STOP, new))
        house.live.tell(f"route:{w.ROUTE.id}", w.ROUTE.id)
        assert (await watch.next())["changedStopIds"] == [new.id]


@pytest.mark.parametrize("after", [None, "0"])
async def test_a_driver_is_told_tours_that_come_and_go_and_nothing_of_others(
    schema: GatewaySchema, house: House, after: str | None
) -> None:
    others = replace(w.ROUTE, id=w.id_of("rte", 2), driver_id=w.id_of("drv", 2))
    house.reads.things["routes"] = {others.id: others}
    async with await _watch(schema, house, ROUTE, driver=w.DRIVER.id, after=after) as source:
        watch = Watch(source)
        if after is None:
            assert await watch.kinds(1) == ["CHECKPOINT"]
        for driver_id in (w.DRIVER.id, others.driver_id):
            house.reads.things["routes"][others.id] = replace(others, driver_id=driver_id)
            house.live.tell(f"tours:{w.DRIVER.id}", others.id)
            told = await watch.next()
            assert (told["route"]["id"], told["leftFilter"]) == (others.id, driver_id != w.DRIVER.id)
        house.live.tell(f"tours:{w.DRIVER.id}", others.id)
        house.reads.things["routes"][w.ROUTE.id] = w.ROUTE
        house.live.tell(f"tours:{w.DRIVER.id}", w.ROUTE.id)
        assert (await watch.next())["route"]["id"] == w.ROUTE.id, "of what is another's nothing is told"


async def test_who_watches_tours_says_which(schema: GatewaySchema, house: House) -> None:
    async with await _watch(schema, house, ROUTE) as source:
        assert fault(await anext(source))["code"] == "INVALID_INPUT"


async def test_a_shopper_follows_the_delivery_of_the_token_alone(schema: GatewaySchema, house: House) -> None:
    async with await _watch(schema, house, TRACKING, tracking()) as source:
        watch = Watch(source)
        first = await watch.next()
        assert first["tracking"] == {"stage": "ON_THE_WAY", "status": "OUT_FOR_DELIVERY"}
        assert (await watch.next())["kind"] == "CHECKPOINT"
        house.reads.things["deliveries"][w.DELIVERY.id] = replace(
            w.DELIVERY, status=DeliveryStatus.AT_DROPOFF
        )
        house.live.tell(f"delivery:{w.DELIVERY.id}", w.DELIVERY.id)
        assert (await watch.next())["tracking"]["stage"] == "NEARBY"


async def test_a_tracking_token_that_ends_meanwhile_shows_nothing_more(
    schema: GatewaySchema, house: House
) -> None:
    async with await _watch(schema, house, TRACKING, publishable(), t=GOOD_TOKEN) as source:
        await Watch(source).kinds(2)
        house.clock.at = w.NOW + timedelta(days=30)
        house.live.tell(f"delivery:{w.DELIVERY.id}", w.DELIVERY.id)
        assert fault(await anext(source))["code"] == "TOKEN_EXPIRED"


async def test_a_bad_tracking_token_is_refused_before_anything_is_watched(
    schema: GatewaySchema, house: House
) -> None:
    async with await _watch(schema, house, TRACKING, publishable(), t="stolen") as source:
        assert fault(await anext(source))["code"] == "TOKEN_INVALID"
    assert house.live.entered == 0


async def test_positions_are_gathered_and_only_the_newest_of_each_driver_is_told(
    schema: GatewaySchema, house: House
) -> None:
    document = """subscription { driverMoved(everySeconds: 0.2) { kind moved { status nextStopId
      driver { name } position { location { latitude } } } } }"""
    async with await _watch(schema, house, document) as source:
        watch = Watch(source)
        first = await watch.next()
        assert first["moved"][0]["driver"] == {"name": "Kim"}
        assert (await watch.next())["kind"] == "CHECKPOINT"
        for _ in range(5):
            house.live.tell("drivers", w.DRIVER.id)
        told = await watch.next()
        assert (told["kind"], len(told["moved"])) == ("CHANGE", 1)
        assert told["moved"][0]["nextStopId"] == w.STOP.id


async def test_every_event_reads_anew_and_its_cost_is_told_once(schema: GatewaySchema, house: House) -> None:
    async with await _watch(schema, house, DELIVERIES) as source:
        first = await anext(source)
        assert first.extensions["cost"]["requested"] > 0
        second = await anext(source)
        assert not second.extensions
        for _ in range(2):
            house.live.tell("deliveries", w.DELIVERY.id)
            await anext(source)
    assert house.reads.calls["deliveries"] == 2


async def test_a_snapshot_is_read_page_by_page_up_to_what_was_asked(
    schema: GatewaySchema, house: House
) -> None:
    house.reads.things["deliveries"] = {w.delivery(n).id: w.delivery(n) for n in range(1, 400)}
    document = "subscription { deliveryUpdated(snapshot: 300) { kind delivery { id } } }"
    async with await _watch(schema, house, document) as source:
        kinds = await Watch(source).kinds(301)
    assert kinds == ["SNAPSHOT"] * 300 + ["CHECKPOINT"]
    assert house.reads.calls["find_deliveries"] == 2
