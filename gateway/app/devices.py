"""Whose device a key is: remembered for a while, as every fix shows it again."""

from __future__ import annotations

from collections import OrderedDict

from doorstep.clock import Clock
from gateway.auth.caller import Audience
from gateway.auth.keys import PREFIXES
from gateway.flow.tracking.take import Device
from gateway.store.accounts import driver_behind_device
from gateway.store.database import Database
from gateway.store.device_keys import hash_of
from gateway.store.driver_sessions import session_behind_door

MOST_DEVICES = 50_000
"""Remembered in one process: some 20 MB."""


class Devices:
    """Drivers by device key, as far as this process has met them.

    A key that is revoked is still found here, and refused where its fixes are kept: the database has the last
    word, in the same transaction. Keys that nobody has are asked for each time, and so are drivers' sessions,
    with which the driver's page posts: they end.
    """

    def __init__(self, database: Database, clock: Clock, most: int = MOST_DEVICES) -> None:
        self._database = database
        self._clock = clock
        self._most = most
        self._known: OrderedDict[str, Device] = OrderedDict()

    async def behind(self, key: str) -> Device | None:
        """The device with this key, or of the driver with this session; None where nobody has it."""
        hashed = hash_of(key)
        if key.startswith(PREFIXES[Audience.DRIVER]):
            return await self._of_session(hashed)
        known = self._known.get(hashed)
        if known is not None:
            self._known.move_to_end(hashed)
            return known
        async with self._database.doors() as connection:
            found = await driver_behind_device(connection, hashed)
        if found is None:
            return None
        device = self._known[hashed] = Device(found[0], found[1], hashed)
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return device

    async def _of_session(self, hashed: str) -> Device | None:
        async with self._database.doors() as connection:
            owner = await session_behind_door(connection, hashed)
        if owner is None or owner.ended_at is not None or owner.expires_at <= self._clock.now():
            return None
        return Device(owner.merchant_id, owner.driver_id)

    def forget(self, device: Device) -> None:
        """Its key is good no longer."""
        self._known.pop(device.key_hash, None)
