"""Quarantine: what could not be read is kept whole, with the reason; nothing else waits for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.errors import DoorstepError
from doorstep.ids import new_id
from doorstep.order import Store
from doorstep.ports import RawOrder
from gateway.flow.ports import UnitOfWork
from gateway.flow.records import Quarantined, QuarantineStatus


async def quarantine(
    work: UnitOfWork, store: Store, raw: RawOrder, problem: DoorstepError, now: datetime
) -> None:
    """Keep what could not be read, whole; a second failure counts on the same message."""
    known = await work.quarantine.waiting_for(store.id, raw.external_id)
    await work.quarantine.put(
        Quarantined(
            id=known.id if known else new_id("qua"),
            merchant_id=store.merchant_id,
            source=store.id,
            topic="order",
            external_id=raw.external_id,
            received_at=known.received_at if known else now,
            attempts=known.attempts + 1 if known else 1,
            status=QuarantineStatus.WAITING,
            problem_code=problem.code,
            problem_message=problem.message,
            problem_path=problem.path,
            raw_body=raw.body,
        )
    )


async def release(work: UnitOfWork, store: Store, external_id: str) -> None:
    """An order that waited can be read now."""
    waiting = await work.quarantine.waiting_for(store.id, external_id)
    if waiting is not None:
        await work.quarantine.put(replace(waiting, status=QuarantineStatus.REPLAYED))
