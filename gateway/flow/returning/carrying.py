"""Carry out what was decided about a failed attempt: a job, which may run twice.

Nobody is ever booked beside somebody who still has the goods: an own van's leg is ended before another is
asked for, a courier is asked to change the booking that it has, and what goes back is booked again once it
is back. Everything is booked by dispatching's own hand, so that at most one booking of it lives.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from doorstep.booking import BookingChange
from doorstep.delivery import Delivery, EventSource, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteError, RemoteRefused
from doorstep.events import AttemptDecided, DeliveryAdvanced
from doorstep.failed_attempt import AttemptChoice, AttemptState, FailedAttempt
from doorstep.incident import StepAction, StepStatus
from doorstep.ports import ChangesBookings
from doorstep.quote import DeliveryMode
from gateway.flow.ports import Means
from gateway.flow.returning.again import again_by_van, again_from_shop
from gateway.flow.returning.noting import note_step
from gateway.flow.returning.slots import promise_again
from gateway.flow.tracking.leg_events import leg_event


@dataclass(frozen=True, slots=True)
class _Done:
    """What came of carrying it out; a wish that has to wait is not done.

    Attributes
    ----------
    choices
        What is open from here on; None leaves it as it was. Who goes again is called off like any delivery.
    """

    action: StepAction
    text: str
    is_done: bool = True
    status: StepStatus = StepStatus.DONE
    mends: bool = True
    next_delivery_id: str | None = None
    state: AttemptState | None = None
    choices: tuple[AttemptChoice, ...] | None = None


async def carry_out(event: AttemptDecided, means: Means) -> None:
    """Do what was decided.

    Raises
    ------
    RemoteError
        If a carrier could not be asked; the job is tried again.
    """
    async with means.begin(event.merchant_id) as work:
        attempt = await work.returns.attempt(event.attempt_id)
        delivery = await work.deliveries.get(attempt.delivery_id) if attempt else None
    if attempt is None or delivery is None or attempt.decision is None or attempt.is_done:
        return
    leg = delivery.active_leg
    if leg is None or attempt.decision is AttemptChoice.GIVE_UP:
        return
    if attempt.decision is AttemptChoice.TRY_AGAIN:
        done = await _try_again(means, attempt, delivery, leg)
    elif attempt.decision is AttemptChoice.SAFE_PLACE:
        done = await _leave(means, attempt, delivery, leg)
    else:
        done = await _bring_back(means, delivery, leg)
    await _write_down(means, attempt, done)


async def _try_again(means: Means, attempt: FailedAttempt, delivery: Delivery, leg: Leg) -> _Done:
    when = f"{attempt.window.start:%d %b %H:%M} UTC" if attempt.window else "as soon as somebody can"
    if attempt.state is AttemptState.SENT_AGAIN:
        sent = await again_from_shop(means, attempt, delivery)
        return _Done(StepAction.REDISPATCH, f"Sent again, {when}.", next_delivery_id=sent)
    if leg.mode is DeliveryMode.OWN_FLEET and attempt.state is AttemptState.TRYING_AGAIN:
        await again_by_van(means, attempt, delivery)
        return _Done(StepAction.RESCHEDULE, f"An own van goes again, {when}.", choices=())
    if attempt.window is not None and attempt.state is AttemptState.TRYING_AGAIN:
        refusal = await _change(means, delivery, leg, BookingChange(window=attempt.window))
        if refusal is None:
            await _promise(means, delivery, attempt)
            return _Done(StepAction.RESCHEDULE, f"{leg.carrier} comes again, {when}.")
    text = "It is sent again once it is back at the shop."
    return _Done(StepAction.RESCHEDULE, text, is_done=False, status=StepStatus.RUNNING, mends=False)


async def _leave(means: Means, attempt: FailedAttempt, delivery: Delivery, leg: Leg) -> _Done:
    if leg.mode is DeliveryMode.OWN_FLEET:
        await again_by_van(means, attempt, delivery)
        text = "An own van goes again and leaves it where the shopper said."
        return _Done(StepAction.RESCHEDULE, text, choices=())
    change = BookingChange(instructions=delivery.destination.instructions)
    refusal = await _change(means, delivery, leg, change)
    if refusal is None:
        return _Done(StepAction.RESCHEDULE, f"{leg.carrier} was told where to leave it.")
    # Whoever looks next finds the choices that are left.
    return _Done(
        StepAction.RESCHEDULE,
        f"{leg.carrier} does not take that any more ({refusal.raw_code or 'refused'}); a person decides.",
        status=StepStatus.FAILED,
        mends=False,
        state=AttemptState.OPEN,
    )


async def _bring_back(means: Means, delivery: Delivery, leg: Leg) -> _Done:
    if leg.mode is not DeliveryMode.OWN_FLEET:
        text = f"{leg.carrier} brings it back by itself."
        return _Done(StepAction.RETURN, text, status=StepStatus.RUNNING, mends=False)
    now = means.clock.now()
    async with means.begin(delivery.merchant_id) as work:
        current = await work.deliveries.get(delivery.id, lock=True)
        active = current.active_leg if current else None
        if current is not None and active is not None and current.status is DeliveryStatus.ATTEMPT_FAILED:
            turned = replace(active, status=DeliveryStatus.RETURNING)
            await work.deliveries.put(
                replace(
                    current.with_leg(turned),
                    status=DeliveryStatus.RETURNING,
                    eta=None,
                    late_risk=None,
                    updated_at=now,
                    version=current.version + 1,
                )
            )
            text, source = "The van brings it back.", EventSource.RULE
            event = leg_event(current, active, turned.status, source, text, key="returning", at=now)
            await work.deliveries.add_event(event)
            work.announce("delivery", delivery.id)
            await work.emit(DeliveryAdvanced(delivery.merchant_id, delivery.id))
    return _Done(StepAction.RETURN, "The van brings it back.", status=StepStatus.RUNNING, mends=False)


async def _change(means: Means, delivery: Delivery, leg: Leg, change: BookingChange) -> RemoteRefused | None:
    """Ask the carrier to change the booking that it has; its clear no is an answer."""
    carrier = await means.links.carrier(delivery.merchant_id, leg.account_id)
    if carrier is None or not isinstance(carrier.connector, ChangesBookings) or not leg.external_id:
        return RemoteRefused("It takes no changes.", system=leg.carrier)
    try:
        await carrier.connector.change(leg.external_id, change, means.booking_budget_s)
    except RemoteRefused as refusal:
        return refusal
    return None


async def _promise(means: Means, delivery: Delivery, attempt: FailedAttempt) -> None:
    async with means.begin(delivery.merchant_id) as work:
        current = await work.deliveries.get(delivery.id, lock=True)
        if current is not None:
            promise = await promise_again(work, current, attempt.window) or current.promise
            changed = replace(
                current, promise=promise, updated_at=means.clock.now(), version=current.version + 1
            )
            await work.deliveries.put(changed)
            work.announce("delivery", delivery.id)


async def _write_down(means: Means, attempt: FailedAttempt, done: _Done) -> None:
    async with means.begin(attempt.merchant_id) as work:
        await work.deliveries.get(attempt.delivery_id, lock=True)
        current = await work.returns.attempt(attempt.id, lock=True)
        if current is None or current.is_done or current.decided_at != attempt.decided_at:
            return  # somebody has thought again meanwhile: that has a job of its own
        left = tuple(choice for choice in current.choices if choice is not current.decision)
        changed = replace(
            current,
            is_done=done.is_done,
            state=done.state or current.state,
            choices=left if done.state else current.choices if done.choices is None else done.choices,
            next_delivery_id=done.next_delivery_id or current.next_delivery_id,
            version=current.version + 1,
        )
        await work.returns.put_attempt(changed)
        now = means.clock.now()
        await note_step(work, changed, done.action, done.status, done.text, now, mends=done.mends)


async def leave_instead(means: Means, merchant_id: str, delivery_id: str) -> RemoteError | None:
    """Tell whoever has the goods where to leave them, before anybody has tried; None where they took it.

    What is to be left stands in the delivery's instructions already.
    """
    async with means.begin(merchant_id) as work:
        delivery = await work.deliveries.get(delivery_id)
    leg = delivery.active_leg if delivery else None
    if delivery is None or leg is None or leg.mode is DeliveryMode.OWN_FLEET or not leg.external_id:
        return None  # an own van's driver reads the delivery itself
    change = BookingChange(instructions=delivery.destination.instructions)
    return await _change(means, delivery, leg, change)
