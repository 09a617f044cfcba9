"""Compare: two plans of a day side by side, as they were solved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from doorstep.money import Money
from doorstep.route import PlanSummary, Route, RoutePlan


@dataclass(frozen=True, slots=True)
class Difference:
    """Deliveries that two plans say something else of.

    Attributes
    ----------
    moved
        Both plans bring them, with other drivers.
    added, dropped
        On tours of the later one alone, and of the earlier one alone.
    """

    moved: int
    added: int
    dropped: int


def difference_of(
    before: RoutePlan, after: RoutePlan, tours: Mapping[str, Sequence[Route]] | None = None
) -> Difference:
    """What became of the deliveries.

    Parameters
    ----------
    tours
        By the plan's id, for plans that were kept before they said who brings what.
    """
    here, there = (_drivers(plan, (tours or {}).get(plan.id, ())) for plan in (before, after))
    both = here.keys() & there.keys()
    return Difference(
        moved=sum(here[id_] != there[id_] for id_ in both),
        added=len(there) - len(both),
        dropped=len(here) - len(both),
    )


def in_words(before: RoutePlan, after: RoutePlan, difference: Difference) -> str:
    """The difference as a sentence for a dispatcher."""
    old, new = before.summary, after.summary
    if old is None or new is None:
        return "A plan that was not solved has nothing to compare."
    said = [
        _cost(old, new, before.currency),
        *_emissions(old, new),
        *_counts(before, after, old, new),
        *_deliveries(difference),
    ]
    text = ", ".join(said)
    return text[0].upper() + text[1:] + "."


def _drivers(plan: RoutePlan, tours: Sequence[Route]) -> dict[str, str]:
    """Who brings what, by the delivery."""
    if plan.outlines:
        return {id_: tour.driver_id for tour in plan.outlines for id_ in tour.delivery_ids}
    return {stop.delivery_id: tour.driver_id for tour in tours for stop in tour.stops if stop.delivery_id}


def _cost(old: PlanSummary, new: PlanSummary, currency: str) -> str:
    difference = new.cost_minor - old.cost_minor
    if not difference:
        return "costs the same"
    return f"costs {Money(abs(difference), currency)} {'more' if difference > 0 else 'less'}"


def _emissions(old: PlanSummary, new: PlanSummary) -> Iterator[str]:
    if old.co2e_g is None or new.co2e_g is None:
        return
    kilograms = round((new.co2e_g - old.co2e_g) / 1000, 1)
    if kilograms:
        yield f"emits {abs(kilograms):g} kg CO₂e {'more' if kilograms > 0 else 'less'}"


def _counts(before: RoutePlan, after: RoutePlan, old: PlanSummary, new: PlanSummary) -> Iterator[str]:
    pairs = (
        (new.vans - old.vans, "van", "vans"),
        (new.late_stops - old.late_stops, "late", "late"),
        (len(after.unassigned) - len(before.unassigned), "without a place", "without a place"),
    )
    for change, one, several in pairs:
        if change:
            yield f"{abs(change)} {'more' if change > 0 else 'fewer'} {one if abs(change) == 1 else several}"


def _deliveries(difference: Difference) -> Iterator[str]:
    if difference.moved or not (difference.added or difference.dropped):
        yield f"{_counted(difference.moved)} another driver"
    if difference.added:
        yield f"{_counted(difference.added)} a tour only in the later plan"
    if difference.dropped:
        yield f"{_counted(difference.dropped)} a tour only in the earlier plan"


def _counted(deliveries: int) -> str:
    return f"{deliveries} delivery has" if deliveries == 1 else f"{deliveries} deliveries have"
