"""What the API must be handed of the rules that orders are booked by; part of `session.Commands`."""

from __future__ import annotations

from typing import Protocol

from doorstep.dispatch_rules import DispatchRules
from doorstep.merchant import Merchant
from doorstep.quote import RankingWeights
from gateway.flow.dispatching.settings import MerchantRules


class DispatchCommands(Protocol):
    """The use cases of these rules."""

    async def save_dispatch_rules(
        self, *, rules: DispatchRules, weights: RankingWeights | None, expected_version: int | None
    ) -> Merchant:
        """Keep them whole, and the weights where there are any.

        Raises
        ------
        StateConflict
            If the rules and weights that are kept are of another version; None takes any.
        """
        ...

    async def save_merchant_rules(self, *, rules: MerchantRules, expected_version: int | None) -> Merchant:
        """Keep rules in the place of those of their kind; raises as `save_dispatch_rules` does."""
        ...
