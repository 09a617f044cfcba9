"""Reads a merchant's effects into what can act, or says what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from doorstep.errors import Issue
from doorstep.money import Money, zero
from doorstep.order import HandoverRequirement
from doorstep.quote import DeliveryMode, RankFactor, RankingWeights, RankReason, VehicleKind
from doorstep.rule import Rule, RuleAction, RuleEffect
from gateway.flow.rules.effects import (
    CapCharge,
    CapCost,
    DoesNothing,
    Effect,
    Exclude,
    MarkUp,
    Prefer,
    Require,
    RequireHandover,
    SetPrice,
    SetWeights,
    SplitCost,
    percentage_of,
)
from gateway.flow.rules.facts import plain
from gateway.flow.rules.standing import WHOLE

MOST_PERCENT = 1000
FACTORS = ("price", "speed", "reliability", "emissions")

_PERCENTAGE = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,4})?")
_WEIGHT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
_PLACE = re.compile(r"[1-9][0-9]?")
_NAMES = {name.value for kind in (DeliveryMode, VehicleKind) for name in kind}


class _Wrong(Exception):
    """One part of an effect cannot be read."""

    def __init__(self, part: str, text: str) -> None:
        super().__init__(text)
        self.part = part
        self.text = text


def read_effect(
    effect: RuleEffect, rule: Rule, currency: str, path: tuple[str, ...]
) -> Effect | SetWeights | list[Issue]:
    """What acts, or what is wrong.

    Parameters
    ----------
    currency
        Of the merchant: amounts must be in it.
    path
        Of the effect; the issue is about its "value" or its "amount".
    """
    if effect.action is RuleAction.OTHER:
        return DoesNothing()
    if effect.amount is not None and effect.amount.currency != currency:
        text = f"The amount must be in {currency}, got {effect.amount.currency}."
        return [Issue((*path, "amount"), text)]
    try:
        return _READERS[effect.action](effect, rule, currency)
    except _Wrong as wrong:
        return [Issue((*path, wrong.part), wrong.text)]


def _exclude(effect: RuleEffect, rule: Rule, _: str) -> Effect:
    _no_amount(effect)
    choice = _choice(effect) if effect.value.strip() else {}
    what = f"leaves out {_listed(effect.value)}" if choice else "leaves it out"
    return Exclude(rule.id, frozenset(choice), f'The rule "{rule.name}" {what}.')


def _require(effect: RuleEffect, rule: Rule, _: str) -> Effect:
    _no_amount(effect)
    text = f'The rule "{rule.name}" asks for {_listed(effect.value)}.'
    return Require(rule.id, frozenset(_choice(effect)), text)


def _prefer(effect: RuleEffect, rule: Rule, _: str) -> Effect:
    _no_amount(effect)
    reason = RankReason(RankFactor.PREFERENCE, "Preferred by the store", 0.0, rule.id)
    if _PLACE.fullmatch(effect.value.strip()):
        return Prefer({}, int(effect.value), reason)
    return Prefer(_choice(effect), None, reason)


def _cap_price(effect: RuleEffect, rule: Rule, _: str) -> Effect:
    most = _amount(effect)
    match effect.value.strip().lower():
        case "" | "cost":
            return CapCost(rule.id, rule.name, most)
        case "charge":
            return CapCharge(most.minor, _reason(rule, "Its price is capped by the store"))
        case _:
            raise _Wrong("value", f'CAP_PRICE wants "cost" or "charge", got {effect.value[:40]!r}.')


def _mark_up(effect: RuleEffect, rule: Rule, _: str) -> Effect:
    _one_of_both(effect)
    reason = _reason(rule, "Its price follows a rule of the store")
    if effect.amount is not None:
        minor = effect.amount.minor
        size = Money(abs(minor), effect.amount.currency)
        return MarkUp(0, minor, _on_top(str(size), is_more=minor >= 0), reason)
    millionths = _millionths(effect, least=-100)
    text = _on_top(percentage_of(millionths), is_more=millionths >= 0)
    return MarkUp(millionths, 0, text, reason)


def _on_top(size: str, *, is_more: bool) -> str:
    return f"{size} {'on top' if is_more else 'off'}, unless it is free."


def _make_free(effect: RuleEffect, rule: Rule, currency: str) -> Effect:
    _no_amount(effect)
    _no_value(effect)
    return SetPrice(zero(currency), is_free=True, reason=_reason(rule, "Free delivery"))


def _set_price(effect: RuleEffect, rule: Rule, _: str) -> Effect:
    _no_value(effect)
    return SetPrice(_amount(effect), is_free=False, reason=_reason(rule, "Its price is set by the store"))


def _split_cost(effect: RuleEffect, rule: Rule, _: str) -> Effect:
    _one_of_both(effect)
    reason = _reason(rule, "The store pays a part of it")
    if effect.amount is not None:
        return SplitCost(WHOLE, _amount(effect).minor, reason)
    return SplitCost(_millionths(effect, least=0, most=100), None, reason)


def _require_handover(effect: RuleEffect, rule: Rule, _: str) -> Effect:
    _no_amount(effect)
    known = [name.value for name in HandoverRequirement if name is not HandoverRequirement.OTHER]
    words = [word.strip().upper() for word in effect.value.split(",")]
    for word in words:
        if word not in known:
            text = f"REQUIRE_HANDOVER wants some of {', '.join(known)}, got {word[:40]!r}."
            raise _Wrong("value", text)
    wanted = frozenset(HandoverRequirement(word) for word in words)
    return RequireHandover(rule.id, rule.name, wanted, _reason(rule, "Handed over as the store asks for"))


def _set_weights(effect: RuleEffect, rule: Rule, _: str) -> SetWeights:
    _no_amount(effect)
    weights = dict.fromkeys(FACTORS, 0.0)
    for part in effect.value.split(","):
        name, _sign, number = part.partition("=")
        if name.strip() not in weights or not _WEIGHT.fullmatch(number.strip()):
            wanted = f"weights such as price=1,speed=0.5 of {', '.join(FACTORS)}"
            raise _Wrong("value", f"SET_WEIGHTS wants {wanted}, got {part[:40]!r}.")
        weights[name.strip()] = float(number)
    try:
        return SetWeights(rule.id, RankingWeights(**weights))
    except ValueError:
        raise _Wrong("value", "One weight of SET_WEIGHTS must be above 0.") from None


_READERS: Mapping[RuleAction, Callable[[RuleEffect, Rule, str], Effect | SetWeights]] = {
    RuleAction.EXCLUDE: _exclude,
    RuleAction.REQUIRE: _require,
    RuleAction.PREFER: _prefer,
    RuleAction.CAP_PRICE: _cap_price,
    RuleAction.MARK_UP: _mark_up,
    RuleAction.MAKE_FREE: _make_free,
    RuleAction.SET_PRICE: _set_price,
    RuleAction.REQUIRE_HANDOVER: _require_handover,
    RuleAction.SPLIT_COST: _split_cost,
    RuleAction.SET_WEIGHTS: _set_weights,
}


def _reason(rule: Rule, text: str) -> RankReason:
    """What is said of an option: fit for shoppers, so neither the rule's name nor a cost."""
    return RankReason(RankFactor.RULE, text, 0.0, rule.id)


