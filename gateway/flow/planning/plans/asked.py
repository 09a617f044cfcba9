"""Asked: whether the deliveries and drivers that somebody names for a plan fit it; else which do not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from doorstep.delivery import Delivery
from doorstep.driver import Driver
from doorstep.errors import InvalidInput, Issue, NotFound
from doorstep.order import Location
from doorstep.planning_rules import PlanningRules
from doorstep.route import PlanScope, Route, RoutePlan, RouteStatus
from doorstep.route_solution import UnassignedCode, UnassignedReason, UnassignedVisit
from gateway.flow.planning.parts.busy import loaded_ids, may_take_more
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.parts.vans import Seat, driver_in, is_before_delay
from gateway.flow.planning.parts.visits import waits_for_van
from gateway.flow.ports import UnitOfWork

if TYPE_CHECKING:
    from gateway.flow.planning.plans.request import PlanWish

MOST_ISSUES = 50


GONE = UnassignedReason(
    UnassignedCode.OTHER,
    "After the plan was asked for it was called off, loaded, or put on a tour that stays.",
)


@dataclass(frozen=True, slots=True)
class _Told:
    """What drivers have been told, as far as it keeps deliveries from a plan.

    Attributes
    ----------
    tours
        By the delivery.
    loaded
        Ids of tours whose goods are on board.
    drivers, places
        By id.
    """

    tours: Mapping[str, Route]
    loaded: frozenset[str]
    drivers: Mapping[str, Driver]
    places: Mapping[str, Location]
    rules: PlanningRules
    now: datetime

    @staticmethod
    async def read(work: UnitOfWork, now: datetime) -> _Told:
        unfinished = await work.routes.unfinished()
        return _Told(
            tours={stop.delivery_id: route for route in unfinished for stop in doors_ahead(route)},
            loaded=loaded_ids(unfinished, now),
            drivers={driver.id: driver for driver in await work.fleet.drivers()},
            places={place.id: place for place in await work.accounts.locations()},
            rules=(await work.accounts.merchant()).planning,
            now=now,
        )

    def why_not(self, delivery: Delivery, asked: _Asked) -> Iterator[str]:
        """Why a delivery cannot be planned so; nothing where it can."""
        if not waits_for_van(delivery):
            yield f"is {delivery.status}: no own van is to be sent for it"
        if delivery.destination.location is None:
            yield "has no place on the map; correct its address"
        route = self.tours.get(delivery.id)
        if route is None:
            return
        if route.status is RouteStatus.STARTED or route.id in self.loaded:
            yield "is on a tour that is loaded or has left; moveStop and reoptimizeRoutes change those"
        if route.date != asked.day:
            yield f"is on a tour of {route.date}"
        if asked.driver_ids and route.driver_id not in asked.driver_ids:
            yield "is on a tour of a driver who is not among driverIds"
        yield from self._why_stays(route, asked)

    def _why_stays(self, route: Route, asked: _Asked) -> Iterator[str]:
        """Why a tour that has not left is put together by no plan of this kind."""
        driver = self.drivers.get(route.driver_id)
        seat = Seat.of(driver, self.places, date.fromisoformat(route.date)) if driver is not None else None
        if seat is not None and is_before_delay(driver_in(seat.driver, seat.shift), route):
            yield "is on a tour that goes on as it is, since its driver has a delayed one behind it"
        if asked.scope is PlanScope.WAITING and not may_take_more(route, self.loaded, self.rules, self.now):
            yield (
                f"is on a tour that leaves at {route.starts_at:%H:%M} UTC, and its goods are picked by now; "
                "moveStop and reoptimizeRoutes change that one"
            )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a plan is about; its day as an ISO date."""

    day: str
    driver_ids: Sequence[str]
    scope: PlanScope


async def gone_of(
    work: UnitOfWork, plan: RoutePlan, found: Collection[str], now: datetime
) -> list[UnassignedVisit]:
    """What was asked for by id and is not among what was found when the search began, and why."""
    missing = [id_ for id_ in plan.delivery_ids if id_ not in found]
    if not missing:
        return []
    told, known = await _Told.read(work, now), await work.deliveries.several(sorted(missing))
    asked = _Asked(plan.date, plan.driver_ids, plan.scope)

    def reason(delivery: Delivery | None) -> UnassignedReason:
        why = next(told.why_not(delivery, asked), "") if delivery is not None else ""
        return UnassignedReason(UnassignedCode.OTHER, f"It {why}.") if why else GONE

    return [UnassignedVisit(id_, (reason(known.get(id_)),)) for id_ in missing]


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
    told = await _Told.read(work, now)
    asked = _Asked(wish.day.isoformat(), wish.driver_ids, wish.scope)
    issues = []
    for number, delivery_id in enumerate(wish.delivery_ids):
        path = ("input", "deliveryIds", str(number))
        if delivery_id not in known:
            raise NotFound(delivery_id, path=path)
        delivery = known[delivery_id]
        why = next(told.why_not(delivery, asked), "")
        if why:
            issues.append(Issue(path, f"{delivery.reference} {why}."))
    return issues


async def _require_basis(work: UnitOfWork, wish: PlanWish) -> None:
    path = ("input", "basedOnPlanId")
    basis = await work.routes.plan(wish.based_on_id)
    if basis is None:
        raise NotFound(wish.based_on_id, path=path)
    if basis.date != wish.day.isoformat():
        raise InvalidInput(f"basedOnPlanId is a plan of {basis.date}, not of {wish.day}.", path=path)
