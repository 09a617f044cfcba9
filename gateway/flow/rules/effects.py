"""What rules do: one small class per action. Each acts on one option and says in words what it did.

Rules act by priority, and of two with the same the one whose id sorts first; the effects of one rule in the
order in which they are written. Where they disagree:

- An option that a rule turned away stays away; the first rule that did so is named.
- MAKE_FREE, SET_PRICE and SPLIT_COST each say what the shopper pays: the first of them wins.
- MARK_UPs add up, each on what the one before left; what is free stays free.
- Of several caps on the charge the lowest counts, and it has the last word; each cap on the cost counts.
- Handover requirements add up.
- The first PREFER that names an option gives it its place, the first SET_WEIGHTS sets the weights.

The texts of reasons may be shown to shoppers: they name no rule, no cost and no carrier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.quote import DeclineReason, RankingWeights, RankReason
from gateway.flow.rules.standing import WHOLE, Standing, WholeList, in_order, share_of

ALREADY_OUT = "It had fallen out before."
FOREIGN = "Its price is in another currency."
OVERRULED = "An earlier rule had set the price."
NOT_NAMED = "It is not what the effect names."


class Effect(Protocol):
    """One thing that one rule does; `reason` is what is said of an option that it changed."""

    def act(self, standing: Standing) -> str:
        """Do it to one option that the rule's conditions hold for; what was done, in words."""
        ...


@dataclass(frozen=True, slots=True)
class Exclude:
    """Turn an option away: every one, or those of a choice."""

    rule_id: str
    choice: frozenset[str | int]
    text: str

    def act(self, standing: Standing) -> str:
        if self.choice and self.choice.isdisjoint(standing.names):
            return NOT_NAMED
        standing.fall_out(DeclineReason.RULE, self.text, self.rule_id)
        return "Left out."


@dataclass(frozen=True, slots=True)
class Require:
    """Turn an option away that is none of a choice."""

    rule_id: str
    choice: frozenset[str | int]
    text: str

    def act(self, standing: Standing) -> str:
        if not self.choice.isdisjoint(standing.names):
            return "It is what the rule asks for."
        standing.fall_out(DeclineReason.RULE, self.text, self.rule_id)
        return "Left out: it is not what the rule asks for."


@dataclass(frozen=True, slots=True)
class CapCost:
    """Turn an option away that costs the merchant too much."""

    rule_id: str
    rule_name: str
    most: Money

    def act(self, standing: Standing) -> str:
        if not standing.is_comparable:
            return FOREIGN
        if standing.cost_minor <= self.most.minor:
            return "Its cost is within the cap."
        text = f'It costs {standing.option.offer.price}; the rule "{self.rule_name}" allows {self.most}.'
        standing.fall_out(DeclineReason.OVER_PRICE_CAP, text, self.rule_id)
        return "Left out: it costs more than the cap."


@dataclass(frozen=True, slots=True)
class RequireHandover:
    """Ask for something at the door; whose carrier cannot do it is turned away."""

    rule_id: str
    rule_name: str
    wanted: frozenset[HandoverRequirement]
    reason: RankReason

    def act(self, standing: Standing) -> str:
        if not self.wanted <= standing.option.handovers:
            missing = in_order(self.wanted - standing.option.handovers)
            words = " and ".join(requirement.replace("_", " ").lower() for requirement in missing)
            text = f'The rule "{self.rule_name}" asks for {words}, which this carrier does not do.'
            standing.fall_out(DeclineReason.RULE, text, self.rule_id)
            return f"Left out: its carrier does not do {words}."
        if self.wanted <= standing.requirements:
            return "An earlier rule asks for the same at the door."
        standing.requirements |= self.wanted
        standing.reasons.append(self.reason)
        return "Asks for more at the door."


@dataclass(frozen=True, slots=True)
class SetPrice:
    """Say what the shopper pays; nothing is free delivery."""

    price: Money
    is_free: bool
    reason: RankReason

    def act(self, standing: Standing) -> str:
        if not standing.is_comparable:
            return FOREIGN
        if standing.base_minor is not None:
            return OVERRULED
        standing.base_minor, standing.is_free = self.price.minor, self.is_free
        standing.reasons.append(self.reason)
        return "Made free." if self.is_free else "Set the price."


@dataclass(frozen=True, slots=True)
class SplitCost:
    """Let the shopper pay so many millionths of the cost, at most so much."""

    millionths: int
    most_minor: int | None
    reason: RankReason

    def act(self, standing: Standing) -> str:
        if not standing.is_comparable:
            return FOREIGN
        if standing.base_minor is not None:
            return OVERRULED
        share = share_of(standing.cost_minor, self.millionths)
        standing.base_minor = share if self.most_minor is None else min(share, self.most_minor)
        standing.reasons.append(self.reason)
        return "Split the cost."


@dataclass(frozen=True, slots=True)
class MarkUp:
    """Put a percentage or an amount on top, or take it off."""

    millionths: int
    amount_minor: int
    text: str
    reason: RankReason

    def act(self, standing: Standing) -> str:
        if not standing.is_comparable:
            return FOREIGN
        standing.markups += ((self.millionths, self.amount_minor, self.reason),)
        return self.text


@dataclass(frozen=True, slots=True)
class CapCharge:
    """Let the shopper pay at most so much."""

    most_minor: int
    reason: RankReason

    def act(self, standing: Standing) -> str:
        if not standing.is_comparable:
            return FOREIGN
        if standing.cap_minor is not None and standing.cap_minor <= self.most_minor:
            return "An earlier rule caps the price lower."
        standing.cap_minor, standing.cap_reason = self.most_minor, self.reason
        return "Capped what the shopper pays."


@dataclass(frozen=True, slots=True)
class Prefer:
    """Give an option its place in the order of preference: that of its name, or one for whatever it is."""

    places: Mapping[str | int, int]
    place: int | None
    reason: RankReason

    def act(self, standing: Standing) -> str:
        place = self.place
        if self.places:
            place = min([self.places[name] for name in standing.names if name in self.places], default=None)
        if place is None:
            return NOT_NAMED
        if standing.preference is not None:
            return "An earlier rule had given it its place."
        standing.preference = place
        standing.reasons.append(self.reason)
        return f"Preferred at place {place}."


@dataclass(frozen=True, slots=True)
class SetWeights:
    """Say how much price, speed, reliability and emissions count for the whole list."""

    rule_id: str
    weights: RankingWeights

    def act_on_list(self, whole: WholeList) -> str:
        """Set the weights unless an earlier rule did."""
        if whole.weights is not None:
            return "An earlier rule had set the weights."
        whole.weights, whole.rule_id = self.weights, self.rule_id
        return "Set the weights of the list."


@dataclass(frozen=True, slots=True)
class DoesNothing:
    """An action that is not known here."""

    def act(self, _: Standing) -> str:
        return "This action is not known here; nothing was done."


def percentage_of(millionths: int) -> str:
    """ "7.5 %" for 75,000 millionths, whichever way it goes."""
    whole, part = divmod(abs(millionths), WHOLE // 100)
    return f"{whole}{f'.{part:04d}'.rstrip('0') if part else ''} %"
