"""Compare: two plans of a day side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doorstep.money import Money
from doorstep.route import PlanSummary, Route, RoutePlan


def moved_deliveries(before: Sequence[Route], after: Sequence[Route]) -> int:
    """How many deliveries have another driver, or have one in only one of the plans."""
    here, there = _drivers(before), _drivers(after)
    return sum(here.get(id_) != there.get(id_) for id_ in {*here, *there})


def in_words(before: RoutePlan, after: RoutePlan, moved: int) -> str:
    """The difference as a sentence for a dispatcher."""
    old, new = before.summary, after.summary
    if old is None or new is None:
        return "A plan that was not solved has nothing to compare."
    said = [_cost(old, new, before.currency), _late(old, new)]
    left_out = len(after.unassigned) - len(before.unassigned)
    if left_out:
        said.append(f"{abs(left_out)} {'more' if left_out > 0 else 'fewer'} without a place")
    said.append(f"{moved} {'delivery has' if moved == 1 else 'deliveries have'} another driver")
    text = ", ".join(part for part in said if part)
    return text[0].upper() + text[1:] + "."


def _drivers(routes: Sequence[Route]) -> Mapping[str, str]:
    return {stop.delivery_id: route.driver_id for route in routes for stop in route.stops if stop.delivery_id}


def _cost(old: PlanSummary, new: PlanSummary, currency: str) -> str:
    difference = new.cost_minor - old.cost_minor
    if not difference:
        return "costs the same"
    amount = Money(abs(difference), currency)
    return f"costs {amount.amount} {currency} {'more' if difference > 0 else 'less'}"


def _late(old: PlanSummary, new: PlanSummary) -> str:
    difference = new.late_stops - old.late_stops
    if not difference:
        return ""
    return f"{abs(difference)} {'more' if difference > 0 else 'fewer'} late"
