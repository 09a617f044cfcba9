"""Privacy: give a shopper what is known of them, and forget shoppers and whole stores.

Shopify sends three compliance webhooks (customers/data_request, customers/redact, shop/redact; documentation
of November 2026: to be met within 30 days); merchants of any platform do the same by command. A courier under
way needs the address: an order that is being delivered is erased when its delivery is over, and after 30
days whatever it does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.errors import NotFound, StateConflict
from doorstep.ids import new_id
from doorstep.incident import Actor, IncidentKind, Resolution
from doorstep.order import LinkStatus, Order, Store
from doorstep.privacy import PrivacyKind, PrivacyNotice
from gateway.flow import residue
from gateway.flow.incidents import Alarm, raise_incident, resolve
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.records import PrivacyRequest, PrivacyStatus

TIME_TO_ANSWER = timedelta(days=30)

BATCH = 100
"""Orders of a store that are erased in one transaction."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a shopper, as plain JSON by the kind of thing."""

    request: PrivacyRequest
    known: Mapping[str, Sequence[object]]


async def take_privacy_notice(means: Means, store: Store, notice: PrivacyNotice) -> PrivacyRequest:
    """Do what a platform or a merchant asks for on behalf of people; may run twice.

    Returns
    -------
    The request as it stands: DONE, or WAITING for a person or for deliveries that are under way.
    """
    request = await _keep_request(means, store, notice)
    if request.kind is PrivacyKind.DATA_REQUEST:
        return request
    if request.kind is PrivacyKind.REDACT_SHOPPER:
        async with means.begin(store.merchant_id) as work:
            words = [notice.email, notice.phone]
            await work.redaction.erase_mentions(store.id, words, means.clock.now())
        return await _erase_shopper(means, request)
    return await _erase_store(means, request)


async def redact_due(means: Means, merchant_id: str) -> int:
    """Erase what had to wait for its delivery; gives how many requests are met by that."""
    async with means.begin(merchant_id) as work:
        waiting = [r for r in await work.privacy_requests.waiting() if r.kind is not PrivacyKind.DATA_REQUEST]
    met = 0
    for request in waiting:
        is_shopper = request.kind is PrivacyKind.REDACT_SHOPPER
        after = await (_erase_shopper if is_shopper else _erase_store)(means, request)
        met += after.status is PrivacyStatus.DONE
    return met


async def without_the_forgotten(work: UnitOfWork, known: Order | None, fresh: Order) -> Order:
    """What a store sends of an order, without the person if they asked to be forgotten.

    A store that still sends an address then shows what it has kept, or what somebody typed in anew; either
    way nobody said that we may have it again. A later order of the same shopper is another matter.
    """
    if known is None or known.destination is not None or not known.needs_personal_data:
        return fresh
    return residue.of_order(fresh) if await work.redaction.is_erased(known.id) else fresh


async def answer_of(means: Means, merchant_id: str, request_id: str) -> Answer:
    """Everything that is kept of the shopper whom a request is about.

    Raises
    ------
    NotFound
        If there is no such request.
    """
    async with means.begin(merchant_id) as work:
        request = await work.privacy_requests.get(request_id)
        if request is None:
            raise NotFound(request_id)
        return Answer(request, await work.redaction.known_of(request.order_ids))


