"""Ask carriers: whoever has said nothing of a booking for long is asked, many at once, none for too long."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.delivery import Delivery, Leg
from doorstep.errors import RemoteError, RemoteRefused
from doorstep.quote import DeliveryMode
from gateway.flow.ports import LinkedCarrier, Means
from gateway.flow.tracking.track import follow_leg

LEAST_POLL = timedelta(minutes=5)
"""No carrier is asked sooner after its last word, whatever its connector wants; webhooks get lost."""

ASKED_AT_ONCE = 8
"""Of all carriers together: each answer takes a connection to the database."""

BEGUN_FOR_S = 15.0
"""No question is begun later than this after the first; the next look goes on with the rest."""

Question = tuple[Delivery, Leg]


async def ask_silent_carriers(
    means: Means, merchant_id: str, deliveries: Sequence[Delivery], now: datetime
) -> None:
    """Ask for every booking whose carrier has been silent for longer than its connector lets it be.

    A carrier that does not answer is asked nothing more in this look, and holds up nobody else.
    """
    by_account: dict[str, list[Question]] = {}
    for delivery in sorted(deliveries, key=lambda one: one.updated_at):
        leg = delivery.active_leg
        if leg is not None and _may_be_asked(delivery, leg, now):
            by_account.setdefault(leg.account_id, []).append((delivery, leg))
    ends_s = means.now_s() + BEGUN_FOR_S
    places = asyncio.Semaphore(ASKED_AT_ONCE)
    asked: list[Coroutine[None, None, None]] = []
    for account_id, silent in by_account.items():
        carrier = await means.links.carrier(merchant_id, account_id)
        if carrier is not None:
            due = [one for one in silent if one[0].updated_at + carrier.polling.pause(one[1], now) <= now]
            asked.append(_ask_account(means, carrier, due, now, places, ends_s))
    await _side_by_side(asked)


def _may_be_asked(delivery: Delivery, leg: Leg, now: datetime) -> bool:
    is_carriers = leg.is_live and bool(leg.external_id) and leg.mode is not DeliveryMode.OWN_FLEET
    return is_carriers and delivery.updated_at + LEAST_POLL <= now


async def _ask_account(
    means: Means,
    carrier: LinkedCarrier,
    due: Sequence[Question],
    now: datetime,
    places: asyncio.Semaphore,
    ends_s: float,
) -> None:
    is_answering = True

    async def ask(question: Question) -> None:
        nonlocal is_answering
        async with places:
            if is_answering and means.now_s() < ends_s:
                is_answering = await _ask(means, carrier, question, now)

    # The first alone: one that is down costs a single wait, not as many as there is room for.
    for part in (due[:1], due[1:]):
        await _side_by_side([ask(one) for one in part])


async def _side_by_side(asked: Sequence[Coroutine[None, None, None]]) -> None:
    """All of them; a fault ends the others and is raised as it is, since faults are told by their type."""
    try:
        async with asyncio.TaskGroup() as asking:
            for one in asked:
                asking.create_task(one)
    except BaseExceptionGroup as faults:
        raise faults.exceptions[0] from faults


async def _ask(means: Means, carrier: LinkedCarrier, question: Question, now: datetime) -> bool:
    """Whether the carrier has answered."""
    delivery, leg = question
    asked_at = means.clock.now()
    try:
        update = await carrier.connector.fetch(leg.external_id, means.booking_budget_s)
    except RemoteRefused:
        return True
    except RemoteError:
        return False  # the next look asks again; a carrier that is down is seen at the next quote
    # A carrier without a time of its own says everything of the moment at which it is asked.
    is_dated = update.occurred_at < asked_at
    async with means.begin(delivery.merchant_id) as work:
        current = await work.deliveries.get(delivery.id, lock=True)
        if current is None or await follow_leg(work, means, current, leg.carrier, update, is_dated=is_dated):
            return True
        await work.deliveries.put(replace(current, updated_at=now))
    return True
