"""What drivers sign in with: only its hash is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store import tables as t


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A driver's session without its secret.

    Attributes
    ----------
    hash
        SHA-256 of the secret, hexadecimal.
    """

    id: str
    merchant_id: str
    driver_id: str
    hash: str
    hint: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SessionOwner:
    """Whose session a hash belongs to; `ended_at` is None unless somebody ended it."""

    id: str
    merchant_id: str
    driver_id: str
    expires_at: datetime
    ended_at: datetime | None


class SqlDriverSessions:
    """The sessions of one merchant's drivers, in a transaction of theirs."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, row: SessionRow) -> None:
        """Keep a new one."""
        values = {name: getattr(row, name) for name in SessionRow.__slots__}
        await self._connection.execute(insert(t.driver_sessions).values(values))

    async def end(self, driver_id: str, now: datetime) -> int:
        """End all that a driver still has; gives how many those were."""
        here = t.driver_sessions.c
        is_open = (here.driver_id == driver_id, here.ended_at.is_(None), here.expires_at > now)
        ended = update(t.driver_sessions).where(*is_open).values(ended_at=now).returning(here.id)
        return len((await self._connection.execute(ended)).all())


async def session_behind_door(connection: AsyncConnection, hash_: str) -> SessionOwner | None:
    """Whose session has this hash, before its merchant is known."""
    columns = SessionOwner.__slots__
    door = func.door_driver_session(literal(hash_)).table_valued(*columns)
    row = (await connection.execute(select(door))).one_or_none()
    return None if row is None else SessionOwner(*row)
