"""Where vans were and are, and what their phones show for it, as the flow keeps them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from doorstep.position import Position
from gateway.flow.tracking.heard import Heard, LoggedFix

Moment = tuple[str, datetime]
"""A driver and the time of a fix."""


class Positions(Protocol):
    """The log of fixes, and the last one of each driver."""

    async def owners(self, key_hashes: Collection[str], now: datetime) -> Mapping[str, str]:
        """Driver by the hash of a device key, of those that are good now."""
        ...

    async def lock_heard(self, driver_ids: Collection[str]) -> Mapping[str, Heard]:
        """What was last heard of drivers, kept from others until the commit; locked by their ids."""
        ...

    async def put_heard(self, heard: Sequence[Heard]) -> None: ...
    async def log(self, fixes: Sequence[LoggedFix]) -> Collection[Moment]:
        """Keep fixes; gives those of the late ones that were new."""
        ...

    async def unread(self, since: Mapping[str, datetime | None]) -> Mapping[str, Sequence[Position]]:
        """By driver, the believed fixes after a time (None: all of a day), oldest first; no late ones."""
        ...

    async def behind(self, most: int) -> Sequence[str]:
        """Drivers with fixes that nobody has looked at."""
        ...

    async def coarsen(self, before: datetime) -> int:
        """Make cells of what was recorded before: one row an hour and cell; gives how many rows went."""
        ...

    async def erase(self, driver_id: str) -> int:
        """Forget where a driver was and is; gives how many fixes those were."""
        ...
