"""Writes about how a merchant's orders are booked; part of the root of writes."""

from __future__ import annotations

from typing import Annotated

from doorstep import dispatch_rules as ground
from doorstep.dispatch_rules import DispatchStrategy
from doorstep.money import Money
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import Path, read_money, read_span, read_text, wrong
from gateway.api.roots.given import INPUT
from gateway.api.roots.previews import read_weights
from gateway.api.types.dispatch_rules import (
    DispatchRules,
    SaveDispatchRulesInput,
    SaveDispatchRulesResult,
    SaveDispatchRulesSuccess,
)
from gateway.api.types.money import MoneyInput

_AT = ("input",)
LATEST_PROMISE_S = (60, 90 * 86_400)


@shape()
class DispatchRulesMutations:
    """Writes about how orders are booked."""

    @root(scope=Scope.CONFIGURE)
    async def save_dispatch_rules(
        self, info: Info, given: Annotated[SaveDispatchRulesInput, INPUT]
    ) -> SaveDispatchRulesResult:
        """Says who is booked by themselves, and what is not; the next booking goes by it."""
        weights = None if given.weights is None else read_weights(given.weights, (*_AT, "weights"))
        merchant = await info.context.commands.save_dispatch_rules(
            rules=_read_rules(given), weights=weights, expected_version=given.expected_version
        )
        return SaveDispatchRulesSuccess(dispatch_rules=DispatchRules.of(merchant))


def read_strategy(given: DispatchStrategy | None, path: Path) -> DispatchStrategy | None:
    """A strategy that books somebody; None stays None.

    Raises
    ------
    InvalidInput
        If it books nobody.
    """
    if given in (DispatchStrategy.MANUAL, DispatchStrategy.OTHER):
        raise wrong(path, f"{given} books nobody; name another strategy, or leave it out")
    return given


def _read_rules(given: SaveDispatchRulesInput) -> ground.DispatchRules:
    if given.strategy is DispatchStrategy.OTHER:
        raise wrong((*_AT, "strategy"), "strategy must be one that says who is booked")
    preferred = tuple(
        read_text(name, (*_AT, "preferred", str(index)), 100)
        for index, name in enumerate(given.preferred or ())
    )
    if "" in preferred or len(set(preferred)) < len(preferred):
        raise wrong((*_AT, "preferred"), "preferred names accounts or carriers, each of them once")
    if given.strategy is DispatchStrategy.SEQUENTIAL and not preferred:
        raise wrong((*_AT, "preferred"), "SEQUENTIAL asks those in preferred alone; name one", "REQUIRED")
    least, latest = given.min_reliability, given.latest_promise_seconds
    if least is not None and not 0 <= least <= 1:
        raise wrong((*_AT, "minReliability"), f"minReliability must be 0 to 1, got {least}")
    return ground.DispatchRules(
        strategy=given.strategy,
        preferred=preferred,
        reassign=given.reassign,
        miss_cost=_read_amount(given.miss_cost, "missCost"),
        latest_promise_s=(
            None if latest is None else read_span(latest, (*_AT, "latestPromiseSeconds"), *LATEST_PROMISE_S)
        ),
        min_reliability=least,
        max_premium=_read_amount(given.max_premium, "maxPremium"),
    )


def _read_amount(given: MoneyInput | None, name: str) -> Money | None:
    return None if given is None else read_money(given, (*_AT, name))
