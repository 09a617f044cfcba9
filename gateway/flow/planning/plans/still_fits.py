"""Still fits: a plan that a person looked at is checked once more before drivers are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from doorstep.driver import Driver
from doorstep.errors import PlanInfeasible
from doorstep.order import Location
from doorstep.route import Route, RoutePlan, RoutePlanStatus, RouteStatus
from doorstep.route_solution import RouteViolation, ViolationKind
from gateway.flow.planning.parts.road_times import roads_for
from gateway.flow.planning.parts.vans import Seat
from gateway.flow.planning.parts.wording import named
from gateway.flow.planning.standing.running import read_running
from gateway.flow.ports import Means, UnitOfWork

_WHY = "The plan does not fit any more; plan again."
_PATH = ("input", "planId")


@dataclass(frozen=True, slots=True)
class _Drivers:
    """Who there is, by id, and the places that they drive from."""

    known: Mapping[str, Driver]
    places: Mapping[str, Location]


async def require_drivable(means: Means, merchant_id: str, plan_id: str) -> None:
    """See that drivers and vans can still drive a plan that is READY as it is.

    Drivers are asked for their shifts, vans for what they can take, doors for their windows, all as they are
    now. Whether the tours that it changes are as they were is another question (`require_unchanged`). Where
    this gateway has no desk only the drivers are looked at.

    Raises
    ------
    PlanInfeasible
        With all rules that it would break.
    RemoteError
        If the roads cannot be asked.
    """
    async with means.begin(merchant_id) as work:
        plan = await work.routes.plan(plan_id)
        if plan is None or plan.status is not RoutePlanStatus.READY:
            return
        tours = await _as_driven(work, plan)
        off = list(_off_duty(tours, await _drivers(work)))
        if off:
            raise PlanInfeasible(_WHY, violations=off, path=_PATH)
        instead = [one.route_id for one in plan.changes]
        running = await read_running(work, tours, means.clock.now(), instead=instead)
    if means.desk is None or not tours:
        return
    problem = running.problem()
    told = await means.desk.look(problem, roads_for(means, problem))
    broken = [one for one in told.violations if one.is_hard]
    if broken:
        raise PlanInfeasible(_WHY, violations=named(broken, running.deliveries), path=_PATH)


async def _as_driven(work: UnitOfWork, plan: RoutePlan) -> list[Route]:
    """Its tours; one that goes on as a van on the road does, under that van's id."""
    on_the_road = {route.id: route for route in await work.routes.unfinished()}
    tours = []
    for draft in await work.routes.of_plan(plan.id):
        old = on_the_road.get(draft.continues_id)
        if draft.status is RouteStatus.PLANNED and old is not None:
            tours.append(replace(draft, id=old.id, status=old.status))
        elif draft.status is RouteStatus.PLANNED and not draft.continues_id:
            tours.append(draft)
    return tours


async def _drivers(work: UnitOfWork) -> _Drivers:
    known = {driver.id: driver for driver in await work.fleet.drivers()}
    return _Drivers(known, {place.id: place for place in await work.accounts.locations()})


def _off_duty(tours: Sequence[Route], drivers: _Drivers) -> Iterator[RouteViolation]:
    for route in tours:
        driver, day = drivers.known.get(route.driver_id), date.fromisoformat(route.date)
        if driver is None or Seat.of(driver, drivers.places, day) is None:
            name = driver.name if driver is not None else "The driver"
            text = f"{name} is off duty on {route.date}."
            yield RouteViolation(ViolationKind.OVER_SHIFT, True, text, route.driver_id)
