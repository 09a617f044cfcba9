"""Which fixes of a receiver are to be believed. Pure."""

from __future__ import annotations

from doorstep.geo import distance_m
from doorstep.position import Position

FASTEST_MPS = 50.0
"""180 km/h: no van drives faster, a fix that says so has jumped."""


def fault_of(last: Position | None, fix: Position) -> str:
    """Why a fix is not to be believed: "mock", "old" or "jump"; "" where it is."""
    if fix.is_mock:
        return "mock"
    if last is None:
        return ""
    seconds = (fix.recorded_at - last.recorded_at).total_seconds()
    if seconds <= 0:
        return "old"
    # Two receivers' errors alone look fast over a second, so the noise of both is forgiven.
    slack_m = (last.accuracy_m or 20.0) + (fix.accuracy_m or 20.0)
    return "jump" if distance_m(last.location, fix.location) - slack_m > FASTEST_MPS * seconds else ""
