"""Each effect alone, and who wins where effects disagree."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.limits import EVERY_HANDOVER
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.quote import DeclineReason, DeliveryMode, RankFactor, RankingWeights, VehicleKind
from doorstep.rule import Rule, RuleAction, RuleEffect
from gateway.flow.rules import Option, OptionOutcome
from tests.unit.flow.test_rules import does, option, outcome, rule, staying, usd, when

FIRST, SECOND = 1, 2
VAN = option("fleet", mode=DeliveryMode.OWN_FLEET, vehicle=VehicleKind.VAN)
UPS = option("ups", mode=DeliveryMode.PARCEL, vehicle=VehicleKind.VAN, service="ground")
UPS_AIR = option("ups", mode=DeliveryMode.PARCEL, vehicle=VehicleKind.VAN, service="air")
BIKE = option("uber_direct", vehicle=VehicleKind.BICYCLE)
ALL = [VAN, UPS, UPS_AIR, BIKE]


def one(*rules: Rule, of: Option | None = None) -> OptionOutcome:
    """What rules make of one option, ten dollars where nothing else is said."""
    return outcome(rules, [of or option("a")]).options[0]


def charge(*rules: Rule, of: Option | None = None) -> str | None:
    made = one(*rules, of=of).charge
    return None if made is None else made.amount


@pytest.mark.parametrize(
    ("choice", "left"),
    [
        ("ups", [True, False, False, True]),
        ("UPS:Ground", [True, False, True, True]),
        ("parcel", [True, False, False, True]),
        ("VAN", [False, False, False, True]),
        ("OWN_FLEET, bicycle", [False, True, True, False]),
        ("", [False, False, False, False]),
    ],
    ids=["carrier", "service", "mode", "vehicle", "several", "everything"],
)
def test_exclude_turns_away_what_its_choice_names(choice: str, left: list[bool]) -> None:
    assert staying(outcome([rule("x", does("EXCLUDE", choice))], ALL)) == left


def test_exclude_acts_on_those_options_alone_that_the_conditions_hold_for() -> None:
    dear = rule("x", when("PRICE", "GREATER", "10.00"), when("MODE", "EQUALS", "COURIER"), does("EXCLUDE"))
    options = [option("a", "10.00"), option("b", "10.01"), option("c", "99.00", mode=DeliveryMode.PARCEL)]
    assert staying(outcome([dear], options)) == [True, False, True]


def test_require_keeps_any_of_its_choice_and_several_must_all_be_met() -> None:
    parcels_or_bikes = rule("a", does("REQUIRE", "PARCEL,BICYCLE"))
    result = outcome([parcels_or_bikes, rule("b", does("REQUIRE", "ups:air,uber_direct"))], ALL)
    assert staying(result) == [False, False, True, True]
    assert [(no.rule_id, no.text) for no in result.declined] == [
        ("a", 'The rule "Rule a" asks for PARCEL or BICYCLE.'),
        ("b", 'The rule "Rule b" asks for ups:air or uber_direct.'),
    ]


def test_rules_that_contradict_each_other_leave_nothing_and_say_so() -> None:
    result = outcome([rule("a", does("REQUIRE", "ups")), rule("b", does("REQUIRE", "fleet"))], [UPS, VAN])
    assert [(no.carrier, no.rule_id) for no in result.declined] == [("ups", "b"), ("fleet", "a")]


def test_a_cap_on_the_cost_turns_away_what_costs_more() -> None:
    capped = rule("cap", does("CAP_PRICE", "cost", "12.00"))
    within, over = outcome([capped], [option("a", "12.00"), option("b", "12.01")]).options
    assert (within.decline, within.charge) == (None, None)
    assert over.decline is not None
    assert (over.decline.reason, over.decline.rule_id) == (DeclineReason.OVER_PRICE_CAP, "cap")
    assert over.decline.text == 'It costs 12.01 USD; the rule "Rule cap" allows 12.00 USD.'
    assert staying(outcome([rule("cap", does("CAP_PRICE", "", "12.00"))], [option("b", "12.01")])) == [False]


def test_a_cap_on_the_charge_lets_the_shopper_pay_at_most_so_much() -> None:
    capped = rule("cap", does("CAP_PRICE", "charge", "8.00"))
    over, within = outcome([capped], [option("a", "10.00"), option("b", "7.50")]).options
    assert (over.charge, within.charge) == (usd("8.00"), usd("7.50"))
    assert [reason.rule_id for reason in over.reasons] == ["cap"]
    assert within.reasons == ()


def test_of_several_caps_the_lowest_counts() -> None:
    caps = [rule(f"cap{n}", does("CAP_PRICE", "charge", amount)) for n, amount in enumerate(("8", "6", "7"))]
    lowest = one(*caps)
    assert lowest.charge == usd("6.00")
    assert [reason.rule_id for reason in lowest.reasons] == ["cap1"]


@pytest.mark.parametrize(
    ("price", "percent", "charged"),
    [
        ("10.00", "10", "11.00"),
        # 9.99 * 1.075 = 10.73925
        ("9.99", "7.5", "10.74"),
        # 0.05 * 1.1 = 0.055, half up
        ("0.05", "10", "0.06"),
        ("10.00", "-25 %", "7.50"),
        ("10.00", "-100", "0.00"),
        ("10.00", "0", "10.00"),
        # 33.33 * 1.000001 = 33.33003333
        ("33.33", "0.0001", "33.33"),
    ],
)
def test_a_mark_up_by_a_percentage_is_rounded_half_up(price: str, percent: str, charged: str) -> None:
    assert charge(rule("m", does("MARK_UP", percent)), of=option("a", price)) == charged


def test_mark_ups_follow_each_other_by_priority_and_never_go_below_nothing() -> None:
    ten_percent = rule("percent", does("MARK_UP", "10"), priority=SECOND)
    two_dollars = rule("dollars", does("MARK_UP", "", "2.00"), priority=FIRST)
    # (10 + 2) * 1.1
    assert charge(ten_percent, two_dollars) == "13.20"
    off = RuleEffect(RuleAction.MARK_UP, "", Money(-1500, "USD"))
    # 10 - 15 is nothing, and 10 % on top of that too.
    assert charge(ten_percent, rule("off", off, priority=FIRST)) == "0.00"


def test_free_set_and_split_prices_say_what_the_shopper_pays_and_the_first_wins() -> None:
    free, fixed, half = does("MAKE_FREE"), does("SET_PRICE", "", "4.90"), does("SPLIT_COST", "50")
    assert charge(rule("a", free), rule("b", fixed)) == "0.00"
    assert charge(rule("a", fixed), rule("b", free)) == "4.90"
    assert charge(rule("z", half, priority=FIRST), rule("a", free, priority=SECOND)) == "5.00"


def test_the_shopper_pays_a_share_of_the_cost_or_a_fixed_part_never_more_than_all() -> None:
    # A third of 10.01 is 3.336666…
    assert charge(rule("s", does("SPLIT_COST", "33.3333")), of=option("a", "10.01")) == "3.34"
    assert charge(rule("s", does("SPLIT_COST", "", "4.00"))) == "4.00"
    assert charge(rule("s", does("SPLIT_COST", "", "14.00"))) == "10.00"


def test_what_is_free_stays_free_and_what_is_set_is_marked_up_and_capped_at_last() -> None:
    more = rule("more", does("MARK_UP", "50"), priority=FIRST)
    a_dollar = rule("dollar", does("MARK_UP", "", "1.00"), priority=FIRST)
    assert charge(more, a_dollar, rule("free", does("MAKE_FREE"), priority=SECOND)) == "0.00"
    assert charge(more, rule("set", does("SET_PRICE", "", "4.00"), priority=SECOND)) == "6.00"
    capped = rule("cap", does("CAP_PRICE", "charge", "5.00"), priority=FIRST)
    assert charge(capped, more, rule("set", does("SET_PRICE", "", "4.00"))) == "5.00"


def test_a_price_of_nothing_by_set_price_is_no_free_delivery_and_can_be_marked_up() -> None:
    assert charge(rule("a", does("SET_PRICE", "", "0"), does("MARK_UP", "", "1.00"))) == "1.00"


def test_effects_of_one_rule_act_in_the_order_in_which_they_are_written() -> None:
    assert charge(rule("a", does("MARK_UP", "", "2"), does("MARK_UP", "10"))) == "13.20"
    assert charge(rule("a", does("MARK_UP", "10"), does("MARK_UP", "", "2"))) == "13.00"


def test_a_price_in_another_currency_is_left_alone() -> None:
    foreign = Option(replace(option("a").offer, price=Money(1000, "EUR")))
    made = one(
        rule("cap", does("CAP_PRICE", "cost", "1")),
        rule("free", does("MAKE_FREE"), does("MARK_UP", "5"), does("SPLIT_COST", "5")),
        rule("all", does("CAP_PRICE", "charge", "1")),
        rule("not", when("PRICE", "NOT_EQUALS", "3.00"), does("EXCLUDE")),
        of=foreign,
    )
    assert (made.decline, made.charge) == (None, None)


def test_handover_requirements_add_up_in_a_stable_order() -> None:
    rules = [
        rule("a", does("REQUIRE_HANDOVER", "PHOTO, id_check")),
        rule("b", does("REQUIRE_HANDOVER", "ID_CHECK,SIGNATURE")),
        rule("c", does("REQUIRE_HANDOVER", "SIGNATURE")),
    ]
    made = one(*rules)
    wanted = (HandoverRequirement.SIGNATURE, HandoverRequirement.ID_CHECK, HandoverRequirement.PHOTO)
    assert made.requirements == wanted
    # The third asks for nothing more.
    assert [reason.rule_id for reason in made.reasons] == ["a", "b"]


def test_who_cannot_do_what_is_asked_for_at_the_door_falls_out() -> None:
    cannot = option("a", handovers=EVERY_HANDOVER - {HandoverRequirement.PIN})
    made = one(rule("pin", does("REQUIRE_HANDOVER", "PHOTO,PIN")), of=cannot)
    assert made.decline is not None
    assert (made.decline.reason, made.requirements) == (DeclineReason.RULE, ())
    assert made.decline.text == 'The rule "Rule pin" asks for pin, which this carrier does not do.'


def test_preferences_give_places_by_name_or_by_condition() -> None:
    by_name = rule("names", does("PREFER", "fleet,BICYCLE,ups:air"))
    assert [made.preference for made in outcome([by_name], ALL).options] == [1, None, 3, 2]
    by_condition = rule("vans", when("VEHICLE", "EQUALS", "VAN"), does("PREFER", "2"), priority=FIRST)
    assert [made.preference for made in outcome([by_name, by_condition], ALL).options] == [2, 2, 2, 2]


def test_a_preference_is_a_reason_that_names_its_rule() -> None:
    made = one(rule("p", does("PREFER", "a")))
    assert [(reason.factor, reason.rule_id) for reason in made.reasons] == [(RankFactor.PREFERENCE, "p")]


def test_the_first_rule_sets_the_weights_even_if_it_holds_for_one_option_alone() -> None:
    by_option = rule("b", when("CARRIER", "EQUALS", "ups"), does("SET_WEIGHTS", "price=1,speed=0.5"))
    for_order = rule("c", does("SET_WEIGHTS", "emissions=1"))
    result = outcome([for_order, by_option], ALL)
    assert result.weights == RankingWeights(price=1, speed=0.5, reliability=0, emissions=0)
    assert result.weights_rule_id == "b"
    assert outcome([for_order, by_option], [VAN]).weights_rule_id == "c"


def test_the_rule_that_turned_an_option_away_first_is_named() -> None:
    early = rule("z", does("EXCLUDE", "ups"), priority=FIRST)
    late = rule("a", does("CAP_PRICE", "cost", "1.00"), priority=SECOND)
    assert [no.rule_id for no in outcome([late, early], [UPS, VAN]).declined] == ["z", "a"]


def test_of_equal_priority_the_id_that_sorts_first_acts_first() -> None:
    assert charge(rule("b", does("SET_PRICE", "", "2")), rule("a", does("SET_PRICE", "", "1"))) == "1.00"


def test_an_action_that_is_not_known_here_does_nothing_and_says_so() -> None:
    result = outcome([rule("x", does("OTHER"))], [VAN])
    assert result.options == (OptionOutcome(),)
    assert result.explanation is not None
    assert "not known here" in result.explanation.trace("x", 0).effect


def test_reasons_tell_shoppers_neither_costs_nor_names_of_rules_nor_of_carriers() -> None:
    rules = [
        rule("a", does("SPLIT_COST", "40"), does("MARK_UP", "3"), does("CAP_PRICE", "charge", "1.00")),
        rule("b", does("REQUIRE_HANDOVER", "PIN"), does("PREFER", "fleet")),
    ]
    texts = [reason.text for reason in one(*rules, of=VAN).reasons]
    assert len(texts) == 5
    assert not [text for text in texts for word in ("Rule", "fleet", "10.00", "40", "3") if word in text]


AMOUNTS = st.integers(0, 100_000).map(lambda minor: Money(minor, "USD"))
PRICE_EFFECTS = st.one_of(
    st.integers(-100, 300).map(lambda percent: RuleEffect(RuleAction.MARK_UP, str(percent))),
    st.integers(-5000, 5000).map(lambda minor: RuleEffect(RuleAction.MARK_UP, "", Money(minor, "USD"))),
    st.integers(0, 100).map(lambda percent: RuleEffect(RuleAction.SPLIT_COST, str(percent))),
    AMOUNTS.map(lambda amount: RuleEffect(RuleAction.SET_PRICE, "", amount)),
    AMOUNTS.map(lambda amount: RuleEffect(RuleAction.CAP_PRICE, "charge", amount)),
    st.just(RuleEffect(RuleAction.MAKE_FREE)),
)


@given(effects=st.lists(PRICE_EFFECTS, min_size=1, max_size=6), minor=st.integers(0, 100_000))
def test_a_charge_is_never_negative_and_never_above_a_cap(effects: list[RuleEffect], minor: int) -> None:
    made = one(
        *(rule(f"r{number}", effect) for number, effect in enumerate(effects)),
        of=option("a", Money(minor, "USD").amount),
    )
    assert made.charge is not None
    assert made.charge.minor >= 0
    for effect in effects:
        if effect.action is RuleAction.CAP_PRICE and effect.amount is not None:
            assert made.charge <= effect.amount
