"""A route problem that contradicts itself cannot be made, and the error begins with the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from doorstep.problem_checks import InvalidProblem
from doorstep.route_problem import Balance, BalanceMeasure, GivenRoute, SpeedProfile
from doorstep.van import Break, Depot, Reloads
from doorstep.visit import Lateness, PinnedPlace, Visit, VisitKind
from tests.unit.optimizer.routes.by_hand import HOME, day, span, van, visit


def pair(fetch: dict[str, Any], bring: dict[str, Any]) -> list[Visit]:
    return [
        visit("fetch", **{"kind": VisitKind.PICKUP, **fetch}),
        visit("bring", **{"from_visit": "fetch", **bring}),
    ]


def pinned(name: str, place: PinnedPlace = PinnedPlace.FIRST) -> Visit:
    return visit(name, pinned_van="one", pinned_place=place)


CONTRADICTIONS: dict[str, Callable[[], object]] = {
    "visits[a].weight_g: must not be negative": lambda: visit("a", weight_g=-1),
    "visits[a].skip_cost_minor: must not be negative": lambda: visit("a", skip_cost_minor=-1),
    "visits[a].more_loads[crates]: must not be negative": lambda: visit("a", more_loads={"crates": -1}),
    "visits[a].late: there are no windows": lambda: visit("a", late=Lateness(1)),
    "late.at_most_s: must not be negative": lambda: Lateness(1, -1),
    "visits[a].from_visit: only a DELIVERY": lambda: visit("a", from_visit="b", kind=VisitKind.COLLECTION),
    "visits[fetch].pinned_place: what is picked up": lambda: pair(
        {"pinned_van": "one", "pinned_place": PinnedPlace.LAST}, {}
    ),
    "visits[bring].pinned_place: what is brought": lambda: pair(
        {}, {"pinned_van": "one", "pinned_place": PinnedPlace.FIRST}
    ),
    "visits[bring].pinned_van: its pick-up is pinned to another van": lambda: day(
        pair({"pinned_van": "one"}, {"pinned_van": "two"}), van(), van("two")
    ),
    "visits[bring].from_visit: no PICKUP 'ghost'": lambda: day(pair({}, {"from_visit": "ghost"})),
    "visits[fetch]: a PICKUP belongs to one DELIVERY, found 0": lambda: day(pair({}, {})[:1]),
    "visits[a].pinned_van: no van 'ghost'": lambda: day([visit("a", pinned_van="ghost")]),
    "visits[a].pinned_place: pin it to a van": lambda: day([visit("a", pinned_place=PinnedPlace.LAST)]),
    "visits: two are pinned FIRST": lambda: day([pinned("a"), pinned("b")]),
    "visits: ids must be unique, 'a'": lambda: day([visit("a"), visit("a")]),
    "vans: ids must be unique, 'one'": lambda: day([], van(), van()),
    "vans[one].capacity_g: must be positive": lambda: van(capacity_g=0),
    "vans[one].overtime_s: must not be negative": lambda: van(overtime_s=-1),
    "vans[one].breaks: ids must be unique": lambda: van(breaks=(Break("tea", span(0, 1), 60),) * 2),
    "breaks[tea].duration_s: must be positive": lambda: Break("tea", span(0, 1), 0),
    "vans[one].reloads.depot_ids: no depot 'shed'": lambda: day([], van(reloads=Reloads(("shed",)))),
    "reloads: at least one depot": lambda: Reloads(()),
    "depots: ids must be unique": lambda: day([], depots=(Depot("shed", HOME),) * 2),
    "given: no van 'ghost'": lambda: day([], given=(GivenRoute("ghost", ()),)),
    "given: van 'one' is there twice": lambda: day([], given=(GivenRoute("one", ()),) * 2),
    "given: visit 'a' is there twice": lambda: day([visit("a")], given=(GivenRoute("one", ("a", "a")),)),
    "given[one].visit_ids: no visit 'ghost'": lambda: day([], given=(GivenRoute("one", ("ghost",)),)),
    "given[one].frozen: must lie in [0, 1]": lambda: day([visit("a")], given=(GivenRoute("one", ("a",), 2),)),
    "given[one].frozen: 'bring' would come before its pick-up": lambda: day(
        pair({}, {}), given=(GivenRoute("one", ("bring", "fetch"), 2),)
    ),
    "stability: must lie in [0, 1]": lambda: day([], stability=1.1),
    "balance.tolerance: must not be negative": lambda: Balance(BalanceMeasure.STOPS, -0.1),
    "speeds.factors: 24 numbers": lambda: SpeedProfile((1.0,) * 23, "UTC"),
    "problem.cost_per_km_minor: must not be negative": lambda: day([], cost_per_km_minor=-1),
    "currency: 'XXQ' is no ISO 4217": lambda: day([], currency="XXQ"),
}


@pytest.mark.parametrize("message", CONTRADICTIONS)
def test_a_contradiction_is_refused_by_the_name_of_its_field(message: str) -> None:
    with pytest.raises(InvalidProblem) as refused:
        CONTRADICTIONS[message]()
    assert str(refused.value).startswith(message)


def test_a_frozen_beginning_may_hold_a_whole_pair() -> None:
    told = GivenRoute("one", ("fetch", "bring"), 2)
    assert day(pair({}, {}), given=(told,)).given == (told,)
