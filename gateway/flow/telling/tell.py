"""Tell: stores show how their orders stand, exactly once, however often an answer is lost."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from doorstep.delivery import Delivery
from doorstep.errors import DoorstepError, RemoteRefused
from doorstep.events import (
    DeliveryAdvanced,
    DeliveryBooked,
    IncidentRaised,
    IncidentResolved,
    ReportDue,
)
from doorstep.order import FulfillmentLine, LinkStatus, Order, Store
from doorstep.report import DeliveryReport
from doorstep.visibility import TrackingAudience, TrackingField, as_seen
from gateway.flow.claim import LASTS, ClaimLost, is_held, kept_alive, until
from gateway.flow.intake.reach import may_try, watched
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.records import ReportState, ReportStatus
from gateway.flow.telling.beside import parts_beside
from gateway.flow.telling.report import Standing, compose, digest_of, says_anything
from gateway.flow.watching.incidents import name_of

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)
"""After each failure the pause before the next try doubles, within these."""

LOOK_AGAIN_AFTER = timedelta(seconds=15)
"""A report that cannot be told because of its store, or of who is at it, comes up again after that."""

REFUSED_EVERY, REFUSED_FOR = timedelta(hours=6), timedelta(days=3)
"""What a store refuses is tried again so often and so long: merchants mend things without a word to us."""

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
    """Tell what could not be told before; gives how many were due.

    Raises
    ------
    ExceptionGroup
        What kept single reports from being told, once all others have had their turn.
    """
    async with means.begin(merchant_id) as work:
        due = await work.reports.due(means.clock.now(), AT_ONCE)
    failures: list[Exception] = []
    for state in due:
        try:
            await tell(means, merchant_id, state.unit_id)
        except Exception as error:  # one that fails must not stop the rest
            failures.append(error)
            with suppress(Exception):
                await _put_off(means, state)
    if failures:
        raise ExceptionGroup("some reports could not be told", failures)
    return len(due)


async def tell(means: Means, merchant_id: str, unit_id: str) -> None:
    """Let the store show how a fulfillment order stands, unless it does, or somebody is at it.

    A store that cannot be told is tried again later; nothing is raised for that.
    """
    while (task := await _claim(means, merchant_id, unit_id)) is not None:
        if not await _send(means, task):
            return


async def retell(work: UnitOfWork, order: Order, now: datetime) -> None:
    """The store changed an order: what it refused to show of it may be welcome by now.

    A try may itself change the order there, so those that fail again and again come at growing intervals.
    """
    for refused in await work.reports.refused_among([unit.id for unit in order.fulfillment_orders]):
        state = await work.reports.get(refused.unit_id, lock=True)
        if state is None or state.status is not ReportStatus.REFUSED:
            continue
        last = state.refused_at
        due_at = now if last is None else max(now, last + _pause(state.attempts))
        fresh = replace(state, status=ReportStatus.DUE, due_at=due_at, digest="", refused_since=None)
        await work.reports.put(fresh)
        if due_at == now:
            await work.emit(ReportDue(state.merchant_id, state.unit_id))


async def _claim(means: Means, merchant_id: str, unit_id: str) -> _Task | None:
    """What is to be told, kept from others until it has been; None where there is nothing to do."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        state = await work.reports.get(unit_id, lock=True)
        standing = await _standing(means, work, unit_id, state)
        if standing is None:
            await _close(work, state)
            return None
        report, store = compose(standing), standing.store
        if state is None:
            if not says_anything(report):
                return None
            state = ReportState(unit_id, merchant_id, store.id, ReportStatus.DUE, now)
        later = replace(state, status=ReportStatus.DUE, due_at=now + LOOK_AGAIN_AFTER)
        if is_held(state.claimed_until):
            await work.reports.put(replace(later, asked_again=True))
            return None
        if _is_settled(state, digest_of(report), now):
            await _close(work, state)
            return None
        is_linked = store.status not in {LinkStatus.PENDING, LinkStatus.DISCONNECTED}
        if not is_linked or not may_try(await work.syncs.get(store.id), now):
            await work.reports.put(later)
            return None
        claimed = _claimed(state, report, now)
        await work.reports.put(claimed)
    return _Task(store, claimed, report, was_in_doubt=state.in_doubt)


def _claimed(state: ReportState, report: DeliveryReport, now: datetime) -> ReportState:
    carried = tuple((line.line_external_id, line.quantity) for line in report.lines)
    return replace(
        state,
        status=ReportStatus.DUE,
        due_at=now + LASTS,
        claimed_until=until(),
        turn=state.turn + 1,
        asked_again=False,
        in_doubt=True,
        carried=carried if report.is_shipped else (),
    )


