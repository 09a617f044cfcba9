"""In: what a store says becomes an order of ours. Newer wins; what cannot be read is kept aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from doorstep.address import Address
from doorstep.errors import DoorstepError, NotFound, StateConflict, UnreadablePayload
from doorstep.events import OrderCancelled, OrderReceived, StoreNotified
from doorstep.ids import new_id
from doorstep.order import FulfillmentOrder, FulfillmentOrderStatus, Order, OrderStatus, Store
from doorstep.ports import RawOrder, StoreConnector
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.readdress import warn_of_new_address
from gateway.flow.records import Quarantined, QuarantineStatus

OVERLAP = timedelta(minutes=10)
"""How far before its cursor a walk starts again: stores tick in seconds and their indexes lag."""

_ENDED = (FulfillmentOrderStatus.DELIVERED, FulfillmentOrderStatus.RETURNED)

KEPT = {
    FulfillmentOrderStatus.OPEN: (
        FulfillmentOrderStatus.QUOTED,
        FulfillmentOrderStatus.DISPATCHED,
        *_ENDED,
    ),
    FulfillmentOrderStatus.DISPATCHED: _ENDED,
}
"""What a store says -> the states that only we know of and that it does not undo."""


class Intake(StrEnum):
    """What became of one order of a store."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a walk through a store found."""

    counts: Mapping[Intake, int]
    until: datetime


async def take_notice(event: StoreNotified, means: Means) -> None:
    """A webhook is a hint: fetch the order it names and keep it."""
    async with means.begin(event.merchant_id) as work:
        record = await work.inbox.get(event.inbox_id)
        store = await work.accounts.store(record.source) if record else None
    if record is None or store is None:
        return
    connector = await means.links.store(event.merchant_id, store.id)
    if record.external_id:
        raw = await connector.fetch_order(record.external_id)
        if raw is None:
            await forget_order(means, store, record.external_id)
        else:
            await keep_order(means, store, connector, raw)
    async with means.begin(event.merchant_id) as work:
        await work.inbox.mark_handled(event.inbox_id, means.clock.now())


async def sync_store(
    means: Means, merchant_id: str, store_id: str, on_progress: Callable[[Intake], None] | None = None
) -> SyncReport:
    """Walk every order that changed since the last walk; the cursor moves when all of them are kept.

    Raises
    ------
    RemoteError
        If the store could not be read to the end; what was read is kept, the cursor stays.
    """
    async with means.begin(merchant_id) as work:
        store = await work.accounts.store(store_id)
    if store is None:
        raise NotFound(store_id)
    connector = await means.links.store(merchant_id, store_id)
    started = means.clock.now()
    since = store.synced_until - OVERLAP if store.synced_until else None
    counts = dict.fromkeys(Intake, 0)
    async for raw in connector.changed_orders(since):
        outcome = await keep_order(means, store, connector, raw)
        counts[outcome] += 1
        if on_progress is not None:
            on_progress(outcome)
    async with means.begin(merchant_id) as work:
        current = await work.accounts.store(store_id)
        if current is not None:
            await work.accounts.put_store(replace(current, synced_until=started))
    return SyncReport(counts, started)


async def keep_order(means: Means, store: Store, connector: StoreConnector, raw: RawOrder) -> Intake:
    """Read one order and keep it if it is newer than ours; an unreadable one goes to quarantine."""
    try:
        order = connector.read_order(raw)
    except UnreadablePayload as problem:
        await quarantine(means, store, raw, problem)
        return Intake.QUARANTINED
    except Exception as error:
        slip = UnreadablePayload(f"The connector failed at this order ({type(error).__name__}).")
        await quarantine(means, store, raw, slip)
        return Intake.QUARANTINED
    async with means.begin(store.merchant_id) as work:
        known = await work.orders.by_external_id(store.id, order.external_id, lock=True)
        await _release(work, store, order.external_id)
        if known is not None and order.updated_at < known.updated_at:
            return Intake.UNCHANGED
        kept = await _ours(work, store, order, known)
        if kept == known:
            return Intake.UNCHANGED
        await work.orders.put(kept)
        await _adopt_choice(work, kept)
        work.announce("order", kept.id)
        if kept.status is OrderStatus.CANCELLED or _calls_off(kept, known):
            await work.emit(OrderCancelled(store.merchant_id, kept.id))
        if kept.status is not OrderStatus.CANCELLED:
            await work.emit(OrderReceived(store.merchant_id, kept.id))
        if known is not None:
            await warn_of_new_address(work, known, kept, means.clock.now())
        return Intake.NEW if known is None else Intake.UPDATED


async def forget_order(means: Means, store: Store, external_id: str) -> None:
    """The store has no such order any more: what was not delivered is called off."""
    async with means.begin(store.merchant_id) as work:
        known = await work.orders.by_external_id(store.id, external_id, lock=True)
        if known is None or known.status in {OrderStatus.CANCELLED, OrderStatus.DELIVERED}:
            return
        units = tuple(
            replace(unit, status=FulfillmentOrderStatus.CANCELLED)
            if unit.status is not FulfillmentOrderStatus.DELIVERED
            else unit
            for unit in known.fulfillment_orders
        )
        gone = replace(known, status=OrderStatus.CANCELLED, raw_status="deleted", fulfillment_orders=units)
        await work.orders.put(gone)
        work.announce("order", gone.id)
        await work.emit(OrderCancelled(store.merchant_id, gone.id))


