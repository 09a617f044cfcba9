"""Named turns: what is not there yet cannot be locked, its name can."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.kept import Kept

_TAKE_TURNS = Kept(
    text(
        "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(CAST(:names AS text[])) AS name"
    )
)


async def take_turns(connection: AsyncConnection, *names: str) -> None:
    """Wait until no other transaction has any of these names, and keep them until the commit."""
    # In one order everywhere, so that two with the same names do not wait for each other.
    await _TAKE_TURNS.send(connection, {"names": sorted(names)})
