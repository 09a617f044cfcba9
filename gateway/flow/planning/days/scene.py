"""The scene: who and what there is on a day, and which tours a plan may change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from doorstep.delivery import Delivery
from doorstep.driver import Driver
from doorstep.merchant import Merchant
from doorstep.order import Location
from doorstep.route import PlanScope, Route, RoutePlan
from gateway.flow.planning.days.waiting import MOST_VISITS
from gateway.flow.planning.parts.busy import loaded_ids, may_take_more, read_ends
from gateway.flow.planning.parts.told import Around, ToldTour, doors_ahead, told_tour
from gateway.flow.planning.parts.vans import LOADING_S, Seat, driver_in, driver_on, is_before_delay
from gateway.flow.planning.parts.visits import Terms, is_for_van
from gateway.flow.ports import UnitOfWork


def is_meant(plan: RoutePlan, driver_id: str) -> bool:
    """Whether a plan is about the tours of this driver."""
    return not plan.driver_ids or driver_id in plan.driver_ids


@dataclass(frozen=True, slots=True)
class Scene:
    """Who and what there is on a day.

    Attributes
    ----------
    seats
        Drivers whom a plan may use, by id.
    told
        Tours on the road, or being loaded, that it may change, by the driver.
    waits, stay
        Tours that have not left and may be put together anew, and those that are kept as they are: among
        these what a driver has before a tour that was delayed, or both would leave as late.
    ends
        When tours that drivers were told will be over, by id.
    """

    merchant: Merchant
    places: Mapping[str, Location]
    terms: Terms
    seats: Mapping[str, Seat]
    told: Mapping[str, ToldTour]
    carried: tuple[Delivery, ...]
    waits: tuple[Route, ...]
    stay: tuple[Route, ...]
    ends: Mapping[str, datetime]


async def read_scene(work: UnitOfWork, plan: RoutePlan, now: datetime) -> Scene:
    """What a plan finds as it begins."""
    merchant = await work.accounts.merchant()
    places = {place.id: place for place in await work.accounts.locations()}
    drivers = await work.fleet.drivers()
    terms = Terms.of(merchant, drivers)
    day = date.fromisoformat(plan.date)
    found = (Seat.of(driver, places, day) for driver in drivers if is_meant(plan, driver.id))
    seats = {seat.driver.id: seat for seat in found if seat is not None}
    unfinished = await work.routes.unfinished()
    loaded = loaded_ids(unfinished, now)
    ends = await read_ends(work, unfinished, now)
    delayed = {id_: driver_in(seat.driver, seat.shift) for id_, seat in seats.items()}
    free = [one for one in unfinished if not _is_before_delay(one, delayed)]
    # What leaves sooner than anything else could is picked, and nobody would win by its being taken apart.
    is_mended = plan.scope is PlanScope.RUNNING
    open_ = [one for one in free if is_mended or may_take_more(one, loaded, merchant.planning, now)]
    waits = _waits(plan, open_, loaded)
    may = loaded if plan.scope is PlanScope.RUNNING else frozenset()
    running = {one.driver_id: one for one in unfinished if one.id in may and one.driver_id in seats}
    changed = {route.id for route in (*waits, *running.values())}
    stay = tuple(route for route in unfinished if route.id not in changed)
    told: dict[str, ToldTour] = {}
    carried: list[Delivery] = []
    for driver_id, route in running.items():
        seat = seats[driver_id]
        # A shift past midnight is that of the day on which it began.
        driver = driver_on(seat.driver, route)
        began = Seat.of(driver, places, date.fromisoformat(route.date)) or seat
        next_one = min((one.starts_at for one in stay if one.driver_id == driver_id), default=None)
        till = None if next_one is None else next_one - timedelta(seconds=LOADING_S)
        around = Around(began, await work.fleet.state(driver_id), not_after=till)
        on_tour = await carried_by(work, route)
        told[driver_id] = told_tour(route, around, on_tour, terms, now, van_id=driver_id, loaded=True)
        carried += on_tour.values()
    return Scene(merchant, places, terms, seats, told, tuple(carried), waits, stay, ends)


def _is_before_delay(route: Route, delayed: Mapping[str, Driver]) -> bool:
    driver = delayed.get(route.driver_id)
    return driver is not None and is_before_delay(driver, route)


def _waits(plan: RoutePlan, unfinished: Sequence[Route], loaded: frozenset[str]) -> tuple[Route, ...]:
    """Tours of the day that may be put together anew, as many as a plan holds; the first to leave first."""
    found: list[Route] = []
    doors = 0
    for route in unfinished:
        is_of_plan = route.date == plan.date and is_meant(plan, route.driver_id)
        doors += len(doors_ahead(route)) if is_of_plan and route.id not in loaded else 0
        if is_of_plan and route.id not in loaded and doors <= MOST_VISITS:
            found.append(route)
    return tuple(found)


async def carried_by(work: UnitOfWork, *routes: Route) -> dict[str, Delivery]:
    """What is handed over at the doors of tours that they have still to come to, by id."""
    ids = [stop.delivery_id for route in routes for stop in doors_ahead(route)]
    found = await work.deliveries.several(ids)
    return {id_: one for id_, one in found.items() if is_for_van(one) and one.destination.location}
