"""Named turns: what is not there yet cannot be locked, its name can."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection


async def take_turns(connection: AsyncConnection, name: str) -> None:
    """Wait until no other transaction has this name, and keep it until the commit."""
    key = func.hashtextextended(name, 0)
    await connection.execute(select(func.pg_advisory_xact_lock(key)))
