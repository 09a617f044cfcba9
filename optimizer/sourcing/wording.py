"""Why a place ships, and why others do not, in sentences for the merchant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from doorstep.money import Money
from doorstep.sourcing import PassedOver, PassReason, SourcingStrategy, SourcingTask
from optimizer.sourcing.standing import NOT_ON_THE_MAP_M, Candidate, lacking, needed

_BECAUSE = {
    SourcingStrategy.NEAREST: "the nearest that has all of it",
    SourcingStrategy.CHEAPEST: "the cheapest way",
    SourcingStrategy.FEWEST_SPLITS: "the cheapest of those that have all of it",
    SourcingStrategy.PRIORITY: "the first in the merchant's order that has all of it",
}


def why(task: SourcingTask, places: Sequence[Candidate], next_best: Money | None, *, must_split: bool) -> str:
    """Why these places ship it.

    Parameters
    ----------
    must_split
        No place has all of it.
    """
    cost = Money(sum(one.cost for one in places), task.currency)
    other = "" if next_best is None else f" The next best way costs {next_best}."
    if len(places) > 1:
        names = " and ".join(one.source.name for one in places)
        because = "since no place has all of it" if must_split else "which is cheaper than from one"
        return f"Ships from {names}, {because}: {cost}.{other}"
    place = places[0]
    because = _BECAUSE.get(task.rules.strategy, "as decided")
    return f"Ships from {place.source.name}, {because}: {_far(place)}{cost}.{other}"


def why_not(task: SourcingTask, chosen: Sequence[Candidate], others: Iterable[Candidate]) -> list[PassedOver]:
    """Why places that may ship do not."""
    wanted = needed(task)
    passed = []
    for other in others:
        if any(other.has[article] < pieces for article, pieces in wanted.items()):
            passed.append(lacking(task, other.source, other.has))
        else:
            passed.append(_beaten(task, chosen, other))
    return passed


def kept(other: Candidate, text: str) -> PassedOver:
    """Better, and passed over all the same."""
    return PassedOver(other.id, PassReason.KEPT, text)


def _beaten(task: SourcingTask, chosen: Sequence[Candidate], other: Candidate) -> PassedOver:
    strategy = task.rules.strategy
    far_m, priority = sum(one.distance_m for one in chosen), sum(one.priority for one in chosen)
    if strategy is SourcingStrategy.NEAREST and other.distance_m > far_m:
        text = f"It is {_km(other.distance_m)} away, not {_km(far_m)}."
        return PassedOver(other.id, PassReason.FARTHER, text)
    if strategy is SourcingStrategy.PRIORITY and other.priority > priority:
        text = f"Its priority is {other.priority}, after {priority}."
        return PassedOver(other.id, PassReason.LOWER_PRIORITY, text)
    cost, best = (Money(sum(one.cost for one in ones), task.currency) for ones in ([other], chosen))
    if best < cost:
        return PassedOver(other.id, PassReason.DEARER, f"It costs {cost}, not {best}.")
    return PassedOver(other.id, PassReason.OTHER, "It is no better.")


def _far(place: Candidate) -> str:
    return "" if place.distance_m == NOT_ON_THE_MAP_M else f"{_km(place.distance_m)}, "


def _km(metres: int) -> str:
    return "nobody knows how far" if metres >= NOT_ON_THE_MAP_M else f"{metres / 1000:.1f} km"
