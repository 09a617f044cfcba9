"""Waves of orders and who was chosen for each, as the flow keeps them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from doorstep.mode_rules import DayUse
from doorstep.mode_wave import KeptChoice, ModeWave
from doorstep.stack import Waiting


class Modes(Protocol):
    """Waves, and the newest choice for each fulfillment order."""

    async def wave(self, wave_id: str, *, lock: bool = False) -> ModeWave | None: ...
    async def put_wave(self, wave: ModeWave) -> None: ...
    async def under_way(self, *, lock: bool = False) -> Sequence[ModeWave]:
        """Those that are not over, in the order in which they were asked for."""
        ...

    async def wave_of_plan(self, plan_id: str, *, lock: bool = False) -> ModeWave | None:
        """The newest whose vans drive a plan's tours."""
        ...

    async def choices_of(self, wave_id: str) -> Sequence[KeptChoice]:
        """Those of a wave that no later one has replaced, by fulfillment order."""
        ...

    async def choice(self, unit_id: str, *, lock: bool = False) -> KeptChoice | None: ...
    async def put_choices(self, choices: Sequence[KeptChoice]) -> None: ...
    async def has_open(self, wave_id: str) -> bool:
        """Whether some choice of a wave is still to be done."""
        ...

    async def waiting(self, limit: int) -> Sequence[Waiting]:
        """All that wait and go in no stack, who has to go first first."""
        ...

    async def booked_since(self, since: datetime) -> Sequence[DayUse]:
        """What carriers were given from a moment on and still have, by carrier and mode.

        Bookings whose answer is not known yet count as well.
        """
        ...

    async def chosen_since(self, since: datetime, *, besides: Collection[str] = ()) -> Sequence[DayUse]:
        """What carriers are to be given by choices from a moment on, and were not asked for yet.

        Parameters
        ----------
        besides
            Fulfillment orders whose choices do not count.
        """
        ...
