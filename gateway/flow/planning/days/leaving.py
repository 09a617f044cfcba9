"""Leaving: when vans that are not loaded can leave at the soonest, by a plan that is about to be made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.planning_rules import PlanningRules
from doorstep.route import Route, RoutePlan
from gateway.flow.planning.parts.vans import LOADING_S

REVIEW_S = 900
"""A plan that a person looks at first lets nobody leave before that, seconds from when it is made."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Nobody leaves while the planner thinks, or while a person looks.

    Attributes
    ----------
    as_new
        With what was told nobody: it is picked first.
    as_told
        With what was told before, which only has to be loaded.
    told
        When drivers were told that they leave, by their ids, as far as the plan says anew what they bring.
    """

    as_new: datetime
    as_told: datetime
    told: Mapping[str, datetime]

    @staticmethod
    def of(plan: RoutePlan, rules: PlanningRules, waits: Iterable[Route], now: datetime) -> Leaving:
        thinks_s = plan.time_limit_s + (0 if plan.is_published_at_once else REVIEW_S)
        told: dict[str, datetime] = {}
        for route in waits:
            told[route.driver_id] = min(route.starts_at, told.get(route.driver_id, route.starts_at))
        return Leaving(
            as_new=now + timedelta(seconds=rules.lead_s + thinks_s),
            as_told=now + timedelta(seconds=min(rules.lead_s, LOADING_S) + thinks_s),
            told=told,
        )

    def soonest(self, driver_id: str) -> datetime:
        """Of a driver's van."""
        return min(self.as_new, max(self.as_told, self.told.get(driver_id, self.as_new)))
