"""Regions of a day are searched as they stood, and what is found is taken over as the day stands by then."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

from doorstep.route_problem import GivenRoute, RouteProblem
from optimizer.live import Overhaul, RunningDay, overhauled
from optimizer.routes.engine import Limits
from tests.unit.optimizer.live.running import faults, roads_to, running
from tests.unit.optimizer.routes.by_hand import day, van, visit
from tests.unit.optimizer.routes.town import travel_for


def _told(**tours: Sequence[tuple[str, float]]) -> RouteProblem:
    """Vans with doors so many kilometres east, in the order in which they were told.

    Those in the west are heavy: no van can take all.
    """
    doors = [
        visit(name, km, weight_g=1_000 if km > 0 else 4_000) for tour in tours.values() for name, km in tour
    ]
    given = tuple(GivenRoute(name, tuple(door for door, _ in tour)) for name, tour in tours.items())
    return day(doors, *(van(name) for name in tours), given=given)


AWKWARD = (("a", 6), ("c", 24), ("b", 12), ("d", 30))
"""Twelve kilometres back and forth on the way."""

STRAIGHT = (("w", -6), ("x", -12))


def _order(today: RunningDay, van_id: str) -> list[str]:
    return next((list(one.visit_ids) for one in today.solution().routes if one.van_id == van_id), [])


def _soon() -> Limits:
    return Limits(monotonic() + 0.05)


def _searched(today: RunningDay) -> dict[str, tuple[str | int, ...]]:
    region = today.region(1)
    assert region is not None
    return dict(region.searched(_soon(), 1))


def test_what_is_found_in_a_region_is_taken_over_and_said() -> None:
    today = running(_told(one=AWKWARD, two=STRAIGHT))
    before = today.solution().cost_minor
    change = today.take_over(_searched(today))
    assert change.vans == ("one",)
    assert change.cost_minor == today.solution().cost_minor - before < 0
    assert not faults(today)
    assert not today.take_over(_searched(today)).vans, "it does not get better"


async def test_what_has_come_meanwhile_finds_its_place_among_what_was_found() -> None:
    today = running(_told(one=AWKWARD, two=STRAIGHT))
    found = _searched(today)
    new = visit("new", 27)
    assert today.insert(new, await roads_to(today, new.location)).van_id == "one"
    today.take_over(found)
    made = _order(today, "one")
    assert sorted(made) == ["a", "b", "c", "d", "new"]
    assert today.solution().routes[0].distance_m == 60_000
    assert not faults(today)


def test_what_has_left_meanwhile_is_not_brought_back() -> None:
    today = running(_told(one=AWKWARD, two=STRAIGHT))
    found = _searched(today)
    today.cancel("d")
    today.take_over(found)
    assert sorted(_order(today, "one")) == ["a", "b", "c"]
    assert today.solution().routes[0].distance_m == 48_000


def test_what_is_not_better_any_more_is_left() -> None:
    today = running(_told(one=AWKWARD, two=STRAIGHT))
    found = {"one": ("d", "a", "c", "b"), "two": ("w", "x")}
    before = today.solution()
    assert not today.take_over(found).vans
    assert today.solution() == before


def test_a_van_that_has_fallen_out_meanwhile_gets_nothing() -> None:
    today = running(_told(one=AWKWARD, two=STRAIGHT))
    found = _searched(today)
    today.drop_van("one")
    today.take_over(found)
    assert not _order(today, "one")
    assert not faults(today)


def test_what_is_frozen_or_forced_stays() -> None:
    problem = _told(one=AWKWARD, two=STRAIGHT)
    frozen = replace(problem, given=(replace(problem.given[0], frozen=2), *problem.given[1:]))
    today = running(frozen)
    today.take_over(_searched(today))
    assert _order(today, "one")[:2] == ["a", "c"]

    heavy = replace(problem, visits=tuple(replace(one, weight_g=2_400) for one in problem.visits))
    today = running(heavy)
    today.apply(today.move("w", "one", 0), even_if_forbidden=True)
    region = today.region(1)
    assert region is not None
    assert region.van_ids == ("two",), "nothing is changed of a route that breaks a rule by somebody's wish"


def test_an_empty_day_has_no_region() -> None:
    assert running(day([])).region(1) is None


def _overhauled(problem: RouteProblem, limits: Limits | None = None) -> tuple[Overhaul, ...]:
    return overhauled(problem, travel_for(problem), limits or Limits(monotonic() + 60), seed=1)


def test_of_a_day_only_what_pays_is_told_and_it_ends_when_nothing_gets_better() -> None:
    began = monotonic()
    (better,) = _overhauled(_told(one=AWKWARD, two=STRAIGHT))
    assert monotonic() - began < 30
    assert [route.van_id for route in better.given] == ["one"]
    # Twenty-four kilometres less at 60, and forty minutes at 40.
    assert better.saves_minor == 24 * 60 + 40 * 40


def test_what_saves_less_than_it_takes_to_tell_is_not_told() -> None:
    # The way there is the same; a hundred metres back and forth are saved, which is less than two minutes.
    assert not _overhauled(_told(one=(("a", 6), ("b", 5.9), ("c", 6.1)), two=STRAIGHT))


def test_drivers_keep_what_they_were_told_unless_it_saves_what_stability_asks() -> None:
    crossed = _told(one=(("a", 6), ("x", -12)), two=(("w", -6), ("b", 12)))
    free = _overhauled(crossed)
    assert sum(one.saves_minor for one in free) > 0
    assert not _overhauled(replace(crossed, stability=0.95))


def test_a_search_that_is_called_off_ends() -> None:
    limits = Limits(monotonic() + 60, called_off=threading.Event())
    limits.called_off.set()
    assert not _overhauled(_told(one=AWKWARD, two=STRAIGHT), limits)
    assert monotonic() < limits.deadline_s - 50
