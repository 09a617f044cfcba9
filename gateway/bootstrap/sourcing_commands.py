"""The API's use cases about sourcing, bound to one merchant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doorstep.sourcing import SourcingDecision, SourcingRules
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.sourcing import preview


@dataclass(frozen=True, slots=True)
class SourcingCommands(SlotCommands):
    """See `gateway.api.ports.session.Commands`."""

    async def preview_sourcing(
        self, *, order_id: str, rules: SourcingRules | None
    ) -> Sequence[tuple[str, SourcingDecision | None]] | None:
        return await preview.preview_sourcing(self.means, self.merchant_id, order_id, rules)

    async def save_sourcing_rules(
        self, *, rules: SourcingRules, expected_version: int | None
    ) -> SourcingRules:
        return await preview.save_rules(self.means, self.merchant_id, rules, expected_version)
