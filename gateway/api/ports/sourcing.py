"""What the API must be handed of sourcing; part of `session.Commands`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from doorstep.sourcing import SourcingDecision, SourcingRules


class SourcingCommands(Protocol):
    """The use cases of sourcing."""

    async def preview_sourcing(
        self, *, order_id: str, rules: SourcingRules | None
    ) -> Sequence[tuple[str, SourcingDecision | None]] | None:
        """What would be decided for each fulfillment order that somebody should carry, by these rules or the
        merchant's own; None where there is no such order.
        """
        ...

    async def save_sourcing_rules(
        self, *, rules: SourcingRules, expected_version: int | None
    ) -> SourcingRules:
        """Keep them; raises `InvalidInput` for an amount in another currency, or an unknown location, and
        `StateConflict` where those that are kept are of another version, None taking any.
        """
        ...
