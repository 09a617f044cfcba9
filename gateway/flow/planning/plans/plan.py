"""Plan: a queued plan is solved, kept and told."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import replace

from doorstep.errors import DoorstepError
from doorstep.events import PlanRequested
from doorstep.problem_checks import InvalidProblem
from doorstep.route import PlanProgress, RoutePlan, RoutePlanStatus
from doorstep.route_problem import RouteProblem
from doorstep.route_solution import RouteSolution
from gateway.flow.planning.days.afterwards import with_true_returns
from gateway.flow.planning.days.problem import Day, read_day
from gateway.flow.planning.parts.road_times import roads_for
from gateway.flow.planning.plans.asked import gone_of
from gateway.flow.planning.plans.keep import keep_solution
from gateway.flow.planning.plans.over import give_up
from gateway.flow.ports import Means

LOOK_EVERY_S = 0.5
"""How often progress is written down, and whether somebody has called the plan off is looked at."""


TRIES = 2
"""So often a search may be cut off, with its worker, before the plan has failed."""


class _CalledOff(Exception):
    """Nobody wants the plan any more."""


async def plan_routes(event: PlanRequested, means: Means) -> None:
    """Solve a queued plan, keep its routes and tell the drivers, unless a person is to look at it first."""
    try:
        begun = await _begin(event, means)
        if begun is not None:
            plan, day = begun
            day = await with_true_returns(means, day)
            await keep_solution(means, plan, day, await _solve(means, plan, day.problem))
    except DoorstepError as error:
        await _fail(means, event, error.message)
    except InvalidProblem as fault:
        await _fail(means, event, str(fault))
    except _CalledOff:
        return
    except Exception as fault:
        # Whoever looks at the plan is not left waiting; the fault itself is the worker's to tell.
        await _fail(means, event, f"Something went wrong that nobody foresaw: {type(fault).__name__}.")
        raise


async def _begin(event: PlanRequested, means: Means) -> tuple[RoutePlan, Day] | None:
    """Read what is to be planned; None where nobody waits for the plan any more."""
    now = means.clock.now()
    async with means.begin(event.merchant_id) as work:
        plan = await work.routes.plan(event.plan_id, lock=True)
        if plan is None or not plan.is_under_way:
            return None
        if plan.tries >= TRIES:
            await give_up(work, plan, "Its search was cut off again and again, as if it were too large.", now)
            return None
        day = await read_day(work, plan, now)
        plan = replace(
            plan,
            status=RoutePlanStatus.RUNNING,
            delivery_ids=tuple(day.deliveries),
            unassigned=(
                *plan.unassigned,
                *await gone_of(work, plan, {*day.deliveries, *day.chosen.given_on}, now),
            ),
            tries=plan.tries + 1,
        )
        await work.routes.put_plan(plan)
        work.announce("plan", plan.id)
        return plan, day


async def _solve(means: Means, plan: RoutePlan, problem: RouteProblem) -> RouteSolution:
    """Solve, and write down how far it is, so that whoever looks sees it.

    Raises
    ------
    _CalledOff
        If the plan is called off meanwhile; the search is ended.
    """
    latest = [plan.progress]
    solving = asyncio.ensure_future(
        means.planner.plan(
            problem,
            roads_for(means, problem),
            budget_s=plan.time_limit_s,
            seed=zlib.crc32(plan.id.encode()),
            on_progress=lambda progress: latest.__setitem__(0, progress),
        )
    )
    try:
        while not solving.done():
            await asyncio.wait({solving}, timeout=LOOK_EVERY_S)
            if not solving.done():
                await _look(means, plan, latest[0])
        return solving.result()
    finally:
        solving.cancel()


async def _look(means: Means, plan: RoutePlan, progress: PlanProgress) -> None:
    async with means.begin(plan.merchant_id) as work:
        current = await work.routes.plan(plan.id, lock=True)
        if current is None or not current.is_under_way:
            raise _CalledOff
        if progress != current.progress:
            await work.routes.put_plan(replace(current, progress=progress))
            work.announce("plan", plan.id)


async def _fail(means: Means, event: PlanRequested, why: str) -> None:
    async with means.begin(event.merchant_id) as work:
        plan = await work.routes.plan(event.plan_id, lock=True)
        if plan is not None and plan.is_under_way:
            await give_up(work, plan, why, means.clock.now())
