"""A merchant's rules: if any group of conditions holds, act. Data that is saved, shown and tried out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

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
    """How it is compared. STARTS_WITH is for text, GREATER, LESS and BETWEEN are for numbers and times.

    What an order has several of (tags, articles, zones, traits of goods) equals a value if one of them does;
    NOT_EQUALS and NOT_IN hold if none of them does. BETWEEN takes in both ends.
    """

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
    """One comparison. What is not known (no distance yet, no postcode yet) fulfils none, not even NOT_EQUALS.

    Attributes
    ----------
    field, operator
        One that is OTHER never holds.
    values
        One for EQUALS, NOT_EQUALS, GREATER and LESS, two for BETWEEN, any number for IN, NOT_IN and
        STARTS_WITH. Money in major units of the merchant's currency ("300.00"), times "HH:MM" of the place
        that it leaves from, weekdays "1" (Monday) to "7"; times and weekdays BETWEEN a later and an earlier
        one go round ("22:00" to "06:00"). Upper and lower case are the same, and so are postcodes with and
        without spaces. PRICE is what the carrier asks, before any rule.
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
    """One thing that a rule does to each option that the rule's conditions hold for.

    A *choice* names carriers ("ups"), one service of a carrier ("ups:ground"), modes ("PARCEL") or vehicles
    ("BICYCLE"), several parted by commas: any of them.

    Attributes
    ----------
    value
        What the action wants beside money:
        EXCLUDE a choice, "" for every option that the conditions hold for;
        REQUIRE a choice: what is none of it falls out;
        PREFER a choice with the most wanted first, or the place ("1", "2", …) of the options that the
        conditions hold for;
        CAP_PRICE "cost" (an option that costs the merchant more than `amount` falls out; also "") or "charge"
        (the shopper pays at most `amount`);
        MARK_UP a percentage ("10", "-7.5") where there is no `amount`;
        SPLIT_COST the percentage of the cost that the shopper pays where there is no `amount`;
        REQUIRE_HANDOVER requirements parted by commas ("ID_CHECK,SIGNATURE");
        SET_WEIGHTS "price=1,speed=0.5": factors that are not named weigh nothing;
        MAKE_FREE and SET_PRICE want "".
    amount
        For CAP_PRICE and SET_PRICE, and for MARK_UP and SPLIT_COST where `value` is "": what is put on top
        (negative: taken off), and the fixed share that the shopper pays, never more than the cost.
    """

    action: RuleAction
    value: str = ""
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """If any group of conditions holds, act; without groups it always acts.

    Attributes
    ----------
    groups
        Each of at least one condition.
    priority
        Smaller acts first; of two with the same, the one whose id sorts first.
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


class RuleTrace(NamedTuple):
    """What one rule did to one option. A tuple, since one question makes thousands of them.

    Attributes
    ----------
    option_code
        `carrier:service`; "" where it acted on the whole list.
    effect
        In words, "" where it did not match, unless for a kind of condition that is not known here.
    failed
        The first condition that did not hold, of the group that came furthest.
    """

    rule_id: str
    option_code: str
    matched: bool
    effect: str = ""
    failed: Condition | None = None
