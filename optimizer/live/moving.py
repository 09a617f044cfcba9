"""What a move by hand would do, before it is done."""

from __future__ import annotations

from collections.abc import Iterator

from doorstep.route_solution import RouteViolation, StopKind, ViolationKind
from doorstep.visit import VisitKind
from optimizer.live.changes import Preview
from optimizer.live.standing import Standing
from optimizer.routes.insertion.gaps import frozen_entries
from optimizer.routes.insertion.place import without_idle_reloads
from optimizer.routes.numbered.task import Task, Tour, in_minor, visits_in
from optimizer.routes.timetable.faults import Fault
from optimizer.routes.timetable.schedule import Timetable, faults
from optimizer.routes.violations import violations_of

_NO_VISITS = (StopKind.BREAK, StopKind.RELOAD)


def preview_of(now: Standing, number: int, van: int, position: int, version: int) -> Preview:
    """Move a visit to a place among the visits of a van; see `RunningDay.move`."""
    tours = dict(_moved(now, number, van, position))
    before = {other: _timed(now.task, other, now.slack.tours[other])[0] for other in tours}
    after = {other: _timed(now.task, other, tour) for other, tour in tours.items()}
    violations = [
        violation
        for other, (_, found) in after.items()
        for violation in violations_of(now.problem, now.task, other, tours[other], found)
    ]
    violations += _unfrozen(now, tours)
    times = [timed for timed, _ in after.values() if timed is not None]
    olds = [timed for timed in before.values() if timed is not None]
    were = dict(entry for timed in olds for entry in _arrivals(timed))
    return Preview(
        visit_id=now.visits[number].id,
        van_id=now.rules.vans[van].id,
        violations=tuple(violations),
        cost_minor=in_minor(sum(timed.cost for timed in times) - sum(timed.cost for timed in olds)),
        metres=sum(timed.metres for timed in times) - sum(timed.metres for timed in olds),
        late_stops=sum(map(_late, times)) - sum(map(_late, olds)),
        arrivals=tuple(
            (now.visits[visit].id, now.task.instant(arrives_s))
            for timed in times
            for visit, arrives_s in _arrivals(timed)
            if were.get(visit) != arrives_s
        ),
        tours=tuple(tours.items()),
        version=version,
    )


def _moved(now: Standing, number: int, van: int, position: int) -> Iterator[tuple[int, Tour]]:
    """The tours that a move touches, as they would be."""
    task, tours, origin = now.task, now.slack.tours, now.slack.van_of(number)
    partner = task.visits[number].partner
    goes_along = partner is not None and origin != van
    gone = {number, partner} if goes_along else {number}
    if origin is not None and origin != van:
        left = tuple(entry for entry in tours[origin] if entry not in gone)
        yield origin, without_idle_reloads(task, origin, left)
    rest = [entry for entry in tours[van] if entry not in gone]
    at = frozen_entries(rest, min(position, len(visits_in(rest))))
    put_in: list[int] = [number]
    if goes_along and partner is not None:
        put_in = [number, partner] if task.visits[number].kind is VisitKind.PICKUP else [partner, number]
    yield van, without_idle_reloads(task, van, (*rest[:at], *put_in, *rest[at:]))


def _timed(task: Task, van: int, tour: Tour) -> tuple[Timetable | None, tuple[Fault, ...]]:
    return faults(task, van, tour) if visits_in(tour) else (None, ())


def _unfrozen(now: Standing, tours: dict[int, Tour]) -> Iterator[RouteViolation]:
    """Frozen beginnings that would not be where they are."""
    for van, tour in tours.items():
        frozen = now.task.frozen[van]
        if visits_in(tour)[:frozen] != visits_in(now.slack.tours[van])[:frozen]:
            text = "The driver is on the way already: the first stops of the route are frozen."
            yield RouteViolation(ViolationKind.LOCKED, is_hard=True, text=text, van_id=now.rules.vans[van].id)


def _arrivals(timed: Timetable) -> Iterator[tuple[int, int]]:
    return ((entry.number, entry.arrives_s) for entry in timed.entries if entry.kind not in _NO_VISITS)


def _late(timed: Timetable) -> int:
    return sum(1 for entry in timed.entries if entry.late_s > 0)
