"""The API's use cases about what is watched, bound to one merchant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.watching import watch_vans


@dataclass(frozen=True, slots=True)
class WatchCommands(SlotCommands):
    """See `gateway.api.ports.watching.WatchCommands`."""

    async def record_temperature(self, *, driver_id: str, celsius: float, recorded_at: datetime) -> None:
        await watch_vans.record_temperature(self.means, self.merchant_id, driver_id, celsius, recorded_at)
