"""In place: new tours take the place of those that drivers know of, and everybody is told.

Whoever changes tours locks plans first, then routes, then deliveries, each by their ids. What does
not fit any more, since a van has left or was told something else while the plan was made, is left out; no
driver ever has two tours at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.delivery import Delivery, EventSource
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import StateConflict
from doorstep.events import DeliveryAdvanced, RouteTold
from doorstep.route import PlanScope, Route, RoutePlan, RouteStatus
from gateway.flow.planning.parts.busy import loaded_ids, read_ends
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.parts.visits import is_for_van, waits_for_van
from gateway.flow.planning.telling.fitting import FOR_EVER, SAME_TIME, Fitting, Standing
from gateway.flow.planning.telling.without_place import settle_placed
from gateway.flow.ports import UnitOfWork
from gateway.flow.tracking.leg_events import leg_event

NOTHING_LEFT = "Nothing is left of this plan that a driver could be told; plan again."

_UNFINISHED = (RouteStatus.PUBLISHED, RouteStatus.STARTED)


@dataclass(frozen=True, slots=True)
class InPlace:
    """What became of a plan's tours.

    Attributes
    ----------
    told
        Those that drivers know of now; among them those that were so before.
    withdrawn
        How many tours drivers need not drive any more.
    versions
        Of all tours that drivers have now, by id.
    left
        Deliveries that still lie at the depot and are on no tour, by id.
    passed_over
        Deliveries for which the plan had a tour that cannot be told any more, by id.
    """

    told: tuple[Route, ...]
    withdrawn: int
    left: Mapping[str, Delivery]
    passed_over: frozenset[str]
    versions: Mapping[str, int]


async def lock_standing(work: UnitOfWork, plan: RoutePlan, now: datetime) -> Standing:
    """Keep others from the tours until the commit: a fix may be starting one at this moment."""
    seen = {one.route_id: one.version for one in plan.changes}
    noticed = [route.id for route in await work.routes.unfinished()]
    locked = (await work.routes.lock(noticed)).values()
    found = [route for route in locked if route.status in _UNFINISHED]
    changing = {route.id: route for route in found if seen.get(route.id) == route.version}
    kept = tuple(route for route in found if route.id not in changing)
    ends = await read_ends(work, found, now)
    lead = await _lead(work, plan)
    return Standing(changing, kept, loaded_ids(found, now), ends, lead, await _away(work))


async def _lead(work: UnitOfWork, plan: RoutePlan) -> timedelta:
    """How long before they leave drivers are told; tours that are mended were told before."""
    is_mended = plan.scope is PlanScope.RUNNING
    return timedelta(0) if is_mended else timedelta(seconds=(await work.accounts.merchant()).planning.lead_s)


async def _away(work: UnitOfWork) -> dict[str, datetime]:
    """Who has fallen out, perhaps since the plan was made, by the driver's id, and until when.

    A driver of whom a tour that had not left was delayed has not: that tour is another one by now, and stays.
    """
    drivers = await work.fleet.drivers()
    on_road = [replace(one, holds=tuple(h for h in one.holds if h.held_from is None)) for one in drivers]
    until = {one.id: one.held_until for one in on_road if one.held_until is not None}
    return until | {one.id: FOR_EVER for one in drivers if not one.enabled}


def require_unchanged(plan: RoutePlan, standing: Standing, tours: Iterable[Route], now: datetime) -> None:
    """See that a plan still fits what it was made from.

    Raises
    ------
    StateConflict
        If a tour was changed, has left or is being loaded, or one would leave before it can be loaded.
    """
    missing = next((one for one in plan.changes if one.route_id not in standing.changing), None)
    if missing is not None:
        text = "A tour that this plan changes has left or was changed since it was made; plan again."
        raise StateConflict(text, current_id=missing.route_id)
    for route in standing.changing.values():
        if plan.scope is PlanScope.WAITING and route.id in standing.loaded:
            text = "A van is being loaded for a tour that this plan takes away; plan again."
            raise StateConflict(text, current_id=route.id, current_version=route.version)
    overdue = next((tour for tour in tours if not tour.continues_id and tour.starts_at < now), None)
    if overdue is not None:
        text = f"A van should have left at {overdue.starts_at:%H:%M} UTC by this plan; plan again."
        raise StateConflict(text, current_id=plan.id, current_version=plan.version)
    leaves = now + standing.lead - SAME_TIME
    hasty = next((tour for tour in tours if not tour.continues_id and tour.starts_at < leaves), None)
    if hasty is not None:
        text = (
            f"A van would leave at {hasty.starts_at:%H:%M} UTC by this plan, before it is loaded; plan again."
        )
        raise StateConflict(text, current_id=plan.id, current_version=plan.version)


async def on_told_tours(
    work: UnitOfWork,
    plan: RoutePlan,
    standing: Standing,
    tours: Sequence[Route],
    expected: Collection[str],
    now: datetime,
) -> frozenset[str]:
    """Which of the deliveries that own vans are to be booked for would be on tours that are told.

    Raises
    ------
    StateConflict
        If no driver could be told anything.
    """
    live = await _lock_deliveries(work, plan, standing, tours)
    fitting = Fitting(plan, standing, live, now, expected)
    fitting.fit(tours)
    if tours and not fitting.told:
        raise StateConflict(NOTHING_LEFT, current_id=plan.id, current_version=plan.version)
    return frozenset(fitting.placed.intersection(expected))


async def put_in_place(
    work: UnitOfWork, plan: RoutePlan, standing: Standing, tours: Sequence[Route], now: datetime
) -> InPlace:
    """Tell drivers these tours instead of the ones that they change.

    What was called off meanwhile, or lies on a tour that stays, is left out. Where none of the new tours
    can be told, everything stays as it was.
    """
    live = await _lock_deliveries(work, plan, standing, tours)
    fitting = Fitting(plan, standing, live, now)
    fitting.fit(tours)
    if tours and not fitting.told:
        return InPlace((), 0, {}, frozenset(fitting.passed_over), _versions(standing, fitting))
    for draft_id in fitting.drafts:
        await work.routes.drop_route(draft_id)
    for route in (*fitting.told, *fitting.cut):
        await _keep(work, route, standing)
    for route in fitting.told:
        for stop in doors_ahead(route):
            live[stop.delivery_id] = await assign(work, live[stop.delivery_id], route.driver_id, now)
    for old in fitting.withdrawn:
        await _withdraw(work, old)
    placed = fitting.placed
    left = {one.id: one for one in live.values() if one.id not in placed and waits_for_van(one)}
    for one in list(left.values()):
        if one.driver_id is not None:
            left[one.id] = await unassign(work, one, now)
    return InPlace(
        tuple(fitting.told),
        len(fitting.withdrawn),
        left,
        frozenset(fitting.passed_over),
        _versions(standing, fitting),
    )


def _versions(standing: Standing, fitting: Fitting) -> dict[str, int]:
    gone = {route.id for route in fitting.withdrawn}
    found = (*standing.kept, *standing.changing.values(), *fitting.told, *fitting.cut)
    return {route.id: route.version for route in found if route.id not in gone}


async def _keep(work: UnitOfWork, route: Route, standing: Standing) -> None:
    """Keep a tour as it is told; nobody hears of one that is as it was but for the plan it belongs to."""
    before = standing.changing.get(route.id)
    await work.routes.put_route(route)
    if before is None or before.version != route.version:
        work.announce("route", route.id)
        await work.emit(RouteTold(route.merchant_id, route.id))


async def _lock_deliveries(
    work: UnitOfWork, plan: RoutePlan, standing: Standing, tours: Sequence[Route]
) -> dict[str, Delivery]:
    """All that a plan says something of and own vans still bring, by id; not what is on tours that stay."""
    on_kept = {stop.delivery_id for route in standing.kept for stop in doors_ahead(route)}
    ids = {stop.delivery_id for tour in tours for stop in doors_ahead(tour)} | set(plan.delivery_ids)
    ids |= {stop.delivery_id for old in standing.changing.values() for stop in doors_ahead(old)}
    found = await work.deliveries.several(sorted(ids - on_kept), lock=True)
    return {id_: one for id_, one in found.items() if is_for_van(one)}


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
                # It may have been with another driver before.
                key=f"assigned {delivery.version}",
                at=now,
            )
        )
    assigned = replace(delivery, driver_id=driver_id, updated_at=now, version=delivery.version + 1)
    await _tell(work, assigned)
    await settle_placed(work, assigned, now)
    return assigned


async def unassign(work: UnitOfWork, delivery: Delivery, now: datetime) -> Delivery:
    """It waits for a driver again: it is booked as it was before anybody was told of it."""
    version = delivery.version + 1
    changed = replace(delivery, driver_id=None, eta=None, late_risk=None, updated_at=now, version=version)
    leg = delivery.active_leg
    if leg is not None and delivery.status is DeliveryStatus.COURIER_ASSIGNED:
        leg = replace(leg, status=DeliveryStatus.BOOKED)
        changed = replace(changed.with_leg(leg), status=DeliveryStatus.BOOKED)
        key, text = f"off {version}", "On no van's route any more."
        event = leg_event(changed, leg, DeliveryStatus.BOOKED, EventSource.RULE, text, key=key, at=now)
        await work.deliveries.add_event(event)
    await _tell(work, changed)
    return changed


async def _tell(work: UnitOfWork, delivery: Delivery) -> None:
    await work.deliveries.put(delivery)
    work.announce("delivery", delivery.id)
    await work.emit(DeliveryAdvanced(delivery.merchant_id, delivery.id))


async def _withdraw(work: UnitOfWork, route: Route) -> None:
    """A route that has not left is replaced by the new plan."""
    await work.routes.put_route(replace(route, status=RouteStatus.CANCELLED, version=route.version + 1))
    work.announce("route", route.id)
    await work.emit(RouteTold(route.merchant_id, route.id))
