"""A remedy, as a dispatcher sees it before pressing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from doorstep.incident import StepAction
from doorstep.money import Money


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing that can be done now.

    Attributes
    ----------
    id
        That of the step that waits for a person, else of the incident and the action.
    effect
        What it would do, for a dispatcher.
    cost
        Beside what was to be paid before; None where it is not known, or it costs nothing.
    needs_approval
        No machine may do it by itself; where that is for its cost a person says what it may cost.
    """

    id: str
    action: StepAction
    label: str
    effect: str
    cost: Money | None = None
    new_eta: datetime | None = None
    needs_approval: bool = False
