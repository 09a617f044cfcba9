"""The API's use cases about how orders are booked and what happens to them, bound to one merchant."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.dispatch_rules import DispatchRules
from doorstep.merchant import Merchant
from doorstep.quote import RankingWeights
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.dispatching import settings
from gateway.flow.dispatching.settings import MerchantRules


@dataclass(frozen=True, slots=True)
class DispatchCommands(SlotCommands):
    """See `gateway.api.ports.session.Commands`."""

    async def save_dispatch_rules(
        self, *, rules: DispatchRules, weights: RankingWeights | None, expected_version: int | None
    ) -> Merchant:
        async with self.means.begin(self.merchant_id) as work:
            return await settings.save_dispatch_rules(work, rules, weights, expected_version)

    async def save_merchant_rules(self, *, rules: MerchantRules, expected_version: int | None) -> Merchant:
        async with self.means.begin(self.merchant_id) as work:
            return await settings.save_merchant_rules(work, rules, expected_version)
