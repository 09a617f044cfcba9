"""Follow: what carriers and vans report of a delivery moves its failed attempts and returns on."""

from __future__ import annotations

from dataclasses import replace

from doorstep.delivery import Delivery, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteError
from doorstep.events import AttemptDecided, DeliveryAdvanced
from doorstep.failed_attempt import AttemptChoice, AttemptState, FailedAttempt
from doorstep.incident import IncidentKind, StepAction, StepStatus
from doorstep.money import Money
from doorstep.ports import ChangesBookings
from doorstep.return_request import is_return
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.returning.choices import failures_in
from gateway.flow.returning.fetching import follow_return
from gateway.flow.returning.noting import note_step
from gateway.flow.returning.opening import Seen, choices_of, open_attempt
from gateway.flow.returning.states import AttemptStep, after, step_of_status
from gateway.flow.watching.incidents import settle


async def follow_delivery(event: DeliveryAdvanced, means: Means) -> None:
    """A delivery stands otherwise than before: so may what nobody took in, or what is given back."""
    async with means.begin(event.merchant_id) as work:
        delivery = await work.deliveries.get(event.delivery_id)
    if delivery is None:
        return
    if is_return(delivery.fulfillment_order_id):
        await follow_return(means, delivery)
    else:
        await look_at_attempts(means, delivery)


async def look_at_attempts(means: Means, delivery: Delivery) -> None:
    """Open what has failed since, and move the last attempt on; a repeat changes nothing."""
    leg = delivery.active_leg
    async with means.begin(delivery.merchant_id) as work:
        failures = failures_in(await work.deliveries.events(delivery.id))
        known = await work.returns.attempts_of(delivery.id)
    if leg is None or (not failures and not known):
        return
    carrier = await means.links.carrier(delivery.merchant_id, leg.account_id)
    takes_changes = carrier is not None and isinstance(carrier.connector, ChangesBookings)
    is_told = bool(known) and not known[-1].is_open
    price = None if is_told else await _price_of(means, delivery, leg)
    async with means.begin(delivery.merchant_id) as work:
        current = await work.deliveries.get(delivery.id, lock=True)
        active = current.active_leg if current else None
        quotes = await work.quotes.get(current.quote_set_id) if current else None
        if current is None or active is None or quotes is None:
            return
        rules = (await work.accounts.merchant()).attempts
        seen = Seen(current, active, rules, quotes.request.goods, takes_changes, means.clock.now())
        if not current.is_cancel_requested:  # else it comes back because somebody called it off
            await _open_what_failed(work, seen)
        await _move_on(work, seen, price)


async def _open_what_failed(work: UnitOfWork, seen: Seen) -> None:
    failures = failures_in(await work.deliveries.events(seen.delivery.id))
    known = list(await work.returns.attempts_of(seen.delivery.id))
    # Goods that came back and were sent again keep their count, or they would go out for ever.
    before = await work.returns.attempt_before(seen.delivery.id) if failures else None
    for number, event in enumerate(failures, start=before.number + 1 if before else 1):
        if any(one.event_id == event.id for one in known):
            continue
        for older in known:
            state = after(older.state, AttemptStep.FAILED_AGAIN)
            if state is not None:
                await work.returns.put_attempt(replace(older, state=state, version=older.version + 1))
        known = [await open_attempt(work, seen, event, number)]


async def _move_on(work: UnitOfWork, seen: Seen, price: Money | None) -> None:
    attempts = await work.returns.attempts_of(seen.delivery.id)
    last = attempts[-1] if attempts else None
    step = step_of_status(seen.delivery.status)
    state = after(last.state, step) if last and step else None
    if last is None or state is None or state is last.state:
        return
    if state is AttemptState.BACK:
        await _take_back(work, seen, last, price)
        return
    choices = choices_of(seen, state, last.failure, last.number)
    await work.returns.put_attempt(replace(last, state=state, choices=choices, version=last.version + 1))
    if state is AttemptState.GOING_BACK:
        text = "It is on its way back."
        await note_step(work, last, StepAction.RETURN, StepStatus.RUNNING, text, seen.now)


async def _take_back(work: UnitOfWork, seen: Seen, attempt: FailedAttempt, price: Money | None) -> None:
    """It lies at the shop again: what the way back cost is known, and a wish to try again can be met."""
    cost = _beyond(price, seen.leg.price)
    wants_again = attempt.decision is AttemptChoice.TRY_AGAIN and not attempt.is_done
    state = AttemptState.SENT_AGAIN if wants_again else AttemptState.BACK
    back = replace(
        attempt,
        state=state,
        choices=choices_of(seen, state, attempt.failure, attempt.number),
        cost=cost,
        version=attempt.version + 1,
    )
    await work.returns.put_attempt(back)
    if price is not None and cost is not None:
        await work.deliveries.put(seen.delivery.with_leg(replace(seen.leg, price=price)))
    await settle(work, seen.delivery.id, {IncidentKind.RETURN_OVERDUE}, "It is back.", seen.now)
    text = "It is back at the shop." + (f" The way back cost {cost}." if cost else "")
    await note_step(work, attempt, StepAction.RETURN, StepStatus.DONE, text, seen.now)
    if wants_again:
        await work.emit(AttemptDecided(attempt.merchant_id, attempt.id))


async def _price_of(means: Means, delivery: Delivery, leg: Leg) -> Money | None:
    """What the carrier asks by the end of the way back; None where it does not say."""
    carrier = await means.links.carrier(delivery.merchant_id, leg.account_id)
    if carrier is None or delivery.status is not DeliveryStatus.RETURNED or not leg.external_id:
        return None
    try:
        return (await carrier.connector.fetch(leg.external_id, means.booking_budget_s)).price
    except RemoteError:
        return None  # the invoice will say it


def _beyond(price: Money | None, agreed: Money) -> Money | None:
    if price is None or price.currency != agreed.currency or price.minor <= agreed.minor:
        return None
    return Money(price.minor - agreed.minor, price.currency)
