"""Keep: a solved plan becomes tours, which drivers are told at once or once a person has looked at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from doorstep.ids import new_id
from doorstep.route import PlanProgress, Route, RoutePlan, RoutePlanStatus, RouteStatus
from doorstep.route_solution import PlannedRoute, RouteSolution, RouteViolation
from gateway.flow.planning.days.problem import Day, driver_of
from gateway.flow.planning.days.tours import Making, changed_tour, new_tour, outlines_of, summary_of
from gateway.flow.planning.plans.publish import tell_plan
from gateway.flow.planning.telling.in_place import lock_standing, put_in_place
from gateway.flow.ports import Means, UnitOfWork


async def keep_solution(means: Means, plan: RoutePlan, day: Day, solution: RouteSolution) -> None:
    """Keep what a planner answered, unless the plan was called off meanwhile."""
    now = means.clock.now()
    async with means.begin(plan.merchant_id) as work:
        plans = {one.id: one for one in await work.routes.lock_plans(plan.id)}
        current = plans.get(plan.id)
        if current is None or not current.is_under_way:
            return
        if not day.changing:
            solution = replace(solution, moved=0)  # nobody was told the tours that the search began with
        tours = _tours(plan, day, solution)
        solved = replace(
            current,
            status=RoutePlanStatus.READY,
            method=solution.method,
            cost_minor=solution.cost_minor,
            unassigned=(*current.unassigned, *solution.unassigned),
            changes=day.changes,
            summary=summary_of(tours, solution, day.deliveries, day.seats),
            outlines=outlines_of(tours, day.seats),
            progress=_done(current, day, solution, now),
            version=current.version + 1,
        )
        if solved.is_published_at_once:
            standing = await lock_standing(work, solved, now)
            in_place = await put_in_place(work, solved, standing, tours, now)
            others = [one for one in plans.values() if one.id != plan.id]
            published = await tell_plan(work, solved, in_place, others, standing, now)
            if published is None:
                await _tell_nobody(work, solved, tours)
        else:
            await _show(work, solved, tours)


async def _show(work: UnitOfWork, plan: RoutePlan, tours: Sequence[Route]) -> None:
    """Let dispatchers look at it; drivers know nothing of it."""
    for tour in tours:
        await work.routes.put_route(tour)
    await work.routes.put_plan(plan)
    work.announce("plan", plan.id)


async def _tell_nobody(work: UnitOfWork, plan: RoutePlan, tours: Sequence[Route]) -> None:
    """A plan that changed nothing for anybody has failed, and says why."""
    why = "No van can take any of it; each delivery says why."
    if tours:
        why = "Every van of this plan has left or was told something else while it was made; plan again."
    elif not plan.delivery_ids:
        why = "Nothing waits for a van."
    await work.routes.put_plan(replace(plan, status=RoutePlanStatus.FAILED, problem=why))
    work.announce("plan", plan.id)


def _done(plan: RoutePlan, day: Day, solution: RouteSolution, now: datetime) -> PlanProgress:
    left_out = len(solution.unassigned)
    elapsed_s = (now - plan.created_at).total_seconds()
    return PlanProgress(1.0, elapsed_s, len(day.deliveries) - left_out, left_out, solution.cost_minor)


def _tours(plan: RoutePlan, day: Day, solution: RouteSolution) -> list[Route]:
    """The answer as routes; a tour on the road of which something would be left behind stays as it is."""
    making = Making(
        merchant_id=plan.merchant_id,
        plan_id=plan.id,
        date=plan.date,
        currency=plan.currency,
        visits={visit.id: visit for visit in day.problem.visits},
        deliveries=day.deliveries,
        told={stop.delivery_id: stop for route in day.changing for stop in route.ahead if stop.delivery_id},
        depots={depot.id: depot.location for depot in day.problem.depots},
    )
    tours = []
    for planned in solution.routes:
        seat = day.seats.get(driver_of(planned.van_id))
        if seat is None or not planned.visit_ids:
            continue
        broken = _broken(solution.soft, planned)
        told = day.told.get(planned.van_id)
        if told is None:
            tours.append(new_tour(making, seat, planned, broken))
        elif told.on_board <= set(planned.visit_ids):
            tours.append(_as_draft(changed_tour(making, seat, told.route, planned, broken), plan, told.route))
    return tours + _emptied(plan, day, solution)


def _emptied(plan: RoutePlan, day: Day, solution: RouteSolution) -> list[Route]:
    """Tours on the road whose last doors go to others."""
    driven = {planned.van_id for planned in solution.routes if planned.visit_ids}
    emptied = []
    for van_id, told in day.told.items():
        if van_id not in driven and told.visits and not told.on_board:
            over = tuple(stop for stop in told.route.stops if stop.is_over)
            emptied.append(_as_draft(replace(told.route, stops=over), plan, told.route))
    return emptied


def _as_draft(changed: Route, plan: RoutePlan, old: Route) -> Route:
    """A tour on the road as it would go on: a route of its own until drivers are told."""
    return replace(
        changed, id=new_id("rte"), plan_id=plan.id, status=RouteStatus.PLANNED, continues_id=old.id
    )


def _broken(soft: Sequence[RouteViolation], planned: PlannedRoute) -> list[RouteViolation]:
    return [one for one in soft if one.van_id == planned.van_id]
