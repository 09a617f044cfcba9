"""Plan: a queued plan is solved, kept and told."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import replace

from doorstep.errors import DoorstepError
from doorstep.events import PlanRequested
from doorstep.route import RoutePlan, RoutePlanStatus, RouteProblem, RouteSolution
from gateway.flow.planning.problem import vans_on_duty, visit_of, waiting_for_a_tour
from gateway.flow.planning.publish import keep_solution
from gateway.flow.ports import Means


async def plan_routes(event: PlanRequested, means: Means) -> None:
    """Solve a queued plan, keep its routes and tell the drivers."""
    now = means.clock.now()
    async with means.begin(event.merchant_id) as work:
        plan = await work.routes.plan(event.plan_id, lock=True)
        if plan is None or plan.status not in {RoutePlanStatus.QUEUED, RoutePlanStatus.RUNNING}:
            return
        waiting = await waiting_for_a_tour(work, plan, now)
        vans, places = await vans_on_duty(work, plan, now)
        plan = replace(plan, status=RoutePlanStatus.RUNNING, delivery_ids=tuple(d.id for d in waiting))
        await work.routes.put_plan(plan)
        work.announce("plan", plan.id)
    problem = RouteProblem(epoch=now, visits=tuple(visit_of(d, places) for d in waiting), vans=tuple(vans))
    try:
        solution = await _solve(means, plan, problem)
    except DoorstepError as error:
        await _fail(means, plan, error)
        return
    await keep_solution(means, plan, now, waiting, solution)


async def _solve(means: Means, plan: RoutePlan, problem: RouteProblem) -> RouteSolution:
    """Solve, and write down twice a second how far it is, so that whoever looks sees it."""
    latest = [plan.progress]
    solving = asyncio.ensure_future(
        means.planner.plan(
            problem,
            means.roads,
            budget_s=plan.time_limit_s,
            seed=zlib.crc32(plan.id.encode()),
            on_progress=lambda progress: latest.__setitem__(0, progress),
        )
    )
    told = plan.progress
    while not solving.done():
        await asyncio.wait({solving}, timeout=0.5)
        if latest[0] != told and not solving.done():
            told = latest[0]
            async with means.begin(plan.merchant_id) as work:
                await work.routes.put_plan(replace(plan, progress=told))
                work.announce("plan", plan.id)
    return solving.result()


async def _fail(means: Means, plan: RoutePlan, error: DoorstepError) -> None:
    async with means.begin(plan.merchant_id) as work:
        await work.routes.put_plan(
            replace(plan, status=RoutePlanStatus.FAILED, problem=error.message, version=plan.version + 1)
        )
        work.announce("plan", plan.id)
