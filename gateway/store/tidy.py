"""What need not be kept is let go: answered keys, handled webhooks, the bodies of old quarantine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Delete, delete, func, text, update

from gateway.store import tables as t
from gateway.store.database import Database

KEYS_FOR = timedelta(hours=24)
"""An idempotency key is good for a day, as the API says."""

WEBHOOKS_FOR = timedelta(days=7)
"""Repeats of a webhook come within hours; its body is personal data."""

BODIES_FOR = timedelta(days=30)
"""A quarantined body that nobody has replayed by then is redacted; its reason stays."""


def old_webhooks(now: datetime) -> Sequence[Delete]:
    """What lets go of webhooks: those that were handled, and those that never will be."""
    c = t.inbox.c
    # What was never handled lies in quarantine or among the dead letters: a month is enough for people.
    return (
        delete(t.inbox).where(c.handled_at < now - WEBHOOKS_FOR),
        delete(t.inbox).where(c.received_at < now - BODIES_FOR),
    )


async def tidy(database: Database, merchant_id: str, now: datetime) -> None:
    """Let go of one merchant's leftovers."""
    redacted = func.jsonb_set(t.quarantine.c.doc, text("'{raw_body}'"), text("'\"\"'"))
    async with database.tenant(merchant_id) as connection:
        await connection.execute(delete(t.memory).where(t.memory.c.first_seen_at < now - KEYS_FOR))
        for statement in old_webhooks(now):
            await connection.execute(statement)
        has_body = t.quarantine.c.doc["raw_body"].astext != ""
        is_old = t.quarantine.c.received_at < now - BODIES_FOR
        await connection.execute(update(t.quarantine).where(is_old, has_body).values(doc=redacted))
