"""Tell: stores show how their orders stand, exactly once, however often an answer is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from doorstep.delivery import Delivery
from doorstep.errors import DoorstepError, RemoteError, RemoteRefused
from doorstep.events import (
    DeliveryAdvanced,
    DeliveryBooked,
    IncidentRaised,
    IncidentResolved,
    ReportDue,
)
from doorstep.order import FulfillmentLine, LinkStatus, Store
from doorstep.report import DeliveryReport
from gateway.flow.claim import LASTS, is_held, kept_alive, until
from gateway.flow.incidents import name_of
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.reach import may_try, watched
from gateway.flow.records import ReportState, ReportStatus
from gateway.flow.report import Standing, compose, digest_of, says_anything

LONGEST_PAUSE = timedelta(minutes=10)
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class _Task:
    store: Store
    state: ReportState
    report: DeliveryReport
    was_in_doubt: bool


async def tell_of_delivery(event: DeliveryBooked | DeliveryAdvanced, means: Means) -> None:
    """A delivery stands otherwise than before."""
    async with means.begin(event.merchant_id) as work:
        delivery = await work.deliveries.get(event.delivery_id)
    if delivery is not None:
        await tell(means, event.merchant_id, delivery.fulfillment_order_id)


async def tell_of_incident(event: IncidentRaised | IncidentResolved, means: Means) -> None:
    """Something needs a person, or does no longer."""
    async with means.begin(event.merchant_id) as work:
        incident = await work.incidents.get(event.incident_id)
        unit_id = incident.fulfillment_order_id if incident else None
        if incident is not None and unit_id is None and incident.delivery_id is not None:
            delivery = await work.deliveries.get(incident.delivery_id)
            unit_id = delivery.fulfillment_order_id if delivery else None
    if unit_id is not None:
        await tell(means, event.merchant_id, unit_id)


async def tell_store(event: ReportDue, means: Means) -> None:
    """It is time to try again."""
    await tell(means, event.merchant_id, event.fulfillment_order_id)


async def tell_due(means: Means, merchant_id: str) -> int:
    """Tell what could not be told before; gives how many were due."""
    async with means.begin(merchant_id) as work:
        due = await work.reports.due(means.clock.now(), AT_ONCE)
    for state in due:
        await tell(means, merchant_id, state.unit_id)
    return len(due)


async def tell(means: Means, merchant_id: str, unit_id: str) -> None:
    """Let the store show how a fulfillment order stands, unless it does, or somebody is at it.

    A store that cannot be told is tried again later; nothing is raised.
    """
    while (task := await _claim(means, merchant_id, unit_id)) is not None:
        if not await _send(means, task):
            return


async def _claim(means: Means, merchant_id: str, unit_id: str) -> _Task | None:
    """What is to be told, kept from others until it has been; None where there is nothing."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        state = await work.reports.get(unit_id, lock=True)
        standing = await _standing(means, work, unit_id, state)
        if standing is None or standing.store.status is LinkStatus.DISCONNECTED:
            return None
        report, store = compose(standing), standing.store
        if state is None:
            if not says_anything(report):
                return None
            state = ReportState(unit_id, merchant_id, store.id, ReportStatus.DUE, now)
        if state.digest == digest_of(report) and state.status is not ReportStatus.DUE:
            return None
        sync = await work.syncs.get(store.id)
        if is_held(state.claimed_until) or not may_try(sync, now):
            # Whoever is at it looks again when it is done.
            later = now + timedelta(seconds=15)
            await work.reports.put(replace(state, status=ReportStatus.DUE, due_at=later))
            return None
        claimed = replace(
            state,
            status=ReportStatus.DUE,
            due_at=now + LASTS,
            claimed_until=until(),
            in_doubt=True,
            carried=_carried(report) if report.is_shipped else (),
        )
        await work.reports.put(claimed)
    return _Task(store, claimed, report, was_in_doubt=state.in_doubt)


async def _send(means: Means, task: _Task) -> bool:
    """Tell it; says whether the store took it."""
    state = task.state
    try:
        async with kept_alive(partial(_renew, means, state)), watched(means, task.store):
            connector = await means.links.store(state.merchant_id, state.store_id)
            told = await connector.report(task.report, state.told, in_doubt=task.was_in_doubt)
    except RemoteRefused as refusal:
        await _write_down(means, replace(_failed(state, refusal), status=ReportStatus.REFUSED), task.report)
        return False
    except RemoteError as error:
        pause = min(timedelta(seconds=5) * 2**state.attempts, LONGEST_PAUSE)
        again = replace(_failed(state, error), due_at=means.clock.now() + pause)
        await _write_down(means, again, None)
        return False
    done = replace(
        state,
        status=ReportStatus.DONE,
        told=told,
        in_doubt=False,
        attempts=0,
        claimed_until=None,
        reported_at=means.clock.now(),
        problem_code="",
        problem_text="",
    )
    await _write_down(means, done, task.report)
    return True


async def _renew(means: Means, state: ReportState, claimed_until: datetime) -> None:
    async with means.begin(state.merchant_id) as work:
        current = await work.reports.get(state.unit_id, lock=True)
        if current is not None and current.claimed_until is not None:
            await work.reports.put(replace(current, claimed_until=claimed_until))


async def _write_down(means: Means, state: ReportState, taken: DeliveryReport | None) -> None:
    async with means.begin(state.merchant_id) as work:
        await work.reports.put(replace(state, digest=digest_of(taken)) if taken else state)


def _failed(state: ReportState, error: DoorstepError) -> ReportState:
    return replace(
        state,
        attempts=state.attempts + 1,
        claimed_until=None,
        problem_code=error.code,
        problem_text=error.message,
    )


def _carried(report: DeliveryReport) -> tuple[tuple[str, int], ...]:
    return tuple((line.line_external_id, line.quantity) for line in report.lines)


async def _standing(
    means: Means, work: UnitOfWork, unit_id: str, state: ReportState | None
) -> Standing | None:
    """All that is known of a fulfillment order; None where it came from no store."""
    unit = await work.orders.fulfillment_order(unit_id)
    order = await work.orders.get(unit.order_id) if unit else None
    store = await work.accounts.store(order.store_id) if order else None
    if unit is None or order is None or store is None:
        return None
    delivery: Delivery | None = await work.deliveries.latest_of(unit_id)
    leg = delivery.active_leg if delivery else None
    incidents = list(await work.incidents.live_of(unit_id))
    if delivery is not None:
        incidents += await work.incidents.live_of(delivery.id)
    return Standing(
        store=store,
        order=order,
        unit=unit,
        delivery=delivery,
        events=await work.deliveries.events(delivery.id) if delivery else (),
        incidents=incidents,
        carrier=await name_of(work, leg) if leg else "",
        tracking_url=means.tracking_link(delivery) if delivery else "",
        carried=tuple(FulfillmentLine(*line) for line in state.carried) if state else (),
    )
