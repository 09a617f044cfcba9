"""Insert: an order is put into a tour that a driver was told as soon as it is booked, where there is room."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import DoorstepError, StateConflict
from doorstep.events import DeliveryBooked
from doorstep.ports import RouteDesk
from doorstep.problem_checks import InvalidProblem
from doorstep.quote import DeliveryMode
from doorstep.route import Route
from doorstep.visit import VisitKind
from gateway.flow.planning.parts.busy import loaded_ids
from gateway.flow.planning.parts.vans import Seat
from gateway.flow.planning.parts.visits import kind_of, visit_of
from gateway.flow.planning.standing.running import Running, changed, read_running, tell_changes
from gateway.flow.ports import Means, UnitOfWork

TRIES = 3
"""So often a tour may have gone on while a place was looked for; then the order waits for the next plan."""


async def insert_booked(event: DeliveryBooked, means: Means) -> None:
    """Find a place for what own vans are to bring or fetch; without one it waits for the next plan."""
    if means.desk is None:
        return
    for _ in range(TRIES):
        try:
            async with means.begin(event.merchant_id) as work:
                delivery = await _wanted(work, event.delivery_id)
                running = None if delivery is None else await _open(work, delivery, means.clock.now())
            if delivery is not None and running is not None:
                await _place(means, means.desk, running, delivery)
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


async def _open(work: UnitOfWork, delivery: Delivery, now: datetime) -> Running | None:
    """Tours that could still take it: a van on the road fetches things, and brings what it has on board.

    What was promised for no day goes within the next one. All tours of a day are looked at, late ones as
    well: so of one order to the next it is the same day.
    """
    promise = delivery.promise
    before = promise.window.end if promise else now + timedelta(days=1)
    drivers = {driver.id: driver for driver in await work.fleet.drivers()}
    places = {place.id: place for place in await work.accounts.locations()}
    brings = kind_of(delivery) is VisitKind.DELIVERY
    told = await work.routes.unfinished()
    loaded = loaded_ids(told, now)
    days = {route.date for route in told if route.starts_at < before}

    def may(route: Route) -> bool:
        driver = drivers.get(route.driver_id)
        # Who has fallen out since has nothing to do with the tours of the others.
        seat = Seat.of(driver, places, date.fromisoformat(route.date)) if driver else None
        return seat is not None and route.date in days and not (brings and route.id in loaded)

    routes = sorted((route for route in told if may(route)), key=lambda route: route.id)
    return await read_running(work, routes, now, more=(delivery,)) if routes else None


async def _place(means: Means, desk: RouteDesk, running: Running, delivery: Delivery) -> None:
    """Put it where it costs least, if it can be put anywhere.

    Raises
    ------
    StateConflict
        If the tour has gone on meanwhile.
    """
    problem = running.problem(visit_of(delivery, running.terms))
    days = sorted({tour.route.date for tour in running.tours.values()})
    name = f"insert {delivery.merchant_id} {' '.join(days)}"
    told = await desk.insert(problem, means.roads, delivery.id, day=name)
    if told is None:
        return
    ids = [*(route.van_id for route in told.routes), *told.emptied]
    changes = changed(running, told, ids, problem.visits)
    async with means.begin(delivery.merchant_id) as work:
        await tell_changes(work, changes, means.clock.now(), new=(delivery.id,))
