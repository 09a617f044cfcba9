"""Tell: what happened becomes a call for each endpoint that wants to know, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
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
    async with means.begin(event.merchant_id) as work:
        endpoints = await listening(work)
        order = await work.orders.get(event.order_id) if endpoints else None
        if order is not None:
            await queue(work, endpoints, of_order(order), means.clock.now())


async def call_of_incident(
    event: IncidentRaised | IncidentEscalated | IncidentResolved, means: Means
) -> None:
    """Queue calls about an incident."""
    async with means.begin(event.merchant_id) as work:
        endpoints = await listening(work)
        incident = await work.incidents.get(event.incident_id) if endpoints else None
        if incident is not None:
            await queue(work, endpoints, of_incident(incident), means.clock.now())


async def call_of_route(event: RouteTold, means: Means) -> None:
    """Queue calls about a tour as its driver knows it."""
    async with means.begin(event.merchant_id) as work:
        endpoints = await listening(work)
        route = await work.routes.route(event.route_id) if endpoints else None
        if route is not None:
            await queue(work, endpoints, of_route(route), means.clock.now())


async def call_of_return(event: ReturnMoved, means: Means) -> None:
    """Queue calls about a return."""
    async with means.begin(event.merchant_id) as work:
        endpoints = await listening(work)
        request = await work.returns.request(event.return_id) if endpoints else None
        if request is not None:
            await queue(work, endpoints, of_return(request), means.clock.now())


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
