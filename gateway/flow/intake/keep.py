"""In: what a store says becomes an order of ours. Newer wins; what cannot be read is kept aside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from doorstep.errors import UnreadablePayload
from doorstep.events import OrderCancelled, OrderReceived, UnitMoved
from doorstep.order import DELETED, DISPATCHED_METHODS, FulfillmentOrderStatus, Order, OrderStatus, Store
from doorstep.ports import RawOrder, StoreConnector
from gateway.flow.dispatching.readdress import warn_of_new_address
from gateway.flow.intake.adopt import adopt_choices
from gateway.flow.intake.merge import calls_off, is_stale, merge, moved_units, says_nothing_new
from gateway.flow.intake.quarantine import quarantine, release
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.privacy.requests import without_the_forgotten
from gateway.flow.quoting.shown import with_choices
from gateway.flow.records import Remembered
from gateway.flow.telling.tell import retell


class Intake(StrEnum):
    """What became of one order of a store."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Kept:
    """One order of a store and what became of it; `order` as the store has it, None where unreadable."""

    outcome: Intake
    order: Order | None


@dataclass(frozen=True, slots=True)
class _Read:
    raw: RawOrder
    order: Order | UnreadablePayload


GONE = "order gone"
"""Operation under which an order is remembered that was deleted before we knew it."""

Also = Callable[[UnitOfWork], Awaitable[None]]
"""What is written together with orders: how far a walk has come."""


async def keep_order(means: Means, store: Store, connector: StoreConnector, raw: RawOrder) -> Intake:
    """Read one order and keep it if it is newer than ours; an unreadable one goes to quarantine."""
    return (await keep_orders(means, store, connector, [raw]))[0].outcome


async def keep_orders(
    means: Means,
    store: Store,
    connector: StoreConnector,
    raws: Sequence[RawOrder],
    also: Also | None = None,
) -> Sequence[Kept]:
    """Keep many in one transaction, with what `also` writes; outcomes in the order given.

    One that the database will not take spoils the transaction for its neighbours: then each is kept by
    itself, and that one goes to quarantine.
    """
    # In one order everywhere, so that a walk and a webhook with the same orders do not wait for each other.
    read = sorted((_read(connector, raw) for raw in raws), key=lambda one: one.raw.external_id)
    try:
        outcomes = await _keep_together(means, store, read, also)
    except Exception:
        if not read:
            raise
        outcomes = {one.raw.external_id: await _keep_alone(means, store, one) for one in read}
        if also is not None:
            async with means.begin(store.merchant_id) as work:
                await also(work)
    order = {one.raw.external_id: one.order for one in read if isinstance(one.order, Order)}
    return [Kept(outcomes[raw.external_id], order.get(raw.external_id)) for raw in raws]


async def forget_order(means: Means, store: Store, external_id: str, asked_at: datetime) -> None:
    """The store had no such order when it was asked: what was not delivered is called off.

    What was read of it before and comes in later does not bring it back.
    """
    async with means.begin(store.merchant_id) as work:
        known = await work.orders.by_external_id(store.id, external_id, lock=True)
        if known is None:
            key = _grave(store, external_id)
            await work.memory.remember(Remembered(GONE, key, digest="", answer="", first_seen_at=asked_at))
            return
        if known.raw_status == DELETED:
            return
        gone = replace(known, raw_status=DELETED, read_at=asked_at)
        if known.status in {OrderStatus.CANCELLED, OrderStatus.DELIVERED}:
            await work.orders.put(gone)
            return
        units = tuple(
            replace(unit, status=FulfillmentOrderStatus.CANCELLED)
            if unit.status is not FulfillmentOrderStatus.DELIVERED
            else unit
            for unit in known.fulfillment_orders
        )
        await work.orders.put(replace(gone, status=OrderStatus.CANCELLED, fulfillment_orders=units))
        work.announce("order", gone.id)
        await work.emit(OrderCancelled(store.merchant_id, gone.id))


def _grave(store: Store, external_id: str) -> str:
    return f"{store.id} {external_id}"


async def _buried(work: UnitOfWork, store: Store, orders: Iterable[Order]) -> Collection[str]:
    """Orders that the store had no longer when it was asked after these were read.

    A history takes hours to read, and an order may be deleted meanwhile of which we know nothing yet.
    """
    keys = {_grave(store, order.external_id): order for order in orders}
    dug = await work.memory.seen(GONE, list(keys)) if keys else {}
    return [
        order.external_id
        for key, order in keys.items()
        if key in dug and order.read_at is not None and order.read_at <= dug[key]
    ]


