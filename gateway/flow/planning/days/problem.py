"""The problem: which deliveries may be put on a route, which vans may take them, what they were told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from doorstep.delivery import Delivery
from doorstep.merchant import Merchant
from doorstep.order import Location
from doorstep.route import Route, RoutePlan, SeenRoute, Stop
from doorstep.route_problem import Balance, GivenRoute, RouteProblem, SpeedProfile
from doorstep.van import Van
from doorstep.visit import PinnedPlace, Visit
from gateway.flow.planning.days.chosen import Chosen, read_chosen
from gateway.flow.planning.days.leaving import Leaving
from gateway.flow.planning.days.scene import Scene, read_scene
from gateway.flow.planning.days.waiting import read_waiting
from gateway.flow.planning.parts.busy import free_from
from gateway.flow.planning.parts.told import ToldTour, doors_ahead
from gateway.flow.planning.parts.vans import Seat, depots_of, free_van
from gateway.flow.planning.parts.visits import COST_PER_HOUR_MINOR, COST_PER_KM_MINOR, visit_of
from gateway.flow.ports import UnitOfWork

_AFTERWARDS = ":afterwards"
"""Behind the id of a driver who is on the road: the van of the tour after that."""


@dataclass(frozen=True, slots=True)
class Day:
    """What a planner is asked.

    Attributes
    ----------
    merchant
        With the rules that it was made by.
    seats
        Drivers whom the plan may use, by id.
    deliveries
        All that are in the problem, by id.
    told
        Tours on the road, or being loaded, that the plan may change, by the van's id.
    changing
        All tours that the plan says something else of, as they stood.
    chosen
        What a wave before the plan has left to the vans.
    """

    problem: RouteProblem
    merchant: Merchant
    seats: Mapping[str, Seat]
    deliveries: Mapping[str, Delivery]
    told: Mapping[str, ToldTour]
    changing: tuple[Route, ...]
    chosen: Chosen = field(default_factory=Chosen)

    @property
    def changes(self) -> tuple[SeenRoute, ...]:
        """The same by their versions."""
        return tuple(SeenRoute(route.id, route.version) for route in self.changing)


async def read_day(work: UnitOfWork, plan: RoutePlan, now: datetime) -> Day:
    """What a plan is to be made of, as it stands now."""
    scene = await read_scene(work, plan, now)
    told = scene.told.values()
    taken = {stop.delivery_id for route in scene.stay for stop in doors_ahead(route)}
    taken |= {visit.id for tour in told for visit in tour.visits}
    loose = {stop.delivery_id: (stop, route) for route in scene.waits for stop in doors_ahead(route)}
    chosen = await read_chosen(work, plan)
    found = await read_waiting(work, plan, scene.merchant, taken, set(loose))
    waiting = [one for one in (*found, *chosen.drafts) if one.id not in chosen.given_on]
    vans = _free_vans(scene, Leaving.of(plan, scene.merchant.planning, scene.waits, now))
    ids = {van.id for van in vans}
    pinned = [_pinned(visit_of(one, scene.terms), loose.get(one.id), scene, ids) for one in waiting]
    visits = _one_at_each_place(pinned)
    given = [tour.given for tour in told]
    if plan.stability > 0:
        basis = await work.routes.of_plan(plan.based_on_id) if plan.based_on_id else scene.waits
        given += _given(basis, scene, ids, {visit.id for visit in visits})
    # Nobody was told the tours that a choice counted with: leaving those costs nothing.
    begun = [] if given or scene.waits else chosen.begin_with(ids, {visit.id for visit in visits})
    problem = assembled(
        scene.merchant,
        scene.places,
        (*(visit for tour in told for visit in tour.visits), *visits),
        (*(tour.van for tour in told), *vans),
        begun or given,
        0.0 if begun else plan.stability,
        now,
    )
    return Day(
        problem=problem,
        merchant=scene.merchant,
        seats=scene.seats,
        deliveries={one.id: one for one in (*scene.carried, *waiting)},
        told=scene.told,
        changing=(*scene.waits, *(tour.route for tour in told)),
        chosen=chosen,
    )


def assembled(
    merchant: Merchant,
    places: Mapping[str, Location],
    visits: Iterable[Visit],
    vans: Iterable[Van],
    given: Iterable[GivenRoute],
    stability: float,
    now: datetime,
) -> RouteProblem:
    """A problem by the merchant's rules."""
    rules, per_km, per_hour = merchant.planning, COST_PER_KM_MINOR, COST_PER_HOUR_MINOR
    return RouteProblem(
        epoch=now,
        visits=tuple(visits),
        vans=tuple(vans),
        cost_per_km_minor=rules.cost_per_km.minor if rules.cost_per_km else per_km,
        cost_per_hour_minor=rules.cost_per_hour.minor if rules.cost_per_hour else per_hour,
        depots=depots_of(places),
        given=tuple(given),
        stability=stability,
        balance=Balance(rules.balance, rules.balance_tolerance) if rules.balance else None,
        speeds=SpeedProfile(rules.speeds, merchant.time_zone) if rules.speeds else None,
        currency=merchant.currency,
    )


