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
from gateway.flow.planning.days.problem import assembled, carried_by
from gateway.flow.planning.days.tours import Making, changed_tour
from gateway.flow.planning.parts.busy import loaded_ids, meet, read_ends
from gateway.flow.planning.parts.told import Around, ToldTour, doors_ahead, told_tour
from gateway.flow.planning.parts.vans import LOADING_S, Seat, depots_of, driver_on
from gateway.flow.planning.parts.visits import Terms, is_for_van
from gateway.flow.planning.telling.in_place import assign
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
    instead: Collection[str] = (),
) -> Running:
    """These tours, with what their drivers have before and after them.

    Parameters
    ----------
    more
        Deliveries that are on none of them.
    drivers
        By the route's id, who shall drive instead.
    instead
        Ids of tours that these are to take the place of.

    Raises
    ------
    StateConflict
        If a driver is off duty on the day.
    """
    merchant = await work.accounts.merchant()
    places = {place.id: place for place in await work.accounts.locations()}
    known = {driver.id: driver for driver in await work.fleet.drivers()}
    terms = Terms.of(merchant, known.values())
    whose = {route.id: driver.id for route in routes if (driver := (drivers or {}).get(route.id))}
    shift_plan = await _shift_plan(work, routes, whose, instead, now)
    carried = await carried_by(work, *routes)
    who = {route.id: (drivers or {}).get(route.id) or known.get(route.driver_id) for route in routes}
    states = await work.fleet.states([driver.id for driver in who.values() if driver is not None])
    tours, seats = {}, {}
    for route in routes:
        driver = who[route.id]
        day = date.fromisoformat(route.date)
        seat = Seat.of(driver_on(driver, route), places, day) if driver is not None else None
        if seat is None:
            text = "The driver of this tour is off duty on its day."
            raise StateConflict(text, current_id=route.id, current_version=route.version)
        not_before, not_after = shift_plan.room_of(route)
        around = Around(seat, states.get(seat.driver.id), not_before, not_after)
        loaded = route.id in shift_plan.loaded
        tours[route.id] = told_tour(route, around, carried, terms, now, van_id=route.id, loaded=loaded)
        seats[route.id] = seat
    deliveries = {one.id: one for one in more} | carried
    return Running(merchant, places, terms, tours, seats, deliveries, now)


@dataclass(frozen=True, slots=True)
class _ShiftPlan:
    """All tours that drivers have, and which of them are changed together.

    Attributes
    ----------
    whose
        Drivers by the tour's id, where it goes to another one.
    ends
        When tours will be over, by id.
    """

    tours: Sequence[Route]
    together: frozenset[str]
    whose: Mapping[str, str]
    ends: Mapping[str, datetime]
    loaded: frozenset[str]

    def room_of(self, route: Route) -> tuple[datetime | None, datetime | None]:
        """Between which moments a driver has nothing else; None where there is nothing on that side.

        Two tours that are changed together share the time between them half and half.
        """
        mine = self._driver_of(route)
        others = [one for one in self.tours if one.id != route.id and self._driver_of(one) == mine]
        before = [one for one in others if self._is_first(one, route)]
        after = [one for one in others if one not in before]
        is_changed = route.id in self.together
        froms = [self._end(one) + self._share(one, route, is_changed) for one in before]
        tills = [one.starts_at - self._share(route, one, is_changed) for one in after]
        return max(froms, default=None), min(tills, default=None)

    def _driver_of(self, route: Route) -> str:
        return self.whose.get(route.id, route.driver_id)

    def _end(self, route: Route) -> datetime:
        return self.ends.get(route.id, route.ends_at)

    def _is_first(self, one: Route, route: Route) -> bool:
        if RouteStatus.STARTED in (one.status, route.status):
            return one.status is RouteStatus.STARTED
        return one.starts_at <= route.starts_at

    def _share(self, first: Route, second: Route, is_changed: bool) -> timedelta:
        """What lies between two tours at least: loading the van, and half of what is left."""
        loading = timedelta(seconds=LOADING_S)
        left = second.starts_at - self._end(first) - loading
        both = is_changed and {first.id, second.id} <= self.together
        return loading + left / 2 if both and left > timedelta(0) else loading


async def _shift_plan(
    work: UnitOfWork,
    routes: Sequence[Route],
    whose: Mapping[str, str],
    instead: Collection[str],
    now: datetime,
) -> _ShiftPlan:
    together = frozenset(route.id for route in routes)
    unfinished = await work.routes.unfinished()
    tours = [*routes, *(one for one in unfinished if one.id not in together | set(instead))]
    told = [one for one in tours if one.status is not RouteStatus.PLANNED]
    return _ShiftPlan(tours, together, whose, await read_ends(work, told, now), loaded_ids(told, now))


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
        after = replace(change.after, version=current.version + 1)
        if not after.ahead and after.status is RouteStatus.PUBLISHED:
            after = replace(after, status=RouteStatus.CANCELLED)
        told.append(after)
    _require_one_at_a_time(told, standing, ends)
    for after in told:
        await work.routes.put_route(after)
        work.announce("route", after.id)
    drivers = {stop.delivery_id: route.driver_id for route in told for stop in doors_ahead(route)}
    for delivery_id, delivery in (await work.deliveries.several(sorted(drivers), lock=True)).items():
        _require_to_be_had(delivery, new)
        await assign(work, delivery, drivers[delivery_id], now)
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
        away = driver_on(driver, change.after).not_before if driver is not None else None
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