def _is_settled(state: ReportState, digest: str, now: datetime) -> bool:
    """Whether the store has heard exactly this, and need not hear it again."""
    if state.digest != digest:
        return False
    if state.status is ReportStatus.REFUSED:
        return state.due_at is None or now < state.due_at
    return state.status is ReportStatus.DONE or not state.in_doubt


async def _close(work: UnitOfWork, state: ReportState | None) -> None:
    """Nothing is left to be told."""
    if state is not None and state.status is ReportStatus.DUE:
        await work.reports.put(replace(state, status=ReportStatus.DONE, due_at=None))


async def _put_off(means: Means, state: ReportState) -> None:
    """Let others have their turn before this one comes up again."""
    async with means.begin(state.merchant_id) as work:
        current = await work.reports.get(state.unit_id, lock=True)
        if current is not None and current.due_at is not None:
            later = means.clock.now() + LONGEST_PAUSE
            await work.reports.put(replace(current, due_at=max(current.due_at, later)))


async def _send(means: Means, task: _Task) -> bool:
    """Tell it; says whether the store took it."""
    state = task.state
    alive = kept_alive(partial(_renew, means, state), claimed_until=state.claimed_until)
    try:
        async with alive, watched(means, task.store):
            connector = await means.links.store(state.merchant_id, state.store_id)
            told = await connector.report(task.report, state.told, in_doubt=task.was_in_doubt)
    except ClaimLost:
        return False  # whoever has it next reads the store before anything is written
    except Exception as error:  # whatever a connector does, the claim must not outlast it
        await _write_down(means, _failed(task, error, means.clock.now()))
        return False
    done = replace(
        state,
        status=ReportStatus.DONE,
        due_at=None,
        told=told,
        digest=digest_of(task.report),
        in_doubt=False,
        attempts=0,
        claimed_until=None,
        refused_since=None,
        refused_at=None,
        reported_at=means.clock.now(),
        problem_code="",
        problem_text="",
    )
    return await _write_down(means, done)


async def _renew(means: Means, state: ReportState, claimed_until: datetime) -> None:
    async with means.begin(state.merchant_id) as work:
        current = await work.reports.get(state.unit_id, lock=True)
        if current is None or current.turn != state.turn:
            raise ClaimLost
        await work.reports.put(replace(current, claimed_until=claimed_until))


async def _write_down(means: Means, state: ReportState) -> bool:
    """Keep how it ended, unless somebody has taken over; says whether it was kept."""
    async with means.begin(state.merchant_id) as work:
        current = await work.reports.get(state.unit_id, lock=True)
        if current is None or current.turn != state.turn:
            return False
        if current.asked_again and state.status is not ReportStatus.DUE:
            # What was told may not be the last word: whoever comes next, if not we, looks again.
            state = replace(state, status=ReportStatus.DUE, due_at=means.clock.now())
        await work.reports.put(state)
        return True


def _failed(task: _Task, error: Exception, now: datetime) -> ReportState:
    """How it stands after a call that did not end well."""
    state = task.state
    slip = DoorstepError(f"The connector failed ({type(error).__name__}).")
    problem = error if isinstance(error, DoorstepError) else slip
    failed = replace(
        state,
        attempts=state.attempts + 1,
        claimed_until=None,
        problem_code=problem.code,
        problem_text=problem.message,
    )
    if not isinstance(error, RemoteRefused):
        return replace(failed, due_at=now + _pause(state.attempts))
    digest = digest_of(task.report)
    since = (state.refused_since if state.digest == digest else None) or now
    again = now + REFUSED_EVERY
    return replace(
        failed,
        status=ReportStatus.REFUSED,
        digest=digest,
        due_at=again if again <= since + REFUSED_FOR else None,
        refused_since=since,
        refused_at=now,
    )


def _pause(attempts: int) -> timedelta:
    # Bounded before it is raised: two to the power of a few hundred is more than a time span holds.
    return min(FIRST_PAUSE * (1 << min(attempts, 16)), LONGEST_PAUSE)


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
    rules = (await work.accounts.merchant()).visibility
    if delivery is not None:
        delivery = as_seen(delivery, TrackingAudience.STORE, rules, means.clock.now())
    return Standing(
        store=store,
        order=order,
        unit=unit,
        delivery=delivery,
        shows_places=rules.shows(TrackingAudience.STORE, TrackingField.LIVE_PLACE),
        events=await work.deliveries.events(delivery.id) if delivery else (),
        incidents=incidents,
        carrier=await name_of(work, leg) if leg else "",
        tracking_url=means.tracking_link(delivery) if delivery else "",
        carried=tuple(FulfillmentLine(*line) for line in state.carried) if state else (),
        beside=await parts_beside(work, order, unit),
    )