def _choice(effect: RuleEffect) -> Mapping[str | int, int]:
    """Each name of a choice with its place, as an option is called: vehicles in capitals, carriers not."""
    places: dict[str | int, int] = {}
    for word in effect.value.split(","):
        name = plain(word)
        if not name:
            wanted = "carriers, modes or vehicles parted by commas"
            raise _Wrong("value", f"{effect.action} wants {wanted}, got {effect.value[:40]!r}.")
        if name == "other":
            raise _Wrong("value", "OTHER names neither a mode nor a vehicle that could be told apart.")
        places.setdefault(name.upper() if name.upper() in _NAMES else name, len(places) + 1)
    return places


def _listed(value: str) -> str:
    return " or ".join(word.strip() for word in value.split(","))


def _amount(effect: RuleEffect) -> Money:
    if effect.amount is None:
        raise _Wrong("amount", f"{effect.action} wants an amount.")
    if effect.amount.minor < 0:
        raise _Wrong("amount", f"{effect.action} wants an amount that is not negative.")
    return effect.amount


def _no_amount(effect: RuleEffect) -> None:
    if effect.amount is not None:
        raise _Wrong("amount", f"{effect.action} takes no amount.")


def _no_value(effect: RuleEffect) -> None:
    if effect.value.strip():
        raise _Wrong("value", f"{effect.action} takes no value.")


def _one_of_both(effect: RuleEffect) -> None:
    if (effect.amount is None) == (not effect.value.strip()):
        raise _Wrong("value", f"{effect.action} wants either a percentage or an amount.")


def _millionths(effect: RuleEffect, *, least: int, most: int = MOST_PERCENT) -> int:
    """A percentage in millionths, exactly: it has at most four digits after the point."""
    text = effect.value.strip().removesuffix("%").rstrip()
    if not _PERCENTAGE.fullmatch(text) or not least <= Decimal(text) <= most:
        wanted = f"a percentage from {least} to {most} such as 7.5"
        raise _Wrong("value", f"{effect.action} wants {wanted}, got {effect.value[:40]!r}.")
    return int(Decimal(text) * (WHOLE // 100))
