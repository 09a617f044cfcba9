"""Tours that orders went into one by one are made better once nobody asks for anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from doorstep.delivery import Delivery
from doorstep.driver import Driver
from doorstep.events import DeliveryBooked
from doorstep.ports import RouteDesk
from doorstep.route import Route, RouteStatus
from doorstep.route_change import ToldRoutes
from gateway.flow.planning.changes.insert import insert_booked
from gateway.flow.planning.changes.move import StopMove, move_stop
from gateway.flow.planning.plans.improve import AGAIN_AFTER, QUIET, S_PER_DOOR, improve_due
from gateway.flow.ports import Means
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.planned import at_the_desk, on, planned, rule, shop_with_vans, tours
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import drive, east, north, order_to, put_tour, tour_of


@dataclass
class Awkward:
    """Ann's tour as orders may have left it: out to the farthest door, back, and out again."""

    stage: Stage
    means: Means
    ann: Driver
    doors: Sequence[Delivery]
    told: Route

    async def improved(self) -> Route:
        """Her tour after a look at whether it is time."""
        await improve_due(self.means, MERCHANT_ID)
        return await tour_of(self.stage, self.told)


@pytest.fixture
async def awkward(stage: Stage) -> Awkward:
    """Its last order has gone in just now, two hours before the tour leaves."""
    (ann,) = await shop_with_vans(stage)
    near, far, middle, farther = await order_to(
        stage, a=north(1000), b=north(9000), c=north(2000), d=north(8000)
    )
    doors = [far, near, farther, middle]
    told = await _changed_now(stage, await put_tour(stage, ann, doors))
    return Awkward(stage, at_the_desk(stage), ann, doors, told)


async def _changed_now(stage: Stage, route: Route, **changes: Any) -> Route:
    now = stage.clock.now()
    leaves = {"starts_at": now + timedelta(hours=2), "ends_at": now + timedelta(hours=4)}
    changed = replace(route, **{**leaves, "changed_at": now, **changes})
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(changed)
    return changed


async def test_an_awkward_tour_is_made_better_and_told_once_it_is_quiet(awkward: Awkward) -> None:
    stage = awkward.stage
    assert await awkward.improved() == awkward.told, "another order may come any moment"
    stage.clock.advance(seconds=QUIET.total_seconds())
    stage.told.clear()
    better = await awkward.improved()
    assert better.version == awkward.told.version + 1
    assert set(on(better)) == set(on(awkward.told))
    assert better.distance_m < 27_000, "nine kilometres out and back on roads that wind"
    assert ("route", better.id) in [(news.topic, news.entity_id) for news in stage.told]
    assert {(await stage.kept(door.id)).driver_id for door in awkward.doors} == {awkward.ann.id}


async def test_what_is_as_good_as_it_gets_is_looked_at_once_and_nobody_is_told(awkward: Awkward) -> None:
    looked: list[float] = []
    awkward.means = replace(awkward.means, desk=_Counting(awkward.means.desk, looked))
    awkward.stage.clock.advance(minutes=2)
    better = await awkward.improved()
    for _ in range(4):
        awkward.stage.clock.advance(seconds=AGAIN_AFTER.total_seconds() + 60)
        assert await awkward.improved() == better
    assert len(looked) == 2, "once more for what it has told itself, and never again"


async def test_drivers_are_not_told_something_else_every_minute(awkward: Awkward) -> None:
    awkward.stage.clock.advance(minutes=2)
    better = await awkward.improved()
    worse = await _changed_now(awkward.stage, replace(awkward.told, version=better.version))
    awkward.stage.clock.advance(minutes=2)
    assert await awkward.improved() == worse
    awkward.stage.clock.advance(seconds=AGAIN_AFTER.total_seconds())
    assert (await awkward.improved()).version == worse.version + 1


async def test_where_its_merchant_does_not_want_it_nothing_happens(awkward: Awkward) -> None:
    awkward.stage.clock.advance(minutes=2)
    await rule(awkward.stage, improves=False)
    assert await awkward.improved() == awkward.told
    await rule(awkward.stage)
    assert await awkward.improved() != awkward.told


async def test_while_a_person_looks_at_a_plan_nothing_happens(awkward: Awkward) -> None:
    await order_to(awkward.stage, e=east(1000))
    await planned(awkward.stage, is_published_at_once=False)
    awkward.stage.clock.advance(minutes=2)
    assert await awkward.improved() == awkward.told


