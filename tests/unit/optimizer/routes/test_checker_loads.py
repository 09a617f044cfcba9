"""The checker on what is on board: trips, collections, pairs, and goods that are on the road."""

from __future__ import annotations

from typing import Any

import pytest

from doorstep.route_problem import GivenRoute
from doorstep.route_solution import StopKind
from doorstep.van import Depot, Reloads
from doorstep.visit import VisitKind
from optimizer.routes.checker import ViolationKind as Kind
from tests.unit.optimizer.routes.by_hand import HOME, at, day, east, plan, reload, route, stop, van, visit
from tests.unit.optimizer.routes.rules import (
    Rule,
    assert_broken,
    assert_kept,
    driven,
    every_way,
    when_day,
    when_driven,
    when_van,
    when_visit,
)

TWO_TRIPS = Reloads(("depot",), most=1, service_s=600)
DEPOTS = (Depot("depot", HOME), Depot("other", east(12)))
PICKUP: dict[str, Any] = {"kind": StopKind.PICKUP}
RETURN: dict[str, Any] = {"kind": StopKind.RETURN}
FETCHED: dict[str, Any] = {"kind": VisitKind.PICKUP}
TAKEN: dict[str, Any] = {"kind": VisitKind.COLLECTION}
TWO_PAIRS = (
    visit("a", **FETCHED),
    visit("b", **FETCHED),
    visit("to a", from_visit="a"),
    visit("to b", from_visit="b"),
)
UNDER_WAY = van(is_under_way=True, reloads=TWO_TRIPS)

