"""What a checkout shows comes from where the order will leave; and a merchant can try and keep rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.errors import InvalidInput
from doorstep.events import OrderReceived
from doorstep.product import Product, StockLevel
from doorstep.quote import CarrierAnswer, Decline, DeclineReason, QuoteRequest, QuoteSet
from doorstep.sourcing import SourcingOutcome, SourcingRules, SourcingStrategy
from gateway.flow.quoting.choose import Cart, CartItem, choose_option, delivery_options
from gateway.flow.sourcing.decide import source_order
from gateway.flow.sourcing.preview import preview_sourcing, save_rules
from tests.integration.flow.fakes import DOOR, HOME, MERCHANT_ID, STORE, FakeCarrier
from tests.integration.flow.stage import Stage
from tests.integration.flow.two_places import (
    FAR,
    NEAR,
    SHOP_ID,
    Chain,
    Grocer,
    boundless,
    cheapest,
    open_places,
    usd,
)

STOCK: dict[str, dict[str, int | None]] = {"kettle": {"": 0}, "tea": {"": 50}}


class Picky(FakeCarrier):
    """Does not drive to the place nearby."""

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        if request.pickup == NEAR.address:
            return CarrierAnswer(declined=(Decline("picky", DeclineReason.OUT_OF_AREA, "Not there."),))
        return await super().quote(request, budget_s)


async def _show(stage: Stage, **wants: int) -> QuoteSet:
    async with stage.means.begin(MERCHANT_ID) as work:
        for name, levels in STOCK.items():
            stock = tuple(StockLevel(place, pieces) for place, pieces in levels.items())
            article = Product(name, name, name.upper(), stock=stock, id=f"prd_{name}", store_id=STORE.id)
            await work.products.put(replace(article, merchant_id=MERCHANT_ID), stage.clock.now())
    cart = Cart([CartItem(pieces, name, name.upper(), weight_g=900) for name, pieces in wants.items()])
    return await delivery_options(stage.means, MERCHANT_ID, HOME.at(DOOR), cart, 2.0)


async def test_options_come_from_the_place_that_the_order_will_leave(stage: Stage) -> None:
    rules = SourcingRules(SourcingStrategy.NEAREST, places=(boundless(NEAR), boundless(FAR)))
    await open_places(stage, Grocer(stage.clock, stock=STOCK), rules)
    shown = await _show(stage, kettle=1)
    assert shown.origin_id == NEAR.id
    assert {request.pickup for request in stage.cheap.asked} == {NEAR.address}
    assert (await _show(stage, tea=1)).origin_id in {NEAR.id, SHOP_ID}
    nameless = Cart([CartItem(1, "line")])
    assert (await delivery_options(stage.means, MERCHANT_ID, HOME, nameless, 2.0)).origin_id == SHOP_ID


async def test_a_cart_from_two_places_is_one_option_at_the_sum_and_the_latest_promise(stage: Stage) -> None:
    await open_places(stage, Grocer(stage.clock, stock=STOCK), cheapest(boundless(NEAR, "KETTLE")))
    shown = await _show(stage, kettle=1, tea=2)
    prices = {one.offer.carrier: one.offer.price for one in shown.quotes}
    assert prices == {"cheap": usd(1000), "dear": usd(1800)}
    asked = sorted((one.pickup.line1, one.goods.pieces) for one in stage.cheap.asked)
    assert asked == [("1 Quay", 2), ("3 Mill Street", 1)]

    await stage.link(Picky("picky", stage.clock, 100))
    less = await _show(stage, kettle=1, tea=3)
    assert {one.offer.carrier for one in less.quotes} == {"cheap", "dear"}
    assert "picky" in {one.carrier for one in less.declined}


async def test_what_the_shopper_chose_leaves_from_where_its_option_does(stage: Stage) -> None:
    rules = SourcingRules(SourcingStrategy.NEAREST, places=(boundless(NEAR), boundless(FAR)))
    await open_places(stage, Grocer(stage.clock, stock=STOCK), rules)
    shown = await _show(stage, kettle=1)
    chosen = await choose_option(stage.means, MERCHANT_ID, "12345678", shown.id, shown.quotes[0].id, "cart-1")
    closer = replace(rules, places=(boundless(NEAR, priority=9), boundless(FAR, priority=1)))
    await save_rules(stage.means, MERCHANT_ID, replace(closer, strategy=SourcingStrategy.PRIORITY))
    stage.shop.put("1001", choice=chosen.id)
    await stage.take_in()
    await stage.settle()
    (unit,) = (await stage.order()).fulfillment_orders
    assert unit.location_id == NEAR.id
    assert unit.sourcing is not None
    assert unit.sourcing.plan.reason == "Ships from Near, where the shopper's option leaves from."


async def test_rules_can_be_tried_on_an_order_and_change_nothing(stage: Stage) -> None:
    await open_places(stage, Grocer(stage.clock, stock=STOCK), SourcingRules())
    stage.shop.put("1001", wants={"kettle": 1})
    await stage.take_in()
    before = await stage.order()
    stage.shop.asked_products.clear()
    rules = SourcingRules(SourcingStrategy.NEAREST, places=(boundless(NEAR), boundless(FAR)))
    found = await preview_sourcing(stage.means, MERCHANT_ID, before.id, rules)
    assert found is not None
    ((unit_id, decision),) = found
    assert unit_id == before.fulfillment_orders[0].id
    assert decision is not None
    assert (decision.outcome, decision.plan.parts[0].location_id) == (SourcingOutcome.MOVED, NEAR.id)
    assert await preview_sourcing(stage.means, MERCHANT_ID, before.id, None) == [(unit_id, None)]
    assert await preview_sourcing(stage.means, MERCHANT_ID, "ord_unknown", None) is None
    assert (await stage.order(), stage.shop.asked_products) == (before, [])


async def test_only_rules_of_the_merchants_own_places_and_currency_are_kept(stage: Stage) -> None:
    await open_places(stage, Grocer(stage.clock, stock=STOCK), SourcingRules())
    for wrong in (
        cheapest(split_penalty=replace(usd(100), currency="EUR")),
        cheapest(boundless(replace(NEAR, id="loc_01jd0000000000000000000009"))),
    ):
        with pytest.raises(InvalidInput):
            await save_rules(stage.means, MERCHANT_ID, wrong)
    good = cheapest(boundless(NEAR, "KETTLE", handling=usd(50)), split_penalty=usd(100))
    await save_rules(stage.means, MERCHANT_ID, good)
    async with stage.means.begin(MERCHANT_ID) as work:
        assert (await work.accounts.merchant()).sourcing == good


async def test_what_somebody_was_sent_for_meanwhile_is_left_alone(stage: Stage) -> None:
    chain = Chain(stage.clock, stock={"kettle": {"near": 0, "far": 3}, "tea": {"near": 0, "far": 9}})
    await open_places(stage, chain, SourcingRules())
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    order = await stage.order()
    await save_rules(stage.means, MERCHANT_ID, cheapest())
    await source_order(OrderReceived(MERCHANT_ID, order.id), stage.means)
    assert chain.moves == []
    assert (await stage.order()).fulfillment_orders == order.fulfillment_orders
