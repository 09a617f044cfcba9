"""Privacy: give a shopper what is known of them, and forget shoppers and whole stores.

Shopify sends three compliance webhooks (customers/data_request, customers/redact, shop/redact; documentation
of November 2026: to be met within 30 days); merchants of any platform do the same by command. A courier under
way needs the address: an order that is being delivered is erased when its delivery is over, and after 30
days whatever it does. A whole store is forgotten as it was when the notice came: what it sends after it was
linked again is another matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.audit import Actor
from doorstep.errors import NotFound, StateConflict
from doorstep.ids import new_id
from doorstep.incident import IncidentKind, Resolution
from doorstep.order import LinkStatus, Order, Store
from doorstep.privacy import PrivacyKind, PrivacyNotice
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.privacy import residue
from gateway.flow.records import PrivacyRequest, PrivacyStatus
from gateway.flow.watching.incidents import Alarm, raise_incident, resolve

TIME_TO_ANSWER = timedelta(days=30)

BATCH = 100
"""Orders of a store that are erased in one transaction."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a shopper, as plain JSON by the kind of thing."""

    request: PrivacyRequest
    known: Mapping[str, Sequence[object]]


async def take_privacy_notice(
    means: Means, store: Store, notice: PrivacyNotice, received_at: datetime | None = None
) -> PrivacyRequest:
    """Do what a platform or a merchant asks for on behalf of people; may run twice.

    Parameters
    ----------
    received_at
        When the notice came, if it had to wait.

    Returns
    -------
    The request as it stands: DONE, or WAITING for a person or for deliveries that are under way.
    """
    request = await _keep_request(means, store, notice, received_at or means.clock.now())
    if request.kind is PrivacyKind.DATA_REQUEST:
        return request
    if request.kind is PrivacyKind.REDACT_SHOPPER:
        async with means.begin(store.merchant_id) as work:
            words = [notice.email, notice.phone]
            await work.redaction.erase_mentions(store.id, words, means.clock.now())
        return await _erase_named(means, request)
    async with means.begin(store.merchant_id) as work:
        current = await work.accounts.store(store.id)
    if current is None or current.status is LinkStatus.DISCONNECTED:
        await means.links.forget(store.merchant_id, store.id)
    return await _erase_store(means, request)


async def redact_due(means: Means, merchant_id: str) -> int:
    """Erase what had to wait for its delivery; gives how many requests are met by that."""
    async with means.begin(merchant_id) as work:
        waiting = [r for r in await work.privacy_requests.waiting() if r.kind is not PrivacyKind.DATA_REQUEST]
    met = 0
    for request in waiting:
        is_shopper = request.kind is PrivacyKind.REDACT_SHOPPER
        after = await (_erase_named if is_shopper else _erase_store)(means, request)
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
        for incident in await work.incidents.live_of(await _unit(work, request) or request.id):
            if incident.raw_code == request.id:
                await resolve(work, incident, Actor.PERSON, Resolution.FIXED, "It was answered.", now)
        return done


async def _keep_request(
    means: Means, store: Store, notice: PrivacyNotice, received_at: datetime
) -> PrivacyRequest:
    """Write it down, or find the one that a repeat of the same notice has led to."""
    async with means.begin(store.merchant_id) as work:
        found: Sequence[str] = ()
        until = ""
        if notice.kind is PrivacyKind.REDACT_STORE:
            until = await work.redaction.newest_order(store.id, received_at)
        else:
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
            received_at=received_at,
            due_at=received_at + TIME_TO_ANSWER,
            orders_until=until,
        )
        answered_at = (await work.syncs.get(store.id)).answered_at
        for before in await work.privacy_requests.waiting():
            if _is_repeat(before, request, answered_at):
                return before
        await work.privacy_requests.put(request)
        if request.kind is PrivacyKind.DATA_REQUEST:
            await _tell_merchant(work, request, means.clock.now())
        elif request.kind is PrivacyKind.REDACT_STORE:
            await _let_go(work, request)
        return request


async def _let_go(work: UnitOfWork, request: PrivacyRequest) -> None:
    """Forget how to get into a store, unless it has let us in since the notice came."""
    # First how it answers, then the store: in the order in which everybody locks.
    sync = await work.syncs.get(request.store_id, lock=True)
    store = await work.accounts.store(request.store_id)
    is_back = _has_answered_since(sync.answered_at, request.received_at)
    if store is None or (is_back and store.status is not LinkStatus.DISCONNECTED):
        return
    # The row stays, so that the shop is known again if it comes back.
    await work.accounts.put_store(replace(store, status=LinkStatus.DISCONNECTED, scopes=()), credentials={})


