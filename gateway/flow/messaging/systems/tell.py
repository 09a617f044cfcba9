"""Tell: what happened becomes a call for each endpoint that wants to know, in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from doorstep.events import (
    IncidentEscalated,
    IncidentRaised,
    IncidentResolved,
    OrderReceived,
    ReturnMoved,
    RouteTold,
)
from doorstep.ids import new_id
from doorstep.webhook import WebhookCall, WebhookEndpoint
from gateway.flow.messaging.systems.body import Word, of_incident, of_order, of_return, of_route
from gateway.flow.ports import Means, UnitOfWork


async def call_of_order(event: OrderReceived, means: Means) -> None:
    """Queue calls about an order."""
    await _call_of(means, event.merchant_id, lambda work: work.orders.get(event.order_id), of_order)


async def call_of_incident(
    event: IncidentRaised | IncidentEscalated | IncidentResolved, means: Means
) -> None:
    """Queue calls about an incident."""
    await _call_of(means, event.merchant_id, lambda work: work.incidents.get(event.incident_id), of_incident)


async def call_of_route(event: RouteTold, means: Means) -> None:
    """Queue calls about a tour as its driver knows it."""
    await _call_of(means, event.merchant_id, lambda work: work.routes.route(event.route_id), of_route)


async def call_of_return(event: ReturnMoved, means: Means) -> None:
    """Queue calls about a return."""
    await _call_of(means, event.merchant_id, lambda work: work.returns.request(event.return_id), of_return)


async def _call_of[T](
    means: Means,
    merchant_id: str,
    look: Callable[[UnitOfWork], Awaitable[T | None]],
    word_of: Callable[[T], Word],
) -> None:
    """Look at what it is about only where somebody listens."""
    async with means.begin(merchant_id) as work:
        endpoints = await listening(work)
        subject = await look(work) if endpoints else None
        if subject is not None:
            await queue(work, endpoints, word_of(subject), means.clock.now())


async def queue(
    work: UnitOfWork, endpoints: Sequence[WebhookEndpoint], word: Word, now: datetime
) -> Sequence[WebhookCall]:
    """Let endpoints be called that want to know, but for those that were told just this last.

    A handler that runs twice queues nothing the second time.
    """
    wanting = [endpoint for endpoint in endpoints if endpoint.wants(word.topic)]
    if not wanting:
        return ()
    told = await work.webhooks.last_told(word.subject_id)
    message_id = new_id("whm")
    calls = [
        call_to(endpoint, word, message_id, now)
        for endpoint in wanting
        if told.get(endpoint.id) != word.digest
    ]
    await work.webhooks.put_calls(calls)
    return calls


def call_to(endpoint: WebhookEndpoint, word: Word, message_id: str, now: datetime) -> WebhookCall:
    """A call that is due at once."""
    return WebhookCall(
        id=new_id("whc"),
        merchant_id=endpoint.merchant_id,
        endpoint_id=endpoint.id,
        message_id=message_id,
        topic=word.topic,
        subject_id=word.subject_id,
        digest=word.digest,
        body=word.body(endpoint, now),
        created_at=now,
        due_at=now,
    )


async def listening(work: UnitOfWork) -> Sequence[WebhookEndpoint]:
    """Endpoints that are switched on."""
    return [endpoint for endpoint in await work.webhooks.endpoints() if endpoint.enabled]
