"""Settings that a merchant has one of each of: how they are kept whole, and by version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from doorstep.dispatch_rules import DispatchRules, Spending, StackRules
from doorstep.errors import InvalidInput, Issue
from doorstep.merchant import AttemptRules, DocumentRules, HoldLimits, Merchant
from doorstep.mode_rules import ModeRules
from doorstep.money import Money
from doorstep.notice import NoticeRules
from doorstep.planning_rules import PlanningRules
from doorstep.quote import RankingWeights
from doorstep.visibility import VisibilityRules
from doorstep.watch_rules import WatchRules
from gateway.flow.dispatching.plain_settings import BookingRules, FallbackTable, Profile
from gateway.flow.ports import UnitOfWork
from gateway.flow.settings_version import require_version

MOST_TOLD = 20_000
"""Deliveries under way whose watchers are told at once that they may see something else."""

type MerchantRules = (
    Spending
    | StackRules
    | WatchRules
    | AttemptRules
    | DocumentRules
    | HoldLimits
    | FallbackTable
    | BookingRules
    | Profile
    | PlanningRules
    | ModeRules
    | NoticeRules
    | VisibilityRules
)
"""Settings that a merchant has one of each of, and that are saved whole."""

type Amounts = tuple[tuple[tuple[str, ...], Money | None], ...]
"""By their paths in the API's input."""


async def save_dispatch_rules(
    work: UnitOfWork,
    rules: DispatchRules,
    weights: RankingWeights | None,
    expected_version: int | None = None,
) -> Merchant:
    """Keep the rules whole, and the weights where there are any; the next booking goes by them.

    Parameters
    ----------
    expected_version
        Of the rules and the weights together; None saves over whatever stands there.

    Raises
    ------
    InvalidInput
        If an amount is in another currency than the merchant's, with an issue for each.
    StateConflict
        If they are not of the expected version.
    """
    merchant = await work.accounts.merchant(lock=True)
    require_version(expected_version, merchant.dispatch, merchant.weights)
    _require_own_currency(
        merchant.currency, ((("missCost",), rules.miss_cost), (("maxPremium",), rules.max_premium))
    )
    changed = replace(merchant, dispatch=rules, weights=weights or merchant.weights)
    await work.accounts.put_merchant(changed)
    return changed


async def save_merchant_rules(
    work: UnitOfWork, rules: MerchantRules, expected_version: int | None = None
) -> Merchant:
    """Keep rules whole in the place of those of their kind; what happens from now on goes by them.

    Raises
    ------
    InvalidInput
        If an amount is in another currency than the merchant's, with an issue for each.
    StateConflict
        If those in whose place they come are not of the expected version; None takes any.
    """
    merchant = await work.accounts.merchant(lock=True)
    before, changed = _exchanged(merchant, rules)
    require_version(expected_version, before)
    _require_own_currency(merchant.currency, _amounts_of(rules))
    await work.accounts.put_merchant(changed)
    if isinstance(rules, VisibilityRules):
        # Whoever watches must not go on seeing what is theirs to see no longer.
        for delivery in await work.deliveries.unfinished(MOST_TOLD):
            work.announce("delivery", delivery.id)
    return changed


def _exchanged(merchant: Merchant, rules: MerchantRules) -> tuple[MerchantRules, Merchant]:
    """The rules that were there, and the merchant with others in their place."""
    before: MerchantRules
    match rules:
        case Spending():
            before, changed = merchant.spending, replace(merchant, spending=rules)
        case StackRules():
            before, changed = merchant.stacking, replace(merchant, stacking=rules)
        case WatchRules():
            before, changed = merchant.watch, replace(merchant, watch=rules)
        case AttemptRules():
            before, changed = merchant.attempts, replace(merchant, attempts=rules)
        case DocumentRules():
            before, changed = merchant.documents, replace(merchant, documents=rules)
        case PlanningRules():
            before, changed = merchant.planning, replace(merchant, planning=rules)
        case ModeRules():
            before, changed = merchant.modes, replace(merchant, modes=rules)
        case NoticeRules():
            before, changed = merchant.notices, replace(merchant, notices=rules)
        case VisibilityRules():
            before, changed = merchant.visibility, replace(merchant, visibility=rules)
        case BookingRules() | Profile() | FallbackTable():
            before, changed = type(rules).of(merchant), rules.onto(merchant)
        case _:
            before, changed = merchant.holds, replace(merchant, holds=rules)
    return before, changed


def _amounts_of(rules: MerchantRules) -> Amounts:
    match rules:
        case Spending():
            return ((("tipCap",), rules.tip_cap), (("tipStep",), rules.tip_step))
        case StackRules():
            return ((("leastSaving",), rules.least_saving),)
        case PlanningRules():
            return (
                (("costPerKilometer",), rules.cost_per_km),
                (("costPerHour",), rules.cost_per_hour),
                (("lateCostPerHour",), rules.late_cost_per_hour),
            )
        case ModeRules():
            return tuple(
                (("pools", str(place), *path), amount)
                for place, pool in enumerate(rules.pools)
                for path, amount in pool.amounts
            )
        case FallbackTable():
            return tuple((("rates", str(row), "price"), rate.price) for row, rate in enumerate(rules.rates))
        case _:
            return ()


def _require_own_currency(currency: str, amounts: Amounts) -> None:
    wrong = list(_foreign_amounts(currency, amounts))
    if wrong:
        raise InvalidInput(wrong[0].message, path=wrong[0].path, issues=wrong)


def _foreign_amounts(currency: str, amounts: Amounts) -> Iterator[Issue]:
    for path, amount in amounts:
        if amount is not None and amount.currency != currency:
            text = f"{path[-1]} must be in {currency}, the merchant's currency, not {amount.currency}."
            yield Issue(("input", *path), text)
