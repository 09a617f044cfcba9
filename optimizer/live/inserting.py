"""Inserting: new visits among the routes of a day, each where it costs least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from doorstep.problem_checks import InvalidProblem
from doorstep.visit import Visit
from optimizer.live.answering import placed, quoted
from optimizer.live.changes import Placement, Quote
from optimizer.live.standing import Standing


def inserted(now: Standing, new: Sequence[Visit]) -> Placement:
    """Put a new visit, or a pick-up and its drop-off, where it costs least; see `RunningDay.insert`.

    Where it fits nowhere, or costs more than to leave it out, the day stands as it did.

    Raises
    ------
    InvalidProblem
        If a visit contradicts itself or is there already.
    """
    for one in new:
        if one.id in now.task.visit_numbers:
            raise InvalidProblem(f"visits: ids must be unique, {one.id!r} is there twice")
    task = now.with_visits(new)
    number = len(task.visits) - 1
    now.slack.use(task)
    place = now.slack.cheapest(number)
    if place is None or place.cost >= sum(task.skip_costs[len(now.visits) :]):
        with_it = replace(now, task=task, visits=(*now.visits, *new))
        reasons = with_it.reasons(number)
        now.slack.use(now.task)
        return Placement(new[-1].id, reasons=reasons)
    now.task, now.visits = task, (*now.visits, *new)
    now.slack.put(place)
    return placed(now, place)


def quotes(now: Standing, visits: Sequence[Visit]) -> tuple[Quote | None, ...]:
    """What each of some visits would cost if it came alone; see `RunningDay.quote`."""
    task = now.with_visits(visits)
    now.slack.use(task)
    places = [now.slack.cheapest(number) for number in range(len(now.visits), len(task.visits))]
    now.slack.use(now.task)
    return tuple(
        None if place is None else quoted(now, task, visit, place)
        for visit, place in zip(visits, places, strict=True)
    )
