"""Settings: how a merchant's orders are booked, and what counts in its ranking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from doorstep.dispatch_rules import DispatchRules
from doorstep.errors import InvalidInput, Issue
from doorstep.merchant import Merchant
from doorstep.quote import RankingWeights
from gateway.flow.ports import UnitOfWork


async def save_dispatch_rules(
    work: UnitOfWork, rules: DispatchRules, weights: RankingWeights | None
) -> Merchant:
    """Keep the rules whole, and the weights where there are any; the next booking goes by them.

    Raises
    ------
    InvalidInput
        If an amount is in another currency than the merchant's, with an issue for each.
    """
    merchant = await work.accounts.merchant(lock=True)
    wrong = list(_foreign_amounts(rules, merchant.currency))
    if wrong:
        raise InvalidInput(wrong[0].message, path=wrong[0].path, issues=wrong)
    changed = replace(merchant, dispatch=rules, weights=weights or merchant.weights)
    await work.accounts.put_merchant(changed)
    return changed


def _foreign_amounts(rules: DispatchRules, currency: str) -> Iterator[Issue]:
    for name, amount in (("missCost", rules.miss_cost), ("maxPremium", rules.max_premium)):
        if amount is not None and amount.currency != currency:
            text = f"{name} must be in {currency}, the merchant's currency, not {amount.currency}."
            yield Issue(("input", name), text)
