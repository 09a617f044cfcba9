"""The API's use cases about tracking, bound to one merchant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import NotFound
from gateway.api.ports import records as r
from gateway.bootstrap.keys import device_keys_of, end_device_keys, make_device_key
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.tracking.correct import Correction, correct_delivery
from gateway.store.device_keys import DeviceKeyRow


@dataclass(frozen=True, slots=True)
class TrackingCommands(SlotCommands):
    """See `gateway.api.ports.tracking.TrackingCommands`."""

    async def correct_delivery(
        self,
        *,
        delivery_id: str,
        leg_id: str,
        status: DeliveryStatus,
        reason: str,
        by: str,
        happened_at: datetime | None,
        expected_version: int | None,
    ) -> Delivery:
        wanted = Correction(delivery_id, status, reason, by, leg_id, happened_at, expected_version)
        return await correct_delivery(self.means, self.merchant_id, wanted)

    async def device_keys(self, *, driver_id: str) -> Sequence[r.DeviceKeyCard]:
        await self._require_driver(driver_id, ("driverId",))
        return [_card(row) for row in await device_keys_of(self.house, self.merchant_id, driver_id)]

    async def create_device_key(self, *, driver_id: str, old_last_s: int | None) -> r.NewDeviceKey:
        await self._require_driver(driver_id, ("input", "driverId"))
        row, secret = await make_device_key(self.house, self.merchant_id, driver_id, old_last_s)
        return r.NewDeviceKey(_card(row), secret)

    async def revoke_device_keys(self, *, driver_id: str, key_id: str) -> int:
        await self._require_driver(driver_id, ("input", "driverId"))
        return await end_device_keys(self.house, self.merchant_id, driver_id, key_id)

    async def _require_driver(self, driver_id: str, path: tuple[str, ...]) -> None:
        async with self.means.begin(self.merchant_id) as work:
            if await work.fleet.driver(driver_id) is None:
                raise NotFound(driver_id, path=path)


def _card(row: DeviceKeyRow) -> r.DeviceKeyCard:
    return r.DeviceKeyCard(row.id, row.hint, row.created_at, row.ends_at)
