"""Own vans: a driver reports that nobody took the goods in, and a van that is back has brought goods back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.delivery import Delivery, EventSource, Leg
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.errors import NotFound, StateConflict
from doorstep.events import DeliveryAdvanced
from doorstep.failed_attempt import INCIDENT_OF, AttemptFailure, FailedAttempt
from doorstep.quote import DeliveryMode
from doorstep.route import RouteStatus, StopStatus
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.returning.follow import look_at_attempts
from gateway.flow.tracking.leg_events import leg_event
from gateway.flow.tracking.track import follow_status
from gateway.flow.watching.incidents import Alarm, raise_incident

_OVER = (StopStatus.DONE, StopStatus.FAILED, StopStatus.SKIPPED)


async def record_failure(
    means: Means, merchant_id: str, delivery_id: str, failure: AttemptFailure
) -> FailedAttempt:
    """Nobody took in what an own van brought; a repeat changes nothing.

    Raises
    ------
    NotFound
        If there is no such delivery.
    StateConflict
        If no own van is on its way with it, or this attempt failed for another reason already.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        delivery = await work.deliveries.get(delivery_id, lock=True)
        leg = delivery.active_leg if delivery else None
        if delivery is None or leg is None:
            raise NotFound(delivery_id, path=("input", "deliveryId"))
        if leg.mode is not DeliveryMode.OWN_FLEET:
            text = f"{leg.carrier} brings it and says itself when an attempt fails."
            raise StateConflict(text, current_id=delivery_id, current_version=delivery.version)
        is_repeat = delivery.status is DeliveryStatus.ATTEMPT_FAILED
        if not is_repeat:
            await _fail(work, delivery, leg, failure, now)
    failed = await _kept(means, merchant_id, delivery_id)
    # Also for a repeat: whoever reported it first may have got no further than the delivery.
    await look_at_attempts(means, failed)
    async with means.begin(merchant_id) as work:
        attempts = await work.returns.attempts_of(delivery_id)
    if not attempts or failed.is_cancel_requested:
        text = f"{delivery_id} is called off: it comes back and nothing of it can be chosen."
        raise StateConflict(text, current_id=delivery_id, current_version=failed.version)
    if is_repeat and attempts[-1].failure is not failure:
        text = f"This attempt is written down as {attempts[-1].failure} already."
        raise StateConflict(text, current_id=attempts[-1].id, current_version=attempts[-1].version)
    return attempts[-1]


async def _fail(
    work: UnitOfWork, delivery: Delivery, leg: Leg, failure: AttemptFailure, now: datetime
) -> None:
    """Its van stood at the door for nothing."""
    if delivery.is_over or RANK.get(delivery.status, 0) < RANK[DeliveryStatus.PICKED_UP]:
        text = f"{delivery.id} is {delivery.status}: no van is on its way with it."
        raise StateConflict(text, current_id=delivery.id, current_version=delivery.version)
    alarm = Alarm(
        INCIDENT_OF[failure],
        title=f"{delivery.reference}: {failure.replace('_', ' ').lower()}",
        evidence="The driver reported it.",
        delivery_id=delivery.id,
        leg_id=leg.id,
        raw_code=failure,
    )
    key = f"failed {await _fail_stop(work, delivery.id, now)}"
    await _move(work, delivery, leg, DeliveryStatus.ATTEMPT_FAILED, (key, EventSource.DRIVER), now)
    await raise_incident(work, alarm, now)


async def come_home(means: Means, merchant_id: str, delivery_id: str) -> bool:
    """What a van brings back has come back once its tour is over; says whether it has."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        if await is_on_tour(work, delivery_id):
            return False
        delivery = await work.deliveries.get(delivery_id, lock=True)
        leg = delivery.active_leg if delivery else None
        is_due = delivery is not None and delivery.status is DeliveryStatus.RETURNING
        if delivery is None or leg is None or not is_due or leg.mode is not DeliveryMode.OWN_FLEET:
            return False
        changed = await _move(work, delivery, leg, DeliveryStatus.RETURNED, ("back", EventSource.RULE), now)
        await follow_status(work, changed, means)
    return True


async def is_on_tour(work: UnitOfWork, delivery_id: str) -> bool:
    """Whether the van that visits its door is still out."""
    routes = await work.routes.unfinished()
    started = [route for route in routes if route.status is RouteStatus.STARTED]
    return any(stop.delivery_id == delivery_id for route in started for stop in route.stops)


async def _fail_stop(work: UnitOfWork, delivery_id: str, now: datetime) -> str:
    """The van goes on to the next door; gives the stop, "" where there is none."""
    for route in await work.routes.unfinished():
        stop = next((one for one in route.stops if one.delivery_id == delivery_id), None)
        if stop is None or stop.status in _OVER:
            continue
        failed = replace(stop, status=StopStatus.FAILED, departed_at=now)
        stops = tuple(failed if one is stop else one for one in route.stops)
        await work.routes.put_route(replace(route, stops=stops, version=route.version + 1))
        work.announce("route", route.id)
        return stop.id
    return ""


async def _move(
    work: UnitOfWork,
    delivery: Delivery,
    leg: Leg,
    status: DeliveryStatus,
    told: tuple[str, EventSource],
    now: datetime,
) -> Delivery:
    """Put the leg and its delivery to a status, with an event under a key from a source."""
    is_end = status is DeliveryStatus.RETURNED
    moved = replace(leg, status=status, ended_at=now if is_end else None)
    changed = replace(
        delivery.with_leg(moved),
        status=status,
        eta=None,
        late_risk=None,
        updated_at=now,
        version=delivery.version + 1,
    )
    await work.deliveries.put(changed)
    text = status.replace("_", " ").capitalize() + "."
    key, source = told
    await work.deliveries.add_event(leg_event(delivery, leg, status, source, text, key=key, at=now))
    work.announce("delivery", delivery.id)
    await work.emit(DeliveryAdvanced(delivery.merchant_id, delivery.id))
    return changed


async def _kept(means: Means, merchant_id: str, delivery_id: str) -> Delivery:
    async with means.begin(merchant_id) as work:
        found = await work.deliveries.get(delivery_id)
    if found is None:
        raise NotFound(delivery_id)
    return found
