"""Road times: how fast traffic is at this moment says nothing of tours that leave much later."""

from __future__ import annotations

from datetime import datetime, timedelta

from doorstep.ports import RoadEngine
from doorstep.route_problem import RouteProblem
from gateway.flow.ports import Means

SOON = timedelta(hours=3)
"""Speeds that are measured now are not believed for longer; a jam is over by then."""


def roads_for(means: Means, problem: RouteProblem) -> RoadEngine:
    """The roads as they are now for tours that leave soon, else as they usually are."""
    is_soon = _begins(problem) <= means.clock.now() + SOON
    return means.roads if is_soon or means.usual_roads is None else means.usual_roads


def _begins(problem: RouteProblem) -> datetime:
    """The first moment at which anything can be done."""
    leaves = min((van.shift.start for van in problem.vans), default=problem.epoch)
    opens = (visit.windows[0].start if visit.windows else leaves for visit in problem.visits)
    return max(leaves, min(opens, default=leaves))
