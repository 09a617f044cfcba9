"""What the van of a route may do: visits, pins, whose goods, where it reloads."""

from __future__ import annotations

from collections.abc import Iterator

from doorstep.visit import PinnedPlace, VisitKind
from optimizer.routes.checker.ability import inability
from optimizer.routes.checker.drive import Drive, is_from_depot
from optimizer.routes.checker.violation import Violation, ViolationKind


def permission(drive: Drive) -> Iterator[Violation]:
    """Visits that the van may not make, or not there, and reloads that it may not."""
    for visit in drive.visits:
        yield from inability(drive.van, visit)
    yield from _pinned_places(drive)
    yield from _goods(drive)
    yield from _collections(drive)
    yield from _reloads(drive)


def _pinned_places(drive: Drive) -> Iterator[Violation]:
    ids = [visit.id for visit in drive.visits]
    ends = {PinnedPlace.FIRST: ids[0], PinnedPlace.LAST: ids[-1]}
    for visit in drive.visits:
        if visit.pinned_place is not None and ends[visit.pinned_place] != visit.id:
            yield Violation(ViolationKind.WRONG_PIN, f"is not {visit.pinned_place}", drive.van.id, visit.id)


def _goods(drive: Drive) -> Iterator[Violation]:
    depots = [drive.van.depot_id, *(depot.id for _, depot in drive.reloads)]
    for call, visit in drive.visit_calls:
        if not is_from_depot(visit) or visit.id in drive.on_board:
            continue
        if call.trip == 0 and drive.van.is_under_way:
            text = "left without it and has not reloaded since"
            yield Violation(ViolationKind.NOT_ON_BOARD, text, drive.van.id, visit.id)
        elif visit.depot_id not in ("", depots[call.trip]):
            text = f"its goods lie at {visit.depot_id!r}, the trip begins at {depots[call.trip]!r}"
            yield Violation(ViolationKind.WRONG_DEPOT, text, drive.van.id, visit.id)


def _collections(drive: Drive) -> Iterator[Violation]:
    """What is collected goes to a depot at which the van reloads later, or to its own at the end."""
    for call, visit in drive.visit_calls:
        if visit.kind is not VisitKind.COLLECTION:
            continue
        ahead = [depot.id for reload, depot in drive.reloads if reload.trip > call.trip]
        if visit.depot_id not in ("", *ahead, drive.van.depot_id):
            text = f"is taken to {drive.van.depot_id!r}, wanted at {visit.depot_id!r}"
            yield Violation(ViolationKind.WRONG_DEPOT, text, drive.van.id, visit.id)


def _reloads(drive: Drive) -> Iterator[Violation]:
    allowed = drive.van.reloads
    if allowed is not None and len(drive.reloads) > allowed.most:
        text = f"reloads {len(drive.reloads)} times, {allowed.most} are allowed"
        yield Violation(ViolationKind.TOO_MANY_RELOADS, text, drive.van.id)
    for _, depot in drive.reloads:
        if allowed is None or depot.id not in allowed.depot_ids:
            yield Violation(ViolationKind.NO_RELOAD_HERE, f"may not reload at {depot.id!r}", drive.van.id)
