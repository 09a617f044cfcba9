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
from doorstep.route_problem import RouteProblem
from doorstep.visit import Visit
from gateway.flow.planning.days.problem import assembled
from gateway.flow.planning.days.scene import carried_by
from gateway.flow.planning.parts.busy import loaded_ids, read_ends
from gateway.flow.planning.parts.told import Around, ToldTour, told_tour
from gateway.flow.planning.parts.vans import LOADING_S, Seat, driver_on
from gateway.flow.planning.parts.visits import Terms
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
