"""How one option stands while rules act on it, one after another."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.quote import Decline, DeclineReason, RankingWeights, RankReason
from gateway.flow.rules.facts import Known, Option

WHOLE = 1_000_000
"""Parts in a whole: shares are counted in millionths, 10 % is 100,000."""

_ORDER = tuple(HandoverRequirement)


@dataclass(slots=True)
class Standing:
    """One option and what has become of it so far.

    Attributes
    ----------
    names
        What a choice may call it: carrier, `carrier:service`, mode and vehicle.
    cost_minor
        What the carrier asks.
    is_comparable
        Whether its price is in the merchant's currency; no rule touches the price of one that is not.
    base_minor
        What a rule said that the shopper pays; None as long as none did.
    is_free
        A price of nothing that no mark-up adds to.
    markups
        (millionths, minor units, what is said of it), in the order of the rules.
    cap_minor
        The shopper pays at most.
    preference
        Place in the merchant's order of preference, 1 is first; None without one.
    """

    option: Option
    names: Known
    cost_minor: int
    is_comparable: bool
    decline: Decline | None = None
    base_minor: int | None = None
    is_free: bool = False
    markups: tuple[tuple[int, int, RankReason], ...] = ()
    cap_minor: int | None = None
    cap_reason: RankReason | None = None
    requirements: frozenset[HandoverRequirement] = frozenset()
    preference: int | None = None
    reasons: list[RankReason] = field(default_factory=list)

    def fall_out(self, reason: DeclineReason, text: str, rule_id: str) -> None:
        """Leave the list; who falls out first stays out for that reason."""
        offer = self.option.offer
        self.decline = Decline(
            offer.carrier, reason, text, account_id=self.option.account_id, rule_id=rule_id
        )

    def charge(self) -> Money | None:
        """What the shopper pays; None where no rule said anything about it.

        First what it starts from, then each mark-up on what the one before left, at last the cap; never below
        nothing. Each mark-up by a percentage is rounded half up to the minor unit.
        """
        if self.base_minor is None and not self.markups and self.cap_minor is None:
            return None
        minor = self.cost_minor if self.base_minor is None else self.base_minor
        if not self.is_free:
            for millionths, amount, reason in self.markups:
                minor = max(0, share_of(minor, WHOLE + millionths) + amount)
                self.reasons.append(reason)
        if self.cap_minor is not None and minor > self.cap_minor and self.cap_reason is not None:
            minor = self.cap_minor
            self.reasons.append(self.cap_reason)
        return Money(minor, self.option.offer.price.currency)


@dataclass(slots=True)
class WholeList:
    """What rules said about the list as a whole."""

    weights: RankingWeights | None = None
    rule_id: str = ""


def in_order(requirements: Set[HandoverRequirement]) -> tuple[HandoverRequirement, ...]:
    """Each once, always in the same order."""
    return tuple(sorted(requirements, key=_ORDER.index)) if requirements else ()


def share_of(minor: int, millionths: int) -> int:
    """So many millionths of an amount that is not negative, rounded half up to the minor unit."""
    return (2 * minor * millionths + WHOLE) // (2 * WHOLE)
