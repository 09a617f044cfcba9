"""What the API must be handed of stacks; part of `session.Reads`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from doorstep.stack import Stack, Waiting


class ReadsStacks(Protocol):
    """Part of what one merchant's callers can read."""

    async def stacks(self, ids: Sequence[str]) -> Mapping[str, Stack]: ...
    async def stack_waits(self, fulfillment_order_ids: Sequence[str]) -> Mapping[str, Waiting]:
        """How each waits for company or a wave; those that do not are left out."""
        ...
