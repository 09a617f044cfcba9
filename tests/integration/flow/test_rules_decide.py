"""A merchant's rules decide about what shoppers see and what is booked."""

from __future__ import annotations

from doorstep.ids import new_id
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.quote import DeclineReason
from doorstep.rule import (
    Condition,
    ConditionField,
    ConditionGroup,
    ConditionOperator,
    Rule,
    RuleAction,
    RuleEffect,
)
from gateway.flow.quoting.cart import Cart, CartItem
from gateway.flow.quoting.choose import choose_option
from gateway.flow.quoting.options import delivery_options
from tests.integration.flow.fakes import HOME, MERCHANT_ID
from tests.integration.flow.stage import Stage

CART = Cart([CartItem(1, sku="gin", unit_price=Money(40_000, "USD"), weight_g=500)])


async def _rule(stage: Stage, conditions: tuple[Condition, ...], *effects: RuleEffect) -> Rule:
    groups = (ConditionGroup(conditions),) if conditions else ()
    rule = Rule(new_id("rul"), MERCHANT_ID, "a rule", groups, effects, stage.clock.now())
    async with stage.means.begin(MERCHANT_ID) as work:
        return await work.rules.save(rule, None)


def _is(field: ConditionField, operator: ConditionOperator, *values: str) -> Condition:
    return Condition(field, operator, values)


async def test_what_a_rule_excludes_falls_out_with_its_name_and_the_rest_stays(stage: Stage) -> None:
    over_300 = _is(ConditionField.ORDER_VALUE, ConditionOperator.GREATER, "300.00")
    dear = _is(ConditionField.CARRIER, ConditionOperator.EQUALS, "dear")
    rule = await _rule(stage, (over_300, dear), RuleEffect(RuleAction.EXCLUDE))
    options = await delivery_options(stage.means, MERCHANT_ID, HOME, CART, budget_s=10)
    assert [quote.offer.carrier for quote in options.quotes] == ["cheap"]
    (decline,) = options.declined
    assert (decline.carrier, decline.reason, decline.rule_id) == ("dear", DeclineReason.RULE, rule.id)


async def test_a_rule_that_changes_holds_from_the_next_question_on(stage: Stage) -> None:
    await _rule(stage, (), RuleEffect(RuleAction.MAKE_FREE))
    free = await delivery_options(stage.means, MERCHANT_ID, HOME, CART, budget_s=10)
    assert {quote.price for quote in free.quotes} == {Money(0, "USD")}
    async with stage.means.begin(MERCHANT_ID) as work:
        (rule,) = await work.rules.rules()
        await work.rules.archive(rule.id, rule.version, stage.clock.now())
    paid = await delivery_options(stage.means, MERCHANT_ID, HOME, CART, budget_s=10)
    assert [quote.price.minor for quote in paid.quotes] == [500, 900]


async def test_the_shopper_is_locked_to_what_the_rule_charges_and_the_carrier_to_its_own_price(
    stage: Stage,
) -> None:
    await _rule(stage, (), RuleEffect(RuleAction.MARK_UP, "10"))
    options = await delivery_options(stage.means, MERCHANT_ID, HOME, CART, budget_s=10)
    choice = await choose_option(
        stage.means, MERCHANT_ID, "key-1", options.id, options.quotes[0].id, "cart-1"
    )
    assert choice.price == Money(550, "USD")
    stage.shop.put("1001", choice=choice.id)
    await stage.take_in()
    await stage.settle()
    delivery = await stage.delivery()
    assert delivery.legs[0].price == Money(500, "USD")


async def test_what_a_rule_wants_at_the_door_is_asked_of_carriers_and_kept_with_the_delivery(
    stage: Stage,
) -> None:
    await _rule(stage, (), RuleEffect(RuleAction.REQUIRE_HANDOVER, "ID_CHECK"))
    delivery = await stage.booked()
    assert stage.cheap.asked[-1].requirements == (HandoverRequirement.ID_CHECK,)
    assert delivery.requirements == (HandoverRequirement.ID_CHECK,)
