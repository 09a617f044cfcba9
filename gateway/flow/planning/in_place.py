"""In place: new tours take the place of those that drivers know of, and everybody is told.

Whoever changes tours locks plans first, then routes by their start, then deliveries by their ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.delivery import Delivery, EventSource
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import StateConflict
from doorstep.events import DeliveryAdvanced
from doorstep.route import PlanScope, Route, RoutePlan, RouteStatus, Stop
from gateway.flow.planning.told import doors_ahead
from gateway.flow.planning.vans import is_loaded
from gateway.flow.ports import UnitOfWork
from gateway.flow.tracking.leg_events import leg_event

STILL_HERE = (DeliveryStatus.BOOKED, DeliveryStatus.COURIER_ASSIGNED)
"""States of what lies at the depot, or at the door of whoever gives it back."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The tours that drivers know of, locked.

    Attributes
    ----------
    changing
        As the plan saw them, by id.
    kept
        All others: those that have gone on meanwhile among them.
    """

    changing: Mapping[str, Route]
    kept: tuple[Route, ...]


async def lock_standing(work: UnitOfWork, plan: RoutePlan) -> Standing:
    """Keep others from the tours until the commit: a fix may be starting one at this moment."""
    seen = {one.route_id: one.version for one in plan.changes}
    changing: dict[str, Route] = {}
    kept: list[Route] = []
    for noticed in await work.routes.unfinished():
        route = await work.routes.route(noticed.id, lock=True) or noticed
        if seen.get(route.id) == route.version:
            changing[route.id] = route
        else:
            kept.append(route)
    return Standing(changing, tuple(kept))


def require_unchanged(plan: RoutePlan, standing: Standing, tours: Iterable[Route], now: datetime) -> None:
    """See that a plan still fits what it was made from.

    Raises
    ------
    StateConflict
        If a tour was changed, has left or is being loaded, or one should have left already.
    """
    missing = next((one for one in plan.changes if one.route_id not in standing.changing), None)
    if missing is not None:
        text = "A tour that this plan changes has left or was changed since it was made; plan again."
        raise StateConflict(text, current_id=missing.route_id)
    for route in standing.changing.values():
        if plan.scope is PlanScope.WAITING and is_loaded(route, now):
            text = "A van is being loaded for a tour that this plan takes away; plan again."
            raise StateConflict(text, current_id=route.id, current_version=route.version)
    overdue = next((tour for tour in tours if not tour.continues_id and tour.starts_at < now), None)
    if overdue is not None:
        text = f"A van should have left at {overdue.starts_at:%H:%M} UTC by this plan; plan again."
        raise StateConflict(text, current_id=plan.id, current_version=plan.version)


async def put_in_place(
    work: UnitOfWork, plan: RoutePlan, standing: Standing, tours: Sequence[Route], now: datetime
) -> Mapping[str, Delivery]:
    """Tell drivers these tours instead of the ones that they change.

    What was called off meanwhile, or lies on a tour that stays, is left out. Gives the deliveries that still
    lie at the depot and are on no tour.
    """
    live = await _lock_deliveries(work, plan, standing, tours)
    goes_on = {tour.continues_id for tour in tours}
    stay = [old for old in standing.changing.values() if old.id not in goes_on and _stays(plan, old, now)]
    placed = {stop.delivery_id for old in stay for stop in doors_ahead(old)}
    settled = {old.id for old in stay}
    for tour in tours:
        told = _as_told(plan, standing, tour, live, placed)
        if told is None:
            continue
        if told.id != tour.id:
            await work.routes.drop_route(tour.id)
        await work.routes.put_route(told)
        work.announce("route", told.id)
        settled.add(told.id)
        for stop in doors_ahead(told):
            placed.add(stop.delivery_id)
            live[stop.delivery_id] = await assign(work, live[stop.delivery_id], told.driver_id, now)
    for old in standing.changing.values():
        if old.id not in settled:
            await _withdraw(work, old)
    left = {one.id: one for one in live.values() if one.id not in placed and one.status in STILL_HERE}
    for one in left.values():
        if one.driver_id is not None:
            await unassign(work, one, now)
    return left


def _stays(plan: RoutePlan, old: Route, now: datetime) -> bool:
    """Whether a tour that no new one takes the place of goes on: its goods are on board."""
    return old.status is RouteStatus.STARTED or (plan.scope is PlanScope.RUNNING and is_loaded(old, now))


async def _lock_deliveries(
    work: UnitOfWork, plan: RoutePlan, standing: Standing, tours: Sequence[Route]
) -> dict[str, Delivery]:
    """All that a plan says something of and that is not over, by id; without what is on tours that stay."""
    on_kept = {stop.delivery_id for route in standing.kept for stop in doors_ahead(route)}
    ids = {stop.delivery_id for tour in tours for stop in doors_ahead(tour)} | set(plan.delivery_ids)
    ids |= {stop.delivery_id for old in standing.changing.values() for stop in doors_ahead(old)}
    found = [await work.deliveries.get(id_, lock=True) for id_ in sorted(ids - on_kept)]
    return {one.id: one for one in found if one is not None and not one.is_over}


def _as_told(
    plan: RoutePlan, standing: Standing, tour: Route, live: Mapping[str, Delivery], placed: set[str]
) -> Route | None:
    """A new tour as it is kept; None where there is nothing to drive for, or the van is elsewhere."""
    old = standing.changing.get(tour.continues_id)
    if tour.continues_id and old is None:
        return None
    if old is None and any(_meet(route, tour) for route in standing.kept):
        return None
    stops = _left(tour, old, live, placed)
    if old is None and not any(stop.delivery_id for stop in stops):
        return None
    same = old or _same_way(standing, tour, stops)
    if same is None:
        return replace(tour, stops=stops, status=RouteStatus.PUBLISHED, continues_id="")
    # One on the road with nothing left to do drives home; one that has not left does not leave.
    is_off = same.status is RouteStatus.PUBLISHED and all(stop.is_over for stop in stops)
    return replace(
        tour,
        id=same.id,
        plan_id=plan.id,
        stops=stops,
        status=RouteStatus.CANCELLED if is_off else same.status,
        version=same.version + 1,
        continues_id="",
    )


def _meet(kept: Route, tour: Route) -> bool:
    """Whether a driver would have both at the same time."""
    is_at_once = kept.starts_at < tour.ends_at and tour.starts_at < kept.ends_at
    return kept.driver_id == tour.driver_id and is_at_once


def _left(tour: Route, old: Route | None, live: Mapping[str, Delivery], placed: set[str]) -> tuple[Stop, ...]:
    """Stops of which something is left, numbered anew; what is on board stays on a tour that goes on."""
    told = {stop.delivery_id for stop in old.stops} if old is not None else set()
    stops: list[Stop] = []
    for stop in tour.stops:
        one = live.get(stop.delivery_id)
        is_there = one is not None and (one.status in STILL_HERE or stop.delivery_id in told)
        is_there = is_there and stop.delivery_id not in placed
        if stop.is_over or not stop.delivery_id or is_there:
            stops.append(replace(stop, sequence=len(stops) + 1))
    return tuple(stops)


def _same_way(standing: Standing, tour: Route, stops: Sequence[Stop]) -> Route | None:
    """The tour that its driver was told already, where only times are other."""
    doors = [stop.delivery_id for stop in stops]
    for old in standing.changing.values():
        is_same = old.driver_id == tour.driver_id and [stop.delivery_id for stop in old.ahead] == doors
        if is_same and old.status is RouteStatus.PUBLISHED:
            return old
    return None


async def assign(work: UnitOfWork, delivery: Delivery, driver_id: str, now: datetime) -> Delivery:
    """Put a delivery into a driver's hands; nothing where it is there already."""
    leg = delivery.active_leg
    is_new = leg is not None and leg.status is DeliveryStatus.BOOKED
    if not is_new and delivery.driver_id == driver_id:
        return delivery
    if leg is not None and is_new:
        delivery = delivery.with_leg(replace(leg, status=DeliveryStatus.COURIER_ASSIGNED))
        delivery = replace(delivery, status=DeliveryStatus.COURIER_ASSIGNED)
        await work.deliveries.add_event(
            leg_event(
                delivery,
                leg,
                DeliveryStatus.COURIER_ASSIGNED,
                EventSource.RULE,
                "On a van's route.",
                key="assigned",
                at=now,
            )
        )
    assigned = replace(delivery, driver_id=driver_id, updated_at=now, version=delivery.version + 1)
    await _tell(work, assigned)
    return assigned


async def unassign(work: UnitOfWork, delivery: Delivery, now: datetime) -> None:
    """It waits for a driver again."""
    changed = replace(delivery, driver_id=None, eta=None, updated_at=now, version=delivery.version + 1)
    await _tell(work, changed)


async def _tell(work: UnitOfWork, delivery: Delivery) -> None:
    await work.deliveries.put(delivery)
    work.announce("delivery", delivery.id)
    await work.emit(DeliveryAdvanced(delivery.merchant_id, delivery.id))


async def _withdraw(work: UnitOfWork, route: Route) -> None:
    """A route that has not left is replaced by the new plan."""
    await work.routes.put_route(replace(route, status=RouteStatus.CANCELLED, version=route.version + 1))
    work.announce("route", route.id)
