"""What a van lacks to make a tour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doorstep.route_solution import UnassignedCode, ViolationKind
from optimizer.routes.numbered.task import Task
from optimizer.routes.timetable.schedule import Fault, Misfit, faults, timetable

_CODES = {
    ViolationKind.NO_ROAD: UnassignedCode.UNREACHABLE_ROAD,
    ViolationKind.OVER_CAPACITY: UnassignedCode.NO_CAPACITY,
    ViolationKind.TOO_MANY_STOPS: UnassignedCode.NO_CAPACITY,
    ViolationKind.LATE: UnassignedCode.WINDOW_UNREACHABLE,
    ViolationKind.OVER_SHIFT: UnassignedCode.SHIFT_ENDS,
    ViolationKind.TOO_LONG: UnassignedCode.TOO_FAR,
    ViolationKind.WRONG_DEPOT: UnassignedCode.NO_VEHICLE,
    ViolationKind.NOT_READY: UnassignedCode.NO_VEHICLE,
}
"""The most telling first."""

_KINDS = {code: kind for kind, code in reversed(_CODES.items())}

_TIMED = (ViolationKind.LATE, ViolationKind.OVER_SHIFT)
_COUNTED = (
    *_TIMED,
    ViolationKind.TOO_LONG,
    ViolationKind.OVER_CAPACITY,
    ViolationKind.TOO_MANY_STOPS,
)


@dataclass(frozen=True, slots=True)
class Lack:
    """The most telling rule that a tour breaks.

    Attributes
    ----------
    by
        Seconds, stops, or units of the load `dimension`; metres where `is_way`.
    number
        The visit at which it breaks, None for the tour as a whole.
    """

    kind: ViolationKind
    by: int
    number: int | None = None
    dimension: int | None = None
    is_way: bool = False

    @property
    def code(self) -> UnassignedCode:
        """As the reason why a visit has no place."""
        return _CODES.get(self.kind, UnassignedCode.OTHER)

    @property
    def short_by_s(self) -> int | None:
        """Seconds that are missing, where it is about time."""
        is_time = self.kind in _TIMED or (self.kind is ViolationKind.TOO_LONG and not self.is_way)
        return self.by if is_time else None

    @property
    def rank(self) -> tuple[bool, int]:
        """Small where little is missing; what cannot be counted is the last to be told."""
        return self.kind not in _COUNTED, self.by


def lack_of(task: Task, van: int, tour: Sequence[int]) -> Lack | None:
    """What keeps a van from a tour; None where nothing does."""
    misfit = timetable(task, van, tour)
    if not isinstance(misfit, Misfit):
        return None
    _, found = faults(task, van, tour)
    order = list(_CODES)
    hard = [fault for fault in found if fault.is_hard]
    if not hard:
        at = None if misfit.position is None else tour[misfit.position]
        return Lack(_KINDS.get(misfit.code, ViolationKind.OTHER), misfit.short_by, at)
    worst = min(hard, key=lambda fault: order.index(fault.kind) if fault.kind in order else len(order))
    return _lack(task, van, tour, worst)


def _lack(task: Task, van: int, tour: Sequence[int], fault: Fault) -> Lack:
    entry = None if fault.position is None else tour[fault.position]
    number = entry if entry is not None and entry >= 0 else None
    by = fault.by
    if fault.kind is ViolationKind.LATE and number is not None:
        by -= task.visits[number].late_at_most_s
    elif fault.kind is ViolationKind.OVER_SHIFT:
        by -= task.vans[van].overtime_s
    return Lack(fault.kind, max(by, 1), number, fault.dimension, fault.is_way)
