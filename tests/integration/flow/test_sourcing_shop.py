"""What a checkout shows comes from where the order will leave; and a merchant can try and keep rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from doorstep.calendar import DaySpan, HandlingRules, Transit
from doorstep.errors import InvalidInput
from doorstep.events import OrderReceived
from doorstep.goods import GoodsTrait
from doorstep.order import HandoverRequirement
from doorstep.packing import Box
from doorstep.product import Dimensions, Product, StockLevel
from doorstep.quote import CarrierAnswer, Decline, DeclineReason, DeliveryMode, QuoteRequest, QuoteSet
from doorstep.sourcing import SourcingOutcome, SourcingRules, SourcingStrategy
from doorstep.window import PromiseBasis
from gateway.flow.packing.save import save_handling_rules
from gateway.flow.quoting.cart import Cart, CartItem
from gateway.flow.quoting.choose import choose_option
from gateway.flow.quoting.options import delivery_options
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


class Post(FakeCarrier):
    """A parcel carrier that says only that it takes a working day."""

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        (made,) = (await super().quote(request, budget_s)).quotes
        promise = replace(made.promise, basis=PromiseBasis.CALENDAR)
        return CarrierAnswer((replace(made, promise=promise, transit=Transit(DaySpan(1, 1))),))


class Tasting(Grocer):
    """Sells kettles of a known size, and tea with rum."""

    async def products(self, external_ids: Sequence[str]) -> tuple[Product, ...]:
        known = {
            "kettle": {"weight_g": 1_200, "dimensions": Dimensions(300, 180, 100)},
            "tea": {"weight_g": 340, "dimensions": Dimensions(120, 90, 90), "tags": ("Alcohol",)},
        }
        found = await super().products(external_ids)
        return tuple(replace(one, **known[one.external_id]) for one in found)  # type: ignore[arg-type] # by name


CRATE = Box("box_crate", "Crate", Dimensions(320, 200, 110), Dimensions(340, 220, 130), 400, 20_000)


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


async def test_each_part_of_a_cart_is_asked_about_as_the_part_of_its_order_will_be(stage: Stage) -> None:
    shop = Tasting(stage.clock, stock=STOCK)
    await open_places(stage, shop, cheapest(boundless(NEAR, "KETTLE")))
    await save_handling_rules(stage.means, MERCHANT_ID, NEAR.id, HandlingRules(days=DaySpan(2, 2)))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.boxes.save(CRATE, None, stage.clock.now())
        for product in await shop.products(("kettle", "tea")):
            ours = replace(product, id=f"prd_{product.external_id}", store_id=STORE.id)
            await work.products.put(replace(ours, merchant_id=MERCHANT_ID), stage.clock.now())
    post = Post("post", stage.clock, 300, DeliveryMode.PARCEL)
    await stage.link(post)
    items = [CartItem(1, "1", "KETTLE", usd(4_000)), CartItem(2, "2", "TEA", usd(900))]
    shown = await delivery_options(stage.means, MERCHANT_ID, HOME.at(DOOR), Cart(items), 2.0)

    kettle, tea = sorted(stage.cheap.asked, key=lambda one: one.goods.pieces)
    (crate,) = kettle.parcels
    assert (crate.weight_g, crate.length_mm, crate.width_mm) == (1_200 + 400, 340, 220)
    assert [one.weight_g for one in tea.parcels] == [2 * 340 + 400]
    assert (kettle.goods.traits, kettle.requirements, kettle.value) == (frozenset(), (), usd(4_000))
    wants = (frozenset({GoodsTrait.ALCOHOL}), (HandoverRequirement.ID_CHECK,), usd(1_800))
    assert (tea.goods.traits, tea.requirements, tea.value) == wants
    assert tea.ready_at == stage.clock.now() < kettle.ready_at
    assert (shown.request.parcels, shown.request.value) == ((*kettle.parcels, *tea.parcels), usd(5_800))
    assert (shown.request.goods.pieces, shown.request.goods.traits) == (3, tea.goods.traits)
    # Two days of packing, Thanksgiving, and one day on the way: the kettle comes last, and counts.
    (slow,) = [one for one in shown.quotes if one.offer.carrier == "post"]
    assert slow.offer.promise.window.start == datetime(2026, 11, 27, 13, tzinfo=UTC)

    stage.cheap.asked.clear()
    shop.stock = {**STOCK, "kettle": {"": -1}}
    shop.put("1001")
    await stage.take_in()
    await stage.settle()
    parts = sorted(stage.cheap.asked, key=lambda one: one.goods.pieces)
    assert [(one.pickup, one.parcels, one.goods, one.requirements) for one in parts] == [
        (one.pickup, one.parcels, one.goods, one.requirements) for one in (kettle, tea)
    ]


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
