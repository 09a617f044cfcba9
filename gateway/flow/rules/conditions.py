"""Reads a merchant's conditions into one form that an index can hold, or says what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from doorstep.errors import Issue
from doorstep.goods import GoodsTrait
from doorstep.money import InvalidAmount, Money
from doorstep.quote import DeliveryMode, VehicleKind
from doorstep.rule import Condition, ConditionField, ConditionOperator
from gateway.flow.rules.facts import plain, without_spaces

LEAST, MOST = -(10**24), 10**24
"""Beyond every number that is compared."""

OPTION_FIELDS = frozenset(
    {
        ConditionField.CARRIER,
        ConditionField.SERVICE,
        ConditionField.MODE,
        ConditionField.VEHICLE,
        ConditionField.PRICE,
    }
)
"""Decided for each option; everything else is decided once for the order."""

_ONE_OF = frozenset(
    {
        ConditionOperator.EQUALS,
        ConditionOperator.NOT_EQUALS,
        ConditionOperator.IN,
        ConditionOperator.NOT_IN,
    }
)
_OF_TEXT = _ONE_OF | {ConditionOperator.STARTS_WITH}
_OF_TIMES = frozenset({ConditionOperator.GREATER, ConditionOperator.LESS, ConditionOperator.BETWEEN})
_OF_NUMBERS = _ONE_OF | _OF_TIMES
_OF_DAYS = _ONE_OF | {ConditionOperator.BETWEEN}
_NEGATED = frozenset({ConditionOperator.NOT_EQUALS, ConditionOperator.NOT_IN})
_CLOCKS = frozenset({ConditionField.WEEKDAY, ConditionField.TIME_OF_DAY})
_SINGLE = frozenset(
    {
        ConditionOperator.EQUALS,
        ConditionOperator.NOT_EQUALS,
        ConditionOperator.GREATER,
        ConditionOperator.LESS,
    }
)
_CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_WHOLE = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Criterion:
    """A condition in normal form: it holds if a fact is one of these, unless negated.

    Attributes
    ----------
    exact, prefixes
        What equals or starts it.
    span
        Smallest and largest number that fulfil it.
    is_unknown
        Of a kind that is not known here: it never holds, negated or not.
    """

    field: ConditionField
    exact: tuple[str | int, ...] = ()
    prefixes: tuple[str, ...] = ()
    span: tuple[int, int] | None = None
    negated: bool = False
    is_unknown: bool = False

    @property
    def is_about_order(self) -> bool:
        """Decided once for all options; what is not known here is decided already."""
        return self.is_unknown or self.field not in OPTION_FIELDS


class _Wrong(Exception):
    """The value cannot be read; the text says what would do."""


def read_condition(condition: Condition, currency: str, path: tuple[str, ...]) -> Criterion | list[Issue]:
    """The condition in normal form, or all that is wrong with it.

    Parameters
    ----------
    path
        Of the condition; issues are about its "operator" or its "values".
    """
    if condition.field is ConditionField.OTHER or condition.operator is ConditionOperator.OTHER:
        return Criterion(condition.field, is_unknown=True)
    allowed, read = _FIELDS[condition.field]
    if condition.operator not in allowed:
        may = ", ".join(operator for operator in ConditionOperator if operator in allowed)
        text = f"{condition.field} cannot be compared by {condition.operator}; it takes {may}."
        return [Issue((*path, "operator"), text)]
    if counted := _count_issue(condition):
        return [Issue((*path, "values"), counted)]
    numbers_or_words: list[str | int] = []
    issues: list[Issue] = []
    for place, value in enumerate(condition.values):
        try:
            numbers_or_words.append(read(value.strip(), currency))
        except _Wrong as wrong:
            text = f"{condition.field} wants {wrong}, got {value[:40]!r}."
            issues.append(Issue((*path, "values", str(place)), text))
    if issues:
        return issues
    criterion = _criterion(condition, numbers_or_words)
    if criterion is None:
        text = f"BETWEEN wants the smaller value first, got {condition.values[0]} and {condition.values[1]}."
        return [Issue((*path, "values"), text)]
    return criterion


def _count_issue(condition: Condition) -> str:
    """What is wrong with how many values there are; "" where nothing is."""
    got = len(condition.values)
    if condition.operator in _SINGLE and got != 1:
        hint = "; use IN or NOT_IN for several" if condition.operator in _ONE_OF and got > 1 else ""
        return f"{condition.operator} wants exactly one value, got {got}{hint}."
    if condition.operator is ConditionOperator.BETWEEN and got != 2:
        return f"BETWEEN wants exactly two values, got {got}."
    return "" if got else f"{condition.operator} wants at least one value."


def _criterion(condition: Condition, values: Sequence[str | int]) -> Criterion | None:
    """None where the ends of a span are the wrong way round."""
    field, operator = condition.field, condition.operator
    if operator in _ONE_OF:
        return Criterion(field, exact=tuple(dict.fromkeys(values)), negated=operator in _NEGATED)
    if operator is ConditionOperator.STARTS_WITH:
        return Criterion(field, prefixes=tuple(dict.fromkeys(str(value) for value in values)))
    first, last = int(values[0]), int(values[-1])
    if operator is ConditionOperator.GREATER:
        return Criterion(field, span=(first + 1, MOST))
    if operator is ConditionOperator.LESS:
        return Criterion(field, span=(LEAST, last - 1))
    if first <= last:
        return Criterion(field, span=(first, last))
    # From the evening round to the morning is everything but the day between them.
    return Criterion(field, span=(last + 1, first - 1), negated=True) if field in _CLOCKS else None


def _word(value: str, _: str) -> str:
    if not value:
        raise _Wrong("a word")
    return plain(value)


def _postal_code(value: str, _: str) -> str:
    if not value:
        raise _Wrong("a postcode or its beginning")
    return without_spaces(value)


def _country(value: str, _: str) -> str:
    if len(value) != 2 or not value.isascii() or not value.isalpha():
        raise _Wrong("a country's code of two letters")
    return plain(value)


def _whole(value: str, _: str) -> int:
    if not _WHOLE.fullmatch(value):
        raise _Wrong("a whole number")
    return int(value)


def _money(value: str, currency: str) -> int:
    try:
        return Money.parse(value, currency).minor
    except InvalidAmount:
        raise _Wrong(f"an amount of {currency} such as {Money(30000, currency).amount}") from None


def _weekday(value: str, _: str) -> int:
    if value not in {"1", "2", "3", "4", "5", "6", "7"}:
        raise _Wrong("a day from 1 (Monday) to 7")
    return int(value)


def _time(value: str, _: str) -> int:
    found = _CLOCK_TIME.fullmatch(value)
    if found is None:
        raise _Wrong("a time such as 14:30")
    return int(found[1]) * 3600 + int(found[2]) * 60


def _named(names: type[StrEnum]) -> Callable[[str, str], str]:
    known = {name.value for name in names}

    def read(value: str, _: str) -> str:
        if value.upper() not in known:
            raise _Wrong(f"one of {', '.join(sorted(known))}")
        return value.upper()

    return read


_FIELDS: Mapping[ConditionField, tuple[frozenset[ConditionOperator], Callable[[str, str], str | int]]] = {
    ConditionField.ORDER_VALUE: (_OF_NUMBERS, _money),
    ConditionField.ORDER_TAG: (_OF_TEXT, _word),
    ConditionField.ITEM_TAG: (_OF_TEXT, _word),
    ConditionField.ITEM_SKU: (_OF_TEXT, _word),
    ConditionField.ITEM_COUNT: (_OF_NUMBERS, _whole),
    ConditionField.GOODS: (_ONE_OF, _named(GoodsTrait)),
    ConditionField.TOTAL_WEIGHT_GRAMS: (_OF_NUMBERS, _whole),
    ConditionField.DISTANCE_METERS: (_OF_NUMBERS, _whole),
    ConditionField.ZONE: (_ONE_OF, _word),
    ConditionField.POSTAL_CODE: (_OF_TEXT, _postal_code),
    ConditionField.COUNTRY: (_ONE_OF, _country),
    ConditionField.STORE: (_ONE_OF, _word),
    ConditionField.LOCATION: (_ONE_OF, _word),
    ConditionField.CARRIER: (_OF_TEXT, _word),
    ConditionField.SERVICE: (_OF_TEXT, _word),
    ConditionField.MODE: (_ONE_OF, _named(DeliveryMode)),
    ConditionField.VEHICLE: (_ONE_OF, _named(VehicleKind)),
    # "At 15:00" would hold for one second of the day: times are compared by spans alone.
    ConditionField.WEEKDAY: (_OF_DAYS, _weekday),
    ConditionField.TIME_OF_DAY: (_OF_TIMES, _time),
    ConditionField.CUSTOMER_TAG: (_OF_TEXT, _word),
    ConditionField.PRICE: (_OF_NUMBERS, _money),
}
"""Field -> what it may be compared by, and how one of its values is read."""
