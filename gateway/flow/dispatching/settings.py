"""Settings: how a merchant's orders are booked, and what counts in its ranking."""

from __future__ import annotations

from dataclasses import replace

from doorstep.merchant import DispatchRules, Merchant
from doorstep.quote import RankingWeights
from gateway.flow.ports import UnitOfWork


async def save_dispatch_rules(
    work: UnitOfWork, rules: DispatchRules, weights: RankingWeights | None
) -> Merchant:
    """Keep the rules whole, and the weights where there are any; the next booking goes by them."""
    merchant = await work.accounts.merchant()
    changed = replace(merchant, dispatch=rules, weights=weights or merchant.weights)
    await work.accounts.put_merchant(changed)
    return changed
