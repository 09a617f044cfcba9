"""Where in a tour a driver rests: before leaving, or at a door before or after the service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from doorstep.route_solution import StopKind
from optimizer.routes.numbered.task import NOWHERE, Task, TaskVan
from optimizer.routes.timetable.timing import Call, opening

_Placement = tuple[int, int, bool]
"""(break, call at whose door it is taken, whether before that call)."""


@dataclass(frozen=True, slots=True)
class RestPlan:
    """A tour with its breaks.

    Attributes
    ----------
    starts_s
        It leaves no sooner.
    calls
        With the breaks among them.
    rested
        (break, when it begins) of those that are taken before leaving.
    """

    starts_s: int
    calls: tuple[Call, ...]
    rested: tuple[tuple[int, int], ...] = ()


def rest_plans(task: Task, van: TaskVan, calls: Sequence[Call], starts_s: int) -> Iterator[RestPlan]:
    """Ways to take every break that is due, those with the fewest before leaving first.

    Of the ways with the same breaks before leaving and the same number on the way, only the one that brings
    the van home first is told.
    """
    before: int | None = None
    for count in range(len(van.breaks) + 1):
        free_s, rested = _at_home(van, count)
        leaves_s = max(starts_s, free_s)
        if leaves_s != before or rested:
            for placements in _on_the_way(task, van, calls, leaves_s, count):
                yield RestPlan(leaves_s, _placed(van, calls, placements), rested)
        before = leaves_s


def _at_home(van: TaskVan, count: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """When a driver may leave for whom the first breaks are over: rested, or no longer due."""
    now, rested = van.shift_start_s, []
    for number, rest in enumerate(van.breaks[:count]):
        begins_s = max(now, rest.first_s)
        if begins_s <= rest.last_s and begins_s + rest.duration_s <= rest.last_s + 1:
            rested.append((number, begins_s))
            now = begins_s + rest.duration_s
        else:
            now = max(now, rest.last_s + 1)
    return now, tuple(rested)


def _on_the_way(
    task: Task, van: TaskVan, calls: Sequence[Call], starts_s: int, count: int
) -> list[tuple[_Placement, ...]]:
    """Where the other breaks are taken; one way for each number of them after which none is due."""
    states: dict[int, tuple[int, tuple[_Placement, ...]]] = {count: (starts_s, ())}
    for at, call in enumerate(calls):
        if at:
            _rest(van, states, at - 1, is_before=False)
        for taken, (now, placements) in states.items():
            drive_s = task.drive_s(call.origin, call.place, now) if call.drive_s else 0
            states[taken] = (now + drive_s, placements)
        _rest(van, states, at, is_before=True)
        served: dict[int, tuple[int, tuple[_Placement, ...]]] = {}
        for taken, (now, placements) in states.items():
            begins_s = opening(call, now + call.setup_s, per_second=van.cost_per_second)
            if begins_s is not None:
                served[taken] = (begins_s + call.service_s, placements)
        states = served
    if calls and states:
        _rest(van, states, len(calls) - 1, is_before=False)
    ways = []
    for taken, (now, placements) in states.items():
        home_s = 0 if van.end == NOWHERE or not calls else task.drive_s(calls[-1].place, van.end, now)
        if taken == len(van.breaks) or now + home_s <= van.breaks[taken].last_s:
            ways.append(placements)
    return ways


def _rest(
    van: TaskVan, states: dict[int, tuple[int, tuple[_Placement, ...]]], at: int, *, is_before: bool
) -> None:
    """Let those that are behind with their breaks take the next one here, where that makes them the first."""
    for taken, rest in enumerate(van.breaks):
        if taken not in states:
            continue
        now, placements = states[taken]
        begins_s = max(now, rest.first_s)
        rested_s = begins_s + rest.duration_s
        known = states.get(taken + 1)
        if begins_s <= rest.last_s and (known is None or rested_s < known[0]):
            states[taken + 1] = (rested_s, (*placements, (taken, at, is_before)))


def _placed(van: TaskVan, calls: Sequence[Call], placements: Sequence[_Placement]) -> tuple[Call, ...]:
    placed: list[Call] = []
    for at, call in enumerate(calls):
        stays = call._replace(drive_s=0, metres=0, origin=call.place, has_come=True)
        before = [number for number, where, is_before in placements if where == at and is_before]
        placed += [_break(van, number, stays if nth else call) for nth, number in enumerate(before)]
        placed.append(stays if before else call)
        placed += [
            _break(van, number, stays)
            for number, where, is_before in placements
            if where == at and not is_before
        ]
    return tuple(placed)


def _break(van: TaskVan, number: int, at: Call) -> Call:
    rest = van.breaks[number]
    return Call(
        kind=StopKind.BREAK,
        number=number,
        place=at.place,
        origin=at.origin,
        drive_s=at.drive_s,
        metres=at.metres,
        setup_s=0,
        service_s=rest.duration_s,
        windows=((rest.first_s, rest.last_s),),
    )
