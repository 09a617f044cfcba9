"""Start: a driver who has no tour on a day is told one, for an order that no other tour can take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from doorstep.delivery import Delivery
from doorstep.merchant import Merchant
from doorstep.order import Location
from doorstep.ports import RouteDesk
from doorstep.route import Route
from doorstep.route_change import ToldRoutes
from doorstep.van import Van
from doorstep.visit import Visit
from gateway.flow.planning.days.looked_at import held_back_by
from gateway.flow.planning.days.problem import assembled
from gateway.flow.planning.days.tours import Making, new_tour
from gateway.flow.planning.parts.busy import free_from, read_ends
from gateway.flow.planning.parts.road_times import roads_for
from gateway.flow.planning.parts.vans import Seat, depots_of, free_van, leaves_at_soonest
from gateway.flow.planning.parts.visits import Terms, visit_of
from gateway.flow.planning.standing.tell import tell_new
from gateway.flow.ports import Means, UnitOfWork


@dataclass(frozen=True, slots=True)
class _Idle:
    """Who could be told a tour on a day.

    Attributes
    ----------
    plan_id
        The plan that the day's tours were told by last: one more belongs to it.
    seats
        By the driver's id.
    """

    plan_id: str
    merchant: Merchant
    places: Mapping[str, Location]
    terms: Terms
    seats: Mapping[str, Seat]
    vans: tuple[Van, ...]
    now: datetime


async def start_tour(means: Means, desk: RouteDesk, day: str, delivery: Delivery) -> bool:
    """Tell the driver for whom it costs least a tour of one stop; whether anybody could drive it.

    Parameters
    ----------
    day
        ISO date of a day that drivers were told tours of.

    Raises
    ------
    StateConflict
        If the driver was told something else meanwhile, or the delivery is on a tour by now.
    RemoteError
        If the roads cannot be asked.
    """
    async with means.begin(delivery.merchant_id) as work:
        idle = await _read_idle(work, day, means.clock.now())
    if idle is None:
        return False
    visit, keeps = visit_of(delivery, idle.terms), idle.merchant.planning.keeps
    whole = assembled(idle.merchant, idle.places, (visit,), idle.vans, (), keeps, idle.now)
    problem = replace(whole, balance=None)
    told = await desk.insert(problem, roads_for(means, problem), delivery.id)
    if told is None:
        return False
    tour = _tour_of(idle, day, told, visit, delivery)
    async with means.begin(delivery.merchant_id) as work:
        now = means.clock.now()
        if await _is_held_back(work, day, now):
            return False
        await tell_new(work, tour, now)
    return True


async def _is_held_back(work: UnitOfWork, day: str, now: datetime) -> bool:
    """Whether a plan is about to tell the day's drivers something."""
    return any(plan.date == day for plan in await held_back_by(work, now))


async def _read_idle(work: UnitOfWork, day: str, now: datetime) -> _Idle | None:
    """The drivers of a day who have no tour on it; None where all have, or a plan is about to use them."""
    places = {place.id: place for place in await work.accounts.locations()}
    drivers, told = await work.fleet.drivers(), await work.routes.unfinished()
    of_day = [route for route in told if route.date == day]
    busy = {route.driver_id for route in of_day}
    found = (Seat.of(one, places, date.fromisoformat(day)) for one in drivers if one.id not in busy)
    seats = {seat.driver.id: seat for seat in found if seat is not None}
    if not of_day or not seats or await _is_held_back(work, day, now):
        return None
    merchant = await work.accounts.merchant()
    terms, leaves = Terms.of(merchant, drivers), leaves_at_soonest(now, merchant.planning.lead_s)
    others = [route for route in told if route.driver_id in seats]
    ends = await read_ends(work, others, now)

    def van(seat: Seat) -> Van | None:
        # A shift past midnight may reach into this one.
        before = (r for r in others if r.driver_id == seat.driver.id and r.starts_at < seat.shift.end)
        return free_van(seat, max(leaves, free_from(before, ends) or leaves), terms)

    vans = tuple(one for id_ in sorted(seats) if (one := van(seats[id_])) is not None)
    plan_id = max(route.plan_id for route in of_day)
    return _Idle(plan_id, merchant, places, terms, seats, vans, now) if vans else None


def _tour_of(idle: _Idle, day: str, told: ToldRoutes, visit: Visit, delivery: Delivery) -> Route:
    making = Making(
        merchant_id=delivery.merchant_id,
        plan_id=idle.plan_id,
        date=day,
        currency=idle.merchant.currency,
        visits={visit.id: visit},
        deliveries={delivery.id: delivery},
        told={},
        depots={depot.id: depot.location for depot in depots_of(idle.places)},
    )
    (planned,) = told.routes
    return new_tour(making, idle.seats[planned.van_id], planned, told.violations)
