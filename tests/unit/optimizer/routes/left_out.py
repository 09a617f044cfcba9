"""A visit that is left out, and what is told about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from doorstep.route_solution import UnassignedCode, UnassignedVisit
from doorstep.van import Van
from doorstep.visit import Visit
from optimizer.routes.explain import unassigned_of
from tests.unit.optimizer.routes.by_hand import day, span, van
from tests.unit.optimizer.routes.insertion import inserted
from tests.unit.optimizer.routes.town import travel_for

ANN = van("ann", capacity_ml=20_000, max_stops=2)
BOB = van("bob", shift=span(60, 120), capacity_g=5_000, capacity_ml=9_000)


@dataclass(frozen=True)
class Told:
    """A visit that fits nowhere, the vans and what they do already, and the reasons that are given."""

    visit: Visit
    reasons: Sequence[tuple[UnassignedCode, str]]
    vans: Sequence[Van] = (ANN, BOB)
    before: Sequence[Visit] = ()
    more: dict[str, Any] = field(default_factory=dict)


def told(case: Told) -> UnassignedVisit:
    problem = day([*case.before, case.visit], *case.vans, **case.more)
    slack = inserted(problem, travel_for(problem))
    (left_out,) = unassigned_of(problem, slack.task, slack.tours)
    assert left_out.visit_id == case.visit.id
    return left_out