RULES: dict[str, Rule] = {
    "the capacity": driven(
        day([visit("a", volume_ml=3_000)], van(capacity_g=1_000, capacity_ml=3_000)),
        0,
        [stop("a", 10)],
        22,
        12,
        peak_volume_ml=3_000,
        broken={
            "a gram more": when_van(Kind.OVERLOADED, capacity_g=999),
            "a millilitre more": when_van(Kind.OVERLOADED, capacity_ml=2_999),
        },
    ),
    "units of the merchant's own": driven(
        day([visit("a", more_loads={"crates": 3})], van(more_capacity={"crates": 3})),
        0,
        [stop("a", 10)],
        22,
        12,
        broken={"one more": when_visit(Kind.OVERLOADED, more_loads={"crates": 4})},
    ),
    "reloading": driven(
        day(
            [visit("a", weight_g=6_000), visit("b", weight_g=6_000, ready_at=at(32))],
            van(reloads=TWO_TRIPS),
            depots=DEPOTS,
        ),
        0,
        [stop("a", 10), reload(22), stop("b", 42)],
        54,
        24,
        kg=6,
        broken={
            "never allowed": when_van(Kind.NO_RELOAD_HERE, Kind.WRONG_SERVICE_TIME, reloads=None),
            "allowed elsewhere": when_van(Kind.NO_RELOAD_HERE, reloads=Reloads(("other",))),
            "slower": when_van(Kind.WRONG_SERVICE_TIME, reloads=Reloads(("depot",), service_s=601)),
            "goods ready after it has left again": when_visit(
                Kind.LEFT_BEFORE_READY, number=1, ready_at=at(32.1)
            ),
            "goods of another depot": when_visit(Kind.WRONG_DEPOT, number=1, depot_id="other"),
            "a trip too heavy": when_visit(Kind.OVERLOADED, Kind.WRONG_TOTAL, number=1, weight_g=11_000),
            "once too often": when_driven(
                Kind.TOO_MANY_RELOADS,
                by=route(0, [stop("a", 10), reload(22), reload(32), stop("b", 52)], 64, 24, kg=6),
            ),
            "at nobody's depot": when_driven(
                Kind.NO_RELOAD_HERE,
                by=route(0, [stop("a", 10), reload(22, name="shed"), stop("b", 42)], 54, 24, kg=6),
            ),
            "all on one trip": when_driven(
                Kind.OVERLOADED,
                Kind.LEFT_BEFORE_READY,
                by=route(0, [stop("a", 10), stop("b", 12)], 24, 12, kg=12),
            ),
        },
    ),
    "goods of the depot where it reloads": driven(
        day(
            [visit("a"), visit("b", 18, depot_id="other")],
            van(reloads=Reloads(("other",))),
            depots=DEPOTS,
        ),
        0,
        [stop("a", 10), reload(22, name="other"), stop("b", 42)],
        74,
        36,
        broken={"before it has been there": when_visit(Kind.WRONG_DEPOT, depot_id="other")},
    ),
    "goods that every depot has": driven(
        day([visit("a", depot_id="")]),
        0,
        [stop("a", 10)],
        22,
        12,
        broken={"of another": when_visit(Kind.WRONG_DEPOT, depot_id="other")},
    ),
    # Ten kilograms go out, six come back: never more than ten at once.
    "collecting": driven(
        day([visit("a", weight_g=10_000), visit("b", weight_g=6_000, **TAKEN)]),
        0,
        [stop("a", 10), stop("b", 12, **RETURN)],
        24,
        12,
        kg=10,
        broken={
            "for another depot": when_visit(Kind.WRONG_DEPOT, number=1, depot_id="other"),
            "before there is room": when_driven(
                Kind.OVERLOADED, by=route(0, [stop("b", 10, **RETURN), stop("a", 12)], 24, 12, kg=16)
            ),
            "told as a drop-off": when_driven(
                Kind.WRONG_STOP_KIND, by=route(0, [stop("a", 10), stop("b", 12)], 24, 12, kg=10)
            ),
            "told with another peak": when_driven(
                Kind.WRONG_TOTAL, by=route(0, [stop("a", 10), stop("b", 12, **RETURN)], 24, 12, kg=9)
            ),
        },
    ),
    "what was collected is handed in on reloading": driven(
        day(
            [visit("a", weight_g=6_000, **TAKEN), visit("b", weight_g=6_000)],
            van(reloads=Reloads(("depot", "other"))),
            depots=DEPOTS,
        ),
        0,
        [stop("a", 10, **RETURN), reload(22), stop("b", 42)],
        54,
        24,
        kg=6,
        broken={
            # It stays on board, beside what is loaded for "b".
            "where it is not wanted": when_visit(
                Kind.WRONG_DEPOT, Kind.OVERLOADED, Kind.WRONG_TOTAL, depot_id="other"
            ),
        },
    ),
    "a pick-up and its drop-off": driven(
        day([visit("a", **FETCHED), visit("b", 12, from_visit="a")]),
        0,
        [stop("a", 10, **PICKUP), stop("b", 22)],
        44,
        24,
        broken={
            "the other way round": when_driven(
                Kind.PAIR_APART, by=route(0, [stop("b", 20), stop("a", 32, **PICKUP)], 44, 24)
            ),
            "without its drop-off": when_driven(
                Kind.PAIR_APART, by=route(0, [stop("a", 10, **PICKUP)], 22, 12), out=("b",)
            ),
            "without its pick-up": when_driven(
                Kind.PAIR_APART, by=route(0, [stop("b", 20)], 42, 24, kg=0), out=("a",)
            ),
        },
    ),
    "last in, first out": driven(
        day(TWO_PAIRS, van(is_lifo=True)),
        0,
        [stop("a", 10, **PICKUP), stop("b", 12, **PICKUP), stop("to b", 14), stop("to a", 16)],
        28,
        12,
        kg=2,
        broken={
            "first in": when_driven(
                Kind.OUT_OF_REACH,
                by=route(
                    0,
                    [stop("a", 10, **PICKUP), stop("b", 12, **PICKUP), stop("to a", 14), stop("to b", 16)],
                    28,
                    12,
                    kg=2,
                ),
            )
        },
    ),
    # "a" is on board since before the plan; goods for "b" are fetched from the depot.
    "a van under way": driven(
        day([visit("a"), visit("b")], UNDER_WAY, depots=DEPOTS, given=(GivenRoute("one", ("a",)),)),
        0,
        [stop("a", 10), reload(22), stop("b", 42)],
        54,
        24,
        broken={
            "it never loaded the first": when_day(Kind.NOT_ON_BOARD, given=()),
            "it cannot have loaded the second": when_driven(
                Kind.NOT_ON_BOARD, by=route(0, [stop("a", 10), stop("b", 12)], 24, 12, kg=2)
            ),
        },
    ),
    # Both were loaded when it left: the second one rides along while it reloads nothing.
    "all that a van under way has on board": driven(
        day(
            [visit("a"), visit("b", depot_id="other")],
            UNDER_WAY,
            depots=DEPOTS,
            given=(GivenRoute("one", ("a", "b")),),
        ),
        0,
        [stop("a", 10), stop("b", 12)],
        24,
        12,
        kg=2,
        broken={"it has not left": when_van(Kind.WRONG_DEPOT, is_under_way=False)},
    ),
    "goods on the road": Rule(
        day([visit("a")], UNDER_WAY, van("two"), depots=DEPOTS, given=(GivenRoute("one", ("a",)),)),
        plan(route(0, [stop("a", 10)], 22, 12)),
        {
            "given to another van": when_driven(
                Kind.ON_ANOTHER_VAN, Kind.WRONG_TOTAL, by=route(0, [stop("a", 10)], 22, 12, van_id="two")
            )
        },
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_a_plan_that_keeps_the_rule_is_accepted(name: str) -> None:
    assert_kept(RULES[name])


@pytest.mark.parametrize(("name", "way"), every_way(RULES))
def test_a_plan_that_breaks_the_rule_is_rejected_for_that(name: str, way: str) -> None:
    assert_broken(RULES[name], way)