def _read(connector: StoreConnector, raw: RawOrder) -> _Read:
    try:
        return _Read(raw, replace(connector.read_order(raw), read_at=raw.asked_at))
    except UnreadablePayload as problem:
        return _Read(raw, problem)
    except Exception as error:  # a connector that breaks at one order must not stop the rest
        slip = UnreadablePayload(f"The connector failed at this order ({type(error).__name__}).")
        return _Read(raw, slip)


async def _keep_together(
    means: Means, store: Store, read: Sequence[_Read], also: Also | None
) -> Mapping[str, Intake]:
    outcomes: dict[str, Intake] = {}
    changed: list[Order] = []
    async with means.begin(store.merchant_id) as work:
        places = await _places(work)
        waiting = await work.quarantine.waiting_among(store.id, [one.raw.external_id for one in read])
        orders = [one.order for one in read if isinstance(one.order, Order)]
        known = await work.orders.lock_all(store.id, [order.external_id for order in orders])
        strangers = [order for order in orders if order.external_id not in known]
        buried = await _buried(work, store, strangers)
        for one in read:
            name = one.raw.external_id
            if isinstance(one.order, UnreadablePayload):
                await quarantine(work, store, one.raw, one.order, means.clock.now())
                outcomes[name] = Intake.QUARANTINED
                continue
            if name in waiting:
                await release(work, store, name)
            ours = known.get(one.order.external_id)
            if one.order.external_id in buried or (ours is not None and is_stale(one.order, ours)):
                outcomes[name] = Intake.UNCHANGED
                continue
            order = await without_the_forgotten(work, ours, one.order)
            order = await with_choices(work, store.id, order, ours, means.clock.now())
            outcomes[name], kept = _compare(store, order, ours, places)
            if kept is not None:
                changed.append(kept)
            if kept is not None and outcomes[name] is not Intake.UNCHANGED:
                await _tell_on(means, work, kept, ours)
        await work.orders.put_all(changed)
        if also is not None:
            await also(work)
    return outcomes


def _compare(
    store: Store, order: Order, known: Order | None, places: Mapping[str, str]
) -> tuple[Intake, Order | None]:
    """What became of it, and what is to be written."""
    kept = merge(store, order, known, places)
    if known is None:
        return Intake.NEW, kept
    if says_nothing_new(kept, known):
        return Intake.UNCHANGED, kept if kept.updated_at != known.updated_at else None
    return Intake.UPDATED, kept


async def _keep_alone(means: Means, store: Store, one: _Read) -> Intake:
    try:
        return (await _keep_together(means, store, [one], None))[one.raw.external_id]
    except Exception as error:
        if means.passes_by_itself(error):
            raise
        slip = UnreadablePayload(f"The order could not be kept ({type(error).__name__}).")
        async with means.begin(store.merchant_id) as work:
            await quarantine(work, store, one.raw, slip, means.clock.now())
        return Intake.QUARANTINED


async def _places(work: UnitOfWork) -> Mapping[str, str]:
    return {
        external: place.id for place in await work.accounts.locations() for external in place.external_ids
    }


async def _tell_on(means: Means, work: UnitOfWork, kept: Order, known: Order | None) -> None:
    """What follows from a new or changed order."""
    await adopt_choices(work, kept, known, means.clock.now())
    work.announce("order", kept.id)
    if kept.status is OrderStatus.CANCELLED or calls_off(kept, known):
        await work.emit(OrderCancelled(kept.merchant_id, kept.id))
    if kept.status is not OrderStatus.CANCELLED and _is_to_carry(kept, known):
        await work.emit(OrderReceived(kept.merchant_id, kept.id))
    if known is not None:
        await retell(work, kept, means.clock.now())
        await warn_of_new_address(work, known, kept, means.clock.now())
        for unit_id in moved_units(kept, known):
            await work.emit(UnitMoved(kept.merchant_id, unit_id))


def _is_to_carry(kept: Order, known: Order | None) -> bool:
    """Whether somebody carries, or shall carry, a part of it: of all others nothing follows.

    What a store had sent before we knew of it is nobody's errand of ours.
    """
    return any(
        unit.is_dispatchable or (known is not None and unit.status is FulfillmentOrderStatus.DISPATCHED)
        for unit in kept.fulfillment_orders
        if unit.method in DISPATCHED_METHODS
    )
