"""The door: what a shopper or a person says about it, before an attempt fails or after."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.audit import Actor
from doorstep.delivery import Delivery
from doorstep.errors import InvalidInput, NotFound, RemoteError, RemoteRefused, StateConflict
from doorstep.failed_attempt import AttemptChoice, FailedAttempt
from doorstep.ports import ChangesBookings
from doorstep.quote import DeliveryMode
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.returning.carrying import leave_instead
from gateway.flow.returning.choices import may_be_left
from gateway.flow.returning.deciding import Decision, decide
from gateway.flow.returning.word import Word


async def open_attempt_of(means: Means, merchant_id: str, delivery_id: str) -> FailedAttempt | None:
    """The last attempt of a delivery as far as it is open."""
    async with means.begin(merchant_id) as work:
        attempts = await work.returns.attempts_of(delivery_id)
    return attempts[-1] if attempts and attempts[-1].is_open else None


async def reschedule(means: Means, merchant_id: str, delivery_id: str, decision: Decision) -> Delivery:
    """Try again what nobody took in.

    Raises
    ------
    NotFound
        If there is no such delivery or slot.
    StateConflict
        If no attempt failed, or it cannot be tried again.
    SlotUnavailable
        If the slot is full, closed, or not for this door.
    """
    attempt = await open_attempt_of(means, merchant_id, delivery_id)
    if attempt is None:
        delivery = await _found(means, merchant_id, delivery_id)
        text = "Nothing waits for another try: no attempt to hand it over has failed."
        raise StateConflict(text, current_id=delivery_id, current_version=delivery.version)
    if decision.window is not None and decision.window.end <= means.clock.now():
        raise InvalidInput("window lies in the past.", path=("input", "window"))
    await decide(means, merchant_id, attempt.id, decision)
    return await _found(means, merchant_id, delivery_id)


async def say_of_door(means: Means, merchant_id: str, delivery_id: str, word: Word, by: Actor) -> Delivery:
    """Tell whoever brings it where to leave it, or how to find the door.

    Raises
    ------
    NotFound
        If there is no such delivery.
    StateConflict
        If it is over, its goods may not be left, or its carrier takes nothing of the kind any more or
        cannot be told; then the delivery says what it said before.
    """
    attempt = await open_attempt_of(means, merchant_id, delivery_id)
    if attempt is not None and word.safe_place:
        decision = Decision(AttemptChoice.SAFE_PLACE, by, word=word)
        await decide(means, merchant_id, attempt.id, decision)
        return await _found(means, merchant_id, delivery_id)
    delivery = await _found(means, merchant_id, delivery_id)
    await _must_take(means, delivery, word, by)
    before, told = await _write(means, delivery, word)
    try:
        refusal = await leave_instead(means, merchant_id, delivery_id)
    except RemoteError as fault:
        refusal = fault
    except Exception:
        await _take_back(means, delivery, before, told)
        raise
    if refusal is not None:
        await _take_back(means, delivery, before, told)
        is_final = isinstance(refusal, RemoteRefused)
        text = "takes no changes any more." if is_final else "could not be told; try again in a moment."
        raise StateConflict(f"Whoever brings it {text}", current_id=delivery_id) from refusal
    return await _found(means, merchant_id, delivery_id)


async def _must_take(means: Means, delivery: Delivery, word: Word, by: Actor) -> None:
    leg = delivery.active_leg
    if delivery.is_over or leg is None:
        raise StateConflict(f"It is {delivery.status} and takes no changes.", current_id=delivery.id)
    async with means.begin(delivery.merchant_id) as work:
        quotes = await work.quotes.get(delivery.quote_set_id)
        rules = (await work.accounts.merchant()).attempts
    is_allowed = by is not Actor.SHOPPER or AttemptChoice.SAFE_PLACE in rules.shopper_may
    goods = quotes.request.goods if quotes else None
    if word.safe_place and (goods is None or not may_be_left(goods, delivery.requirements) or not is_allowed):
        raise StateConflict("These goods are handed over to somebody.", current_id=delivery.id)
    carrier = await means.links.carrier(delivery.merchant_id, leg.account_id)
    can_be_told = carrier is not None and isinstance(carrier.connector, ChangesBookings)
    if leg.mode is not DeliveryMode.OWN_FLEET and not can_be_told:
        raise StateConflict("Whoever brings it takes no changes.", current_id=delivery.id)


async def _write(means: Means, delivery: Delivery, word: Word) -> tuple[str, str]:
    """Add a word to what is known of the door; gives the text before and after."""
    async with means.begin(delivery.merchant_id) as work:
        current = await work.deliveries.get(delivery.id, lock=True)
        if current is None:
            raise NotFound(delivery.id, path=("input", "deliveryId"))
        before = current.destination.instructions
        told = word.onto(before)
        await _put(work, current, told, means.clock.now())
    return before, told


async def _take_back(means: Means, delivery: Delivery, before: str, told: str) -> None:
    """Nobody was told: the text stands as before, unless somebody has said something else meanwhile."""
    async with means.begin(delivery.merchant_id) as work:
        current = await work.deliveries.get(delivery.id, lock=True)
        if current is not None and current.destination.instructions == told:
            await _put(work, current, before, means.clock.now())


async def _put(work: UnitOfWork, delivery: Delivery, text: str, now: datetime) -> None:
    place = replace(delivery.destination, instructions=text)
    changed = replace(delivery, destination=place, updated_at=now, version=delivery.version + 1)
    await work.deliveries.put(changed)
    work.announce("delivery", delivery.id)


async def _found(means: Means, merchant_id: str, delivery_id: str) -> Delivery:
    async with means.begin(merchant_id) as work:
        delivery = await work.deliveries.get(delivery_id)
    if delivery is None:
        raise NotFound(delivery_id, path=("input", "deliveryId"))
    return delivery
