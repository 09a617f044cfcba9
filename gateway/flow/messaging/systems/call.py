"""Call: what waits for an endpoint is sent; what goes wrong is tried again for three days."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.ids import new_id
from doorstep.incident import IncidentKind
from doorstep.secret import Secret
from doorstep.webhook import (
    FAILS_FOR,
    WAITS_S,
    WebhookAnswer,
    WebhookAttempt,
    WebhookCall,
    WebhookCallStatus,
    WebhookEndpoint,
)
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.watching.incidents import Alarm, raise_incident

AT_ONCE = 4
"""Calls to one endpoint that are under way side by side."""

MOST_IN_A_TURN = 20
LEASE = timedelta(minutes=5)
"""After so long a call that was begun and of which nothing was heard is begun again: a process died."""

JITTER = 0.1
"""Waits are that much longer or shorter, so that what failed together does not come back together."""


async def call_endpoint(means: Means, merchant_id: str, endpoint_id: str) -> int:
    """Make the calls of one endpoint that are due; how many they were.

    An endpoint that fails gets one call at a time, so that a dead one costs little.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        endpoint = await work.webhooks.endpoint(endpoint_id)
        if endpoint is None or not endpoint.enabled:
            await work.webhooks.give_up(endpoint_id)
            return 0
        limit = MOST_IN_A_TURN if endpoint.failing_since is None else 1
        calls = await work.webhooks.claim(endpoint_id, now, now + LEASE, limit)
        signing = valid_secrets(await work.webhooks.secrets(endpoint_id), now)
    places = asyncio.Semaphore(AT_ONCE)

    async def send(call: WebhookCall) -> None:
        async with places:
            await _send(means, endpoint, call, signing)

    await asyncio.gather(*(send(call) for call in calls))
    return len(calls)


def valid_secrets(kept: Mapping[str, Secret], now: datetime) -> Sequence[Secret]:
    """What signs at a moment, newest first: the one before too, until its time is over."""
    found = [kept["current"]]
    until = kept.get("previous_until")
    if until is not None and now < datetime.fromisoformat(until.reveal()):
        found.append(kept["previous"])
    return found


async def _send(
    means: Means, endpoint: WebhookEndpoint, call: WebhookCall, signing: Sequence[Secret]
) -> None:
    sent_at = means.clock.now()
    answer = await means.systems.call(endpoint.url, call.message_id, sent_at, call.body, signing)
    async with means.begin(call.merchant_id) as work:
        # The endpoint before its calls, as everybody does who changes both.
        standing = await work.webhooks.endpoint(endpoint.id, lock=True)
        current = await work.webhooks.call(call.id, lock=True)
        if standing is None or current is None or current.due_at is None:
            return  # it is given up, or forgotten
        if current.attempts != call.attempts:
            return  # somebody else was quicker
        await _write_down(work, standing, current, answer, sent_at)


async def _write_down(
    work: UnitOfWork,
    endpoint: WebhookEndpoint,
    call: WebhookCall,
    answer: WebhookAnswer,
    sent_at: datetime,
) -> None:
    done = after(call, answer, sent_at)
    await work.webhooks.put_calls([done])
    await work.webhooks.note(
        WebhookAttempt(
            id=new_id("wha"),
            merchant_id=call.merchant_id,
            endpoint_id=endpoint.id,
            call_id=call.id,
            message_id=call.message_id,
            topic=call.topic,
            sent_at=sent_at,
            answer=answer,
            next_try_at=done.due_at,
        )
    )
    if answer.is_taken:
        if endpoint.failing_since is not None:
            await work.webhooks.put_endpoint(replace(endpoint, failing_since=None))
        return
    failing = replace(endpoint, failing_since=endpoint.failing_since or sent_at)
    why = _why_off(failing, done, answer, sent_at)
    if not why or not endpoint.enabled:
        await work.webhooks.put_endpoint(failing)
        return
    await work.webhooks.put_endpoint(replace(failing, enabled=False, disabled_reason=why))
    await work.webhooks.give_up(endpoint.id)
    alarm = Alarm(
        IncidentKind.OTHER,
        f"Webhooks to {endpoint.name} were switched off",
        f"{why} Mend it, switch the endpoint on again and replay what it missed.",
        about=endpoint.id,
    )
    await raise_incident(work, alarm, sent_at)


def after(call: WebhookCall, answer: WebhookAnswer, now: datetime) -> WebhookCall:
    """How a call stands once it was answered."""
    attempts = call.attempts + 1
    if answer.is_taken:
        return replace(call, attempts=attempts, status=WebhookCallStatus.DELIVERED, due_at=None)
    if answer.is_gone or attempts >= len(WAITS_S):
        return replace(call, attempts=attempts, status=WebhookCallStatus.FAILED, due_at=None)
    spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - jitter, not a secret
    return replace(call, attempts=attempts, due_at=now + timedelta(seconds=WAITS_S[attempts] * spread))


def _why_off(endpoint: WebhookEndpoint, call: WebhookCall, answer: WebhookAnswer, now: datetime) -> str:
    if answer.is_gone:
        return "It answered 410, which says that it wants no more calls."
    since = endpoint.failing_since or now
    if call.status is WebhookCallStatus.FAILED and since + FAILS_FOR <= now:
        return f"It took no call since {since:%Y-%m-%d %H:%M} UTC. The last answer: {answer.error}"
    return ""
