"""Faults: which broken rules a change of tours causes, and whether it may be made all the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from doorstep.errors import PlanInfeasible
from doorstep.route_solution import RouteViolation, ViolationKind

_Fault = tuple[ViolationKind, str, str]


def caused(before: Iterable[RouteViolation], after: Iterable[RouteViolation]) -> list[RouteViolation]:
    """Rules that were not broken before, or not so far."""
    known = {_fault(one): one.by_s or 0 for one in before}
    return [one for one in after if known.get(_fault(one), -1) < (one.by_s or 0)]


def require_allowed(
    faults: Sequence[RouteViolation], what: str, *, accepts_soft: bool, path: Sequence[str] = ()
) -> None:
    """See that a change breaks no hard rule, and no soft one that is not accepted.

    Parameters
    ----------
    what
        The change, as the subject of a sentence.

    Raises
    ------
    PlanInfeasible
        With all of them, where it does.
    """
    if any(fault.is_hard for fault in faults):
        raise PlanInfeasible(f"{what} breaks a rule that nobody may break.", violations=faults, path=path)
    if faults and not accepts_soft:
        text = f"{what} breaks rules that may be broken at a cost; acceptViolations does it all the same."
        raise PlanInfeasible(text, violations=faults, path=path)


def _fault(violation: RouteViolation) -> _Fault:
    return violation.kind, violation.van_id, violation.visit_id
