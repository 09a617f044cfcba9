"""Asked: whether the deliveries and drivers that somebody names for a plan fit it; else which do not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from doorstep.delivery import Delivery
from doorstep.driver import Driver
from doorstep.errors import InvalidInput, Issue, NotFound
from doorstep.route import PlanScope, Route, RouteStatus
from doorstep.route_solution import UnassignedCode, UnassignedReason, UnassignedVisit
from gateway.flow.planning.parts.busy import loaded_ids
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.parts.vans import Seat
from gateway.flow.planning.parts.visits import waits_for_van
from gateway.flow.ports import UnitOfWork

if TYPE_CHECKING:
    from gateway.flow.planning.plans.request import PlanWish

MOST_ISSUES = 50


GONE = UnassignedReason(
    UnassignedCode.OTHER,
    "After the plan was asked for it was called off, loaded, or put on a tour that stays.",
)


def gone_of(asked: Iterable[str], found: Collection[str]) -> list[UnassignedVisit]:
    """What was asked for by id and is not among what was found when the search began."""
    return [UnassignedVisit(id_, (GONE,)) for id_ in asked if id_ not in found]


async def require_fitting(work: UnitOfWork, wish: PlanWish, now: datetime) -> None:
    """See that a plan can take all that is named: nothing of it is left out in silence.

    Raises
    ------
    NotFound
        If a delivery, a driver or the plan to start from is none of the merchant's.
    InvalidInput
        If a delivery or a driver cannot be planned that day, with an issue for each, or the plan to start
        from is of another day.
    """
    issues = [*await _drivers(work, wish, now), *await _deliveries(work, wish, now)]
    if issues:
        raise InvalidInput(issues[0].message, path=issues[0].path, issues=issues[:MOST_ISSUES])
    if wish.based_on_id:
        await _require_basis(work, wish)


async def _drivers(work: UnitOfWork, wish: PlanWish, now: datetime) -> list[Issue]:
    known = {driver.id: driver for driver in await work.fleet.drivers()}
    places = {place.id: place for place in await work.accounts.locations()}
    issues = []
    for number, driver_id in enumerate(wish.driver_ids):
        path = ("input", "driverIds", str(number))
        if driver_id not in known:
            raise NotFound(driver_id, path=path)
        driver = known[driver_id]
        why = _why_off(driver, Seat.of(driver, places, wish.day), wish, now)
        if why:
            issues.append(Issue(path, f"{driver.name} {why}."))
    return issues


def _why_off(driver: Driver, seat: Seat | None, wish: PlanWish, now: datetime) -> str:
    """Why a driver cannot be planned that day; "" for who can."""
    if not driver.enabled:
        return "is disabled"
    if seat is None and wish.day.isoweekday() not in driver.weekdays:
        return f"is off duty on {wish.day:%A}s"
    if seat is None:
        return "begins at a place that is not on the map"
    if wish.scope is PlanScope.RUNNING:
        return ""  # a van that is out late is planned all the same
    if seat.shift.end <= now:
        return f"has been off duty since the end of the shift of {wish.day}"
    return "cannot go on before the end of the shift" if not seat.shift.seconds else ""


async def _deliveries(work: UnitOfWork, wish: PlanWish, now: datetime) -> list[Issue]:
    if not wish.delivery_ids:
        return []
    known = await work.deliveries.several(sorted(set(wish.delivery_ids)))
    unfinished = await work.routes.unfinished()
    loaded = loaded_ids(unfinished, now)
    tours = {stop.delivery_id: route for route in unfinished for stop in doors_ahead(route)}
    issues = []
    for number, delivery_id in enumerate(wish.delivery_ids):
        path = ("input", "deliveryIds", str(number))
        if delivery_id not in known:
            raise NotFound(delivery_id, path=path)
        delivery = known[delivery_id]
        why = next(_why_not(delivery, tours.get(delivery_id), loaded, wish), "")
        if why:
            issues.append(Issue(path, f"{delivery.reference} {why}."))
    return issues


def _why_not(
    delivery: Delivery, route: Route | None, loaded: frozenset[str], wish: PlanWish
) -> Iterator[str]:
    """Why a delivery cannot be planned that day."""
    if not waits_for_van(delivery):
        yield f"is {delivery.status}: no own van is to be sent for it"
    if delivery.destination.location is None:
        yield "has no place on the map; correct its address"
    if route is None:
        return
    if route.status is RouteStatus.STARTED or route.id in loaded:
        yield "is on a tour that is loaded or has left; moveStop and reoptimizeRoutes change those"
    if route.date != wish.day.isoformat():
        yield f"is on a tour of {route.date}"
    if wish.driver_ids and route.driver_id not in wish.driver_ids:
        yield "is on a tour of a driver who is not among driverIds"


async def _require_basis(work: UnitOfWork, wish: PlanWish) -> None:
    path = ("input", "basedOnPlanId")
    basis = await work.routes.plan(wish.based_on_id)
    if basis is None:
        raise NotFound(wish.based_on_id, path=path)
    if basis.date != wish.day.isoformat():
        raise InvalidInput(f"basedOnPlanId is a plan of {basis.date}, not of {wish.day}.", path=path)
