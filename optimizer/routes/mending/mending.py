"""Tours of an engine that does not know every rule, made to keep them all and good under them."""

from __future__ import annotations

from collections.abc import Callable

from optimizer.routes.engine import Limits
from optimizer.routes.mending.neighbourhoods import Neighbourhood, Plan, anneal
from optimizer.routes.mending.objective import Objective
from optimizer.routes.mending.repair import kept_to_rules
from optimizer.routes.mending.stability import keep_what_pays
from optimizer.routes.numbered.task import Task, Tours
from optimizer.routes.timetable.reloading import with_reloads


def needs_mending(task: Task) -> bool:
    """Whether the task has a rule that PyVRP has no model of."""
    return bool(task.speeds or task.balance or task.move_cost or _vans_with_rules(task))


def mend(
    task: Task,
    tours: Tours,
    *,
    seed: int,
    limits: Limits,
    on_best: Callable[[Tours], None] = lambda _: None,
) -> Tours:
    """The tours, kept to every rule, with what still fits put in, and improved until the limits end.

    Where `needs_mending` says no and nothing is broken, the very tours come back at once. With a number of
    iterations, and a deadline that is not reached, the same task, tours and seed give the same tours.

    Parameters
    ----------
    tours
        One for each van; they may break rules and leave visits out.
    limits
        An iteration is one ruin with what is put back after it: some milliseconds.
    on_best
        Told of each better plan, on the calling thread.
    """
    objective = Objective(task)
    kept = kept_to_rules(objective, tours)
    if kept == tours and not needs_mending(task):
        return tours
    neighbourhood = Neighbourhood(objective, seed, _focus(task))
    plan = neighbourhood.filled(neighbourhood.plan_of(kept), lambda: limits.is_over)
    told = _told(task, objective, neighbourhood, limits)
    plan = _where_it_pays(objective, neighbourhood, told, plan)
    on_best(plan.tours)
    if needs_mending(task):
        plan = anneal(
            neighbourhood, plan, seed=seed, limits=limits, on_best=lambda better: on_best(better.tours)
        )
        plan = _where_it_pays(objective, neighbourhood, told, plan)
    return plan.tours


def _told(task: Task, objective: Objective, neighbourhood: Neighbourhood, limits: Limits) -> Plan | None:
    """What drivers were told, with what has to be different put elsewhere and what is new put in."""
    if not task.move_cost or not task.given:
        return None
    told = tuple(with_reloads(task, van, tour) for van, tour in enumerate(task.given))
    kept = kept_to_rules(objective, told)
    return neighbourhood.filled(neighbourhood.plan_of(kept), lambda: limits.is_over)


def _where_it_pays(objective: Objective, neighbourhood: Neighbourhood, told: Plan | None, plan: Plan) -> Plan:
    """The plan with only those changes of what drivers were told that save more than they cost."""
    if told is None:
        return plan
    mixed = neighbourhood.plan_of(keep_what_pays(objective, told.tours, plan.tours))
    return min(plan, mixed, key=lambda one: one.cost)


def _focus(task: Task) -> frozenset[int]:
    """Where the rules are that make a difference; all vans where that is everywhere."""
    if task.speeds or task.balance or task.move_cost:
        return frozenset()
    return _vans_with_rules(task)


def _vans_with_rules(task: Task) -> frozenset[int]:
    pinned = [
        van
        for number, visit in enumerate(task.visits)
        if visit.pinned_place is not None
        for van in task.may[number].nonzero()[0]
    ]
    held = [van for van, frozen in enumerate(task.frozen) if frozen]
    own = [number for number, van in enumerate(task.vans) if van.breaks or van.is_lifo]
    return frozenset(map(int, (*own, *held, *pinned)))