async def quarantine(means: Means, store: Store, raw: RawOrder, problem: DoorstepError) -> None:
    """Keep what could not be read, whole, with the reason; a second failure counts on the same message."""
    async with means.begin(store.merchant_id) as work:
        known = await work.quarantine.waiting_for(store.id, raw.external_id)
        await work.quarantine.put(
            Quarantined(
                id=known.id if known else new_id("qua"),
                merchant_id=store.merchant_id,
                source=store.id,
                topic="order",
                external_id=raw.external_id,
                received_at=known.received_at if known else means.clock.now(),
                attempts=known.attempts + 1 if known else 1,
                status=QuarantineStatus.WAITING,
                problem_code=problem.code,
                problem_message=problem.message,
                problem_path=problem.path,
                raw_body=raw.body,
            )
        )


async def replay(means: Means, merchant_id: str, quarantined_id: str) -> Order | None:
    """Try a quarantined order again: as the store has it now, else as it was received.

    Raises
    ------
    NotFound, StateConflict
        If there is no such message, or it waits no longer.
    UnreadablePayload
        If it still cannot be read.
    """
    async with means.begin(merchant_id) as work:
        message = await work.quarantine.get(quarantined_id)
        store = await work.accounts.store(message.source) if message else None
    if message is None or store is None:
        raise NotFound(quarantined_id)
    if message.status is not QuarantineStatus.WAITING:
        raise StateConflict(
            f"{quarantined_id} is {message.status.lower()} already.", current_id=quarantined_id
        )
    connector = await means.links.store(merchant_id, store.id)
    raw = await connector.fetch_order(message.external_id)
    if raw is None:
        raw = RawOrder(message.external_id, message.raw_body, message.received_at)
    await keep_order(means, store, connector, raw)
    order = connector.read_order(raw)
    async with means.begin(merchant_id) as work:
        # A message that did not say which order it is about lies under a name of its own.
        waiting = await work.quarantine.get(quarantined_id, lock=True)
        if waiting is not None:
            await work.quarantine.put(replace(waiting, status=QuarantineStatus.REPLAYED))
        return await work.orders.by_external_id(store.id, order.external_id)


async def _release(work: UnitOfWork, store: Store, external_id: str) -> None:
    waiting = await work.quarantine.waiting_for(store.id, external_id)
    if waiting is not None:
        await work.quarantine.put(replace(waiting, status=QuarantineStatus.REPLAYED))


async def _ours(work: UnitOfWork, store: Store, order: Order, known: Order | None) -> Order:
    """The store's order with our ids, places and states."""
    places = {
        external: place.id for place in await work.accounts.locations() for external in place.external_ids
    }
    before = {unit.external_id: unit for unit in known.fulfillment_orders} if known else {}
    order_id = known.id if known else new_id("ord")
    units = [
        _our_unit(
            unit,
            before.get(unit.external_id),
            order_id,
            places.get(unit.location_external_id) or store.location_id,
        )
        for unit in order.fulfillment_orders
    ]
    present = {unit.external_id for unit in order.fulfillment_orders}
    # Shopify's fulfillment orders get new ids when they move, split or merge: the old ones are over.
    gone = [_called_off(unit) for external_id, unit in before.items() if external_id not in present]
    destination = _same_place(order.destination, known.destination if known else None)
    return replace(
        order,
        id=order_id,
        store_id=store.id,
        merchant_id=store.merchant_id,
        destination=destination,
        status=_our_status(order, known),
        fulfillment_orders=tuple(units + gone),
    )


def _our_unit(
    unit: FulfillmentOrder, known: FulfillmentOrder | None, order_id: str, location_id: str
) -> FulfillmentOrder:
    status = unit.status
    if known is not None and known.status in KEPT.get(status, ()):
        status = known.status
    return replace(
        unit,
        id=known.id if known else new_id("ful"),
        order_id=order_id,
        location_id=known.location_id if known and known.location_id else location_id,
        status=status,
        destination=_same_place(unit.destination, known.destination if known else None),
    )


def _called_off(unit: FulfillmentOrder) -> FulfillmentOrder:
    return unit if unit.status in _ENDED else replace(unit, status=FulfillmentOrderStatus.CANCELLED)


def _calls_off(kept: Order, known: Order | None) -> bool:
    """Whether a part of the order that somebody may be carrying is cancelled now."""
    called_off = FulfillmentOrderStatus.CANCELLED
    before = {unit.id for unit in known.fulfillment_orders if unit.status is not called_off} if known else ()
    return any(unit.id in before for unit in kept.fulfillment_orders if unit.status is called_off)


def _our_status(order: Order, known: Order | None) -> OrderStatus:
    delivered = (OrderStatus.DELIVERED, OrderStatus.PARTIALLY_DELIVERED)
    if known is not None and known.status in delivered and order.status is OrderStatus.OPEN:
        return known.status
    return order.status


def _same_place(fresh: Address | None, known: Address | None) -> Address | None:
    """Keep the place on the map that we found for an address that has not changed."""
    if fresh is None or known is None or fresh.location is not None:
        return fresh
    return known if fresh == known.at(None) else fresh


async def _adopt_choice(work: UnitOfWork, order: Order) -> None:
    choice = await work.quotes.choice(order.choice_reference) if order.choice_reference else None
    if choice is not None and choice.order_id is None:
        await work.quotes.put_choice(replace(choice, order_id=order.id))
