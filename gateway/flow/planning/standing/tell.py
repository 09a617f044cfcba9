"""Tell: tours as they are to be are kept and told, if nothing has come between since they were read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.delivery import Delivery
from doorstep.errors import StateConflict
from doorstep.events import RouteTold
from doorstep.route import Route, RouteStatus
from doorstep.route_change import ToldRoutes
from doorstep.visit import Visit
from gateway.flow.planning.days.tours import Making, changed_tour
from gateway.flow.planning.parts.busy import meet, read_ends
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.parts.vans import depots_of, driver_on
from gateway.flow.planning.parts.visits import is_for_van
from gateway.flow.planning.standing.running import Running
from gateway.flow.planning.telling.in_place import assign
from gateway.flow.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class TourChange:
    """A tour as it was read, and as it is to be."""

    before: Route
    after: Route


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
            depots={depot.id: depot.location for depot in depots_of(running.places)},
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
        If one is no longer as it was read: its van has moved on, or somebody else has changed it. Also if
        its driver would have two at once, because of what somebody else has told meanwhile, or has fallen
        out, or a courier is booked by now for what is on it.
    """
    given = [change for change in changes if change.before.driver_id != change.after.driver_id]
    if given:
        await work.routes.take_turn()
    standing, ends = await _locked(work, changes, now)
    await _require_drivers(work, given)
    told = []
    for change in changes:
        current = standing.get(change.before.id)
        if current is None or current.version != change.before.version:
            text = "The tour has changed meanwhile: its van has moved on, or somebody has moved a stop."
            version = current.version if current else None
            raise StateConflict(text, current_id=change.before.id, current_version=version)
        after = replace(change.after, version=current.version + 1, changed_at=now)
        if not after.ahead and after.status is RouteStatus.PUBLISHED:
            after = replace(after, status=RouteStatus.CANCELLED)
        told.append(after)
    _require_one_at_a_time(told, standing, ends)
    for after in told:
        await work.routes.put_route(after)
        work.announce("route", after.id)
        await work.emit(RouteTold(after.merchant_id, after.id))
    drivers = {stop.delivery_id: route.driver_id for route in told for stop in doors_ahead(route)}
    for delivery_id, delivery in (await work.deliveries.several(sorted(drivers), lock=True)).items():
        _require_to_be_had(delivery, new)
        await assign(work, delivery, drivers[delivery_id], now)
    return told


async def tell_new(work: UnitOfWork, tour: Route, now: datetime) -> Route:
    """Keep a tour that nobody knew of, and tell its driver; its deliveries were on no tour before.

    Raises
    ------
    StateConflict
        If its driver has fallen out meanwhile, or was told a tour for the same time; or a delivery is on a
        tour by now, or a courier brings it.
    """
    await work.routes.take_turn()
    # What the driver has already may be getting longer at this moment.
    standing, ends = await _locked(work, [TourChange(tour, tour)], now)
    await _require_drivers(work, [TourChange(tour, tour)])
    other = next((one for one in standing.values() if meet(one, tour, ends)), None)
    if other is not None:
        text = "The driver was told another tour meanwhile."
        raise StateConflict(text, current_id=other.id, current_version=other.version)
    told = replace(tour, status=RouteStatus.PUBLISHED)
    await work.routes.put_route(told)
    work.announce("route", told.id)
    await work.emit(RouteTold(told.merchant_id, told.id))
    ids = [stop.delivery_id for stop in doors_ahead(told)]
    for delivery in (await work.deliveries.several(sorted(ids), lock=True)).values():
        _require_to_be_had(delivery, ids)
        await assign(work, delivery, told.driver_id, now)
    return told


async def _locked(
    work: UnitOfWork, changes: Sequence[TourChange], now: datetime
) -> tuple[dict[str, Route], dict[str, datetime]]:
    """All tours of these drivers as they stand now, by id, and when each will be over."""
    ids = {change.before.id for change in changes}
    drivers = {route.driver_id for change in changes for route in (change.before, change.after)}
    noticed = await work.routes.unfinished()
    await work.routes.lock([one.id for one in noticed if one.id in ids or one.driver_id in drivers])
    # Once more: somebody may have told one of them another tour until they were all ours.
    found = [one for one in await work.routes.unfinished() if one.id in ids or one.driver_id in drivers]
    return {one.id: one for one in found}, await read_ends(work, found, now)


async def _require_drivers(work: UnitOfWork, given: Sequence[TourChange]) -> None:
    """See that who is given a tour has not fallen out since it was worked out."""
    for change in given:
        driver = await work.fleet.driver(change.after.driver_id)
        away = driver_on(driver, change.after).held_until if driver is not None else None
        if driver is None or not driver.enabled or (away is not None and change.after.starts_at < away):
            name = driver.name if driver is not None else "The driver"
            text = f"{name} has fallen out meanwhile."
            raise StateConflict(text, current_id=change.before.id, current_version=change.before.version)


def _require_one_at_a_time(
    told: Sequence[Route], standing: Mapping[str, Route], ends: Mapping[str, datetime]
) -> None:
    """See that no change lets a driver have two tours at once; what is late anyway is nobody's change."""
    after = dict(standing) | {route.id: route for route in told}
    driven = [route for route in after.values() if route.status is not RouteStatus.CANCELLED]
    late = {id_: end for id_, end in ends.items() if id_ not in {route.id for route in told}}
    for route in told:
        for other in driven:
            if route not in driven or not meet(route, other, late):
                continue
            were = standing[route.id], standing[other.id]
            if not meet(*were, ends):
                text = "The driver would have two tours at once; look at both again."
                raise StateConflict(text, current_id=other.id, current_version=standing[other.id].version)


def _require_to_be_had(delivery: Delivery, new: Collection[str]) -> None:
    has_driver = delivery.id in new and delivery.driver_id is not None
    if has_driver or not is_for_van(delivery):
        text = f"{delivery.reference} is {delivery.status} meanwhile."
        if not delivery.is_over:
            text = f"{delivery.reference}: another carrier brings it meanwhile."
        if has_driver:
            text = f"{delivery.reference} was put on a tour meanwhile."
        raise StateConflict(text, current_id=delivery.id, current_version=delivery.version)
