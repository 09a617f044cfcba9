"""Whose device a key is: remembered for a while, as every fix shows it again."""

from __future__ import annotations

from collections import OrderedDict

from gateway.flow.tracking.take import Device
from gateway.store.accounts import driver_behind_device
from gateway.store.database import Database
from gateway.store.device_keys import hash_of

MOST_DEVICES = 50_000
"""Remembered in one process: some 20 MB."""


class Devices:
    """Drivers by device key, as far as this process has met them.

    A key that is revoked is still found here, and refused where its fixes are kept: the database has the last
    word, in the same transaction. Keys that nobody has are asked for each time.
    """

    def __init__(self, database: Database, most: int = MOST_DEVICES) -> None:
        self._database = database
        self._most = most
        self._known: OrderedDict[str, Device] = OrderedDict()

    async def behind(self, key: str) -> Device | None:
        """The device with this key; None where nobody has it."""
        hashed = hash_of(key)
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

    def forget(self, device: Device) -> None:
        """Its key is good no longer."""
        self._known.pop(device.key_hash, None)
