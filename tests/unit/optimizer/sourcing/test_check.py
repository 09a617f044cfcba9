"""The checker names whatever a sourcer could get wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.sourcing import LineShare, SourcedPart, SourcingPlan
from optimizer.sourcing import PlaceSourcer
from optimizer.sourcing.check import check
from tests.unit.optimizer.sourcing.places import place, task, usd

ASKED = task(place("a", {"kettle": 2}, 300), place("b", {"tea": 3}, 400), place("c", {}), safety_stock=0)
GOOD = PlaceSourcer().source(ASKED)
KETTLES, TEA = GOOD.parts


def _with(*parts: SourcedPart) -> SourcingPlan:
    cost = sum(part.cost.minor for part in parts)
    return replace(GOOD, parts=parts, cost=usd(cost))


@pytest.mark.parametrize(
    ("plan", "complaint"),
    [
        (_with(KETTLES), "0 of 3 pieces of line-2 ship"),
        (_with(KETTLES, replace(TEA, lines=(LineShare("line-2", 4),))), "4 of 3 pieces of line-2 ship"),
        (_with(KETTLES, TEA, replace(TEA, location_id="z", lines=())), "there is no place z"),
        (_with(KETTLES, replace(TEA, location_id="a", cost=usd(300))), "a place ships twice"),
        (_with(KETTLES, replace(TEA, location_id="c", cost=usd(500))), "c does not have 3 pieces of tea"),
        (_with(KETTLES, replace(TEA, cost=usd(1))), "b costs 400, not 1"),
        (replace(GOOD, cost=usd(1)), "the parts cost 700 together"),
        (replace(GOOD, passed=()), "nobody says why c does not ship"),
        (replace(GOOD, reason=""), "a reason is missing"),
        (SourcingPlan((), ""), "nothing ships, and nobody says why"),
    ],
)
def test_a_slip_is_named(plan: SourcingPlan, complaint: str) -> None:
    assert check(ASKED, GOOD) == ()
    assert complaint in check(ASKED, plan)


def test_more_parts_than_allowed_and_a_barred_place_are_named() -> None:
    rules = replace(ASKED.rules, most_shipments=1)
    assert "2 parts where 1 are allowed" in check(replace(ASKED, rules=rules), GOOD)
    barred = replace(ASKED.sources[0], terms=replace(ASKED.sources[0].terms, may_ship=False))
    assert "a may not ship" in check(replace(ASKED, sources=(barred, *ASKED.sources[1:])), GOOD)
