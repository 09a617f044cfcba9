"""Drop: a driver cannot go on today; others bring what lies at the depot, people see to what is on board."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from doorstep.delivery import Delivery, EventSource
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.driver import Driver
from doorstep.errors import NotFound, StateConflict
from doorstep.events import DeliveryAdvanced, RouteTold, TourDisturbed
from doorstep.incident import IncidentKind
from doorstep.route import Route, RouteStatus, StopStatus
from gateway.flow.planning.parts.machines import is_mended
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.parts.vans import shift_of
from gateway.flow.planning.parts.visits import STILL_HERE, is_for_van
from gateway.flow.planning.telling.in_place import unassign
from gateway.flow.planning.telling.without_place import show_unplanned
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.tracking.leg_events import leg_event
from gateway.flow.watching.incidents import Alarm, raise_incident, settle

AWAY_FOR = timedelta(hours=8)
"""Of a driver who falls out while there is no shift."""


async def drop_driver(
    means: Means, merchant_id: str, driver_id: str, until: datetime | None = None
) -> Sequence[Route]:
    """A driver falls out: gives the tours that are over for it, () where there were none.

    A tour on the road stops where it is. What it has on board stays with the delivery's booking and is shown
    to people as STALLED: somebody has to meet the van, and `take_back` says that the goods are at the depot
    again. All that is not loaded goes to others with the next plan, which is asked for at once where the
    merchant lets machines mend tours. The driver is signed out.

    Parameters
    ----------
    until
        When the driver can drive again; None for the next shift.

    Raises
    ------
    NotFound
        If there is no such driver.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        # A plan that is being told now gives the driver no tour behind our back.
        await work.routes.take_turn()
        stopped = await stop_tours(work, driver_id, now)
        driver = await work.fleet.driver(driver_id, lock=True)
        if driver is None:
            raise NotFound(driver_id, path=("input", "driverId"))
        until = until or await _end_of_shift(work, driver, now)
        away = replace(driver, not_before=until, holds=(), version=driver.version + 1)
        await work.fleet.put_driver(away)
        await work.driver_sessions.end(driver_id, now)
        return stopped


async def _end_of_shift(work: UnitOfWork, driver: Driver, now: datetime) -> datetime:
    """Of the one that a driver is on, or that is to come today."""
    depot = next((place for place in await work.accounts.locations() if place.id == driver.depot_id), None)
    if depot is None:
        return now + AWAY_FOR
    today = now.astimezone(ZoneInfo(depot.time_zone)).date()
    # A shift past midnight began yesterday.
    shifts = (shift_of(driver, depot, day) for day in (today - timedelta(days=1), today))
    return next((shift.end for shift in shifts if shift is not None and now < shift.end), now + AWAY_FOR)


async def stop_tours(work: UnitOfWork, driver_id: str, now: datetime) -> list[Route]:
    """The tours of a driver are over, within a transaction that has its turn; see `drop_driver`."""
    stopped, doors = [], []
    noticed = [route.id for route in await work.routes.unfinished() if route.driver_id == driver_id]
    for route in (await work.routes.lock(noticed)).values():
        if route.status not in (RouteStatus.PUBLISHED, RouteStatus.STARTED):
            continue  # it ended while we waited for it
        doors += [stop.delivery_id for stop in doors_ahead(route)]
        over = stopped_tour(route, now)
        await work.routes.put_route(over)
        work.announce("route", over.id)
        await work.emit(RouteTold(over.merchant_id, over.id))
        stopped.append(over)
    if not stopped:
        return []
    driver = await work.fleet.driver(driver_id)
    await _let_go(work, driver, doors, now)
    if not is_mended(await work.accounts.merchant()):
        why = "Its driver has fallen out, and machines are not to mend tours: plan it again."
        await show_unplanned(work, set(doors), why, now)
    text = "The driver has fallen out."
    await settle(work, driver_id, {IncidentKind.OFF_ROUTE, IncidentKind.GPS_SILENT}, text, now)
    await work.emit(TourDisturbed(work.merchant_id, stopped[0].id))
    return stopped


