"""A day that goes on is the day that would be made anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from doorstep.route_problem import GivenRoute, RouteProblem
from doorstep.van import Van
from doorstep.visit import Visit
from doorstep.window import Window
from optimizer.live import RunningDay
from optimizer.routes.solution import UndrivableTour
from optimizer.routes.travel import places_of
from tests.unit.optimizer.live.running import roads_to, running, told
from tests.unit.optimizer.routes.by_hand import day, span, van, visit
from tests.unit.optimizer.routes.days import FEATURES, random_day
from tests.unit.optimizer.routes.town import EPOCH, place

FEW = sorted(set(FEATURES) - {"under way", "given routes", "pairs"})


def _days(seed: int) -> tuple[RouteProblem, RouteProblem, list[Visit]]:
    """A day, what it is a minute later, and visits that are on neither."""
    draw = Random(seed)
    whole = random_day(seed, visits=24, features=draw.sample(FEW, 3))
    whole = replace(whole, stability=draw.choice([0.0, 0.5]))
    first, late, asked = whole.visits[:16], whole.visits[16:20], whole.visits[20:]
    before = _unfrozen(told(replace(whole, visits=first), seed))
    vans = tuple(_later(one) if draw.random() < 0.3 else one for one in before.vans)
    stays = [one for one in first if one.id != first[3].id]
    kept = tuple(
        replace(route, visit_ids=tuple(name for name in route.visit_ids if name != first[3].id))
        for route in before.given
    )
    after = replace(whole, epoch=EPOCH + timedelta(seconds=60), visits=(*late, *stays), vans=vans, given=kept)
    return before, _unfrozen(told(after, seed + 1)), list(asked)


def _unfrozen(problem: RouteProblem) -> RouteProblem:
    return replace(problem, given=tuple(replace(route, frozen=0) for route in problem.given))


def _later(van: Van) -> Van:
    start = min(van.shift.start + timedelta(minutes=7), van.shift.end)
    return replace(van, shift=Window(start, van.shift.end))


def _moving_days(seed: int, features: Sequence[str] = FEW) -> tuple[RouteProblem, RouteProblem, list[Visit]]:
    """The same with vans that are out: they have driven on, and stand at doors."""
    draw = Random(seed)
    whole = random_day(seed, visits=24, features=("under way", *draw.sample(features, 2)))
    whole = replace(whole, stability=draw.choice([0.0, 0.5]))
    first, late, asked = whole.visits[:16], whole.visits[16:20], whole.visits[20:]
    before = told(_with_visits(whole, first), seed)
    gone = first[3].id
    stays = tuple(_begun(one) if draw.random() < 0.2 else one for one in first if one.id != gone)
    vans = tuple(_further(one, draw) if one.is_under_way else one for one in before.vans)
    after = replace(before, epoch=EPOCH + timedelta(seconds=60), vans=vans, given=_without(before, gone))
    return before, replace(after, visits=(*late, *stays)), list(asked)


def _with_visits(problem: RouteProblem, visits: tuple[Visit, ...]) -> RouteProblem:
    names = {one.id for one in visits}
    given = (
        replace(route, visit_ids=tuple(name for name in route.visit_ids if name in names), frozen=0)
        for route in problem.given
    )
    return replace(problem, visits=visits, given=tuple(given))


def _without(problem: RouteProblem, gone: str) -> tuple[GivenRoute, ...]:
    left = [(route, tuple(name for name in route.visit_ids if name != gone)) for route in problem.given]
    return tuple(
        replace(route, visit_ids=names, frozen=min(route.frozen, len(names))) for route, names in left
    )


def _begun(one: Visit) -> Visit:
    return replace(one, service_s=one.service_s // 2)


def _further(one: Van, draw: Random) -> Van:
    there = place(draw.randrange(20_000), draw.randrange(20_000))
    return replace(_later(one), start=None if one.start is None else there)


def _as_told(day: RunningDay) -> object:
    """Its routes; not all given routes of goods on board can be driven."""
    try:
        return day.solution().routes
    except UndrivableTour:
        return "undrivable"


@pytest.mark.parametrize("seed", range(40))
async def test_a_day_with_vans_that_drive_on_answers_as_one_that_is_made_anew(seed: int) -> None:
    before, after, asked = _moving_days(seed)
    kept = running(before)
    for problem in (before, after):
        fresh = running(problem)
        places = [*places_of(problem), *(one.location for one in asked)]
        assert kept.follow(problem, await roads_to(kept, *places))
        assert _as_told(kept) == _as_told(fresh)
        roads = await roads_to(fresh, *places)
        for one, other in zip(kept.quote(asked), fresh.quote(asked, roads), strict=True):
            assert (one and (one.van_id, one.cost_minor)) == (other and (other.van_id, other.cost_minor))


@pytest.mark.parametrize("seed", range(12))
async def test_what_is_told_while_vans_are_out_is_told_as_by_a_day_made_anew(seed: int) -> None:
    # What is told of a van that is out counts as on board: a day made anew sees no reload in it.
    before, _, asked = _moving_days(seed, [name for name in FEW if name != "reloads"])
    kept = running(before)
    kept.insert(asked[0], await roads_to(kept, *(one.location for one in asked)))
    kept.tell()
    fresh = running(kept.problem)
    assert _as_told(kept) == _as_told(fresh)
    places = [one.location for one in asked]
    quotes = [day.quote(asked[1:], await roads_to(day, *places)) for day in (kept, fresh)]
    for one, other in zip(*quotes, strict=True):
        assert (one and one.cost_minor) == (other and other.cost_minor)


async def test_a_van_that_drives_on_takes_no_more_room_with_each_place_that_it_is_at() -> None:
    whole = _plain()
    out = replace(whole.vans[0], is_under_way=True)
    whole = replace(whole, vans=(out, whole.vans[1]))
    kept = running(whole)
    known = len(kept.places)
    for minute in range(1, 9):
        there = replace(out, start=place(500 * minute, 0))
        whole = replace(whole, epoch=EPOCH + timedelta(minutes=minute), vans=(there, whole.vans[1]))
        assert kept.follow(whole, await roads_to(kept, *places_of(whole)))
    # Where it began is the depot, to which it comes home.
    assert len(kept.places) == known + 1
    assert kept.solution().routes == running(whole).solution().routes


@pytest.mark.parametrize("seed", range(40))
async def test_a_day_that_goes_on_answers_as_one_that_is_made_anew(seed: int) -> None:
    before, after, asked = _days(seed)
    kept, fresh = running(before), running(after)
    places = [one.location for one in (*after.visits, *asked)]

    assert kept.follow(after, await roads_to(kept, *places))

    # Whole seconds from either epoch are the same moments.
    assert kept.solution().routes == fresh.solution().routes
    assert _told(kept) == _told(fresh)
    roads = await roads_to(fresh, *places)
    for one, other in zip(kept.quote(asked), fresh.quote(asked, roads), strict=True):
        assert (one and one.cost_minor) == (other and other.cost_minor)


@pytest.mark.parametrize("seed", range(12))
async def test_what_is_told_after_an_insertion_is_told_as_by_a_day_made_anew(seed: int) -> None:
    before, _, asked = _days(seed)
    kept = running(before)
    places = [one.location for one in asked]
    roads = await roads_to(kept, *places)
    was = kept.insert(asked[0], roads)
    kept.tell()

    fresh = running(kept.problem)

    assert kept.solution().routes == fresh.solution().routes
    assert (
        asked[0].id in {name for route in kept.problem.given for name in route.visit_ids}
    ) == was.is_placed
    assert kept.solution().moved == fresh.solution().moved == 0
    for one, other in zip(
        kept.quote(asked[1:]), fresh.quote(asked[1:], await roads_to(fresh, *places)), strict=True
    ):
        assert (one and one.cost_minor) == (other and other.cost_minor)


def _told(day: RunningDay) -> dict[str, tuple[str, ...]]:
    return {route.van_id: route.visit_ids for route in day.problem.given if route.visit_ids}


def _plain() -> RouteProblem:
    doors = [visit("a", 6), visit("b", 9), *(visit(f"v{number}", 12 + number) for number in range(9))]
    return day(
        doors,
        van(capacity_g=90_000),
        van("two", capacity_g=90_000),
        given=(GivenRoute("one", tuple(one.id for one in doors)),),
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: replace(whole, visits=(visit("a", 7), *whole.visits[1:])),
        lambda whole: replace(whole, vans=whole.vans[:1]),
        lambda whole: replace(whole, vans=(replace(whole.vans[0], capacity_g=1), whole.vans[1])),
        lambda whole: replace(whole, cost_per_km_minor=61),
        lambda whole: replace(whole, stability=1.0),
        lambda whole: replace(whole, epoch=whole.epoch - timedelta(seconds=1)),
        lambda whole: replace(whole, epoch=whole.epoch + timedelta(hours=13)),
        lambda whole: replace(whole, visits=whole.visits[:6], given=(GivenRoute("one", ("a",)),)),
    ],
    ids=[
        "another place",
        "a van less",
        "another van",
        "another price",
        "nothing may move",
        "an earlier clock",
        "half a day later",
        "many visits gone",
    ],
)
async def test_another_day_is_made_anew_and_the_one_that_is_kept_stays_as_it_was(change: object) -> None:
    assert callable(change)
    kept = running(_plain())
    was = kept.solution()
    other = change(_plain())
    assert not kept.follow(other, await roads_to(kept, *(one.location for one in other.visits)))
    assert kept.solution() == was


async def test_a_visit_that_has_gone_may_come_again() -> None:
    whole = _plain()
    without = replace(
        whole,
        visits=tuple(one for one in whole.visits if one.id != "b"),
        given=(GivenRoute("one", tuple(one.id for one in whole.visits if one.id != "b")),),
    )
    kept = running(whole)
    assert kept.follow(without)
    assert "b" not in _told(kept)["one"]
    assert kept.knows("b")
    assert kept.follow(whole)
    assert kept.solution().routes == running(whole).solution().routes


async def test_a_stop_that_goes_from_one_van_to_another_is_with_that_one() -> None:
    whole = _plain()
    names = whole.given[0].visit_ids
    swapped = replace(whole, given=(GivenRoute("one", names[:5]), GivenRoute("two", names[5:])))
    kept = running(whole)
    assert kept.follow(swapped)
    assert kept.solution().routes == running(swapped).solution().routes
    assert kept.follow(whole)
    assert kept.solution().routes == running(whole).solution().routes
    new = visit("new", 6, windows=(span(0, 60),))
    assert kept.insert(new, await roads_to(kept, new.location)).is_placed


async def test_a_day_on_which_nobody_was_told_anything_asks_stability_once_somebody_is() -> None:
    kept = running(day([visit("a", 6), visit("b", 7)], van(), van("two"), stability=0.95))
    for name, van_id in (("a", "one"), ("b", "two")):
        kept.apply(kept.move(name, van_id, 0))
    kept.tell()

    # One van for both would save half, but a change has to save nineteen times what a stop costs.
    assert kept.polish(["one", "two"]).moved == ()
    assert kept.follow(kept.problem)
    assert kept.polish(["one", "two"]).moved == ()


async def test_what_has_gone_is_no_visit_of_the_day_any_more() -> None:
    whole = _plain()
    left = tuple(one for one in whole.visits if one.id != "b")
    without = replace(whole, visits=left, given=(GivenRoute("one", tuple(one.id for one in left)),))
    kept = running(whole)
    assert kept.follow(without)

    assert {one.id for one in kept.problem.visits} == {one.id for one in left}
    assert kept.solution().unassigned == ()
    with pytest.raises(KeyError, match="'b'"):
        kept.move("b", "two", 0)
    kept.tell()
    assert "b" not in {one.id for one in kept.problem.visits}
    assert kept.cancel("a").unassigned == ()
    assert not kept.knows("b")
