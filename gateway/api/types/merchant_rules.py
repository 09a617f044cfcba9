"""What a machine may spend and when orders wait, what follows failed attempts."""

from __future__ import annotations

from typing import Annotated

import strawberry

from doorstep import dispatch_rules as dispatching
from doorstep import merchant as ground
from doorstep.dispatch_rules import MOST_STOPS
from doorstep.failed_attempt import AttemptChoice, PaidBy
from gateway.api.marks import entry, part, shape
from gateway.api.problems import InvalidInput, StateConflict
from gateway.api.types.money import Money, MoneyInput
from gateway.api.types.versions import EXPECTED, VERSION
from gateway.flow.settings_version import version_of

MOST_CHOICES = 4

_TIP_CAP = "The most that is offered to a courier beside the price, in all; null offers nothing."
_TIP_STEP = "By so much at a time; null offers all of it at once."
_HEDGES = "Whether a booking that costs nothing to call off is replaced by one that comes sooner."
_PATIENCE = "How long a step is given to work before the next one."
_MOST_STOPS = f"So many doors in one tour, at most {MOST_STOPS}; 1 lets nobody wait."
_SPARE = "So much must be left between the expected arrival and the end of the promise."
_HANDOVER = "What a stop at a door takes."
_LEAST_SAVING = "Less than this is not worth it; null takes every saving."
_ATTEMPTS = "So often somebody goes to a door; what follows after that is the way back."
_DEFAULT = "What follows if nobody chooses in time; where it is not open, the goods come back."
_ANSWER = "How long the shopper may choose; 0 asks nobody."
_MAY = "What the shopper may choose with the tracking link: TRY_AGAIN, SAFE_PLACE, both or nothing."
_PAID_BY = "Who is meant to pay for another try; it is only written down, nobody is charged."
_BACK = "Goods that are not back after so long are looked for."
_CLAIM = "A claim should be filed so soon after the loss."
_KEEP = "How long labels and other papers can be printed again; they show who lives where."


@shape()
class SpendingRules:
    """What a machine may do by itself, and spend, for a courier who comes too late."""

    tip_cap: Money | None = part(_TIP_CAP)
    tip_step: Money | None = part(_TIP_STEP)
    hedges: bool = part(_HEDGES)
    max_hedges: int = part("So often for one delivery.")
    patience_seconds: int = part(_PATIENCE)
    version: int = part(VERSION)

    @staticmethod
    def of(rules: dispatching.Spending) -> SpendingRules:
        return SpendingRules(
            tip_cap=Money.maybe(rules.tip_cap),
            tip_step=Money.maybe(rules.tip_step),
            hedges=rules.hedges,
            max_hedges=rules.max_hedges,
            patience_seconds=rules.patience_s,
            version=version_of(rules),
        )


@shape()
class StackRules:
    """When orders wait for company, to go with one courier who brings them all."""

    most_stops: int = part(_MOST_STOPS)
    longest_wait_seconds: int = part("Nobody waits longer than this for company.")
    spare_seconds: int = part(_SPARE)
    handover_seconds: int = part(_HANDOVER)
    least_saving: Money | None = part(_LEAST_SAVING)
    version: int = part(VERSION)

    @staticmethod
    def of(rules: dispatching.StackRules) -> StackRules:
        return StackRules(
            most_stops=rules.most_stops,
            longest_wait_seconds=rules.longest_wait_s,
            spare_seconds=rules.spare_s,
            handover_seconds=rules.handover_s,
            least_saving=Money.maybe(rules.least_saving),
            version=version_of(rules),
        )


