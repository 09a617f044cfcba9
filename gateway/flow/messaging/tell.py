"""Tell: who is to hear of what happened, a merchant's systems and the shopper, in one transaction."""

from __future__ import annotations

from doorstep.events import AttemptDecided, DeliveryAdvanced, DeliveryBooked, IncidentRaised
from doorstep.failed_attempt import AttemptChoice
from doorstep.incident import IncidentKind
from doorstep.notice import NoticeEvent
from doorstep.visibility import TrackingAudience, as_seen
from gateway.flow.messaging.people.tell import note, tell_of_delivery_now
from gateway.flow.messaging.systems.body import of_delivery
from gateway.flow.messaging.systems.tell import call_of_incident, listening, queue
from gateway.flow.ports import Means


async def tell_outside(event: DeliveryBooked | DeliveryAdvanced, means: Means) -> None:
    """A delivery was booked or went on."""
    is_new = isinstance(event, DeliveryBooked)
    async with means.begin(event.merchant_id) as work:
        endpoints, merchant = await listening(work), await work.accounts.merchant()
        if not endpoints and not merchant.notices.events:
            return
        delivery = await work.deliveries.get(event.delivery_id)
        if delivery is None:
            return
        now = means.clock.now()
        if endpoints:
            seen = as_seen(delivery, TrackingAudience.WEBHOOK, merchant.visibility, now)
            word = of_delivery(seen, means.tracking_link(delivery), is_new=is_new)
            await queue(work, endpoints, word, now)
        if merchant.notices.events:
            await tell_of_delivery_now(work, merchant, delivery, now, is_new=is_new)


async def tell_of_trouble(event: IncidentRaised, means: Means) -> None:
    """Something needs mending; the shopper hears of it where it is that they get it late."""
    await call_of_incident(event, means)
    async with means.begin(event.merchant_id) as work:
        merchant = await work.accounts.merchant()
        if NoticeEvent.DELAYED not in merchant.notices.events:
            return
        incident = await work.incidents.get(event.incident_id)
        if incident is None or incident.kind is not IncidentKind.ETA_PAST_PROMISE or not incident.is_live:
            return
        delivery = await work.deliveries.get(incident.delivery_id) if incident.delivery_id else None
        if delivery is not None and not delivery.is_over:
            promised = delivery.promise.window.end.isoformat() if delivery.promise else ""
            await note(work, merchant, delivery, NoticeEvent.DELAYED, promised, means.clock.now())


async def tell_of_another_try(event: AttemptDecided, means: Means) -> None:
    """Somebody goes again to a door where nobody was."""
    async with means.begin(event.merchant_id) as work:
        merchant = await work.accounts.merchant()
        if NoticeEvent.RESCHEDULED not in merchant.notices.events:
            return
        attempt = await work.returns.attempt(event.attempt_id)
        if attempt is None or attempt.decision is not AttemptChoice.TRY_AGAIN:
            return
        delivery = await work.deliveries.get(attempt.delivery_id)
        if delivery is not None and not delivery.is_over:
            await note(work, merchant, delivery, NoticeEvent.RESCHEDULED, attempt.id, means.clock.now())