async def test_what_a_person_has_arranged_stays_as_it_is(awkward: Awkward) -> None:
    move = StopMove(awkward.told.stops[1].id, awkward.told.id, 1)
    version = awkward.told.version
    await move_stop(
        awkward.means, MERCHANT_ID, move, expected_version=version, accepts_soft=True, locks=False
    )
    arranged = await tour_of(awkward.stage, awkward.told)
    assert arranged.version == version + 1
    awkward.stage.clock.advance(minutes=2)
    assert await awkward.improved() == arranged


async def test_an_order_that_goes_into_a_tour_has_its_neighbours_looked_at_later(stage: Stage) -> None:
    ann, _ = await shop_with_vans(stage, "Ann", "Bob")
    doors = await order_to(stage, a=north(9000), b=north(1000), c=north(8000))
    told = await put_tour(stage, ann, doors)
    told = await _changed_now(stage, told, changed_at=None)
    means, looked = at_the_desk(stage), list[float]()
    means = replace(means, desk=_Counting(means.desk, looked))
    stage.clock.advance(minutes=2)
    await improve_due(means, MERCHANT_ID)
    assert await tour_of(stage, told) == told, "nobody has put anything in since it was planned"

    (new,) = await order_to(stage, d=north(2000))
    assert new.active_leg is not None
    await insert_booked(DeliveryBooked(MERCHANT_ID, new.id, new.active_leg.id), means)
    placed = await tour_of(stage, told)
    assert new.id in on(placed)
    assert placed.changed_at == stage.clock.now()
    stage.clock.advance(minutes=2)
    await improve_due(means, MERCHANT_ID)
    assert looked == [S_PER_DOOR * 4]


async def test_what_saves_less_than_it_takes_to_tell_is_not_told(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    first, second = await order_to(stage, a=north(1000), b=north(1010))
    told = await _changed_now(stage, await put_tour(stage, ann, [second, first]))
    stage.clock.advance(minutes=2)
    await improve_due(at_the_desk(stage), MERCHANT_ID)
    assert await tour_of(stage, told) == told


async def test_the_door_that_a_van_is_on_its_way_to_comes_first(awkward: Awkward) -> None:
    stage, far = awkward.stage, awkward.doors[0]
    await _changed_now(stage, awkward.told, starts_at=stage.clock.now())
    await drive(stage, awkward.ann, SHOP, north(400))
    left = await _changed_now(stage, await tour_of(stage, awkward.told), starts_at=awkward.told.starts_at)
    assert left.status is RouteStatus.STARTED
    stage.clock.advance(minutes=2)
    better = await awkward.improved()
    assert on(better)[0] == far.id
    assert better.version == left.version + 1


async def test_a_tour_that_changes_meanwhile_is_left_and_the_others_are_told(stage: Stage) -> None:
    ann, bob = await shop_with_vans(stage, "Ann", "Bob")
    doors = await order_to(
        stage, a=north(9000), b=north(1000), c=north(8000), d=east(9000), e=east(1000), f=east(8000)
    )
    hers = await _changed_now(stage, await put_tour(stage, ann, doors[:3]))
    his = await _changed_now(stage, await put_tour(stage, bob, doors[3:]))

    async def meanwhile() -> None:
        async with stage.means.begin(MERCHANT_ID) as work:
            await work.routes.put_route(replace(hers, version=hers.version + 1))

    means = at_the_desk(stage)
    means = replace(means, desk=_Counting(means.desk, [], meanwhile))
    stage.clock.advance(minutes=2)
    await improve_due(means, MERCHANT_ID)
    after = {route.id: route for route in await tours(stage)}
    assert on(after[hers.id]) == on(hers)
    assert on(after[his.id]) != on(his)


class _Counting:
    """A desk that writes down how long tours were to be improved, and at which something happens then."""

    def __init__(self, desk: RouteDesk | None, looked: list[float], meanwhile: Any = None) -> None:
        self._desk = desk
        self._looked = looked
        self._meanwhile = meanwhile

    async def improve(self, *given: Any, budget_s: float) -> Sequence[ToldRoutes]:
        assert self._desk is not None
        self._looked.append(budget_s)
        found = await self._desk.improve(*given, budget_s=budget_s)
        if self._meanwhile is not None:
            await self._meanwhile()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)
