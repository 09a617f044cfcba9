"""What the API must be handed of arrivals; see `gateway.api.ports.session`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from doorstep.eta_learning import EtaTrip, EtaVersion


class ReadsEtas(Protocol):
    """Part of what one merchant's callers can read."""

    async def eta_trips(self, since: datetime, limit: int) -> Sequence[EtaTrip]:
        """The newest that arrived, of those asked since a moment; in the order in which they were asked."""
        ...

    async def eta_versions(self, limit: int) -> Sequence[EtaVersion]:
        """The newest first."""
        ...


class EtaCommands(Protocol):
    """The use cases about arrivals."""

    async def use_eta_version(self, *, number: int) -> EtaVersion:
        """Let an older version answer; raises `NotFound` where none of this number can."""
        ...
