"""API keys: only their hashes are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store import tables as t


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key without its secret.

    Attributes
    ----------
    hash
        SHA-256 of the secret, hexadecimal.
    """

    id: str
    merchant_id: str
    name: str
    audience: str
    hash: str
    hint: str
    scopes: tuple[str, ...]
    allowed_origins: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    person_id: str | None = None


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Whose key a hash belongs to."""

    id: str
    merchant_id: str
    audience: str
    scopes: tuple[str, ...]
    allowed_origins: tuple[str, ...]
    expires_at: datetime | None
    revoked_at: datetime | None
    person_id: str | None


async def add_key(connection: AsyncConnection, row: KeyRow) -> None:
    """Keep a new key in its merchant's transaction."""
    values = {name: getattr(row, name) for name in KeyRow.__slots__}
    values["scopes"], values["allowed_origins"] = list(row.scopes), list(row.allowed_origins)
    await connection.execute(insert(t.api_keys).values(values))


class SqlKeys:
    """The keys of one merchant, in a transaction of theirs."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, row: KeyRow) -> None:
        """Keep a new key."""
        await add_key(self._connection, row)

    async def revoke(self, key_id: str, now: datetime) -> None:
        """End a key; one that has ended stays as it was."""
        keys = t.api_keys.c
        ended = update(t.api_keys).where(keys.id == key_id, keys.revoked_at.is_(None)).values(revoked_at=now)
        await self._connection.execute(ended)


async def key_behind_door(connection: AsyncConnection, hash_: str) -> KeyOwner | None:
    """Whose key has this hash, before its merchant is known."""
    names = "id merchant_id audience scopes allowed_origins expires_at revoked_at person_id"
    door = func.door_api_key(literal(hash_)).table_valued(*names.split())
    row = (await connection.execute(select(door))).one_or_none()
    if row is None:
        return None
    return KeyOwner(
        row.id,
        row.merchant_id,
        row.audience,
        tuple(row.scopes),
        tuple(row.allowed_origins),
        row.expires_at,
        row.revoked_at,
        row.person_id,
    )
