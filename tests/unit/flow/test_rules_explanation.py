"""Every verdict of every rule about every option is there, and right."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.rules import made_facts, made_options, made_rule
from doorstep.goods import GoodsTrait
from doorstep.money import Money
from doorstep.quote import DeliveryMode, VehicleKind
from doorstep.rule import (
    Condition,
    ConditionField,
    ConditionGroup,
    ConditionOperator,
    Rule,
    RuleAction,
    RuleEffect,
    RuleTrace,
)
from gateway.flow.rules import Explanation, Facts, Option, compile_rules
from tests.unit.flow.test_rules import NOW, WINE, does, option, outcome, rule, when

CHEAP = option("fleet", "5.00")
DEAR = option("ups", "25.00", VehicleKind.VAN, DeliveryMode.PARCEL)


def explained(rules: Sequence[Rule], options: Sequence[Option], facts: Facts = WINE) -> Explanation:
    explanation = outcome(rules, options, facts).explanation
    assert explanation is not None
    return explanation


def test_a_trace_says_what_a_rule_did_or_which_condition_failed() -> None:
    in_us, over_twenty = when("COUNTRY", "EQUALS", "US"), when("PRICE", "GREATER", "20.00")
    explanation = explained([rule("r", in_us, over_twenty, does("EXCLUDE"))], [CHEAP, DEAR])
    assert explanation.trace("r", 0) == RuleTrace("r", "fleet:std", False, "", over_twenty)
    assert explanation.trace("r", 1) == RuleTrace("r", "ups:std", True, "Left out.", None)
    assert [explanation.matches("r", place) for place in (0, 1)] == [False, True]


def test_the_failed_condition_is_the_first_of_the_group_that_came_furthest() -> None:
    us, ca = when("COUNTRY", "EQUALS", "US"), when("COUNTRY", "EQUALS", "CA")
    bike, cheap = when("VEHICLE", "EQUALS", "BICYCLE"), when("PRICE", "LESS", "1.00")
    for groups, failed in [
        ([[ca], [us, bike]], bike),
        ([[us, ca], [us, bike]], ca),
        ([[us, bike, ca], [us, cheap, us]], bike),
        ([[ca, us, us], [us, us, cheap, ca], [us, ca]], cheap),
    ]:
        made = Rule(
            "r", "mer_1", "R", tuple(ConditionGroup(tuple(g)) for g in groups), (does("EXCLUDE"),), NOW
        )
        assert explained([made], [CHEAP]).trace("r", 0).failed == failed


def test_an_option_that_had_fallen_out_is_told_apart_from_one_that_did_not_match() -> None:
    rules = [rule("a", does("EXCLUDE", "ups")), rule("b", does("MAKE_FREE"))]
    explanation = explained(rules, [CHEAP, DEAR])
    assert [trace.effect for trace in explanation.of_rule("b")] == ["Made free.", "It had fallen out before."]


def test_a_rule_that_another_overruled_says_so() -> None:
    explanation = explained([rule("a", does("MAKE_FREE")), rule("b", does("SPLIT_COST", "50"))], [CHEAP])
    assert explanation.trace("b", 0).effect == "An earlier rule had set the price."


def test_several_effects_are_told_one_after_the_other_until_it_falls_out() -> None:
    mixed = rule("r", does("MARK_UP", "7.5"), does("EXCLUDE", "ups"), does("PREFER", "fleet"))
    assert [trace.effect for trace in explained([mixed], [CHEAP, DEAR]).of_rule("r")] == [
        "7.5 % on top, unless it is free. It is not what the effect names. Preferred at place 1.",
        "7.5 % on top, unless it is free. Left out.",
    ]


def test_what_acts_on_the_whole_list_has_one_trace_without_an_option() -> None:
    weights = rule("w", when("COUNTRY", "EQUALS", "US"), does("SET_WEIGHTS", "speed=1"))
    both = rule("x", does("SET_WEIGHTS", "price=1"), does("MAKE_FREE"))
    explanation = explained([weights, both], [CHEAP, DEAR])
    assert explanation.of_rule("w") == (RuleTrace("w", "", True, "Set the weights of the list."),)
    assert [(trace.rule_id, trace.option_code, trace.effect) for trace in explanation.matched()] == [
        ("w", "", "Set the weights of the list."),
        ("x", "", "An earlier rule had set the weights."),
        ("x", "fleet:std", "Made free."),
        ("x", "ups:std", "Made free."),
    ]
    abroad = rule("w", when("COUNTRY", "EQUALS", "CA"), does("SET_WEIGHTS", "speed=1"))
    (no,) = explained([abroad], [CHEAP, DEAR]).of_rule("w")
    assert (no.option_code, no.matched, no.failed) == ("", False, abroad.groups[0].all[0])


def test_without_an_explanation_the_options_fare_the_same() -> None:
    chance = random.Random(7)
    book = compile_rules([made_rule(chance, number) for number in range(300)], "USD")
    for _ in range(20):
        facts, options = made_facts(chance), made_options(chance, 12)
        told, untold = book.apply(facts, options), book.apply(facts, options, explain=False)
        assert untold.explanation is None
        assert (told.options, told.weights) == (untold.options, untold.weights)


def test_a_rule_that_the_book_does_not_have_has_no_trace() -> None:
    with pytest.raises(KeyError):
        explained([], [CHEAP]).trace("nobody", 0)


# A second reading of the rules, by comparing one condition with one option at a time.

WORDS = ["a", "b", "ab", "abc"]
NUMBERS = ["0", "3", "5", "8"]
TIMES = ["00:00", "06:00", "13:30", "22:15"]
E, N, I, NI, S = "EQUALS", "NOT_EQUALS", "IN", "NOT_IN", "STARTS_WITH"  # noqa: E741
TEXT, NAMED = [E, N, I, NI, S], [E, N, I, NI]
NUMERIC = [*NAMED, "GREATER", "LESS", "BETWEEN"]
VALUES: dict[str, tuple[list[str], list[str]]] = {
    **dict.fromkeys(["ORDER_TAG", "ITEM_SKU", "POSTAL_CODE", "CARRIER", "SERVICE"], (TEXT, WORDS)),
    **dict.fromkeys(["ITEM_COUNT", "ORDER_VALUE", "PRICE", "DISTANCE_METERS"], (NUMERIC, NUMBERS)),
    "GOODS": (NAMED, ["ALCOHOL", "FROZEN"]),
    "MODE": (NAMED, ["COURIER", "PARCEL"]),
    "VEHICLE": (NAMED, ["CAR", "VAN"]),
    "WEEKDAY": ([*NAMED, "BETWEEN"], ["1", "3", "5", "7"]),
    "TIME_OF_DAY": (["GREATER", "LESS", "BETWEEN"], TIMES),
    "OTHER": ([E], WORDS),
}
CLOCKS = {"WEEKDAY", "TIME_OF_DAY"}
SEVERAL = {"ORDER_TAG", "ITEM_SKU", "GOODS"}


def seen(field: str, facts: Facts, offered: Option) -> set[str] | set[int]:
    """What is known of a field, plainly."""
    offer, wall = offered.offer, facts.at.astimezone(ZoneInfo(facts.time_zone))
    found: dict[str, set[str] | set[int]] = {
        "ORDER_TAG": set(facts.order_tags),
        "ITEM_SKU": set(facts.item_skus),
        "POSTAL_CODE": {facts.postal_code} - {""},
        "CARRIER": {offer.carrier},
        "SERVICE": {offer.service, offer.code},
        "ITEM_COUNT": set() if facts.item_count is None else {facts.item_count},
        "ORDER_VALUE": {facts.value.minor},
        "PRICE": {offer.price.minor} if offer.price.currency == "USD" else set(),
        "DISTANCE_METERS": set() if facts.distance_m is None else {facts.distance_m},
        "GOODS": {trait.value for trait in facts.traits},
        "MODE": {offer.mode.value},
        "VEHICLE": {offer.vehicle.value},
        "WEEKDAY": {wall.isoweekday()},
        "TIME_OF_DAY": {wall.hour * 60 + wall.minute},
    }
    return found[field]


def read(field: str, value: str) -> str | int:
    """A value as it is compared, plainly."""
    if field == "TIME_OF_DAY":
        return int(value[:2]) * 60 + int(value[3:])
    if field in {"ORDER_VALUE", "PRICE"}:
        return int(value) * 100
    return int(value) if field in {"ITEM_COUNT", "DISTANCE_METERS", "WEEKDAY"} else value


def plainly_holds(condition: Condition, facts: Facts, offered: Option) -> bool:
    field, operator = condition.field.value, condition.operator.value
    known = set() if field == "OTHER" else seen(field, facts, offered)
    if not known and field not in SEVERAL:
        return False
    values = [read(field, value) for value in condition.values]
    if operator in {"GREATER", "LESS", "BETWEEN"}:
        (fact,) = known
        return plainly_compares(int(fact), operator, int(values[0]), int(values[-1]))
    if operator == "STARTS_WITH":
        return any(str(fact).startswith(str(value)) for fact in known for value in values)
    is_among = any(fact in values for fact in known)
    return not is_among if operator.startswith("NOT_") else is_among


def plainly_compares(fact: int, operator: str, first: int, last: int) -> bool:
    if operator == "GREATER":
        return fact > first
    if operator == "LESS":
        return fact < first
    return first <= fact <= last if first <= last else fact >= first or fact <= last


def plainly_failed(made: Rule, facts: Facts, offered: Option) -> Condition | None:
    """The condition that failed, None where the rule matched."""
    best: tuple[int, Condition] | None = None
    for group in made.groups:
        verdicts = [plainly_holds(condition, facts, offered) for condition in group.all]
        if all(verdicts):
            return None
        came = verdicts.index(False)
        if best is None or came > best[0]:
            best = (came, group.all[came])
    return None if best is None else best[1]


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    field = draw(st.sampled_from(sorted(VALUES)))
    operators, alphabet = VALUES[field]
    operator = draw(st.sampled_from(operators))
    most = 1 if operator in {E, N, "GREATER", "LESS"} else 2
    least = 2 if operator == "BETWEEN" else 1
    values = draw(st.lists(st.sampled_from(alphabet), min_size=least, max_size=most))
    if operator == "BETWEEN" and field not in CLOCKS:
        values.sort(key=int)
    return Condition(ConditionField(field), ConditionOperator(operator), tuple(values))


GROUPS = st.lists(
    st.lists(conditions(), min_size=1, max_size=4).map(lambda all_: ConditionGroup(tuple(all_))),
    max_size=3,
)
FACTS = st.builds(
    Facts,
    value=st.sampled_from([0, 300, 500, 501]).map(lambda minor: Money(minor, "USD")),
    at=st.integers(0, 7 * 24 * 4).map(lambda quarter: NOW - timedelta(minutes=15 * quarter)),
    time_zone=st.sampled_from(["America/New_York", "Asia/Kathmandu"]),
    order_tags=st.frozensets(st.sampled_from(WORDS), max_size=2),
    item_skus=st.frozensets(st.sampled_from(WORDS), max_size=3),
    item_count=st.sampled_from([None, 0, 3, 4]),
    traits=st.frozensets(st.sampled_from([GoodsTrait.ALCOHOL, GoodsTrait.FROZEN])),
    distance_m=st.sampled_from([None, 3, 6]),
    postal_code=st.sampled_from(["", "a", "abc", "b"]),
)
OPTIONS = st.lists(
    st.builds(
        option,
        st.sampled_from(WORDS),
        st.sampled_from(["0.00", "3.00", "4.99", "8.00"]),
        st.sampled_from([VehicleKind.CAR, VehicleKind.VAN]),
        st.sampled_from([DeliveryMode.COURIER, DeliveryMode.PARCEL]),
        st.sampled_from(WORDS),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=150)
@given(groups=st.lists(GROUPS, min_size=1, max_size=40), facts=FACTS, options=OPTIONS)
def test_every_verdict_is_that_of_looking_at_one_condition_after_the_other(
    groups: list[list[ConditionGroup]], facts: Facts, options: list[Option]
) -> None:
    effect = RuleEffect(RuleAction.PREFER, "1")
    rules = [
        Rule(f"r{number:03d}", "mer_1", "R", tuple(made), (effect,), NOW, priority=number % 7)
        for number, made in enumerate(groups)
    ]
    explanation = explained(rules, options, facts)
    failed = {
        (made.id, place): plainly_failed(made, facts, offered)
        for made in rules
        for place, offered in enumerate(options)
    }
    for (rule_id, place), condition in failed.items():
        trace = explanation.trace(rule_id, place)
        assert (trace.matched, trace.failed) == (condition is None, condition)
        assert explanation.matches(rule_id, place) is (condition is None)
    assert len(explanation.matched()) == sum(condition is None for condition in failed.values())
    assert len(list(explanation.every())) == len(failed)


def test_thousands_of_rules_agree_with_looking_one_by_one() -> None:
    """Enough rules for the tables to keep sums of thresholds and large sets."""
    chance = random.Random(11)
    values = [f"{chance.randint(0, 40_000) / 100:.2f}" for _ in range(2000)]
    rules = [
        rule(
            f"r{number:04d}",
            when("ORDER_VALUE", chance.choice(["GREATER", "LESS"]), value),
            when("COUNTRY", "NOT_IN", chance.choice(["US", "CA"]), "MX"),
            when("PRICE", chance.choice(["GREATER", "LESS"]), "10.00"),
            does("PREFER", "1"),
        )
        for number, value in enumerate(values)
    ]
    explanation = explained(rules, [CHEAP, DEAR])
    for made in rules:
        above, abroad, price = made.groups[0].all
        minor = Money.parse(above.values[0], "USD").minor
        holds_value = WINE.value.minor > minor if above.operator == "GREATER" else WINE.value.minor < minor
        for place, is_dear in enumerate([False, True]):
            verdicts = [
                (holds_value, above),
                ("US" not in abroad.values, abroad),
                ((price.operator == "GREATER") is is_dear, price),
            ]
            failed = next((condition for held, condition in verdicts if not held), None)
            assert explanation.trace(made.id, place).failed == failed
