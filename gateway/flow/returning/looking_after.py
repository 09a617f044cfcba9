"""Look after: answers that did not come, goods that are not back, and what a lost message left lying."""

from __future__ import annotations

from datetime import timedelta

from doorstep.delivery_status import DeliveryStatus
from doorstep.events import ReturnRequested
from doorstep.failed_attempt import AttemptState, FailedAttempt
from doorstep.incident import IncidentKind
from doorstep.quote import DeliveryMode
from doorstep.return_request import ReturnRequest, ReturnStatus
from gateway.flow.ports import Means
from gateway.flow.returning.deciding import decide_by_rule
from gateway.flow.returning.fetching import TRIES, overdue, receive
from gateway.flow.returning.follow import look_at_attempts
from gateway.flow.returning.keeping import keep_request
from gateway.flow.returning.van import come_home, is_on_tour
from gateway.flow.watching.incidents import Alarm, raise_incident

AT_ONCE = 500
FORGOTTEN_AFTER = timedelta(minutes=3)
"""A return that nobody has booked for so long is taken up again."""

_UNDER_WAY = (
    ReturnStatus.REQUESTED,
    ReturnStatus.APPROVED,
    ReturnStatus.LABEL_READY,
    ReturnStatus.IN_TRANSIT,
)


async def look_after_returns(means: Means, merchant_id: str) -> None:
    """Look at every open attempt and every return that is under way, once."""
    async with means.begin(merchant_id) as work:
        attempts = await work.returns.open_attempts(AT_ONCE)
        requests = await work.returns.requests(_UNDER_WAY, "", AT_ONCE)
    for attempt in attempts:
        await _look_at(means, attempt)
    for request in requests:
        await _look_at_return(means, request)


async def _look_at(means: Means, attempt: FailedAttempt) -> None:
    now = means.clock.now()
    if attempt.state is AttemptState.GOING_BACK:
        await come_home(means, attempt.merchant_id, attempt.delivery_id)
    async with means.begin(attempt.merchant_id) as work:
        delivery = await work.deliveries.get(attempt.delivery_id)
        rules = (await work.accounts.merchant()).attempts
    if delivery is None:
        return
    await look_at_attempts(means, delivery)
    async with means.begin(attempt.merchant_id) as work:
        await work.deliveries.get(attempt.delivery_id, lock=True)
        current = await work.returns.attempt(attempt.id, lock=True)
        if current is None or not current.is_open:
            return
        if current.answer_by is not None and current.answer_by <= now and current.decision is None:
            await decide_by_rule(work, means, current)
        is_late = current.failed_at + timedelta(seconds=rules.return_due_s) <= now
        if current.state is AttemptState.GOING_BACK and is_late:
            alarm = Alarm(
                IncidentKind.RETURN_OVERDUE,
                title=f"{delivery.reference}: it is not back",
                evidence=f"It turned round on {current.failed_at:%d %b} and has not come back.",
                delivery_id=delivery.id,
                leg_id=current.leg_id,
            )
            await raise_incident(work, alarm, now)


async def _look_at_return(means: Means, request: ReturnRequest) -> None:
    now = means.clock.now()
    async with means.begin(request.merchant_id) as work:
        delivery = await work.deliveries.get(request.delivery_id, lock=True) if request.delivery_id else None
        current = await work.returns.request(request.id, lock=True)
        if current is None or current.is_over:
            return
        if current.status is ReturnStatus.REQUESTED:
            is_forgotten = current.created_at + FORGOTTEN_AFTER <= now and current.tries < TRIES
            if is_forgotten:
                await work.emit(ReturnRequested(current.merchant_id, current.id))
            return
        leg = delivery.active_leg if delivery else None
        is_fetched = delivery is not None and delivery.status is DeliveryStatus.DELIVERED
        is_own = leg is not None and leg.mode is DeliveryMode.OWN_FLEET
        if delivery is not None and is_fetched and is_own and not await is_on_tour(work, delivery.id):
            await keep_request(work, await receive(work, current, now))
        elif current.due_at <= now:
            why = f"It was due by {current.due_at:%d %b} and is {current.status}."
            await raise_incident(work, overdue(current, delivery, why), now)
