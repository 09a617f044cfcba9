"""When a condition holds, and which cannot be saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from doorstep.errors import InvalidInput
from doorstep.goods import GoodsTrait
from doorstep.money import Money
from doorstep.quote import DeliveryMode, VehicleKind
from doorstep.rule import Condition, ConditionField, ConditionOperator, RuleEffect
from gateway.flow.rules import Facts, check_rule, compile_rules
from tests.unit.flow.test_rules import NOW, does, option, outcome, rule, staying, usd, when

ORDER = Facts(
    value=usd("50.00"),
    at=NOW,
    time_zone="America/New_York",
    order_tags=frozenset({"VIP", "Gift  wrap"}),
    item_tags=frozenset({"fresh"}),
    item_skus=frozenset({"TEA-01", "CUP-7"}),
    item_count=3,
    traits=frozenset({GoodsTrait.CHILLED, GoodsTrait.FRAGILE}),
    weight_g=1500,
    distance_m=4200,
    zone_ids=frozenset({"zon_1", "zon_2"}),
    postal_code="SW1A 1AA",
    country="GB",
    store_id="sto_1",
    location_id="loc_1",
    customer_tags=frozenset({"wholesale"}),
)
OFFER = option("ups", "9.90", VehicleKind.VAN, DeliveryMode.PARCEL, "ground")


def holds(condition: Condition, facts: Facts = ORDER) -> bool:
    return staying(outcome([rule("r", condition, does("EXCLUDE"))], [OFFER], facts)) == [False]


HOLD = [
    ("ORDER_VALUE", "EQUALS", "50"), ("ORDER_VALUE", "GREATER", "49.99"), ("ORDER_VALUE", "LESS", "50.01"),
    ("ORDER_VALUE", "BETWEEN", "50.00", "50.00"), ("ORDER_VALUE", "NOT_IN", "49", "51"),
    ("ORDER_TAG", "EQUALS", "vip"), ("ORDER_TAG", "EQUALS", "gift wrap"), ("ORDER_TAG", "IN", "x", "ViP"),
    ("ORDER_TAG", "NOT_EQUALS", "b2b"), ("ORDER_TAG", "STARTS_WITH", "gift"),
    ("ITEM_TAG", "EQUALS", "Fresh"), ("ITEM_TAG", "NOT_IN", "frozen", "dry"),
    ("ITEM_SKU", "STARTS_WITH", "TEA"), ("ITEM_SKU", "STARTS_WITH", "x", "CUP-7"),
    ("ITEM_SKU", "IN", "cup-7"),
    ("ITEM_COUNT", "BETWEEN", "1", "3"), ("ITEM_COUNT", "GREATER", "2"),
    ("GOODS", "EQUALS", "FRAGILE"), ("GOODS", "IN", "alcohol", "chilled"), ("GOODS", "NOT_EQUALS", "ALCOHOL"),
    ("TOTAL_WEIGHT_GRAMS", "LESS", "1501"), ("TOTAL_WEIGHT_GRAMS", "EQUALS", "1500"),
    ("DISTANCE_METERS", "GREATER", "4199"), ("DISTANCE_METERS", "NOT_EQUALS", "1"),
    ("ZONE", "EQUALS", "zon_2"), ("ZONE", "NOT_EQUALS", "zon_3"),
    ("POSTAL_CODE", "STARTS_WITH", "sw1a"), ("POSTAL_CODE", "EQUALS", "SW1A1AA"),
    ("COUNTRY", "IN", "IE", "gb"), ("COUNTRY", "NOT_EQUALS", "US"),
    ("STORE", "EQUALS", "sto_1"), ("LOCATION", "NOT_IN", "loc_2"), ("CUSTOMER_TAG", "EQUALS", "Wholesale"),
    ("CARRIER", "EQUALS", "UPS"), ("CARRIER", "STARTS_WITH", "u"), ("CARRIER", "NOT_IN", "dhl"),
    ("SERVICE", "EQUALS", "Ground"), ("SERVICE", "IN", "ups:ground"), ("SERVICE", "NOT_EQUALS", "air"),
    ("MODE", "EQUALS", "PARCEL"), ("VEHICLE", "NOT_IN", "BICYCLE", "CARGO_BIKE"),
    ("PRICE", "EQUALS", "9.90"), ("PRICE", "GREATER", "9.89"), ("PRICE", "BETWEEN", "5", "9.90"),
    ("WEEKDAY", "EQUALS", "3"), ("WEEKDAY", "BETWEEN", "1", "5"), ("WEEKDAY", "BETWEEN", "6", "3"),
    ("TIME_OF_DAY", "GREATER", "13:29"), ("TIME_OF_DAY", "LESS", "13:31"),
    ("TIME_OF_DAY", "BETWEEN", "13:30", "13:30"), ("TIME_OF_DAY", "BETWEEN", "22:00", "13:30"),
]  # fmt: skip
FAIL = [
    ("ORDER_VALUE", "GREATER", "50.00"), ("ORDER_VALUE", "LESS", "50.00"),
    ("ORDER_VALUE", "NOT_EQUALS", "50"),
    ("ORDER_TAG", "NOT_EQUALS", "VIP"), ("ORDER_TAG", "STARTS_WITH", "wrap"), ("ORDER_TAG", "EQUALS", "vi"),
    ("ITEM_SKU", "NOT_IN", "x", "tea-01"), ("ITEM_SKU", "STARTS_WITH", "TEA-011"),
    ("GOODS", "NOT_IN", "CHILLED", "ALCOHOL"), ("GOODS", "EQUALS", "FROZEN"),
    ("ITEM_COUNT", "BETWEEN", "4", "9"), ("TOTAL_WEIGHT_GRAMS", "GREATER", "1500"),
    ("ZONE", "IN", "zon_3", "zon_4"), ("POSTAL_CODE", "STARTS_WITH", "SW1B"), ("COUNTRY", "EQUALS", "US"),
    ("CARRIER", "EQUALS", "up"), ("SERVICE", "EQUALS", "dhl:ground"), ("MODE", "NOT_EQUALS", "PARCEL"),
    ("VEHICLE", "IN", "BICYCLE", "FOOT"), ("PRICE", "LESS", "9.90"), ("PRICE", "NOT_IN", "9.90", "1"),
    ("WEEKDAY", "BETWEEN", "4", "2"), ("WEEKDAY", "NOT_EQUALS", "3"),
    ("TIME_OF_DAY", "GREATER", "13:30"), ("TIME_OF_DAY", "BETWEEN", "22:00", "13:29"),
    ("TIME_OF_DAY", "BETWEEN", "13:31", "23:00"),
]  # fmt: skip


@pytest.mark.parametrize("words", HOLD, ids=" ".join)
def test_a_condition_that_holds(words: tuple[str, ...]) -> None:
    assert holds(when(*words))


@pytest.mark.parametrize("words", FAIL, ids=" ".join)
def test_a_condition_that_does_not_hold(words: tuple[str, ...]) -> None:
    assert not holds(when(*words))


def test_every_field_and_operator_is_put_to_the_test() -> None:
    tried = HOLD + FAIL
    assert {words[0] for words in tried} == {field.value for field in ConditionField} - {"OTHER"}
    assert {words[1] for words in tried} == {operator.value for operator in ConditionOperator} - {"OTHER"}


@pytest.mark.parametrize(
    ("unknown", "words"),
    [
        ({"distance_m": None}, ("DISTANCE_METERS", "NOT_EQUALS", "1")),
        ({"distance_m": None}, ("DISTANCE_METERS", "LESS", "999999999")),
        ({"item_count": None}, ("ITEM_COUNT", "NOT_IN", "1", "2")),
        ({"weight_g": None}, ("TOTAL_WEIGHT_GRAMS", "BETWEEN", "0", "999999")),
        ({"postal_code": ""}, ("POSTAL_CODE", "NOT_EQUALS", "1")),
        ({"country": ""}, ("COUNTRY", "NOT_IN", "US")),
        ({"value": Money(5000, "EUR")}, ("ORDER_VALUE", "NOT_EQUALS", "1")),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, tuple) else None,
)
def test_what_is_not_known_fulfils_nothing(unknown: dict[str, object], words: tuple[str, ...]) -> None:
    assert not holds(when(*words), replace(ORDER, **unknown))  # type: ignore[arg-type]  # one field each


def test_an_order_without_tags_has_none_of_them() -> None:
    bare = replace(ORDER, order_tags=frozenset(), traits=frozenset())
    assert holds(when("ORDER_TAG", "NOT_EQUALS", "vip"), bare)
    assert holds(when("GOODS", "NOT_IN", "ALCOHOL"), bare)
    assert not holds(when("ORDER_TAG", "EQUALS", "vip"), bare)


@pytest.mark.parametrize(
    ("at", "zone", "is_sunday_night"),
    [
        # 03:30 on Monday in London is 22:30 on Sunday in New York.
        (datetime(2026, 11, 2, 3, 30, tzinfo=UTC), "America/New_York", True),
        (datetime(2026, 11, 2, 3, 30, tzinfo=UTC), "Europe/London", False),
        # London's clock goes back on 25 October: the Sunday before, 22:30 there was 21:30 UTC.
        (datetime(2026, 10, 18, 21, 30, tzinfo=UTC), "Europe/London", True),
        (datetime(2026, 10, 25, 21, 30, tzinfo=UTC), "Europe/London", False),
        (datetime(2026, 10, 25, 22, 30, tzinfo=UTC), "Europe/London", True),
    ],
)
def test_days_and_times_are_those_of_the_clock_where_it_leaves(
    at: datetime, zone: str, is_sunday_night: bool
) -> None:
    night = rule(
        "night", when("WEEKDAY", "EQUALS", "7"), when("TIME_OF_DAY", "BETWEEN", "22:30", "23:59"),
        does("EXCLUDE"),
    )  # fmt: skip
    left = staying(outcome([night], [OFFER], replace(ORDER, at=at, time_zone=zone)))
    assert left == [not is_sunday_night]


@pytest.mark.parametrize(
    "unknown", [when("OTHER", "EQUALS", "1"), when("COUNTRY", "OTHER", "GB"), when("PRICE", "OTHER")]
)
def test_a_kind_of_condition_that_is_not_known_never_holds_and_says_so(unknown: Condition) -> None:
    made = rule("new", when("COUNTRY", "EQUALS", "GB"), unknown, does("EXCLUDE"))
    book = compile_rules([made], "USD")
    result = book.apply(ORDER, [OFFER])
    assert staying(result) == [True]
    assert result.explanation is not None
    trace = result.explanation.trace("new", 0)
    assert (trace.matched, trace.failed) == (False, unknown)
    assert "not known here" in trace.effect
    (note,) = book.unknown["new"]
    assert note.path[:4] == ("conditions", "0", "all", "1")


WRONG = [
    (when("ORDER_VALUE", "STARTS_WITH", "3"), "operator", "it takes EQUALS, NOT_EQUALS, IN"),
    (when("GOODS", "GREATER", "ALCOHOL"), "operator", "cannot be compared by GREATER"),
    (when("TIME_OF_DAY", "EQUALS", "10:00"), "operator", "it takes GREATER, LESS, BETWEEN"),
    (when("ORDER_VALUE", "GREATER", "300", "400"), "values", "exactly one value, got 2."),
    (when("COUNTRY", "EQUALS", "US", "CA"), "values", "use IN or NOT_IN for several"),
    (when("ITEM_COUNT", "BETWEEN", "3"), "values", "exactly two values, got 1"),
    (when("ITEM_COUNT", "BETWEEN", "3", "2"), "values", "the smaller value first, got 3 and 2"),
    (when("ORDER_TAG", "IN"), "values", "at least one value"),
    (when("ORDER_TAG", "IN", "a", "  "), "values.1", "a word"),
    (when("ORDER_VALUE", "GREATER", "300.005"), "values.0", "an amount of USD such as 300.00"),
    (when("PRICE", "IN", "5", "five"), "values.1", "got 'five'"),
    (when("ITEM_COUNT", "EQUALS", "1.5"), "values.0", "a whole number"),
    (when("MODE", "EQUALS", "DRONE"), "values.0", "one of COURIER, OTHER, OWN_FLEET, PARCEL"),
    (when("COUNTRY", "EQUALS", "USA"), "values.0", "a country's code of two letters"),
    (when("WEEKDAY", "IN", "1", "8"), "values.1", "a day from 1 (Monday) to 7"),
    (when("TIME_OF_DAY", "GREATER", "24:00"), "values.0", "a time such as 14:30"),
    (when("POSTAL_CODE", "STARTS_WITH", ""), "values.0", "a postcode or its beginning"),
]


@pytest.mark.parametrize(("condition", "where", "text"), WRONG, ids=[wrong[2] for wrong in WRONG])
def test_a_wrong_condition_is_refused_with_its_path_and_the_way_out(
    condition: Condition, where: str, text: str
) -> None:
    wrong = rule("r", when("COUNTRY", "EQUALS", "US"), condition, does("EXCLUDE"))
    with pytest.raises(InvalidInput) as raised:
        compile_rules([wrong], "USD")
    (issue,) = raised.value.issues
    assert issue.path == ("conditions", "0", "all", "1", *where.split("."))
    assert text in issue.message
    assert '"Rule r"' in raised.value.message


WRONG_EFFECTS = [
    (does("REQUIRE"), "value", "parted by commas"),
    (does("EXCLUDE", "ups,,dhl"), "value", "parted by commas"),
    (does("EXCLUDE", "OTHER"), "value", "OTHER names neither"),
    (does("EXCLUDE", "ups", "1.00"), "amount", "takes no amount"),
    (does("CAP_PRICE", "cost"), "amount", "wants an amount"),
    (does("CAP_PRICE", "tip", "1.00"), "value", '"cost" or "charge"'),
    (does("MARK_UP"), "value", "either a percentage or an amount"),
    (does("MARK_UP", "5", "1.00"), "value", "either a percentage or an amount"),
    (does("MARK_UP", "-101"), "value", "from -100 to 1000"),
    (does("MARK_UP", "1.00001"), "value", "such as 7.5"),
    (does("SPLIT_COST", "101"), "value", "from 0 to 100"),
    (does("MAKE_FREE", "yes"), "value", "takes no value"),
    (does("SET_PRICE"), "amount", "wants an amount"),
    (RuleEffect(does("SET_PRICE").action, "", Money(-1, "USD")), "amount", "not negative"),
    (RuleEffect(does("SET_PRICE").action, "", Money(1, "EUR")), "amount", "must be in USD, got EUR"),
    (does("REQUIRE_HANDOVER", "ID_CHECK,WINK"), "value", "got 'WINK'"),
    (does("REQUIRE_HANDOVER", "OTHER"), "value", "got 'OTHER'"),
    (does("SET_WEIGHTS", "cheapness=1"), "value", "weights such as price=1,speed=0.5"),
    (does("SET_WEIGHTS", "price=0"), "value", "must be above 0"),
    (does("PREFER", ""), "value", "parted by commas"),
]


@pytest.mark.parametrize(
    ("effect", "part", "text"),
    WRONG_EFFECTS,
    ids=[f"{number} {wrong[0].action}" for number, wrong in enumerate(WRONG_EFFECTS)],
)
def test_a_wrong_effect_is_refused_with_its_path(effect: RuleEffect, part: str, text: str) -> None:
    issues = check_rule(rule("r", does("EXCLUDE"), effect), "USD")
    assert [issue.path for issue in issues] == [("effects", "1", part)]
    assert text in issues[0].message


def test_everything_that_is_wrong_with_a_rule_is_said_at_once() -> None:
    wrong = rule("r", when("MODE", "EQUALS", "DRONE"), when("ITEM_COUNT", "LESS", "x"), or_else=[])
    assert [issue.path for issue in check_rule(wrong, "USD")] == [
        ("conditions", "0", "all", "0", "values", "0"),
        ("conditions", "0", "all", "1", "values", "0"),
        ("effects",),
    ]


def test_an_empty_group_is_refused_since_it_would_always_hold() -> None:
    group = rule("r", when("COUNTRY", "EQUALS", "US"), does("EXCLUDE")).groups[0]
    empty = replace(rule("r", does("EXCLUDE")), groups=(group, replace(group, all=())))
    assert [issue.path for issue in check_rule(empty, "USD")] == [("conditions", "1", "all")]


def test_a_rule_that_is_fine_has_no_issue_and_a_disabled_wrong_one_is_not_read() -> None:
    assert check_rule(rule("r", when("COUNTRY", "EQUALS", "US"), does("EXCLUDE")), "USD") == ()
    compile_rules([replace(rule("r"), enabled=False)], "USD")


def test_two_rules_with_one_id_are_refused() -> None:
    with pytest.raises(InvalidInput, match="same id"):
        compile_rules([rule("r", does("EXCLUDE")), rule("r", does("MAKE_FREE"))], "USD")


def test_amounts_are_those_of_the_merchants_currency() -> None:
    yen = rule("r", when("ORDER_VALUE", "GREATER", "300"), does("EXCLUDE"))
    book = compile_rules([yen], "JPY")
    assert staying(book.apply(replace(ORDER, value=Money(301, "JPY")), [OFFER])) == [False]
    assert staying(book.apply(replace(ORDER, value=Money(300, "JPY")), [OFFER])) == [True]
