"""Replay: an order that could not be read is tried again, after a fix here or in the store."""

from __future__ import annotations

from dataclasses import replace

from doorstep.errors import NotFound, StateConflict
from doorstep.order import Order
from doorstep.ports import RawOrder
from gateway.flow.intake.keep import keep_order
from gateway.flow.ports import Means
from gateway.flow.records import QuarantineStatus


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
        at = message.received_at
        raw = RawOrder(message.external_id, message.raw_body, at, at)
    await keep_order(means, store, connector, raw)
    order = connector.read_order(raw)
    async with means.begin(merchant_id) as work:
        # A message that did not say which order it is about lies under a name of its own.
        waiting = await work.quarantine.get(quarantined_id, lock=True)
        if waiting is not None:
            await work.quarantine.put(replace(waiting, status=QuarantineStatus.REPLAYED))
        return await work.orders.by_external_id(store.id, order.external_id)
