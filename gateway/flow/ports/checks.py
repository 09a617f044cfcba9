"""What the last test of a store or of a carrier account found, as the flow keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from doorstep.health import HealthCheck


@dataclass(frozen=True, slots=True)
class LinkChecks:
    """All findings of one test; `id` is that of the store or account."""

    id: str
    checks: tuple[HealthCheck, ...]
    checked_at: datetime


class Checks(Protocol):
    """The last test of each link."""

    async def put(self, link_id: str, checks: Sequence[HealthCheck], now: datetime) -> None: ...
