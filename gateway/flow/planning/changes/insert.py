"""Insert: an order is put into a tour that a driver was told as soon as it is booked, where there is room.

Where there is none, a driver of the day who has no tour is told one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import DoorstepError, StateConflict
from doorstep.events import DeliveryBooked
from doorstep.planning_rules import PlanningRules
from doorstep.ports import RouteDesk
from doorstep.problem_checks import InvalidProblem
from doorstep.quote import DeliveryMode
from doorstep.route import Route
from doorstep.visit import VisitKind
from gateway.flow.planning.changes.start import start_tour
from gateway.flow.planning.parts.busy import loaded_ids, may_take_more
from gateway.flow.planning.parts.road_times import roads_for
from gateway.flow.planning.parts.vans import OVERTIME_ANYWAY_S, Seat
from gateway.flow.planning.parts.visits import kind_of, visit_of
from gateway.flow.planning.standing.running import Running, read_running
from gateway.flow.planning.standing.tell import changed, tell_changes
from gateway.flow.ports import Means, UnitOfWork

TRIES = 3
"""So often a tour may have gone on while a place was looked for; then the order waits for the next plan."""


@dataclass(frozen=True, slots=True)
class _Day:
    """A day on which drivers were told tours.

    Attributes
    ----------
    running
        Those that could still take the order; None where none could.
    """

    date: str
    running: Running | None


async def insert_booked(event: DeliveryBooked, means: Means) -> None:
    """Find a place for what own vans are to bring or fetch; without one it waits for the next plan."""
    if means.desk is None:
        return
    for _ in range(TRIES):
        try:
            async with means.begin(event.merchant_id) as work:
                rules = (await work.accounts.merchant()).planning
                delivery = await _wanted(work, event.delivery_id)
                days = [] if delivery is None else await _read_days(work, delivery, rules, means.clock.now())
            if delivery is not None:
                await _place(means, means.desk, days, delivery)
        except StateConflict:
            continue  # the tour has gone on meanwhile
        except (DoorstepError, InvalidProblem):
            return  # nobody knows the roads at the moment; what makes no sense is said of the next plan
        else:
            return


async def _wanted(work: UnitOfWork, delivery_id: str) -> Delivery | None:
    """The delivery as far as it waits for a van and its merchant lets machines plan."""
    delivery = await work.deliveries.get(delivery_id)
    merchant = await work.accounts.merchant()
    leg = delivery.active_leg if delivery is not None else None
    if delivery is None or leg is None or leg.mode is not DeliveryMode.OWN_FLEET:
        return None
    is_waiting = delivery.status is DeliveryStatus.BOOKED and delivery.driver_id is None
    by_machine = merchant.planning.inserts and merchant.auto_plan_horizon_s > 0
    is_known = delivery.destination.location is not None
    return delivery if is_waiting and by_machine and is_known else None


async def _read_days(work: UnitOfWork, delivery: Delivery, rules: PlanningRules, now: datetime) -> list[_Day]:
    """The days with tours that it could be brought on, the first first.

    What was promised for no day goes within the next one. All tours of a day are looked at, late ones as
    well: so of one order to the next it is the same day.
    """
    promise = delivery.promise
    opens = promise.window.start if promise else now
    before = promise.window.end if promise else now + timedelta(days=1)
    brings = kind_of(delivery) is VisitKind.DELIVERY
    drivers = await work.fleet.drivers()
    places = {place.id: place for place in await work.accounts.locations()}
    told = await work.routes.unfinished()
    loaded, found = loaded_ids(told, now), []

    def may(route: Route) -> bool:
        # A van on the road fetches things, and brings what it has on board; one that leaves soon is as full.
        return not brings or may_take_more(route, loaded, rules, now)

    for day in sorted({route.date for route in told if route.starts_at < before}):
        seats = [Seat.of(driver, places, date.fromisoformat(day)) for driver in drivers]
        here = {seat.driver.id: seat for seat in seats if seat is not None}
        over = max((seat.shift.end for seat in here.values()), default=now)
        if opens <= over + timedelta(seconds=OVERTIME_ANYWAY_S):
            # Who has fallen out since has nothing to do with the tours of the others.
            tours = [route for route in told if route.date == day and route.driver_id in here and may(route)]
            tours.sort(key=lambda route: route.id)
            running = await read_running(work, tours, now, more=(delivery,)) if tours else None
            found.append(_Day(day, running))
    return found


async def _place(means: Means, desk: RouteDesk, days: Sequence[_Day], delivery: Delivery) -> None:
    """Put it on a tour of the first day that can take it, else on one of its own.

    Raises
    ------
    StateConflict
        If a tour has gone on meanwhile, or a driver was told something else.
    """
    for day in days:
        if day.running is not None and await _put(means, desk, day.date, day.running, delivery):
            return
    for day in days:
        if await start_tour(means, desk, day.date, delivery):
            return


async def _put(means: Means, desk: RouteDesk, day: str, running: Running, delivery: Delivery) -> bool:
    """Put it where it costs least; whether it can be put anywhere."""
    problem = running.problem(visit_of(delivery, running.terms))
    # Of vans on the road a day is made anew each time: those who only bring do not pay for who fetches.
    what = "insert" if kind_of(delivery) is VisitKind.DELIVERY else "fetch"
    name, roads = f"{what} {delivery.merchant_id} {day}", roads_for(means, problem)
    told = await desk.insert(problem, roads, delivery.id, day=name)
    if told is None:
        return False
    ids = [*(route.van_id for route in told.routes), *told.emptied]
    changes = changed(running, told, ids, problem.visits)
    async with means.begin(delivery.merchant_id) as work:
        await tell_changes(work, changes, means.clock.now(), new=(delivery.id,))
    return True
