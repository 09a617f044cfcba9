"""What can be wrong with a tour, told by where and by how much."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.route_solution import UnassignedCode, ViolationKind

_CODES = {
    ViolationKind.LATE: UnassignedCode.WINDOW_UNREACHABLE,
    ViolationKind.OVER_CAPACITY: UnassignedCode.NO_CAPACITY,
    ViolationKind.TOO_MANY_STOPS: UnassignedCode.NO_CAPACITY,
    ViolationKind.OVER_SHIFT: UnassignedCode.SHIFT_ENDS,
    ViolationKind.TOO_LONG: UnassignedCode.TOO_FAR,
    ViolationKind.NO_ROAD: UnassignedCode.UNREACHABLE_ROAD,
    ViolationKind.WRONG_VEHICLE: UnassignedCode.NO_VEHICLE,
    ViolationKind.WRONG_DEPOT: UnassignedCode.NO_VEHICLE,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken rule.

    Attributes
    ----------
    position
        Of the entry of the tour at which it breaks; None for the whole tour, or the way home.
    by
        How much too much: seconds, metres, stops, or units of a load.
    is_hard
        False for what is allowed at a cost.
    dimension
        Which load, where it is about loads.
    is_way
        Whether `by` counts metres, of a tour that is TOO_LONG.
    """

    kind: ViolationKind
    position: int | None = None
    by: int = 0
    is_hard: bool = True
    dimension: int | None = None
    is_way: bool = False


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a van cannot make a tour: the first rule that it breaks.

    Attributes
    ----------
    position
        Of the entry of the tour at which it breaks, None for the whole tour or the way home.
    short_by
        How much is missing: seconds, metres, stops, or units of a load.
    """

    code: UnassignedCode
    position: int | None = None
    short_by: int = 0


def misfit_of(fault: Fault) -> Misfit:
    """A hard fault as the reason why something cannot be done."""
    return Misfit(_CODES.get(fault.kind, UnassignedCode.OTHER), fault.position, fault.by)
