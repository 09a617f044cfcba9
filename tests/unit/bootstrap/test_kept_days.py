"""Days in memory: as long as they are the same day on the same roads, and as many as there is room for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.geo import LatLng
from doorstep.road import RoadRoute, RoadTable
from doorstep.route_problem import GivenRoute, RouteProblem
from gateway.bootstrap.kept_days import BYTES_PER_DRIVE, KeptDays
from tests.unit.optimizer.routes.by_hand import day, van, visit
from tests.unit.optimizer.routes.town import FlatRoads


class CountedRoads:
    """The flat town; how many drives it was asked for, and which speeds hold."""

    def __init__(self) -> None:
        self.asked = 0
        self.edition = "as built"

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        self.asked += len(origins) * len(destinations)
        return await FlatRoads().table(origins, destinations)

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        return await FlatRoads().route(stops)

    async def close(self) -> None: ...


def _today(*names: str) -> RouteProblem:
    """Doors up the road in the order of their names, all on one tour; the depot and they are the places."""
    doors = [visit(name, 3 + 3 * ord(name[0]) - 3 * ord("a"), weight_g=100) for name in names]
    return day(doors, van(), given=(GivenRoute("one", names),))


async def test_a_day_goes_on_and_only_new_places_are_asked_for() -> None:
    days, roads = KeptDays(), CountedRoads()
    async with days.day("today", _today("a", "b"), roads) as first:
        assert roads.asked == 9
    later = replace(_today("a", "b", "c"), epoch=_today().epoch + timedelta(seconds=30))
    async with days.day("today", later, roads) as second:
        assert second is first
        assert second.problem.given == later.given
    # From the new place to all four, and from the old three back.
    assert roads.asked == 9 + 4 + 3
    assert (days.figures.same, days.figures.made) == (1, 1)


async def test_another_day_is_made_anew_from_the_roads_that_are_known() -> None:
    days, roads = KeptDays(), CountedRoads()
    async with days.day("today", _today("a", "b"), roads) as first:
        pass
    other = replace(_today("a", "b"), cost_per_km_minor=99)
    async with days.day("today", other, roads) as second:
        assert second is not first
        assert second.problem.cost_per_km_minor == 99
    assert roads.asked == 9


async def test_other_speeds_are_asked_for_anew() -> None:
    days, roads = KeptDays(), CountedRoads()
    async with days.day("today", _today("a"), roads) as first:
        pass
    roads.edition = "rush hour"
    async with days.day("today", _today("a"), roads) as second:
        assert second is not first
    assert roads.asked == 8
    async with days.day("today", _today("a"), CountedRoads()) as third:
        assert third is not second, "other roads"


async def test_what_failed_half_way_is_not_kept() -> None:
    days, roads = KeptDays(), CountedRoads()

    async def fail() -> None:
        async with days.day("today", _today("a"), roads):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert len(days) == 0
    async with days.day("today", _today("a"), roads):
        pass
    assert days.figures.made == 2


async def test_a_day_that_knows_what_is_to_be_put_in_is_made_anew() -> None:
    days, roads = KeptDays(), CountedRoads()
    async with days.day("today", _today("a", "b"), roads):
        pass
    async with days.day("today", _today("a"), roads, new="b") as second:
        assert not second.knows("b")


async def test_one_caller_at_a_time_and_each_finds_what_the_one_before_left() -> None:
    days, roads = KeptDays(), CountedRoads()
    inside: list[str] = []

    async def ask(name: str) -> None:
        async with days.day("today", _today("a"), roads):
            inside.append(name)
            await asyncio.sleep(0)
            assert inside.pop() == name

    await asyncio.gather(*(ask(str(number)) for number in range(5)))
    assert (days.figures.made, days.figures.same) == (1, 4)


async def test_the_day_used_longest_ago_makes_room_and_one_too_large_costs_no_other_its_place() -> None:
    days, roads = KeptDays(2 * BYTES_PER_DRIVE * 4), CountedRoads()
    for name in ("monday", "tuesday", "monday", "wednesday", "monday"):
        async with days.day(name, _today("a"), roads):
            pass
    # Two places each: two days fit. Tuesday went.
    assert (len(days), days.figures.made, days.figures.same) == (2, 3, 2)
    async with days.day("friday", _today("a", "b", "c", "d"), roads):
        pass
    assert len(days) == 2
    async with days.day("monday", _today("a"), roads):
        pass
    assert days.figures.same == 3


async def test_small_days_are_counted_too() -> None:
    days = KeptDays(most_days=2)
    for name in ("monday", "tuesday", "wednesday"):
        async with days.day(name, _today("a"), FlatRoads()):
            pass
    assert len(days) == 2


async def test_a_day_that_nobody_asks_for_any_more_is_forgotten() -> None:
    now = [0.0]
    days = KeptDays(kept_for_s=60, now_s=lambda: now[0])
    for at, name, left in ((0, "monday", 1), (30, "tuesday", 2), (61, "tuesday", 1)):
        now[0] = float(at)
        async with days.day(name, _today("a"), FlatRoads()):
            pass
        assert len(days) == left


class SlowRoads(CountedRoads):
    """Nobody is told a way before `may_answer`, and nobody ever where they are `broken`."""

    def __init__(self, *, broken: bool = False) -> None:
        super().__init__()
        self.may_answer = asyncio.Event()
        self.broken = broken

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        await self.may_answer.wait()
        if self.broken:
            raise RuntimeError
        return await super().table(origins, destinations)


async def test_a_day_that_takes_longer_than_its_caller_has_is_made_for_the_next_one() -> None:
    days, roads = KeptDays(), SlowRoads()

    async def ask() -> None:
        async with days.day("today", _today("a"), roads):
            pass

    for _ in range(3):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask(), 0.01)
    roads.may_answer.set()
    await ask()
    # Of those who came while it was made each only waited for its turn.
    assert (days.figures.made, days.figures.same, roads.asked) == (1, 1, 4)


async def test_a_day_that_cannot_be_made_after_its_caller_went_leaves_nothing_behind() -> None:
    days, roads = KeptDays(), SlowRoads(broken=True)

    async def ask() -> None:
        async with days.day("today", _today("a"), roads):
            pass

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ask(), 0.01)
    roads.may_answer.set()
    with pytest.raises(RuntimeError):
        await asyncio.wait_for(ask(), 5)
    assert not days._kept


async def test_a_day_without_a_name_is_not_kept() -> None:
    days = KeptDays()
    async with days.day("", _today("a"), FlatRoads()):
        pass
    assert len(days) == 0