def _free_vans(scene: Scene, leaving: Leaving) -> list[Van]:
    """Vans that can still leave, behind the tours that they were told and that go on."""
    vans = []
    kept = (*scene.stay, *(tour.route for tour in scene.told.values()))
    for driver_id, seat in scene.seats.items():
        # What a driver was told for another day does not keep them from this one.
        told = [route for route in kept if route.driver_id == driver_id and route.starts_at < seat.shift.end]
        before = free_from(told, scene.ends)
        van_id = _van_id(driver_id, scene)
        begins = leaving.soonest(driver_id)
        van = free_van(seat, max(begins, before or begins), scene.terms, van_id=van_id)
        if van is not None:
            vans.append(van)
    return vans


def _van_id(driver_id: str, scene: Scene) -> str:
    """Of a van that has still to leave."""
    return driver_id + _AFTERWARDS if driver_id in scene.told else driver_id


def goes_out_again(van_id: str) -> bool:
    """Whether it is the van of a tour after the one that its driver is on."""
    return van_id.endswith(_AFTERWARDS)


def driver_of(van_id: str) -> str:
    """Whose van it is."""
    return van_id.removesuffix(_AFTERWARDS)


def _pinned(visit: Visit, told: tuple[Stop, Route] | None, scene: Scene, vans: set[str]) -> Visit:
    """With the driver that a dispatcher wants, as far as that one is there."""
    if told is None:
        return visit
    stop, route = told
    van_id = _van_id(route.driver_id, scene)
    is_wanted = stop.is_locked and van_id in vans
    return replace(visit, pinned_van=van_id, pinned_place=stop.pinned_place) if is_wanted else visit


def _one_at_each_place(visits: Sequence[Visit]) -> list[Visit]:
    """Of two tours that become one, one stop is first and one is last."""
    taken: set[tuple[str, PinnedPlace]] = set()
    found = []
    for visit in visits:
        place = visit.pinned_place
        is_taken = place is not None and (visit.pinned_van, place) in taken
        found.append(replace(visit, pinned_place=None) if is_taken else visit)
        if place is not None:
            taken.add((visit.pinned_van, place))
    return found


def _given(basis: Sequence[Route], scene: Scene, vans: set[str], visits: set[str]) -> list[GivenRoute]:
    """What is left of tours that have not left, as a start for the search."""
    given: dict[str, tuple[str, ...]] = {}
    for route in basis:
        van_id = _van_id(route.driver_id, scene)
        ids = tuple(stop.delivery_id for stop in doors_ahead(route) if stop.delivery_id in visits)
        if van_id in vans and ids:
            given[van_id] = (*given.get(van_id, ()), *ids)
            visits = visits - set(ids)
    return [GivenRoute(van_id, ids) for van_id, ids in given.items()]