@shape()
class AttemptRules:
    """What follows when nobody takes goods in, and what becomes of goods that come back."""

    max_attempts: int = part(_ATTEMPTS)
    default_action: AttemptChoice = part(_DEFAULT)
    answer_seconds: int = part(_ANSWER)
    shopper_may: list[AttemptChoice] = part(_MAY, most=MOST_CHOICES, usual=2)
    paid_by: PaidBy = part(_PAID_BY)
    return_due_seconds: int = part(_BACK)
    claim_within_seconds: int = part(_CLAIM)
    version: int = part(VERSION)

    @staticmethod
    def of(rules: ground.AttemptRules) -> AttemptRules:
        return AttemptRules(
            max_attempts=rules.max_attempts,
            default_action=rules.default_action,
            answer_seconds=rules.answer_s,
            shopper_may=list(rules.shopper_may[:MOST_CHOICES]),
            paid_by=rules.paid_by,
            return_due_seconds=rules.return_due_s,
            claim_within_seconds=rules.claim_within_s,
            version=version_of(rules),
        )


@shape()
class DocumentRules:
    """What becomes of labels and other papers."""

    keep_days: int = part(_KEEP)
    version: int = part(VERSION)

    @staticmethod
    def of(rules: ground.DocumentRules) -> DocumentRules:
        return DocumentRules(keep_days=rules.keep_days, version=version_of(rules))


@entry
class SaveSpendingRulesInput:
    """The rules whole: what is left out is as it usually is."""

    tip_cap: MoneyInput | None = part(_TIP_CAP, default=None)
    tip_step: MoneyInput | None = part(_TIP_STEP, default=None)
    hedges: bool = part(_HEDGES, default=True)
    max_hedges: int = 2
    patience_seconds: int = part(_PATIENCE, default=120)
    expected_version: int | None = part(EXPECTED, default=None)


@entry
class SaveStackRulesInput:
    """The rules whole: what is left out is as it usually is."""

    most_stops: int = part(_MOST_STOPS)
    longest_wait_seconds: int = 1800
    spare_seconds: int = part(_SPARE, default=600)
    handover_seconds: int = part(_HANDOVER, default=240)
    least_saving: MoneyInput | None = part(_LEAST_SAVING, default=None)
    expected_version: int | None = part(EXPECTED, default=None)


@entry
class SaveAttemptRulesInput:
    """The rules whole: what is left out is as it usually is."""

    max_attempts: int = part(_ATTEMPTS, default=3)
    default_action: AttemptChoice = part(_DEFAULT, default=AttemptChoice.TRY_AGAIN)
    answer_seconds: int = part(_ANSWER, default=4 * 3600)
    shopper_may: list[AttemptChoice] | None = part(
        f"{_MAY} Both where absent.", most=MOST_CHOICES, default=None
    )
    paid_by: PaidBy = part(_PAID_BY, default=PaidBy.MERCHANT)
    return_due_seconds: int = part(_BACK, default=7 * 86_400)
    claim_within_seconds: int = part(_CLAIM, default=14 * 86_400)
    expected_version: int | None = part(EXPECTED, default=None)


@entry
class SaveDocumentRulesInput:
    """The rules whole."""

    keep_days: int = part(_KEEP)
    expected_version: int | None = part(EXPECTED, default=None)


@shape()
class SaveSpendingRulesSuccess:
    """They are kept."""

    spending_rules: SpendingRules


@shape()
class SaveStackRulesSuccess:
    """They are kept; orders that come from now on go by them."""

    stack_rules: StackRules


@shape()
class SaveAttemptRulesSuccess:
    """They are kept; attempts that fail from now on go by them."""

    attempt_rules: AttemptRules


@shape()
class SaveDocumentRulesSuccess:
    """They are kept."""

    document_rules: DocumentRules


SaveSpendingRulesResult = Annotated[
    SaveSpendingRulesSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveSpendingRulesResult", description="What saving the rules of spending led to."),
]
SaveStackRulesResult = Annotated[
    SaveStackRulesSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveStackRulesResult", description="What saving the rules of stacking led to."),
]
SaveAttemptRulesResult = Annotated[
    SaveAttemptRulesSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveAttemptRulesResult", description="What saving the rules of attempts led to."),
]
SaveDocumentRulesResult = Annotated[
    SaveDocumentRulesSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveDocumentRulesResult", description="What saving the rules of papers led to."),
]
