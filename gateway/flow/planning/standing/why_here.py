"""Why here: what stops cost on the tours that drivers were told, and who would make them otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from doorstep.driver import Driver
from doorstep.errors import DoorstepError
from doorstep.problem_checks import InvalidProblem
from doorstep.route import Route, RouteStatus
from doorstep.route_problem import RouteProblem
from doorstep.route_solution import Assignment
from gateway.flow.planning.parts.road_times import roads_for
from gateway.flow.planning.parts.vans import Seat, free_van, leaves_at_soonest
from gateway.flow.planning.standing.running import Running, read_running
from gateway.flow.ports import Means, UnitOfWork


async def assignments_of(
    means: Means, merchant_id: str, day: str, delivery_ids: Collection[str], *, plan_id: str = ""
) -> Mapping[str, Assignment]:
    """By the delivery why its driver brings it, among all tours of a day as they stand now.

    Without those that are on no tour of the day, and those that nobody could work out in time.

    Parameters
    ----------
    day
        Of the tours, "2026-11-22".
    plan_id
        A plan that drivers do not know of yet: among its tours; "" for those that drivers were told.
    """
    if means.desk is None:
        return {}
    try:
        async with means.begin(merchant_id) as work:
            running, problem = await _of_day(work, day, plan_id, means.clock.now())
        if not problem.visits:
            return {}
        found = await means.desk.assignments(problem, roads_for(means, problem), delivery_ids)
    except (DoorstepError, InvalidProblem):
        # Nobody knows the roads at the moment, or a tour makes no sense: a list of stops is shown without.
        return {}
    drivers = {route_id: tour.route.driver_id for route_id, tour in running.tours.items()}
    return {
        id_: replace(why, next_van_id=drivers.get(why.next_van_id, why.next_van_id))
        for id_, why in found.items()
    }


async def _of_day(work: UnitOfWork, day: str, plan_id: str, now: datetime) -> tuple[Running, RouteProblem]:
    """The tours of a day, and the vans that are at home."""
    drivers = {one.id: one for one in await work.fleet.drivers()}
    places = {place.id: place for place in await work.accounts.locations()}

    def seat_of(driver: Driver | None) -> Seat | None:
        return Seat.of(driver, places, date.fromisoformat(day)) if driver is not None else None

    told = [one for one in await work.routes.unfinished() if one.date == day]
    instead: list[str] = []
    if plan_id:
        plan = await work.routes.plan(plan_id)
        instead = [one.route_id for one in plan.changes] if plan is not None else []
        drafts = await work.routes.of_plan(plan_id)
        told = [one for one in drafts if one.status is RouteStatus.PLANNED and not one.continues_id]
    driven = [one for one in told if seat_of(drivers.get(one.driver_id))]
    running = await read_running(work, driven, now, instead=instead)
    seats = (seat_of(driver) for driver in _idle(drivers, told))
    leaves = leaves_at_soonest(now, running.terms.rules.lead_s)
    vans = [free_van(seat, leaves, running.terms) for seat in seats if seat is not None]
    problem = running.problem()
    return running, replace(problem, vans=(*problem.vans, *(van for van in vans if van is not None)))


def _idle(drivers: Mapping[str, Driver], told: Sequence[Route]) -> list[Driver]:
    busy = {route.driver_id for route in told}
    return [driver for driver in drivers.values() if driver.id not in busy]
