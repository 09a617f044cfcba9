"""Writes about what a machine may spend, waits for, tries again and keeps; part of the root."""

from __future__ import annotations

from typing import Annotated

from doorstep import dispatch_rules as dispatching
from doorstep import merchant as ground
from doorstep.failed_attempt import AttemptChoice
from doorstep.money import Money
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import built, read_money, read_span, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.merchant_rules import (
    AttemptRules,
    DocumentRules,
    SaveAttemptRulesInput,
    SaveAttemptRulesResult,
    SaveAttemptRulesSuccess,
    SaveDocumentRulesInput,
    SaveDocumentRulesResult,
    SaveDocumentRulesSuccess,
    SaveSpendingRulesInput,
    SaveSpendingRulesResult,
    SaveSpendingRulesSuccess,
    SaveStackRulesInput,
    SaveStackRulesResult,
    SaveStackRulesSuccess,
    SpendingRules,
    StackRules,
)
from gateway.api.types.money import MoneyInput

_AT = ("input",)
_DAY_S, _YEAR_S = 86_400, 366 * 86_400
_BY_SHOPPER = (AttemptChoice.TRY_AGAIN, AttemptChoice.SAFE_PLACE)


@shape()
class MerchantRulesMutations:
    """Writes about rules that a merchant has one of each of."""

    @root(scope=Scope.CONFIGURE)
    async def save_spending_rules(
        self, info: Info, given: Annotated[SaveSpendingRulesInput, INPUT]
    ) -> SaveSpendingRulesResult:
        """Says what a machine may do and spend for a courier who comes too late."""
        rules = built(
            dispatching.Spending,
            _AT,
            tip_cap=_read_amount(given.tip_cap, "tipCap"),
            tip_step=_read_amount(given.tip_step, "tipStep"),
            hedges=given.hedges,
            max_hedges=_read_span(given.max_hedges, "maxHedges", 0, 10),
            patience_s=_read_span(given.patience_seconds, "patienceSeconds", 0, _DAY_S),
        )
        kept = await info.context.commands.save_merchant_rules(
            rules=rules, expected_version=given.expected_version
        )
        return SaveSpendingRulesSuccess(spending_rules=SpendingRules.of(kept.spending))

    @root(scope=Scope.CONFIGURE)
    async def save_stack_rules(
        self, info: Info, given: Annotated[SaveStackRulesInput, INPUT]
    ) -> SaveStackRulesResult:
        """Says when orders wait for company."""
        rules = built(
            dispatching.StackRules,
            _AT,
            most_stops=given.most_stops,
            longest_wait_s=_read_span(given.longest_wait_seconds, "longestWaitSeconds", 0, _DAY_S),
            spare_s=_read_span(given.spare_seconds, "spareSeconds", 0, _DAY_S),
            handover_s=_read_span(given.handover_seconds, "handoverSeconds", 0, _DAY_S),
            least_saving=_read_amount(given.least_saving, "leastSaving"),
        )
        kept = await info.context.commands.save_merchant_rules(
            rules=rules, expected_version=given.expected_version
        )
        return SaveStackRulesSuccess(stack_rules=StackRules.of(kept.stacking))

    @root(scope=Scope.CONFIGURE)
    async def save_attempt_rules(
        self, info: Info, given: Annotated[SaveAttemptRulesInput, INPUT]
    ) -> SaveAttemptRulesResult:
        """Says what follows when nobody takes goods in."""
        kept = await info.context.commands.save_merchant_rules(
            rules=_read_attempts(given), expected_version=given.expected_version
        )
        return SaveAttemptRulesSuccess(attempt_rules=AttemptRules.of(kept.attempts))

    @root(scope=Scope.CONFIGURE)
    async def save_document_rules(
        self, info: Info, given: Annotated[SaveDocumentRulesInput, INPUT]
    ) -> SaveDocumentRulesResult:
        """Says how long labels and other papers are kept."""
        rules = built(
            ground.DocumentRules, _AT, keep_days=_read_span(given.keep_days, "keepDays", 1, 10 * 366)
        )
        kept = await info.context.commands.save_merchant_rules(
            rules=rules, expected_version=given.expected_version
        )
        return SaveDocumentRulesSuccess(document_rules=DocumentRules.of(kept.documents))


def _read_attempts(given: SaveAttemptRulesInput) -> ground.AttemptRules:
    may = _BY_SHOPPER if given.shopper_may is None else tuple(dict.fromkeys(given.shopper_may))
    for place, choice in enumerate(may):
        if choice not in _BY_SHOPPER:
            text = f"a tracking link offers TRY_AGAIN and SAFE_PLACE, not {choice}"
            raise wrong((*_AT, "shopperMay", str(place)), text)
    return built(
        ground.AttemptRules,
        _AT,
        max_attempts=_read_span(given.max_attempts, "maxAttempts", 1, 20),
        default_action=given.default_action,
        answer_s=_read_span(given.answer_seconds, "answerSeconds", 0, 30 * _DAY_S),
        shopper_may=may,
        paid_by=given.paid_by,
        return_due_s=_read_span(given.return_due_seconds, "returnDueSeconds", 0, _YEAR_S),
        claim_within_s=_read_span(given.claim_within_seconds, "claimWithinSeconds", 0, _YEAR_S),
    )


def _read_span(given: int, name: str, least: int, most: int) -> int:
    return read_span(given, (*_AT, name), least, most)


def _read_amount(given: MoneyInput | None, name: str) -> Money | None:
    return None if given is None else read_money(given, (*_AT, name))
