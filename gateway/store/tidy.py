"""What need not be kept is let go: answered keys, handled webhooks, old sessions, old quarantined bodies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Delete, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.visibility import VisibilityRules
from gateway.flow.messaging.files.record import UNSENT_FOR
from gateway.store import tables as t
from gateway.store.database import Database
from gateway.store.repositories.notices import old_notices
from gateway.store.repositories.positions import SqlPositions
from gateway.store.repositories.threads import old_messages
from gateway.store.repositories.uploads import old_uploads
from gateway.store.repositories.webhooks import old_calls

KEYS_FOR = timedelta(hours=24)
"""An idempotency key is good for a day, as the API says."""

WEBHOOKS_FOR = timedelta(days=7)
"""Repeats of a webhook come within hours; its body is personal data."""

BODIES_FOR = timedelta(days=30)
"""A quarantined body that nobody has replayed by then is redacted; its reason stays."""

CALLS_FOR = timedelta(days=30)
"""Webhooks to merchants' systems, with their log: so long they can be made again."""

NOTICES_FOR = timedelta(days=90)
"""What shoppers were told, and what was written: so long people ask about it."""

ARRIVALS_FOR = timedelta(days=400)
"""Arrivals that are learned from: what was a year ago says something of this season."""

SESSIONS_FOR = timedelta(days=30)
"""A driver's session that is over so long opens nothing, and nobody asks who had it."""


def old_webhooks(now: datetime) -> Sequence[Delete]:
    """What lets go of webhooks: those that were handled, and those that never will be."""
    c = t.inbox.c
    # What was never handled lies in quarantine or among the dead letters: a month is enough for people.
    return (
        delete(t.inbox).where(c.handled_at < now - WEBHOOKS_FOR),
        delete(t.inbox).where(c.received_at < now - BODIES_FOR),
    )


async def _exact_days(connection: AsyncConnection, merchant_id: str) -> int:
    """How long the merchant wants places kept to the metre."""
    kept = t.merchants.c.doc["visibility"]["exact_days"].as_integer()
    found = await connection.execute(select(kept).where(t.merchants.c.id == merchant_id))
    return found.scalar_one_or_none() or VisibilityRules().exact_days


async def tidy(database: Database, merchant_id: str, now: datetime) -> None:
    """Let go of one merchant's leftovers."""
    redacted = func.jsonb_set(t.quarantine.c.doc, text("'{raw_body}'"), text("'\"\"'"))
    async with database.tenant(merchant_id) as connection:
        await connection.execute(delete(t.memory).where(t.memory.c.first_seen_at < now - KEYS_FOR))
        for statement in old_webhooks(now):
            await connection.execute(statement)
        await connection.execute(old_notices(now - NOTICES_FOR))
        await connection.execute(old_messages(now - NOTICES_FOR))
        await connection.execute(old_uploads(now - NOTICES_FOR, now - UNSENT_FOR))
        for statement in old_calls(now - CALLS_FOR):
            await connection.execute(statement)
        await connection.execute(delete(t.eta_trips).where(t.eta_trips.c.asked_at < now - ARRIVALS_FOR))
        exact = timedelta(days=await _exact_days(connection, merchant_id))
        await SqlPositions(connection, merchant_id).coarsen(now - exact)
        is_over = t.driver_sessions.c.expires_at < now - SESSIONS_FOR
        await connection.execute(delete(t.driver_sessions).where(is_over))
        has_body = t.quarantine.c.doc["raw_body"].astext != ""
        is_old = t.quarantine.c.received_at < now - BODIES_FOR
        await connection.execute(update(t.quarantine).where(is_old, has_body).values(doc=redacted))
