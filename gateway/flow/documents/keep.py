"""Keep: a carrier's label becomes a document of ours, since the address that it gave may end."""

from __future__ import annotations

from dataclasses import replace

import structlog

from doorstep.delivery import Delivery, Leg
from doorstep.errors import RemoteRefused
from doorstep.events import DeliveryBooked, LabelGiven
from doorstep.ids import new_id
from gateway.flow.documents.document import (
    LARGEST,
    Document,
    DocumentCard,
    DocumentKind,
    NotADocument,
    bytes_in,
    content_type_of,
    is_data,
)
from gateway.flow.ports import Means, UnitOfWork

log = structlog.get_logger(__name__)

FETCH_BUDGET_S = 20.0
"""How long a carrier has to hand a label out, seconds; it may still be making it."""


async def keep_label(event: DeliveryBooked, means: Means) -> None:
    """Keep a label that came with the booking, or see to its being fetched.

    What is fetched has a turn of its own, so that a carrier whose labels are away holds up nothing else of
    the delivery.
    """
    async with means.begin(event.merchant_id) as work:
        found = await _without_label(work, event.delivery_id, event.leg_id)
        if found is None:
            return
        delivery, leg = found
        if is_data(leg.label_url):
            await _keep_data(work, delivery, leg, means)
        else:
            await work.emit(LabelGiven(event.merchant_id, delivery.id, leg.id))


async def fetch_label(event: LabelGiven, means: Means) -> None:
    """Fetch a label from the address that its carrier gave.

    Raises
    ------
    RemoteUnavailable
        If the carrier does not answer; the job is tried again.
    """
    async with means.begin(event.merchant_id) as work:
        found = await _without_label(work, event.delivery_id, event.leg_id)
    if found is None:
        return
    _, leg = found
    try:
        body = await means.files.fetch(leg.label_url, LARGEST, FETCH_BUDGET_S)
        content_type = content_type_of(body)
    except (RemoteRefused, NotADocument) as refusal:
        _could_not(leg, refusal)
        return
    async with means.begin(event.merchant_id) as work:
        again = await _without_label(work, event.delivery_id, event.leg_id)
        if again is not None:
            await _put(work, *again, body, content_type, means)


async def _without_label(work: UnitOfWork, delivery_id: str, leg_id: str) -> tuple[Delivery, Leg] | None:
    """The leg with an address of a label that we have not kept; until the commit nobody else keeps it.

    None as well where the shopper was forgotten meanwhile: the address went with them.
    """
    delivery = await work.deliveries.get(delivery_id, lock=True)
    leg = next((leg for leg in delivery.legs if leg.id == leg_id), None) if delivery is not None else None
    if delivery is None or leg is None or not leg.label_url:
        return None
    return None if await work.documents.has(leg.id, DocumentKind.LABEL) else (delivery, leg)


async def _keep_data(work: UnitOfWork, delivery: Delivery, leg: Leg, means: Means) -> None:
    try:
        body = bytes_in(leg.label_url)
        await _put(work, delivery, leg, body, content_type_of(body), means)
    except NotADocument as refusal:
        _could_not(leg, refusal)
        return
    # The delivery is read and written often: it need not carry the whole label along.
    lighter = delivery.with_leg(replace(leg, label_url=""))
    await work.deliveries.put(replace(lighter, version=delivery.version + 1))


async def _put(
    work: UnitOfWork, delivery: Delivery, leg: Leg, body: bytes, content_type: str, means: Means
) -> None:
    card = DocumentCard(
        id=new_id("doc"),
        merchant_id=delivery.merchant_id,
        delivery_id=delivery.id,
        leg_id=leg.id,
        kind=DocumentKind.LABEL,
        content_type=content_type,
        size=len(body),
        created_at=means.clock.now(),
    )
    await work.documents.put(Document(card, body))
    work.announce("delivery", delivery.id)


def _could_not(leg: Leg, error: Exception) -> None:
    # The type only: the address leads to a label, and messages may quote it.
    log.warning("label not kept", leg_id=leg.id, carrier=leg.carrier, error=type(error).__name__)
