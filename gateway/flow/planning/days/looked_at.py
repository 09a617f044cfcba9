"""Looked at: plans of which nobody knows yet what they will say, since they are made or a person has them."""

from __future__ import annotations

from datetime import datetime, timedelta

from doorstep.route import RoutePlan, RoutePlanStatus
from gateway.flow.planning.days.leaving import REVIEW_S
from gateway.flow.ports import UnitOfWork


async def held_back_by(work: UnitOfWork, now: datetime) -> list[RoutePlan]:
    """Plans that are under way, and those that a person has had before them for a short while."""
    return [one for one in await work.routes.open_plans() if one.is_under_way or is_looked_at(one, now)]


def is_looked_at(plan: RoutePlan, now: datetime) -> bool:
    """Whether a person may be about to publish a plan."""
    until = plan.created_at + timedelta(seconds=plan.progress.elapsed_s + REVIEW_S)
    return plan.status is RoutePlanStatus.READY and now < until
