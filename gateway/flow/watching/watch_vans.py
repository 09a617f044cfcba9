"""Watch vans: own vans on tour, and those about which something is still said to be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.errors import NotFound, StateConflict
from doorstep.goods import COOLED, GoodsTrait
from doorstep.incident import Incident
from doorstep.merchant import Merchant
from doorstep.route import Route, RouteStatus
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.records import DriverState, Warmth
from gateway.flow.watching.incidents import Alarm, raise_if_new, settle
from gateway.flow.watching.of_vans import watched
from gateway.flow.watching.sight import VanSight
from gateway.flow.watching.signs import VAN_RULES, van_findings

WARMTH_KEPT = timedelta(hours=1)
MOST_READINGS = 240


async def watch_vans(means: Means, merchant: Merchant, live: Sequence[Incident], now: datetime) -> None:
    """Look at every van that is on tour, or was when something went wrong; `live` are all incidents."""
    async with means.begin(merchant.id) as work:
        started = {
            route.driver_id: route
            for route in await work.routes.unfinished()
            if route.status is RouteStatus.STARTED
        }
    troubled = {
        incident.driver_id
        for incident in live
        if incident.driver_id is not None and incident.kind in VAN_RULES
    }
    for driver_id in sorted({*started, *troubled}):
        async with means.begin(merchant.id) as work:
            await _look_at(work, merchant, driver_id, started.get(driver_id), now)


async def record_temperature(
    means: Means, merchant_id: str, driver_id: str, celsius: float, recorded_at: datetime
) -> None:
    """Take what a van's thermometer says; what is older than the last reading is let go of.

    Raises
    ------
    NotFound
        If there is no such driver.
    StateConflict
        If the van has never said where it is.
    """
    async with means.begin(merchant_id) as work:
        if await work.fleet.driver(driver_id) is None:
            raise NotFound(driver_id, path=("input", "driverId"))
        kept = (await work.fleet.lock_states([driver_id])).get(driver_id)
        state = await work.fleet.state(driver_id)
        if kept is None or state is None:
            raise StateConflict(f"The van of {driver_id} has not said where it is yet.", current_id=driver_id)
        rules = (await work.accounts.merchant()).watch
        watch = watched(state, rules, means.clock.now())
        if watch.warmth and recorded_at <= watch.warmth[-1].at:
            return
        recent = [one for one in watch.warmth if one.at + WARMTH_KEPT > recorded_at][1 - MOST_READINGS :]
        watch = replace(watch, warmth=(*recent, Warmth(recorded_at, celsius)))
        await work.fleet.put_state(replace(kept, watch=watch))


async def _look_at(
    work: UnitOfWork, merchant: Merchant, driver_id: str, route: Route | None, now: datetime
) -> None:
    sight = await _sight_of(work, merchant, driver_id, route, now)
    live = {one.kind for one in await work.incidents.live_of(driver_id)}
    for found in van_findings(sight):
        if isinstance(found, Alarm):
            if found.kind not in live:
                await raise_if_new(work, found, merchant.watch, now)
        elif found.kind in live:
            await settle(work, driver_id, {found.kind}, found.note, now)


async def _sight_of(
    work: UnitOfWork, merchant: Merchant, driver_id: str, route: Route | None, now: datetime
) -> VanSight:
    state = await work.fleet.state(driver_id)
    if state is not None and route is not None:
        state = await _remember(work, merchant, state, now)
    driver = await work.fleet.driver(driver_id)
    name = driver.vehicle_name if driver is not None and driver.vehicle_name else "A van"
    told = state.watch.warmth if state is not None and state.watch is not None else ()
    warmth = tuple(one for one in told if one.at + WARMTH_KEPT > now)
    is_asked = bool(warmth) and route is not None
    cooled = await _cooled(work, route) if is_asked and route is not None else frozenset[GoodsTrait]()
    return VanSight(merchant.watch, driver_id, name, route, state, now, cooled, warmth)


async def _remember(work: UnitOfWork, merchant: Merchant, state: DriverState, now: datetime) -> DriverState:
    """What is remembered is written to what is kept, which knows less than what is told of the van."""
    if watched(state, merchant.watch, now) == state.watch:
        return state
    kept = (await work.fleet.lock_states([state.driver_id])).get(state.driver_id)
    if kept is None:
        return state
    current = await work.fleet.state(state.driver_id) or state
    watch = watched(current, merchant.watch, now)
    await work.fleet.put_state(replace(kept, watch=watch))
    return replace(current, watch=watch)


async def _cooled(work: UnitOfWork, route: Route) -> frozenset[GoodsTrait]:
    """What of the goods that are still on board must be kept cold."""
    ahead = [stop.delivery_id for stop in route.ahead]
    on_board = (await work.deliveries.several(ahead)).values() if ahead else ()
    traits = (delivery.goods.traits & COOLED for delivery in on_board if not delivery.is_over)
    return frozenset().union(*traits)