def _is_repeat(before: PrivacyRequest, fresh: PrivacyRequest, answered_at: datetime | None) -> bool:
    same = (before.store_id, before.kind, before.external_id) == (
        fresh.store_id,
        fresh.kind,
        fresh.external_id,
    )
    if fresh.kind is PrivacyKind.REDACT_STORE:
        # A store that was linked again in between has to be forgotten a second time.
        is_back = _has_answered_since(answered_at, before.received_at)
        return same and (not is_back or before.received_at == fresh.received_at)
    return same and set(fresh.order_ids) <= set(before.order_ids)


def _has_answered_since(answered_at: datetime | None, instant: datetime) -> bool:
    """Whether the store has let us in since, which it does only where it is linked."""
    return answered_at is not None and answered_at > instant


async def _tell_merchant(work: UnitOfWork, request: PrivacyRequest, now: datetime) -> None:
    alarm = Alarm(
        IncidentKind.OTHER,
        title="A shopper asks what is known of them",
        evidence=f"Answer by {request.due_at:%d %B %Y}. `doorstep privacy export {request.id}` writes down "
        "what there is.",
        fulfillment_order_id=await _unit(work, request),
        about=request.id,
        raw_code=request.id,
    )
    await raise_incident(work, alarm, now)


async def _unit(work: UnitOfWork, request: PrivacyRequest) -> str | None:
    """A fulfillment order of the shopper; None where the store named none of theirs."""
    order = await work.orders.get(request.order_ids[0]) if request.order_ids else None
    units = order.fulfillment_orders if order else ()
    return units[0].id if units else None


async def _erase_named(means: Means, request: PrivacyRequest) -> PrivacyRequest:
    """Erase the orders that a request names, and whatever mentions their people."""
    now = means.clock.now()
    async with means.begin(request.merchant_id) as work:
        current = await work.privacy_requests.get(request.id, lock=True)
        if current is None or current.status is PrivacyStatus.DONE:
            return current or request
        ready, busy = await _ready(work, current, current.order_ids, now)
        words = await work.redaction.words_of(ready)
        await work.redaction.erase_orders(ready, now)
        await work.redaction.erase_mentions(request.store_id, words, now)
        if not busy:
            return await _close(work, current, now)
        if current.kind is PrivacyKind.REDACT_STORE:
            # What was erased once is let be: the store may be linked again and have sent it anew.
            current = replace(current, order_ids=tuple(busy))
            await work.privacy_requests.put(current)
        return current


async def _erase_store(means: Means, request: PrivacyRequest) -> PrivacyRequest:
    """Look at every order that a store had when the notice came, once, then wait for those under way."""
    while await _erase_batch(means, request):
        pass
    async with means.begin(request.merchant_id) as work:
        await work.redaction.erase_store(request.store_id, request.received_at, means.clock.now())
    return await _erase_named(means, request)


async def _erase_batch(means: Means, request: PrivacyRequest) -> bool:
    """Erase the next orders of a store, and note those that have to wait; says whether there are more."""
    now = means.clock.now()
    async with means.begin(request.merchant_id) as work:
        current = await work.privacy_requests.get(request.id, lock=True)
        if current is None or not current.orders_until:
            return False
        some = await work.redaction.orders_of_store(
            request.store_id, current.orders_after, current.orders_until, BATCH
        )
        ready, busy = await _ready(work, current, some, now)
        await work.redaction.erase_orders(ready, now)
        is_last = len(some) < BATCH
        looked = replace(
            current,
            order_ids=(*current.order_ids, *busy),
            orders_after="" if is_last else some[-1],
            orders_until="" if is_last else current.orders_until,
        )
        await work.privacy_requests.put(looked)
        return not is_last


async def _ready(
    work: UnitOfWork, request: PrivacyRequest, order_ids: Sequence[str], now: datetime
) -> tuple[Sequence[str], Sequence[str]]:
    """The orders that can be erased now, and those that have to wait."""
    if now >= request.due_at:
        return order_ids, ()
    busy = await work.redaction.under_way(order_ids)
    ready = [order_id for order_id in order_ids if order_id not in busy]
    return ready, [order_id for order_id in order_ids if order_id in busy]


async def _close(work: UnitOfWork, request: PrivacyRequest, now: datetime) -> PrivacyRequest:
    done = replace(request, status=PrivacyStatus.DONE, done_at=now)
    await work.privacy_requests.put(done)
    return done