def stopped_tour(route: Route, now: datetime) -> Route:
    """A tour that nobody drives on; one that has not left never does."""
    if route.status is not RouteStatus.STARTED:
        return replace(route, status=RouteStatus.CANCELLED, version=route.version + 1)
    stops = tuple(stop if stop.is_over else replace(stop, status=StopStatus.SKIPPED) for stop in route.stops)
    return replace(route, status=RouteStatus.FINISHED, ends_at=now, stops=stops, version=route.version + 1)


async def _let_go(work: UnitOfWork, driver: Driver | None, doors: Iterable[str], now: datetime) -> None:
    found = await work.deliveries.several(sorted(set(doors)), lock=True)
    for delivery in found.values():
        if not is_for_van(delivery):
            continue
        if delivery.status in STILL_HERE:
            await unassign(work, delivery, now)
        else:
            van = driver.vehicle_name if driver is not None and driver.vehicle_name else "a van"
            what = "on board of a van that cannot go on"
            why = f"The driver of {van} has fallen out. Meet the van, or have the goods brought back."
            await show(work, delivery, what, why, now)


async def show(work: UnitOfWork, delivery: Delivery, what: str, why: str, now: datetime) -> None:
    """Goods are on board of a van that does not go on, or may be: a person has to see to them."""
    alarm = Alarm(
        IncidentKind.STALLED,
        title=f"{delivery.reference}: {what}",
        evidence=why,
        delivery_id=delivery.id,
        leg_id=delivery.legs[-1].id if delivery.legs else None,
    )
    await work.deliveries.put(
        replace(delivery, eta=None, late_risk=None, updated_at=now, version=delivery.version + 1)
    )
    await raise_incident(work, alarm, now)
    work.announce("delivery", delivery.id)
    await work.emit(DeliveryAdvanced(delivery.merchant_id, delivery.id))


async def take_back(means: Means, merchant_id: str, delivery_id: str) -> Delivery:
    """Goods that a van had on board are at the depot again: the next plan sends them out with another one.

    Also what was on a tour that nobody saw to its end, and never left the depot.

    Raises
    ------
    NotFound
        If there is no such delivery.
    StateConflict
        If no own van has loaded it or was sent with it, or one still is on its way with it.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        driven = await work.routes.unfinished()
        delivery = await work.deliveries.get(delivery_id, lock=True)
        if delivery is None:
            raise NotFound(delivery_id, path=("input", "deliveryId"))
        _require_on_board(delivery, driven)
        leg = delivery.active_leg
        if leg is None:
            raise NotFound(delivery_id, path=("input", "deliveryId"))
        waits = replace(leg, status=DeliveryStatus.BOOKED, picked_up_at=None)
        changed = replace(
            delivery.with_leg(waits),
            status=DeliveryStatus.BOOKED,
            driver_id=None,
            eta=None,
            late_risk=None,
            updated_at=now,
            version=delivery.version + 1,
        )
        await work.deliveries.put(changed)
        key, text = f"back {changed.version}", "The goods are at the depot again."
        event = leg_event(changed, waits, DeliveryStatus.BOOKED, EventSource.PERSON, text, key=key, at=now)
        await work.deliveries.add_event(event)
        await settle(work, delivery_id, {IncidentKind.STALLED}, text, now)
        work.announce("delivery", delivery_id)
        await work.emit(DeliveryAdvanced(merchant_id, delivery_id))
        return changed


def _require_on_board(delivery: Delivery, driven: Sequence[Route]) -> None:
    is_loaded = RANK.get(delivery.status, 0) >= RANK[DeliveryStatus.PICKED_UP]
    was_sent = delivery.driver_id is not None
    is_driven = any(stop.delivery_id == delivery.id for route in driven for stop in doors_ahead(route))
    if not is_for_van(delivery) or not (is_loaded or was_sent) or is_driven:
        text = f"{delivery.reference} is {delivery.status}: no van has stopped with it on board."
        raise StateConflict(text, current_id=delivery.id, current_version=delivery.version)
