"""What drivers' phones prove with whose they are: only hashes are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.driver import Driver
from doorstep.errors import InvalidInput
from doorstep.ids import new_id
from gateway.auth.keys import hash_key
from gateway.store import tables as t
from gateway.store.kept import Kept

HINTED_FROM = 16
"""Characters: of shorter ones the last four would tell too much."""

_FIRST = Kept(
    text("""
    INSERT INTO device_keys AS known (id, merchant_id, driver_id, hash, hint, created_at)
    VALUES (:id, :merchant_id, :driver_id, :hash, :hint, :now)
    ON CONFLICT (hash) DO UPDATE SET hint = known.hint WHERE known.driver_id = excluded.driver_id
    RETURNING 1
    """)
)


@dataclass(frozen=True, slots=True)
class DeviceKeyRow:
    """A device key without its secret.

    Attributes
    ----------
    hash
        SHA-256 of the key, hexadecimal.
    ends_at
        It opens nothing from then on; None for never.
    """

    id: str
    merchant_id: str
    driver_id: str
    hash: str
    hint: str
    created_at: datetime
    ends_at: datetime | None = None


def hash_of(device_id: str) -> str:
    """What is kept of a device key."""
    return hash_key(device_id).hex()


def hint_of(device_id: str) -> str:
    """What people recognise it by."""
    return f"…{device_id[-4:]}" if len(device_id) >= HINTED_FROM else "…"


class SqlDeviceKeys:
    """The device keys of one merchant's drivers, in a transaction of theirs."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, row: DeviceKeyRow) -> None:
        """Keep a new one."""
        values = {name: getattr(row, name) for name in DeviceKeyRow.__slots__}
        await self._connection.execute(insert(t.device_keys).values(values))

    async def of_driver(self, driver_id: str) -> Sequence[DeviceKeyRow]:
        """All of a driver, the newest first."""
        c = t.device_keys.c
        columns = [c[name] for name in DeviceKeyRow.__slots__]
        rows = await self._connection.execute(
            select(*columns).where(c.driver_id == driver_id).order_by(c.created_at.desc(), c.id.desc())
        )
        return [DeviceKeyRow(*row) for row in rows]

    async def end(self, driver_id: str, at: datetime, *, key_id: str = "") -> int:
        """Let keys of a driver end, one or all that would last longer; gives how many those were."""
        c = t.device_keys.c
        mine = [c.driver_id == driver_id, c.ends_at.is_(None) | (c.ends_at > at)]
        if key_id:
            mine.append(c.id == key_id)
        ended = update(t.device_keys).where(*mine).values(ends_at=at).returning(c.id)
        return len((await self._connection.execute(ended)).all())


async def keep_first_key(connection: AsyncConnection, driver: Driver) -> None:
    """Keep the hash of what a driver's phone calls itself, unless it is known; one that ended stays so.

    Raises
    ------
    InvalidInput
        If it is another driver's.
    """
    kept = await _FIRST.rows(
        connection,
        {
            "id": new_id("dev"),
            "merchant_id": driver.merchant_id,
            "driver_id": driver.id,
            "hash": hash_of(driver.device_id),
            "hint": hint_of(driver.device_id),
            "now": datetime.now(UTC),
        },
    )
    if not kept:
        raise InvalidInput("This device is another driver's.", path=("deviceId",))
