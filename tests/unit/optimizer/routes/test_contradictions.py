"""A route problem that contradicts itself cannot be made, and the error begins with the field."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


NAIVE = datetime(2026, 3, 2, 8)  # noqa: DTZ001  # what is to be refused


def pinned(name: str, place: PinnedPlace = PinnedPlace.FIRST) -> Visit:
    return visit(name, pinned_van="one", pinned_place=place)


CONTRADICTIONS: dict[str, Callable[[], object]] = {
    "visits[a].weight_g: must not be negative": lambda: visit("a", weight_g=-1),
    "visits[a].skip_cost_minor: must not be negative": lambda: visit("a", skip_cost_minor=-1),
    "visits[a].more_loads[crates]: must not be negative": lambda: visit("a", more_loads={"crates": -1}),
    "visits[].id: must not be empty": lambda: visit(""),
    "vans[].id: must not be empty": lambda: van(""),
    "depots[].id: must not be empty": lambda: Depot("", HOME),
    "breaks[].id: must not be empty": lambda: Break("", span(0, 1), 60),
    "visits[a].more_loads[weight_g]: has a field": lambda: visit("a", more_loads={"weight_g": 1}),
    "visits[a].more_loads: a load needs a name": lambda: visit("a", more_loads={"": 1}),
    "vans[one].more_capacity[volume_ml]: has a field": lambda: van(more_capacity={"volume_ml": 1}),
    "vans[one].more_capacity[crates]: must not be negative": lambda: van(more_capacity={"crates": -1}),
    "visits[a].ready_at: must carry a time zone": lambda: visit("a", ready_at=NAIVE),
    "epoch: must carry a time zone": lambda: replace(day([]), epoch=NAIVE),
    "speeds.time_zone: no IANA zone 'Berlin'": lambda: SpeedProfile((1.0,) * 24, "Berlin"),
    "speeds.time_zone: no IANA zone ''": lambda: SpeedProfile((1.0,) * 24, ""),
    "speeds.time_zone: no IANA zone 'Europe'": lambda: SpeedProfile((1.0,) * 24, "Europe"),
    "speeds.time_zone: no IANA zone '../UTC'": lambda: SpeedProfile((1.0,) * 24, "../UTC"),
    "visits[bring].weight_g: brings 2 where its pick-up 'fetch' fetches 1; both": lambda: day(
        pair({"weight_g": 1}, {"weight_g": 2})
    ),
    "visits[bring].more_loads[crates]: brings 0 where its pick-up 'fetch' fetches 3": lambda: day(
        pair({"more_loads": {"crates": 3}}, {})
    ),
    "given[one].frozen: 'a' is pinned to van 'two'; unpin it": lambda: day(
        [visit("a", pinned_van="two")], van(), van("two"), given=(GivenRoute("one", ("a",), 1),)
    ),
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


def with_field(made: Callable[..., object], field: str) -> Callable[[Any], object]:
    return lambda value: made(**{field: value})


COUNTED: dict[str, Callable[[Any], object]] = {
    **{
        f"visits[a].{field}": with_field(partial(visit, "a"), field)
        for field in ("service_s", "setup_s", "weight_g", "volume_ml", "priority", "skip_cost_minor")
    },
    **{
        f"vans[one].{field}": with_field(van, field)
        for field in (
            "capacity_g",
            "capacity_ml",
            "fixed_cost_minor",
            "max_stops",
            "max_distance_m",
            "max_duration_s",
            "overtime_s",
            "overtime_cost_per_hour_minor",
            "cost_per_km_minor",
            "cost_per_hour_minor",
            "outside_cost_minor",
        )
    },
    "visits[a].more_loads[crates]": lambda value: visit("a", more_loads={"crates": value}),
    "vans[one].more_capacity[crates]": lambda value: van(more_capacity={"crates": value}),
    "late.cost_per_hour_minor": Lateness,
    "late.at_most_s": lambda value: Lateness(1, value),
    "breaks[tea].duration_s": lambda value: Break("tea", span(0, 1), value),
    "reloads.most": lambda value: Reloads(("depot",), value),
    "reloads.service_s": lambda value: Reloads(("depot",), 1, value),
    "problem.cost_per_km_minor": lambda value: day([], cost_per_km_minor=value),
    "problem.cost_per_hour_minor": lambda value: day([], cost_per_hour_minor=value),
    "balance.tolerance": lambda value: Balance(BalanceMeasure.TIME, value),
    "stability": lambda value: day([], stability=value),
    "speeds.factors": lambda value: SpeedProfile((1.0,) * 23 + (value,), "UTC"),
}
"""Field -> what makes a problem with another value of it."""


@pytest.mark.parametrize("field", COUNTED)
@given(
    value=st.sampled_from([math.nan, math.inf, -math.inf])
    | st.integers(max_value=-1)
    | st.integers(min_value=10**12 + 1)
)
@settings(max_examples=20)
def test_what_no_engine_can_count_is_refused_by_the_name_of_its_field(field: str, value: float) -> None:
    with pytest.raises(InvalidProblem) as refused:
        COUNTED[field](value)
    assert str(refused.value).startswith(f"{field}: ")


def test_instants_are_kept_in_utc_where_adding_hours_is_right_over_a_change_of_clocks() -> None:
    # On 29 March 2026 clocks in Berlin go from 2:00 to 3:00.
    night = datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    problem = replace(day([visit("a", ready_at=night)]), epoch=night)
    assert (problem.epoch + timedelta(hours=1)).timestamp() == night.timestamp() + 3600
    assert problem.visits[0].ready_at == problem.epoch
    assert problem.epoch.tzinfo is UTC


def test_a_frozen_beginning_may_hold_a_whole_pair() -> None:
    told = GivenRoute("one", ("fetch", "bring"), 2)
    assert day(pair({}, {}), given=(told,)).given == (told,)
