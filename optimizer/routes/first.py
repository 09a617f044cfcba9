"""The first plan of a day on which nobody was told anything yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from optimizer.routes.insertion.greedy import empty_tours, hardest_first, insert
from optimizer.routes.mending.objective import Objective
from optimizer.routes.mending.repair import kept_to_rules
from optimizer.routes.numbered.plain import QUICK, plain_task
from optimizer.routes.numbered.task import Task, TaskVan, Tours, visits_in
from optimizer.routes.timetable.schedule import Misfit, timetable

_MANY_VISITS = 200
"""From so many on a rough plan comes first; fewer are put in where they truly cost least."""

_FEW_LEFT = 10
"""So many are put in by timetables sooner than the arrays are made once more."""


def first_plan(objective: Objective, is_over: Callable[[], bool] = lambda: False) -> Tours:
    """Every visit where it costs least, soon: drivable tours, with those left out that fit nowhere.

    On a large day with rules that arrays do not know (breaks, soft or several windows, traffic by the hour)
    the visits are put in by what arrays know first; a timetable for each gap that is tried would take ten
    times as long.

    Parameters
    ----------
    is_over
        Asked before each visit; the rest is left out once it says yes.
    """
    task = objective.task
    order = hardest_first(task)
    plain = plain_task(task) if len(task.visits) >= _MANY_VISITS else task
    if plain is task:
        return insert(task, empty_tours(task), order, is_over)
    rough = insert(plain, empty_tours(plain), hardest_first(plain), is_over)
    hopeless = set(_out_of_reach(task, _left_out(rough, order)))
    order = [number for number in order if number not in hopeless]
    left = _left_out(rough, order)
    if task.speeds is not None and len(left) > _FEW_LEFT:
        # By the slow hours there are too few vans; what the quick ones promise, the timetable looks at.
        rough = insert(plain_task(task, QUICK), rough, left, is_over)
    kept = kept_to_rules(objective, rough)
    left = _left_out(kept, order)
    return insert(task, kept, left, is_over) if left else kept


def _left_out(tours: Tours, order: Sequence[int]) -> list[int]:
    """Those that are on no tour, in their order."""
    planned = {number for tour in tours for number in visits_in(tour)}
    return [number for number in order if number not in planned]


def _out_of_reach(task: Task, visits: Iterable[int]) -> Iterator[int]:
    """Those that no van could make even if it had nothing else to do: there is no gap to look for.

    What a van that reloads or is under way could do is not asked.
    """
    kinds: dict[TaskVan, list[int]] = {}
    for van, limits in enumerate(task.vans):
        kinds.setdefault(limits, []).append(van)
    for number in visits:
        able = (next((van for van in vans if task.may[number, van]), None) for vans in kinds.values())
        if task.visits[number].partner is None and not any(_can_alone(task, van, number) for van in able):
            yield number


def _can_alone(task: Task, van: int | None, number: int) -> bool:
    if van is None:
        return False
    limits = task.vans[van]
    is_known = not (limits.reload_places or limits.is_under_way)
    return not (is_known and isinstance(timetable(task, van, (number,)), Misfit))
