"""Which van may make which visit at all, whatever the time of day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from doorstep.route_problem import RouteProblem
from doorstep.van import Van
from doorstep.visit import Visit, VisitKind
from optimizer.routes.numbered.task import Tours

_Rules = tuple[str, frozenset[str], frozenset[str], str, str]
"""Depot, skills, vehicle kinds, territory and pinned van of a visit."""


def may_make(
    problem: RouteProblem, given: Tours, frozen: Sequence[int]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Two arrays of shape (visits, vans): who may make what, and what lies outside of whose territories.

    Both visits of a pair are with one van, so that what keeps a van from the one keeps it from the other.
    """
    shape = (len(problem.visits), len(problem.vans))
    may, is_outside = np.ones(shape, np.bool_), np.zeros(shape, np.bool_)
    alike = _alike(problem.visits)
    for column, van in enumerate(problem.vans):
        for rules, rows in alike.items():
            sample = problem.visits[rows[0]]
            may[rows, column] = _can(van, sample)
            is_outside[rows, column] = _is_outside(van, rules[3])
    _stay_with_their_van(problem, given, frozen, may)
    numbers = {visit.id: row for row, visit in enumerate(problem.visits)}
    for row, visit in enumerate(problem.visits):
        if visit.from_visit:
            pickup = numbers[visit.from_visit]
            may[row] = may[pickup] = may[row] & may[pickup]
    return may, is_outside


def _alike(visits: Sequence[Visit]) -> dict[_Rules, list[int]]:
    """Visits by what decides who may make them: there are few such rules and many visits."""
    groups: dict[_Rules, list[int]] = {}
    for row, visit in enumerate(visits):
        is_of_pair = visit.kind is VisitKind.PICKUP or bool(visit.from_visit)
        depot_id = "" if is_of_pair else visit.depot_id
        rules = (depot_id, visit.skills, visit.vehicle_kinds, visit.territory, visit.pinned_van)
        groups.setdefault(rules, []).append(row)
    return groups


def _can(van: Van, visit: Visit) -> bool:
    return (
        _has_goods(van, visit)
        and visit.skills <= van.skills
        and (not visit.vehicle_kinds or van.kind in visit.vehicle_kinds)
        and visit.pinned_van in ("", van.id)
        and (van.outside_cost_minor is not None or not _is_outside(van, visit.territory))
    )


def _has_goods(van: Van, visit: Visit) -> bool:
    """Whether it comes by the depot where the goods lie or go; those of a pair come from a door."""
    if visit.kind is VisitKind.PICKUP or visit.from_visit:
        return True
    reload_ids = van.reloads.depot_ids if van.reloads else ()
    return visit.depot_id in ("", van.depot_id, *reload_ids)


def _is_outside(van: Van, territory: str) -> bool:
    return bool(territory and van.territories) and territory not in van.territories


def _stay_with_their_van(
    problem: RouteProblem, given: Tours, frozen: Sequence[int], may: NDArray[np.bool_]
) -> None:
    """What is frozen, on board, or told to a driver where nothing may change: no other van gets it.

    More goods from a depot are out of reach for a van under way that never reloads.
    """
    from_depot = np.array(
        [v.kind is VisitKind.DELIVERY and not v.from_visit for v in problem.visits], np.bool_
    )
    others = may.copy()
    for column, (van, tour) in enumerate(zip(problem.vans, given, strict=True)):
        kept = list(tour[: frozen[column]])
        if van.is_under_way:
            kept += [row for row in tour if from_depot[row]]
            if van.reloads is None:
                out_of_reach = from_depot.copy()
                out_of_reach[list(tour)] = False
                may[out_of_reach, column] = False
        if problem.stability == 1:
            # A driver who cannot make a visit any more does not keep it from the others.
            kept += [row for row in tour if others[row, column]]
        for row in kept:
            was = may[row, column]
            may[row] = False
            may[row, column] = was
