"""Over: plans that nobody works on any more have failed, and what is left of past days is put away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from doorstep.route import RoutePlan, RoutePlanStatus
from gateway.flow.planning.plans.publish import put_away
from gateway.flow.planning.plans.unmended import show_unmended
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.waves import refuse_wave

LOST_AFTER = timedelta(hours=1)
"""A plan that is not solved so long after its time was up has no worker."""


async def give_up(work: UnitOfWork, plan: RoutePlan, why: str, now: datetime) -> None:
    """A plan has failed, and says why; nobody is booked for it.

    What it was to help is shown to people.
    """
    await refuse_wave(work, plan, now)
    failed = replace(plan, status=RoutePlanStatus.FAILED, problem=why, version=plan.version + 1)
    await work.routes.put_plan(failed)
    work.announce("plan", plan.id)
    await show_unmended(work, plan, f"The tours could not be planned again: {why}", now)


async def end_lost_plans(means: Means, merchant_id: str) -> None:
    """Look once at all plans that are not published; a worker may have died with one."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        today = now.astimezone(ZoneInfo(merchant.time_zone)).date()
        for noticed in await work.routes.open_plans():
            plan = await work.routes.plan(noticed.id, lock=True)
            if plan is None:
                continue
            limit = plan.created_at + timedelta(seconds=plan.time_limit_s) + LOST_AFTER
            # A shift past midnight is still driven by the day on which it began.
            is_past = date.fromisoformat(plan.date) < today - timedelta(days=1)
            if plan.is_under_way and limit <= now:
                await give_up(work, plan, "Nobody has worked on it for an hour; plan again.", now)
            elif plan.status is RoutePlanStatus.READY and is_past:
                await put_away(work, plan, RoutePlanStatus.SUPERSEDED, now)
