"""Goods, parcels and promises on the way that orders and carts go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from doorstep.booking import Booking, BookingRequest
from doorstep.calendar import DaySpan, HandlingRules, Transit
from doorstep.errors import InvalidInput
from doorstep.goods import Goods, GoodsRule, GoodsRules, GoodsTrait
from doorstep.ids import new_id
from doorstep.limits import CarrierLimits
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.packing import Box
from doorstep.product import Dimensions, Product
from doorstep.quote import CarrierAnswer, DeclineReason, DeliveryMode, QuoteRequest, QuoteSet
from doorstep.window import PromiseBasis
from gateway.flow.packing.save import save_goods_rules, save_handling_rules
from gateway.flow.quoting.cart import Cart, CartItem
from gateway.flow.quoting.options import delivery_options
from tests.integration.flow.fakes import HOME, MERCHANT_ID, STORE, FakeCarrier, FakeStore
from tests.integration.flow.stage import Stage

ALCOHOL = frozenset({GoodsTrait.ALCOHOL})
GIN = Product("7", "Gin", "GIN-1", 900, Dimensions(300, 90, 90), tags=("Alcohol", "Botanical"))
CART = Cart([CartItem(2, "1", "GIN-1", Money(2_000, "USD"))])
CRATE = Box("box_crate", "Crate", Dimensions(320, 200, 110), Dimensions(340, 220, 130), 400, 20_000)


@dataclass
class Distillery(FakeStore):
    """Sells gin, which is found by its id and by its SKU."""

    asked_skus: list[tuple[str, ...]] = field(default_factory=list)

    async def products(self, external_ids: Sequence[str]) -> tuple[Product, ...]:
        return tuple(GIN for external_id in external_ids if external_id == GIN.external_id)

    async def products_by_sku(self, skus: Sequence[str]) -> tuple[Product, ...]:
        self.asked_skus.append(tuple(skus))
        return tuple(GIN for sku in skus if sku == GIN.sku)


@dataclass
class Recorded(FakeCarrier):
    """Remembers what it was booked for."""

    bookings: list[BookingRequest] = field(default_factory=list)

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        self.bookings.append(request)
        return await super().book(request, budget_s)


@dataclass
class Post(FakeCarrier):
    """A parcel carrier that says only how many working days it takes."""

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        (made,) = (await super().quote(request, budget_s)).quotes
        promise = replace(made.promise, basis=PromiseBasis.CALENDAR)
        return CarrierAnswer((replace(made, promise=promise, transit=Transit(DaySpan(2, 3))),))


async def _keep(stage: Stage, product: Product) -> None:
    ours = replace(product, id=new_id("prd"), store_id=STORE.id, merchant_id=MERCHANT_ID)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.products.put(ours, stage.clock.now())


async def _options(stage: Stage, cart: Cart = CART) -> QuoteSet:
    return await delivery_options(stage.means, MERCHANT_ID, HOME, cart, budget_s=10)


def _limit(stage: Stage, name: str, limits: CarrierLimits) -> None:
    stage.links.linked[:] = [
        replace(one, limits=limits) if one.account.carrier == name else one for one in stage.links.linked
    ]


async def test_who_may_not_carry_what_is_in_the_cart_falls_out_and_says_why(stage: Stage) -> None:
    await _keep(stage, GIN)
    _limit(stage, "cheap", CarrierLimits(refused=ALCOHOL))
    options = await _options(stage)
    assert [quote.offer.carrier for quote in options.quotes] == ["dear"]
    (decline,) = options.declined
    assert (decline.reason, decline.text) == (DeclineReason.PROHIBITED_GOODS, "cheap carries no alcohol.")
    (asked,) = stage.dear.asked
    assert asked.goods == Goods(ALCOHOL, 2, None, frozenset({"Alcohol", "Botanical"}))
    assert asked.requirements == (HandoverRequirement.ID_CHECK,)


async def test_a_cart_of_articles_that_nobody_has_read_asks_the_store_once_for_the_next_cart(
    stage: Stage,
) -> None:
    shop = Distillery(stage.clock)
    stage.links.shop = stage.shop = shop
    assert (await _options(stage)).request.goods.traits == frozenset()
    await _options(stage)
    await stage.settle()
    assert shop.asked_skus == [("GIN-1",)]
    assert (await _options(stage)).request.goods.traits == ALCOHOL


async def test_an_order_is_packed_into_the_merchants_boxes_and_booked_with_what_is_in_them(
    stage: Stage,
) -> None:
    stage.links.shop = stage.shop = Distillery(stage.clock)
    courier = Recorded("swift", stage.clock, 100)
    await stage.link(courier)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.boxes.save(CRATE, None, stage.clock.now())
    stage.shop.put("1001", product=GIN.external_id)
    await stage.take_in()
    await stage.settle()
    (booking,) = courier.bookings
    (parcel,) = booking.parcels
    assert (parcel.weight_g, parcel.length_mm, parcel.width_mm) == (2 * 900 + 400, 340, 220)
    assert (booking.goods.traits, booking.requirements) == (ALCOHOL, (HandoverRequirement.ID_CHECK,))
    assert booking.time_zone == "America/New_York"
    delivery = await stage.delivery()
    assert delivery.parcels == booking.parcels
    async with stage.means.begin(MERCHANT_ID) as work:
        quote_set = await work.quotes.get(delivery.quote_set_id)
    assert quote_set is not None
    (packed,) = quote_set.packed
    assert (packed.box_id, len(packed.placements), quote_set.notes) == ("box_crate", 2, ())


async def test_a_merchant_is_told_which_article_lacks_what(stage: Stage) -> None:
    rules = GoodsRules((GoodsRule(sku_prefixes=("LAMP",), minimum_age=18),))
    await save_goods_rules(stage.means, MERCHANT_ID, rules)
    options = await _options(stage, Cart([CartItem(1, "1", "LAMP-2", weight_g=700)]))
    assert options.notes == ("The parcel is an estimate: LAMP-2 has no sides.",)
    assert (options.request.parcels[0].weight_g, options.packed) == (700, ())
    # What the merchant's table says needs no reading of the store.
    assert options.request.goods.minimum_age == 18


async def test_who_says_only_how_many_days_it_takes_is_promised_by_the_calendar(stage: Stage) -> None:
    await stage.link(Post("post", stage.clock, 300, DeliveryMode.PARCEL))
    noon = HandlingRules(cut_off=time(11), pickup_until=time(16))
    await save_handling_rules(stage.means, MERCHANT_ID, None, noon)
    options = await _options(stage, Cart([CartItem(1)]))
    promises = {quote.offer.carrier: quote.offer.promise for quote in options.quotes}
    # Monday noon is past the cut-off: it is fetched on Tuesday the 24th. Two working days later would be
    # Thanksgiving, so it is Friday the 27th, and three are Monday the 30th until 20:00.
    window = promises["post"].window
    assert window.start == datetime(2026, 11, 27, 13, tzinfo=UTC)
    assert window.end == datetime(2026, 12, 1, 1, tzinfo=UTC)
    assert promises["post"].basis is PromiseBasis.CALENDAR
    assert promises["cheap"].basis is PromiseBasis.CARRIER_COMMITMENT
    # Couriers come when it is ready: on Tuesday at 9:00.
    assert stage.cheap.asked[-1].ready_at == datetime(2026, 11, 24, 14, tzinfo=UTC)
    assert options.request.ready_at - stage.clock.now() == timedelta(hours=21)


async def test_a_place_may_handle_orders_in_its_own_way(stage: Stage) -> None:
    slow = HandlingRules(days=DaySpan(1, 2), closed=frozenset({date(2026, 12, 24)}))
    await save_handling_rules(stage.means, MERCHANT_ID, STORE.location_id, slow)
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()
    assert merchant.handling_of(STORE.location_id) == slow
    with pytest.raises(InvalidInput, match="no location of this merchant"):
        await save_handling_rules(stage.means, MERCHANT_ID, new_id("loc"), slow)
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    assert stage.cheap.asked[-1].ready_at == datetime(2026, 11, 25, 14, tzinfo=UTC)
    usual = await save_handling_rules(stage.means, MERCHANT_ID, STORE.location_id, None)
    assert usual.handling_of(STORE.location_id) == HandlingRules()