async def finish_data_request(means: Means, merchant_id: str, request_id: str) -> PrivacyRequest:
    """The merchant gave the shopper what was asked for.

    Raises
    ------
    NotFound
        If there is no such request.
    StateConflict
        If it asks for something else, which is done when it is done.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        request = await work.privacy_requests.get(request_id, lock=True)
        if request is None:
            raise NotFound(request_id)
        if request.kind is not PrivacyKind.DATA_REQUEST:
            text = f"{request_id} asks that somebody is forgotten; that cannot be declared done."
            raise StateConflict(text, current_id=request_id)
        done = replace(request, status=PrivacyStatus.DONE, done_at=request.done_at or now)
        await work.privacy_requests.put(done)
        for incident in await work.incidents.live_of(await _subject(work, request)):
            if incident.raw_code == request.id:
                await resolve(work, incident, Actor.PERSON, Resolution.FIXED, "It was answered.", now)
        return done


async def _keep_request(means: Means, store: Store, notice: PrivacyNotice) -> PrivacyRequest:
    """Write it down, or find the one that a repeat of the same notice has led to."""
    now = means.clock.now()
    is_whole = notice.kind is PrivacyKind.REDACT_STORE
    async with means.begin(store.merchant_id) as work:
        found: Sequence[str] = ()
        if not is_whole:
            found = await work.redaction.orders_of_shopper(
                store.id, notice.order_external_ids, notice.email, notice.phone
            )
        request = PrivacyRequest(
            id=new_id("prv"),
            merchant_id=store.merchant_id,
            store_id=store.id,
            kind=notice.kind,
            external_id=notice.external_id,
            order_ids=tuple(found),
            status=PrivacyStatus.WAITING,
            received_at=now,
            due_at=now + TIME_TO_ANSWER,
        )
        for before in await work.privacy_requests.waiting():
            if _is_repeat(before, request):
                return before
        await work.privacy_requests.put(request)
        if request.kind is PrivacyKind.DATA_REQUEST:
            await _tell_merchant(work, request, now)
        return request


def _is_repeat(before: PrivacyRequest, fresh: PrivacyRequest) -> bool:
    same = (before.store_id, before.kind, before.external_id) == (
        fresh.store_id,
        fresh.kind,
        fresh.external_id,
    )
    return same and set(fresh.order_ids) <= set(before.order_ids)


async def _tell_merchant(work: UnitOfWork, request: PrivacyRequest, now: datetime) -> None:
    subject = await _subject(work, request)
    alarm = Alarm(
        IncidentKind.OTHER,
        title="A shopper asks what is known of them",
        evidence=f"Answer by {request.due_at:%d %B %Y}. `doorstep privacy export {request.id}` writes down "
        "what there is.",
        fulfillment_order_id=None if subject == work.merchant_id else subject,
        raw_code=request.id,
    )
    await raise_incident(work, alarm, now)


async def _subject(work: UnitOfWork, request: PrivacyRequest) -> str:
    """A fulfillment order of the shopper, so that two shoppers' requests are two incidents."""
    order = await work.orders.get(request.order_ids[0]) if request.order_ids else None
    units = order.fulfillment_orders if order else ()
    return units[0].id if units else work.merchant_id


async def _erase_shopper(means: Means, request: PrivacyRequest) -> PrivacyRequest:
    now = means.clock.now()
    async with means.begin(request.merchant_id) as work:
        current = await work.privacy_requests.get(request.id, lock=True)
        if current is None or current.status is PrivacyStatus.DONE:
            return current or request
        ready, is_all = await _ready(work, request, request.order_ids, now)
        words = await work.redaction.words_of(ready)
        await work.redaction.erase_orders(ready, now)
        await work.redaction.erase_mentions(request.store_id, words, now)
        return await _close(work, current, now) if is_all else current


async def _erase_store(means: Means, request: PrivacyRequest) -> PrivacyRequest:
    now, last, is_all = means.clock.now(), "", True
    while True:
        async with means.begin(request.merchant_id) as work:
            some = await work.redaction.orders_of_store(request.store_id, last, BATCH)
            ready, is_whole_batch = await _ready(work, request, some, now)
            await work.redaction.erase_orders(ready, now)
        is_all = is_all and is_whole_batch
        if len(some) < BATCH:
            break
        last = some[-1]
    async with means.begin(request.merchant_id) as work:
        await work.redaction.erase_store(request.store_id, now)
        store = await work.accounts.store(request.store_id)
        if store is not None:
            # The row stays, so that the shop is known again if it comes back.
            gone = replace(store, status=LinkStatus.DISCONNECTED, scopes=())
            await work.accounts.put_store(gone, credentials={})
        current = await work.privacy_requests.get(request.id, lock=True)
        if current is None or current.status is PrivacyStatus.DONE or not is_all:
            return current or request
        return await _close(work, current, now)


async def _ready(
    work: UnitOfWork, request: PrivacyRequest, order_ids: Sequence[str], now: datetime
) -> tuple[list[str], bool]:
    """The orders that can be erased now, and whether these are all."""
    if now >= request.due_at:
        return list(order_ids), True
    busy = await work.redaction.under_way(order_ids)
    return [order_id for order_id in order_ids if order_id not in busy], not busy


async def _close(work: UnitOfWork, request: PrivacyRequest, now: datetime) -> PrivacyRequest:
    done = replace(request, status=PrivacyStatus.DONE, done_at=now)
    await work.privacy_requests.put(done)
    return done
