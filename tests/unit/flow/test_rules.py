"""What rules do to a list of options, as a merchant would tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from doorstep.address import Address
from doorstep.goods import Goods, GoodsTrait
from doorstep.limits import EVERY_HANDOVER
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import (
    CarrierQuote,
    DeclineReason,
    DeliveryMode,
    PriceBasis,
    QuoteRequest,
    RankFactor,
    VehicleKind,
)
from doorstep.rule import (
    Condition,
    ConditionField,
    ConditionGroup,
    ConditionOperator,
    Rule,
    RuleAction,
    RuleEffect,
)
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.rules import Facts, Option, RuleOutcome, compile_rules

# A Wednesday, 13:30 in New York.
NOW = datetime(2026, 11, 4, 18, 30, tzinfo=UTC)
WINE = Facts(
    value=Money(35_000, "USD"),
    at=NOW,
    time_zone="America/New_York",
    traits=frozenset({GoodsTrait.ALCOHOL}),
    country="US",
    postal_code="10001",
)
"""An order of wine for 350 dollars, to Manhattan."""


def usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


def option(
    carrier: str,
    price: str = "10.00",
    vehicle: VehicleKind = VehicleKind.CAR,
    mode: DeliveryMode = DeliveryMode.COURIER,
    service: str = "std",
    handovers: frozenset[HandoverRequirement] = EVERY_HANDOVER,
) -> Option:
    """One carrier's offer in dollars."""
    offer = CarrierQuote(
        carrier=carrier,
        service=service,
        title=carrier,
        mode=mode,
        vehicle=vehicle,
        price=usd(price),
        price_basis=PriceBasis.LIVE,
        promise=Promise(Window(NOW, NOW + timedelta(hours=1)), "UTC", PromiseBasis.PREDICTED),
        expires_at=NOW + timedelta(minutes=15),
    )
    return Option(offer, f"acc_{carrier}", handovers)


def when(field: str, operator: str, *values: str) -> Condition:
    return Condition(ConditionField(field), ConditionOperator(operator), values)


def does(action: str, value: str = "", amount: str | None = None) -> RuleEffect:
    return RuleEffect(RuleAction(action), value, None if amount is None else usd(amount))


def rule(
    id_: str, *parts: Condition | RuleEffect, priority: int = 100, or_else: Sequence[Condition] = ()
) -> Rule:
    """If all conditions hold, or all of `or_else`, do every effect."""
    conditions = tuple(part for part in parts if isinstance(part, Condition))
    groups = tuple(ConditionGroup(tuple(group)) for group in (conditions, or_else) if group)
    effects = tuple(part for part in parts if isinstance(part, RuleEffect))
    return Rule(id_, "mer_1", f"Rule {id_}", groups, effects, NOW, priority)


def outcome(rules: Sequence[Rule], options: Sequence[Option], facts: Facts = WINE) -> RuleOutcome:
    return compile_rules(rules, "USD").apply(facts, options)


def staying(result: RuleOutcome) -> list[bool]:
    return [one.decline is None for one in result.options]


DEAR = when("ORDER_VALUE", "GREATER", "300.00")
ALCOHOL = when("GOODS", "EQUALS", "ALCOHOL")
ID_CHECK_AND_NO_BIKES = rule(
    "wine", DEAR, ALCOHOL, does("REQUIRE_HANDOVER", "ID_CHECK"), does("EXCLUDE", "BICYCLE,CARGO_BIKE")
)


def test_dear_alcohol_needs_an_id_check_and_goes_by_no_bike() -> None:
    options = [
        option("car_courier"),
        option("bike_courier", vehicle=VehicleKind.BICYCLE),
        option("postman", vehicle=VehicleKind.VAN, handovers=EVERY_HANDOVER - {HandoverRequirement.ID_CHECK}),
    ]
    car, bike, postman = outcome([ID_CHECK_AND_NO_BIKES], options).options
    assert (car.decline, car.requirements) == (None, (HandoverRequirement.ID_CHECK,))
    assert [(reason.factor, reason.rule_id) for reason in car.reasons] == [(RankFactor.RULE, "wine")]
    assert bike.decline is not None
    assert (bike.decline.reason, bike.decline.rule_id) == (DeclineReason.RULE, "wine")
    assert bike.decline.text == 'The rule "Rule wine" leaves out BICYCLE or CARGO_BIKE.'
    assert (bike.decline.carrier, bike.decline.account_id) == ("bike_courier", "acc_bike_courier")
    assert postman.decline is not None
    assert postman.decline.reason is DeclineReason.RULE
    assert postman.decline.text == 'The rule "Rule wine" asks for id check, which this carrier does not do.'


