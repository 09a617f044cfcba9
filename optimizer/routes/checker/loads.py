"""What is on board at every moment, in every dimension, and whether it can be got at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from doorstep.van import Van
from doorstep.visit import Visit, VisitKind
from optimizer.routes.checker.drive import Drive
from optimizer.routes.checker.violation import Violation, ViolationKind

Load = Counter[str]
"""Grams, millilitres, and the merchant's own units, by their names."""


def loads(drive: Drive) -> Iterator[Violation]:
    """Overloads, goods that lie behind others, and peaks that are told wrongly."""
    peaks: Load = Counter()
    for load in _moments(drive):
        peaks |= load
    for name, limit in _capacity(drive.van).items():
        if peaks[name] > limit:
            text = f"{peaks[name]} of {limit} {name} on board"
            yield Violation(ViolationKind.OVERLOADED, text, drive.van.id)
    for name, told in (
        ("weight_g", drive.route.peak_weight_g),
        ("volume_ml", drive.route.peak_volume_ml),
    ):
        if told != peaks[name]:
            text = f"peak_{name} is {told}, {peaks[name]} are on board at once"
            yield Violation(ViolationKind.WRONG_TOTAL, text, drive.van.id)
    if drive.van.is_lifo:
        yield from _out_of_reach(drive)


def _moments(drive: Drive) -> Iterator[Load]:
    """What is on board after the van has left its start, each door and each depot."""
    on_board = _sum(visit for visit in drive.visits if visit.id in drive.on_board)
    on_board += _loaded(drive, 0)
    yield on_board
    collected: list[Visit] = []
    for call in drive.calls:
        if isinstance(call.what, Visit):
            visit = call.what
            if visit.kind is VisitKind.DELIVERY:
                on_board = on_board - load_of(visit)
            else:
                on_board = on_board + load_of(visit)
            if visit.kind is VisitKind.COLLECTION:
                collected.append(visit)
        elif (call, call.what) in drive.reloads:
            handed_in = [visit for visit in collected if visit.depot_id in ("", call.stop.visit_id)]
            collected = [visit for visit in collected if visit not in handed_in]
            on_board = on_board - _sum(handed_in) + _loaded(drive, call.trip)
        yield on_board


def load_of(visit: Visit) -> Load:
    """What a visit brings or takes."""
    return Counter({"weight_g": visit.weight_g, "volume_ml": visit.volume_ml, **visit.more_loads})


def _loaded(drive: Drive, trip: int) -> Load:
    return _sum(visit for call, visit in drive.visit_calls if call.trip == trip and drive.is_loaded(visit))


def _sum(visits: Iterator[Visit] | list[Visit]) -> Load:
    total: Load = Counter()
    for visit in visits:
        total += load_of(visit)
    return total


def _capacity(van: Van) -> dict[str, int]:
    """Limits by name; what a van gives no limit for, it has none for."""
    limits = {"weight_g": van.capacity_g, **van.more_capacity}
    return limits if van.capacity_ml is None else {**limits, "volume_ml": van.capacity_ml}


def _out_of_reach(drive: Drive) -> Iterator[Violation]:
    """Goods of pick-ups lie in the order in which they came; only the last of them can be taken out."""
    stack: list[str] = []
    for visit in drive.visits:
        if visit.kind is VisitKind.PICKUP:
            stack.append(visit.id)
        elif visit.from_visit in stack:
            if stack[-1] != visit.from_visit:
                text = f"lies behind what {stack[-1]!r} gave"
                yield Violation(ViolationKind.OUT_OF_REACH, text, drive.van.id, visit.id)
            stack.remove(visit.from_visit)
