"""What can be wrong with a plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ViolationKind(StrEnum):
    """Which rule a plan breaks."""

    UNKNOWN_VAN = "UNKNOWN_VAN"
    UNKNOWN_VISIT = "UNKNOWN_VISIT"
    UNKNOWN_BREAK = "UNKNOWN_BREAK"
    VAN_TWICE = "VAN_TWICE"
    VISIT_TWICE = "VISIT_TWICE"
    VISIT_MISSING = "VISIT_MISSING"
    NO_REASON = "NO_REASON"
    EMPTY_ROUTE = "EMPTY_ROUTE"
    WRONG_STOP_KIND = "WRONG_STOP_KIND"
    WRONG_DEPOT = "WRONG_DEPOT"
    NOT_ON_BOARD = "NOT_ON_BOARD"
    ON_ANOTHER_VAN = "ON_ANOTHER_VAN"
    MISSING_SKILL = "MISSING_SKILL"
    WRONG_VEHICLE = "WRONG_VEHICLE"
    OUTSIDE_TERRITORY = "OUTSIDE_TERRITORY"
    WRONG_PIN = "WRONG_PIN"
    PAIR_APART = "PAIR_APART"
    OUT_OF_REACH = "OUT_OF_REACH"
    FROZEN_CHANGED = "FROZEN_CHANGED"
    NOT_KEPT = "NOT_KEPT"
    OVERLOADED = "OVERLOADED"
    TOO_MANY_STOPS = "TOO_MANY_STOPS"
    TOO_MANY_RELOADS = "TOO_MANY_RELOADS"
    NO_RELOAD_HERE = "NO_RELOAD_HERE"
    TOO_FAR = "TOO_FAR"
    TOO_LONG = "TOO_LONG"
    OUTSIDE_SHIFT = "OUTSIDE_SHIFT"
    LEFT_BEFORE_READY = "LEFT_BEFORE_READY"
    NO_ROAD = "NO_ROAD"
    WRONG_ARRIVAL = "WRONG_ARRIVAL"
    SERVED_BEFORE_ARRIVAL = "SERVED_BEFORE_ARRIVAL"
    OUTSIDE_WINDOW = "OUTSIDE_WINDOW"
    WRONG_SERVICE_TIME = "WRONG_SERVICE_TIME"
    WRONG_LATENESS = "WRONG_LATENESS"
    MISSED_BREAK = "MISSED_BREAK"
    WRONG_BREAK = "WRONG_BREAK"
    WRONG_TOTAL = "WRONG_TOTAL"
    SOFT_UNTOLD = "SOFT_UNTOLD"
    SOFT_INVENTED = "SOFT_INVENTED"


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule, in words for whoever repairs the planner."""

    kind: ViolationKind
    text: str
    van_id: str | None = None
    visit_id: str | None = None
