"""Running: some tours that drivers were told, as a problem of which each tour is a van.

A driver may have two, one behind the other: the van's id is the route's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from doorstep.delivery import Delivery
from doorstep.driver import Driver
from doorstep.errors import StateConflict
from doorstep.merchant import Merchant
from doorstep.order import Location
from doorstep.route import Route, RouteStatus
from doorstep.route_change import ToldRoutes
from doorstep.route_problem import RouteProblem
from doorstep.visit import Visit
from gateway.flow.planning.in_place import assign
from gateway.flow.planning.problem import assembled, carried_by
from gateway.flow.planning.told import Around, ToldTour, doors_ahead, told_tour
from gateway.flow.planning.tours import Making, changed_tour
from gateway.flow.planning.vans import LOADING_S, Seat, free_after
from gateway.flow.planning.visits import Terms
from gateway.flow.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Running:
    """Tours as they stand.

    Attributes
    ----------
    tours, seats
        By the route's id.
    deliveries
        Of all doors ahead, and those that are to be put among them.
    """

    merchant: Merchant
    places: Mapping[str, Location]
    terms: Terms
    tours: Mapping[str, ToldTour]
    seats: Mapping[str, Seat]
    deliveries: Mapping[str, Delivery]
    now: datetime

    def problem(self, *more: Visit) -> RouteProblem:
        """What is asked of the desk; how evenly drivers share is no matter of single stops."""
        tours = self.tours.values()
        whole = assembled(
            self.merchant,
            self.places,
            (*(visit for tour in tours for visit in tour.visits), *more),
            [tour.van for tour in tours],
            [tour.given for tour in tours],
            self.merchant.planning.keeps,
            self.now,
        )
        return replace(whole, balance=None)


@dataclass(frozen=True, slots=True)
class TourChange:
    """A tour as it was read, and as it is to be."""

    before: Route
    after: Route


async def read_running(
    work: UnitOfWork,
    routes: Sequence[Route],
    now: datetime,
    *,
    more: Sequence[Delivery] = (),
    drivers: Mapping[str, Driver] | None = None,
) -> Running:
    """These tours, with what their drivers have before and after them.

    Parameters
    ----------
    more
        Deliveries that are on none of them.
    drivers
        By the route's id, who shall drive instead.

    Raises
    ------
    StateConflict
        If a driver is off duty on the day.
    """
    merchant = await work.accounts.merchant()
    places = {place.id: place for place in await work.accounts.locations()}
    known = {driver.id: driver for driver in await work.fleet.drivers()}
    terms = Terms.of(merchant, known.values())
    unfinished = await work.routes.unfinished()
    tours, seats, deliveries = {}, {}, {one.id: one for one in more}
    for route in routes:
        driver = (drivers or {}).get(route.id) or known.get(route.driver_id)
        seat = Seat.of(driver, places, date.fromisoformat(route.date)) if driver is not None else None
        if seat is None:
            text = "The driver of this tour is off duty on its day."
            raise StateConflict(text, current_id=route.id, current_version=route.version)
        carried = await carried_by(work, route)
        around = await _around(work, seat, route, unfinished)
        tours[route.id] = told_tour(route, around, carried, terms, now, van_id=route.id)
        seats[route.id] = seat
        deliveries |= carried
    return Running(merchant, places, terms, tours, seats, deliveries, now)


async def _around(work: UnitOfWork, seat: Seat, route: Route, unfinished: Sequence[Route]) -> Around:
    others = [one for one in unfinished if one.driver_id == seat.driver.id and one.id != route.id]
    after = [one.starts_at for one in others if one.starts_at >= route.ends_at]
    return Around(
        seat,
        state=await work.fleet.state(seat.driver.id),
        not_before=free_after([one for one in others if one.starts_at < route.starts_at]),
        not_after=min(after) - timedelta(seconds=LOADING_S) if after else None,
    )


def changed(
    running: Running, told: ToldRoutes, route_ids: Sequence[str], visits: Sequence[Visit]
) -> list[TourChange]:
    """These tours as the desk says that they go on."""
    stops = {s.delivery_id: s for tour in running.tours.values() for s in tour.route.ahead if s.delivery_id}
    changes = []
    for route_id in route_ids:
        old, seat = running.tours[route_id].route, running.seats[route_id]
        making = Making(
            merchant_id=old.merchant_id,
            plan_id=old.plan_id,
            date=old.date,
            currency=running.merchant.currency,
            visits={visit.id: visit for visit in visits},
            deliveries=running.deliveries,
            told=stops,
            depots={depot.id: depot.location for depot in running.problem().depots},
        )
        planned = told.of(route_id)
        broken = [one for one in told.violations if one.van_id == route_id]
        if planned is None:
            after = replace(old, stops=tuple(stop for stop in old.stops if stop.is_over), violations=())
        else:
            after = changed_tour(making, seat, old, planned, broken)
        changes.append(TourChange(old, replace(after, driver_id=seat.driver.id)))
    return changes


async def tell_changes(
    work: UnitOfWork, changes: Sequence[TourChange], now: datetime, *, new: Collection[str] = ()
) -> list[Route]:
    """Keep tours as they are to be and tell their drivers.

    Parameters
    ----------
    new
        Deliveries that were on no tour, and have to be on none still.

    Raises
    ------
    StateConflict
        If one is no longer as it was read: its van has moved on, or somebody else has changed it.
    """
    wanted = {change.before.id: change for change in changes}
    for noticed in await work.routes.unfinished():
        if noticed.id in wanted:
            await work.routes.route(noticed.id, lock=True)
    told = []
    for change in changes:
        current = await work.routes.route(change.before.id)
        if current is None or current.version != change.before.version:
            text = "The tour has changed meanwhile: its van has moved on, or somebody has moved a stop."
            version = current.version if current else None
            raise StateConflict(text, current_id=change.before.id, current_version=version)
        after = replace(change.after, version=current.version + 1)
        if not after.ahead and after.status is RouteStatus.PUBLISHED:
            after = replace(after, status=RouteStatus.CANCELLED)
        await work.routes.put_route(after)
        work.announce("route", after.id)
        told.append(after)
    drivers = {stop.delivery_id: route.driver_id for route in told for stop in doors_ahead(route)}
    for delivery_id in sorted(drivers):
        delivery = await work.deliveries.get(delivery_id, lock=True)
        if delivery is not None:
            _require_to_be_had(delivery, new)
            await assign(work, delivery, drivers[delivery_id], now)
    return told


def _require_to_be_had(delivery: Delivery, new: Collection[str]) -> None:
    has_driver = delivery.id in new and delivery.driver_id is not None
    if delivery.is_over or has_driver:
        text = f"{delivery.reference} is {delivery.status} meanwhile."
        if has_driver:
            text = f"{delivery.reference} was put on a tour meanwhile."
        raise StateConflict(text, current_id=delivery.id, current_version=delivery.version)