def test_cheap_alcohol_and_dear_juice_go_by_bike() -> None:
    bike = option("bike_courier", vehicle=VehicleKind.BICYCLE)
    for facts in (replace(WINE, value=usd("300.00")), replace(WINE, traits=frozenset())):
        (untouched,) = outcome([ID_CHECK_AND_NO_BIKES], [bike], facts).options
        assert (untouched.decline, untouched.requirements, untouched.reasons) == (None, (), ())


def test_carriers_are_asked_with_what_rules_about_the_order_need_at_the_door() -> None:
    book = compile_rules(
        [
            ID_CHECK_AND_NO_BIKES,
            rule("vans", when("VEHICLE", "EQUALS", "VAN"), does("REQUIRE_HANDOVER", "SIGNATURE")),
        ],
        "USD",
    )
    assert book.needs(WINE) == (HandoverRequirement.ID_CHECK,)
    assert book.needs(replace(WINE, traits=frozenset())) == ()


def test_either_group_is_enough() -> None:
    either = rule(
        "far", when("DISTANCE_METERS", "GREATER", "9000"), does("EXCLUDE"),
        or_else=[when("COUNTRY", "NOT_EQUALS", "US")],
    )  # fmt: skip
    near, far, abroad = (
        replace(WINE, distance_m=distance, country=country)
        for distance, country in ((9000, "US"), (9001, "US"), (10, "CA"))
    )
    assert [staying(outcome([either], [option("a")], facts)) for facts in (near, far, abroad)] == [
        [True],
        [False],
        [False],
    ]


def test_a_rule_without_conditions_always_acts() -> None:
    assert staying(outcome([rule("none", does("EXCLUDE", "a"))], [option("a"), option("b")])) == [False, True]


def test_a_rule_that_is_switched_off_does_nothing() -> None:
    off = replace(rule("off", does("EXCLUDE")), enabled=False)
    assert staying(outcome([off], [option("a")])) == [True]


def test_without_rules_everything_stays_as_it_was() -> None:
    result = outcome([], [option("a"), option("b")])
    assert staying(result) == [True, True]
    assert result.weights is None
    assert result.explanation is not None
    assert list(result.explanation.every()) == []


def test_without_options_there_is_nothing_to_do() -> None:
    result = outcome([rule("any", does("EXCLUDE")), rule("w", does("SET_WEIGHTS", "speed=1"))], [])
    assert (result.options, result.declined) == ((), ())
    assert result.weights is not None


def test_facts_are_read_from_the_question_to_carriers() -> None:
    request = QuoteRequest(
        reference="1001-ABCD",
        pickup=Address(country="US", postal_code="11201"),
        dropoff=Address(country="US", postal_code="10001"),
        parcels=(Parcel(weight_g=700), Parcel(weight_g=800)),
        value=usd("20.00"),
        asked_at=NOW,
        ready_at=NOW,
        time_zone="America/New_York",
        goods=Goods(traits=frozenset({GoodsTrait.CHILLED}), pieces=3, tags=frozenset({"Fish"})),
    )
    facts = Facts.of(request, order_tags=["VIP"], item_skus=["A-1"], zone_ids=["zon_1"], store_id="sto_1")
    rules = [
        rule("1", when("TOTAL_WEIGHT_GRAMS", "EQUALS", "1500"), does("EXCLUDE", "a")),
        rule("2", when("ITEM_COUNT", "EQUALS", "3"), does("EXCLUDE", "b")),
        rule("3", when("ITEM_TAG", "EQUALS", "fish"), when("GOODS", "IN", "CHILLED"), does("EXCLUDE", "c")),
        rule(
            "4", when("POSTAL_CODE", "EQUALS", "10001"), when("ORDER_TAG", "IN", "vip"), does("EXCLUDE", "d")
        ),
        rule("5", when("ITEM_SKU", "EQUALS", "a-1"), when("ZONE", "IN", "zon_1"), does("EXCLUDE", "e")),
        rule(
            "6", when("STORE", "EQUALS", "sto_1"), when("LOCATION", "NOT_EQUALS", "x"), does("EXCLUDE", "f")
        ),
    ]
    # The location is not known, so the last rule says nothing.
    assert staying(outcome(rules, [option(name) for name in "abcdef"], facts)) == [False] * 5 + [True]
