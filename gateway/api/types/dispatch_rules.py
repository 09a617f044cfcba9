"""How a merchant's orders are booked."""

from __future__ import annotations

from typing import Annotated

import strawberry

from doorstep import merchant as ground
from doorstep import quote as quotes
from doorstep.dispatch_rules import DispatchStrategy
from gateway.api.marks import entry, part, shape
from gateway.api.problems import InvalidInput, StateConflict
from gateway.api.types.money import Money, MoneyInput
from gateway.api.types.quotes import RankingWeightsInput
from gateway.api.types.versions import EXPECTED, VERSION
from gateway.flow.settings_version import version_of


@shape()
class RankingWeights:
    """How much each factor counts in the ranked list."""

    price: float
    speed: float
    reliability: float
    emissions: float

    @staticmethod
    def of(weights: quotes.RankingWeights) -> RankingWeights:
        return RankingWeights(
            price=weights.price,
            speed=weights.speed,
            reliability=weights.reliability,
            emissions=weights.emissions,
        )


@shape()
class DispatchRules:
    """Who is booked, and what is not. What the shopper chose goes first whatever stands here; neither that
    nor an offer that somebody names is held to the three limits.
    """

    strategy: DispatchStrategy
    preferred: list[str] = part(
        "Ids of accounts or codes of carriers, first to last; for PREFERRED_ORDER and SEQUENTIAL.",
        most=50,
        usual=5,
    )
    reassign: bool = part("Whether a machine books again what a carrier dropped.")
    miss_cost: Money | None = part(
        "What a booking that is dropped, late or fails costs beside its price; with it BEST_VALUE asks the "
        "least price + (1 - reliability) * missCost first, without it the best score."
    )
    latest_promise_seconds: int | None = part(
        "Nothing is booked that is promised for later than this after the goods are ready."
    )
    min_reliability: float | None = part(
        "Nobody is booked who is less reliable; a carrier without a record is not held to it."
    )
    max_premium: Money | None = part(
        "Nothing is booked that costs more than this above what the shopper paid for delivery."
    )
    weights: RankingWeights = part("What counts in the ranked list.")
    version: int = part(VERSION)

    @staticmethod
    def of(merchant: ground.Merchant) -> DispatchRules:
        rules = merchant.dispatch
        return DispatchRules(
            strategy=rules.strategy,
            preferred=list(rules.preferred[:50]),
            reassign=rules.reassign,
            miss_cost=Money.maybe(rules.miss_cost),
            latest_promise_seconds=rules.latest_promise_s,
            min_reliability=rules.min_reliability,
            max_premium=Money.maybe(rules.max_premium),
            weights=RankingWeights.of(merchant.weights),
            version=version_of(rules, merchant.weights),
        )


@entry
class SaveDispatchRulesInput:
    """The rules whole: what is left out has no limit. Weights that are left out stay as they are."""

    strategy: DispatchStrategy
    preferred: list[str] | None = part(most=50, default=None)
    reassign: bool = True
    miss_cost: MoneyInput | None = None
    latest_promise_seconds: int | None = None
    min_reliability: float | None = None
    max_premium: MoneyInput | None = None
    weights: RankingWeightsInput | None = None
    expected_version: int | None = part(EXPECTED, default=None)


@shape()
class SaveDispatchRulesSuccess:
    """They are kept."""

    dispatch_rules: DispatchRules


SaveDispatchRulesResult = Annotated[
    SaveDispatchRulesSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveDispatchRulesResult", description="What saving the rules of dispatch led to."),
]
