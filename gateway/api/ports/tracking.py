"""What the API must be handed for tracking; see `gateway.api.ports.session`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from gateway.api.ports import records as r


class TrackingCommands(Protocol):
    """The use cases about statuses that were wrong, and about drivers' phones."""

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
        """Put right what was reported; `NotFound`, `InvalidInput`, `StateConflict` as the flow says."""
        ...

    async def device_keys(self, *, driver_id: str) -> Sequence[r.DeviceKeyCard]:
        """All of a driver, the newest first; raises `NotFound`."""
        ...

    async def create_device_key(self, *, driver_id: str, old_last_s: int | None) -> r.NewDeviceKey:
        """A new one; raises `NotFound`."""
        ...

    async def revoke_device_keys(self, *, driver_id: str, key_id: str) -> int:
        """End one, or all where `key_id` is ""; gives how many were good. Raises `NotFound`."""
        ...
