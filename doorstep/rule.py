"""A merchant's rules: if any group of conditions holds, act. Data that is saved, shown and tried out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorstep.money import Money


class ConditionField(StrEnum):
    """What is compared: of the order, of its way, or of one option."""

    ORDER_VALUE = "ORDER_VALUE"
    ORDER_TAG = "ORDER_TAG"
    ITEM_TAG = "ITEM_TAG"
    ITEM_SKU = "ITEM_SKU"
    ITEM_COUNT = "ITEM_COUNT"
    GOODS = "GOODS"
    TOTAL_WEIGHT_GRAMS = "TOTAL_WEIGHT_GRAMS"
    DISTANCE_METERS = "DISTANCE_METERS"
    ZONE = "ZONE"
    POSTAL_CODE = "POSTAL_CODE"
    COUNTRY = "COUNTRY"
    STORE = "STORE"
    LOCATION = "LOCATION"
    CARRIER = "CARRIER"
    SERVICE = "SERVICE"
    MODE = "MODE"
    VEHICLE = "VEHICLE"
    WEEKDAY = "WEEKDAY"
    TIME_OF_DAY = "TIME_OF_DAY"
    CUSTOMER_TAG = "CUSTOMER_TAG"
    PRICE = "PRICE"
    OTHER = "OTHER"


class ConditionOperator(StrEnum):
    """How it is compared. STARTS_WITH is for text, GREATER, LESS and BETWEEN are for numbers and times."""

    EQUALS = "EQUALS"
    NOT_EQUALS = "NOT_EQUALS"
    IN = "IN"
    NOT_IN = "NOT_IN"
    GREATER = "GREATER"
    LESS = "LESS"
    BETWEEN = "BETWEEN"
    STARTS_WITH = "STARTS_WITH"
    OTHER = "OTHER"


class RuleAction(StrEnum):
    """What a rule does to the options that its conditions hold for."""

    EXCLUDE = "EXCLUDE"
    REQUIRE = "REQUIRE"
    """Only options of this carrier, mode or vehicle stay."""
    PREFER = "PREFER"
    CAP_PRICE = "CAP_PRICE"
    MARK_UP = "MARK_UP"
    MAKE_FREE = "MAKE_FREE"
    SET_PRICE = "SET_PRICE"
    REQUIRE_HANDOVER = "REQUIRE_HANDOVER"
    SPLIT_COST = "SPLIT_COST"
    SET_WEIGHTS = "SET_WEIGHTS"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison.

    Attributes
    ----------
    values
        One for EQUALS, GREATER and LESS, two for BETWEEN, any number for IN. Money in major units of the
        merchant's currency ("300.00"), times "HH:MM" of the place that it leaves from, weekdays "1" (Monday)
        to "7".
    """

    field: ConditionField
    operator: ConditionOperator
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConditionGroup:
    """All of these."""

    all: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """One thing that a rule does.

    Attributes
    ----------
    value
        What the action wants beside money: a percentage ("10"), a handover requirement, a carrier's code, a
        place in the order of preference, or weights ("price=1,speed=0"); "" where it wants nothing.
    amount
        For prices.
    """

    action: RuleAction
    value: str = ""
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """If any group of conditions holds, act; without groups it always acts.

    Attributes
    ----------
    priority
        Smaller acts first.
    version
        Grows with each save; who saves names the one that they saw.
    """

    id: str
    merchant_id: str
    name: str
    groups: tuple[ConditionGroup, ...]
    effects: tuple[RuleEffect, ...]
    updated_at: datetime
    priority: int = 100
    enabled: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """What one rule did to one option.

    Attributes
    ----------
    option_code
        `carrier:service`; "" where it acted on the whole list.
    effect
        In words, "" where it did not match.
    failed
        The first condition that did not hold, of the group that came furthest.
    """

    rule_id: str
    option_code: str
    matched: bool
    effect: str = ""
    failed: Condition | None = None
