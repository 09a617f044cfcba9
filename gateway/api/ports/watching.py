"""What the API must be handed for what is watched; see `gateway.api.ports.session`."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class WatchCommands(Protocol):
    """The use cases about what machines measure."""

    async def record_temperature(self, *, driver_id: str, celsius: float, recorded_at: datetime) -> None:
        """Take what an own van's thermometer says; `NotFound`, `StateConflict` as the flow says."""
        ...
