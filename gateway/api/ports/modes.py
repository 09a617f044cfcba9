"""What the API must be handed of waves; part of `session.Reads`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from doorstep.delivery import Delivery
from doorstep.mode_wave import KeptChoice, ModeWave
from gateway.api.ports import records as r


class ReadsModes(Protocol):
    """Part of what one merchant's callers can read."""

    async def mode_choices(self, fulfillment_order_ids: Sequence[str]) -> Mapping[str, KeptChoice]:
        """Who was chosen for each last; those that were in no wave are left out."""
        ...

    async def mode_waves(self, ids: Sequence[str]) -> Mapping[str, ModeWave]: ...
    async def waves_of_plans(self, plan_ids: Sequence[str]) -> Mapping[str, ModeWave]:
        """The newest whose vans drive each plan's tours."""
        ...

    async def drafts(self, plan_ids: Sequence[str], delivery_ids: Sequence[str]) -> Mapping[str, Delivery]:
        """What own vans are to be booked for once one of these plans is published, by the delivery's id."""
        ...

    async def choices_for_plan(self, plan_id: str, page: r.PageRequest) -> r.Page[KeptChoice]:
        """Of the waves whose vans drive a plan's tours, by fulfillment order."""
        ...

    async def count_choices_for_plan(self, plan_id: str, up_to: int) -> int: ...
