"""Whatever comes in between, and whatever the day's rules: the checker finds nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.route_problem import RouteProblem
from doorstep.visit import Visit
from optimizer.live import RunningDay
from optimizer.routes.solution import UndrivableTour
from tests.unit.optimizer.live.running import faults, roads_to, running, told
from tests.unit.optimizer.routes.days import random_day

SEEDS = range(8)


def _begun(seed: int) -> tuple[RunningDay, list[tuple[Visit, ...]]]:
    """A day under way, and up to three visits or pairs that come later."""
    whole = random_day(seed, visits=14)
    known = {name for route in whole.given for name in route.visit_ids}
    brings = {visit.from_visit: visit for visit in whole.visits if visit.from_visit}
    units: list[tuple[Visit, ...]] = [
        (visit, brings[visit.id]) if visit.id in brings else (visit,)
        for visit in whole.visits
        if not visit.from_visit
    ]
    late = [unit for unit in units if not known.intersection(visit.id for visit in unit)][:3]
    names = {visit.id for unit in late for visit in unit}
    rest = replace(whole, visits=tuple(visit for visit in whole.visits if visit.id not in names))
    return running(told(rest, seed)), late


def _is_drivable(day: RunningDay) -> bool:
    """Not all given routes of goods on board can be driven: then there is no day to look at."""
    try:
        return not faults(day)
    except UndrivableTour:
        return False


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_is_put_in_polished_cancelled_delayed_pinned_moved_and_dropped_keeps_all_rules(
    seed: int,
) -> None:
    day, late = _begun(seed)
    if not _is_drivable(day):
        pytest.skip("its given routes break rules")
    for unit in late:
        roads = await roads_to(day, *(visit.location for visit in unit))
        placement = day.insert(unit[-1], roads, pickup=unit[0] if len(unit) == 2 else None)
        assert placement.is_placed != bool(placement.reasons)
        assert not faults(day)
    day.polish([van.id for van in day.problem.vans], budget_s=0.01)
    assert not faults(day)
    for change in (_cancel_one, _delay_one, _pin_one, _move_one, _tell, _drop_one):
        change(day, seed)
        assert not faults(day), change.__name__


def _names(day: RunningDay) -> list[str]:
    return [name for route in day.solution().routes for name in route.visit_ids]


def _cancel_one(day: RunningDay, seed: int) -> None:
    if names := _names(day):
        day.cancel(names[seed % len(names)])


def _delay_one(day: RunningDay, seed: int) -> None:
    day.delay_van(_van(day.problem, seed), 1_800)


def _pin_one(day: RunningDay, seed: int) -> None:
    if names := _names(day):
        day.pin(names[seed % len(names)], _van(day.problem, seed + 1))


def _move_one(day: RunningDay, seed: int) -> None:
    if names := _names(day):
        preview, before = day.move(names[-1], _van(day.problem, seed), 0), day.solution().cost_minor
        if preview.is_allowed:
            day.apply(preview)
            # Each of the two sums is rounded by itself.
            assert abs(day.solution().cost_minor - before - preview.cost_minor) <= 1


def _tell(day: RunningDay, seed: int) -> None:
    del seed
    day.tell()
    assert day.solution().moved == 0


def _drop_one(day: RunningDay, seed: int) -> None:
    gone = _van(day.problem, seed)
    day.drop_van(gone)
    assert gone not in {route.van_id for route in day.solution().routes}


def _van(problem: RouteProblem, seed: int) -> str:
    return problem.vans[seed % len(problem.vans)].id
