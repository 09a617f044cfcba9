"""What rules made of a list of options."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.quote import Decline, RankingWeights, RankReason
from gateway.flow.rules.explanation import Explanation


@dataclass(frozen=True, slots=True)
class OptionOutcome:
    """What rules made of one option.

    Attributes
    ----------
    decline
        Why it fell out; None for one that stays.
    charge
        What the shopper pays; None where no rule touched the price.
    requirements
        What rules ask for at the door.
    preference
        Its place in the merchant's order of preference, 1 is first; None without one.
    reasons
        What rules did to it, fit for shoppers; each names its rule.
    """

    decline: Decline | None = None
    charge: Money | None = None
    requirements: tuple[HandoverRequirement, ...] = ()
    preference: int | None = None
    reasons: tuple[RankReason, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What rules made of all options.

    Attributes
    ----------
    options
        One for each option, in the order in which they were given.
    weights
        What counts in ranking instead of the merchant's own weights; None where no rule says.
    weights_rule_id
        Of the rule that said so, "" otherwise.
    explanation
        The verdict of every rule about every option; None where nobody wanted it.
    """

    options: tuple[OptionOutcome, ...]
    weights: RankingWeights | None = None
    weights_rule_id: str = ""
    explanation: Explanation | None = None

    @property
    def declined(self) -> tuple[Decline, ...]:
        """What fell out, in the order in which it was given."""
        return tuple(option.decline for option in self.options if option.decline is not None)
