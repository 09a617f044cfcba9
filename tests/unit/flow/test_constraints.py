"""Who cannot carry an order at all falls out and says why: each constraint, from the order to the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import pytest

from connectors.fleet import FleetConnector, FleetSettings
from connectors.fleet.settings import Depot, RateBand
from connectors.fleet.zone import Zone
from doorstep.calendar import DaySpan
from doorstep.clock import Clock
from doorstep.deadline import Deadline
from doorstep.driver import Driver
from doorstep.geo import LatLng
from doorstep.goods import AccessLimit, GoodsRule, GoodsRules, GoodsTrait
from doorstep.limits import EVERY_HANDOVER, CarrierLimits, VehicleRoom
from doorstep.merchant import CarrierAccount, FallbackRate, Merchant
from doorstep.money import Money
from doorstep.order import (
    FulfillmentLine,
    FulfillmentMethod,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    HandoverRequirement,
    Location,
    Order,
    OrderLine,
    OrderStatus,
    StorePlatform,
)
from doorstep.packing import Box
from doorstep.product import Dimensions, Product
from doorstep.quote import DeclineReason, DeliveryMode, PriceBasis, QuoteSet, VehicleKind
from doorstep.rule import Condition, ConditionField, ConditionGroup, ConditionOperator, Rule, RuleAction
from doorstep.rule import RuleEffect as Effect
from gateway.flow.packing import PackingTable, lines_of_order
from gateway.flow.ports import LinkedCarrier, Reuse
from gateway.flow.quoting.question import Unit, facts_of, question
from gateway.flow.quoting.quote import Asking, ask
from gateway.flow.quoting.shopping import RateShopper
from gateway.flow.rules import compile_rules
from optimizer.packing import BoxPacker
from optimizer.roads import AffineRoads
from tests.unit.flow.asked import DOOR, NOON, SHOP, HandClock, Told, down, linked

SHOP_AT, DOOR_AT = LatLng(40.7, -74.0), LatLng(40.73, -74.0)
PLACE = Location("loc_1", "mer_1", "Shop", SHOP.at(SHOP_AT), "America/New_York")
PLAIN = Product("7", "Kettle", "KET", 1_200, Dimensions(300, 200, 200))
LADDER = replace(PLAIN, title="Ladder", weight_g=9_000, dimensions=Dimensions(1_800, 400, 100))
PILLOW = replace(PLAIN, title="Pillow", weight_g=800, dimensions=Dimensions(550, 440, 440))


@dataclass(frozen=True)
class Bought:
    """An order of one article or two, and what its merchant has set."""

    product: Product = PLAIN
    pieces: int = 1
    also: Product | None = None
    order_tags: tuple[str, ...] = ()
    goods: GoodsRules = field(default_factory=GoodsRules)
    rules: tuple[Rule, ...] = ()
    boxes: tuple[Box, ...] = ()
    fallback: tuple[FallbackRate, ...] = ()

    async def quoted(self, carriers: Sequence[LinkedCarrier], reuse: Reuse = Reuse.REFUSALS) -> QuoteSet:
        """The list as an order gets it: lines, boxes, goods, rules, and everybody asked at once."""
        merchant = Merchant("mer_1", "A shop", "USD", "America/New_York", goods=self.goods)
        merchant = replace(merchant, fallback_rates=self.fallback)
        bought = [(self.product, self.pieces), *([(self.also, 1)] if self.also else [])]
        articles = {str(number): product for number, (product, _) in enumerate(bought)}
        lines_bought = tuple(
            OrderLine(str(number), product.title, pieces, sku="KET", product_external_id=str(number))
            for number, (product, pieces) in enumerate(bought)
        )
        open_, ship = FulfillmentOrderStatus.OPEN, FulfillmentMethod.SHIP
        parts = tuple(FulfillmentLine(line.external_id, line.quantity) for line in lines_bought)
        part = FulfillmentOrder("1", open_, ship, parts, id="ful_1", location_id="loc_1")
        order = Order(
            "1",
            "#1",
            StorePlatform.SHOPIFY,
            OrderStatus.OPEN,
            NOON,
            NOON,
            Money(40_000, "USD"),
            lines_bought,
            (part,),
            tags=self.order_tags,
        )
        unit = Unit(merchant, order, part, PLACE, DOOR.at(DOOR_AT))
        lines = lines_of_order(order, part, articles)
        divisors = [one.limits.dimensional_divisor for one in carriers]
        table = PackingTable(BoxPacker())
        load = await table.load(lines, self.goods, self.boxes, divisor=divisors[0] if divisors else None)
        request = question(unit, NOON, lines=lines, load=load)
        book = compile_rules(self.rules, "USD")
        asking = Asking(merchant, request, "loc_1", "ful_1", book, facts_of(unit, request), load=load)
        return await ask(RateShopper(HandClock()), asking, carriers, Deadline(1), reuse)


def tagged(*tags: str, **more: Any) -> Bought:
    return Bought(replace(PLAIN, tags=tags), **more)


def asks_for(need: str, field_: ConditionField, value: str) -> tuple[Rule, ...]:
    """If something about the order is more than so much, ask for something at the door."""
    condition = Condition(field_, ConditionOperator.GREATER, (value,))
    effect = Effect(RuleAction.REQUIRE_HANDOVER, need)
    return (Rule("rul_1", "mer_1", "Careful", (ConditionGroup((condition,)),), (effect,), NOON),)


def without(*needs: HandoverRequirement) -> CarrierLimits:
    return CarrierLimits(handovers=EVERY_HANDOVER - set(needs))


NEED = HandoverRequirement
BIKES = (VehicleRoom(VehicleKind.FOOT, 5_000, 450), VehicleRoom(VehicleKind.BICYCLE, 10_000, 600))
ADULT_KNIVES = GoodsRules((GoodsRule(title_words=("kettle",), minimum_age=18),))
VALUE, WEIGHT = ConditionField.ORDER_VALUE, ConditionField.TOTAL_WEIGHT_GRAMS

REFUSED: Mapping[str, tuple[Bought, CarrierLimits, DeclineReason, str]] = MappingProxyType(
    {
        "service area": (
            Bought(),
            CarrierLimits(countries=frozenset({"CA"})),
            DeclineReason.OUT_OF_AREA,
            "Courier does not carry from US.",
        ),
        "distance": (
            Bought(),
            CarrierLimits(distance_m=3_000),
            DeclineReason.OUT_OF_AREA,
            "3.3 km as the crow flies; Courier goes 3 km.",
        ),
        "size": (
            Bought(LADDER),
            CarrierLimits(longest_mm=1_200),
            DeclineReason.TOO_LARGE,
            "180 cm long; Courier takes 120 cm.",
        ),
        "girth": (
            Bought(LADDER),
            CarrierLimits(girth_mm=2_700),
            DeclineReason.TOO_LARGE,
            "Length and girth are 280 cm; Courier takes 270 cm.",
        ),
        "weight": (
            Bought(LADDER),
            CarrierLimits(parcel_weight_g=8_000),
            DeclineReason.TOO_HEAVY,
            "9 kg; Courier takes 8 kg.",
        ),
        "one long parcel beside a short one": (
            Bought(also=LADDER),
            CarrierLimits(longest_mm=1_000, parcels=5),
            DeclineReason.TOO_LARGE,
            "180 cm long; Courier takes 100 cm.",
        ),
        "several parcels": (
            Bought(LADDER, pieces=2),
            CarrierLimits(parcels=1),
            DeclineReason.TOO_LARGE,
            "2 parcels; Courier takes 1 at once.",
        ),
        "hazardous goods": (
            tagged("HazMat"),
            CarrierLimits(refused=frozenset({GoodsTrait.HAZARDOUS})),
            DeclineReason.PROHIBITED_GOODS,
            "Courier carries no hazardous goods.",
        ),
        "alcohol": (
            tagged("Food > Beverages > Wine"),
            CarrierLimits(refused=frozenset({GoodsTrait.ALCOHOL})),
            DeclineReason.PROHIBITED_GOODS,
            "Courier carries no alcohol.",
        ),
        "the age of who takes it in": (
            tagged("Wine"),
            without(NEED.ID_CHECK),
            DeclineReason.AGE_RESTRICTED,
            "Courier does not offer id check, which alcohol must have.",
        ),
        "an age that the merchant set": (
            Bought(goods=ADULT_KNIVES),
            without(NEED.ID_CHECK),
            DeclineReason.AGE_RESTRICTED,
            "Courier does not offer id check, which goods for people of 18 and over must have.",
        ),
        "an identity card that a rule asks for": (
            Bought(rules=asks_for("ID_CHECK", VALUE, "300")),
            without(NEED.ID_CHECK),
            DeclineReason.AGE_RESTRICTED,
            "Courier does not offer id check.",
        ),
        "cold chain": (
            tagged("Frozen food"),
            without(NEED.COLD_CHAIN),
            DeclineReason.HANDOVER,
            "Courier does not offer cold chain, which frozen goods must have.",
        ),
        "oversized": (
            tagged("Bulky"),
            CarrierLimits(refused=frozenset({GoodsTrait.OVERSIZED})),
            DeclineReason.TOO_LARGE,
            "Courier carries no oversized goods.",
        ),
        "two people": (
            Bought(LADDER, rules=asks_for("TWO_PERSON", WEIGHT, "8000")),
            without(NEED.TWO_PERSON),
            DeclineReason.HANDOVER,
            "Courier does not offer two person.",
        ),
        "the kind of vehicle": (
            Bought(LADDER),
            CarrierLimits(vehicles=BIKES),
            DeclineReason.VEHICLE_MISMATCH,
            "It does not fit into Courier's largest vehicle, a bicycle.",
        ),
    }
)


@pytest.mark.parametrize("case", REFUSED)
async def test_who_cannot_carry_it_is_not_asked_and_the_list_says_why(case: str) -> None:
    bought, limits, reason, text = REFUSED[case]
    strict, able = Told("courier"), Told("able", 900)
    found = await bought.quoted([linked(strict, limits=limits), linked(able)])
    assert [(no.account_id, no.reason, no.text) for no in found.declined] == [("acc_courier", reason, text)]
    assert [quote.offer.carrier for quote in found.quotes] == ["able"]
    assert strict.asked == []


FLEET: Mapping[str, tuple[Bought, dict[str, Any], DeclineReason, str]] = MappingProxyType(
    {
        "service area": (
            Bought(),
            {"zones": (Zone("city", postcode_prefixes=("99",), country="US"),)},
            DeclineReason.OUT_OF_AREA,
            "zone",
        ),
        "limited access": (
            Bought(order_tags=("VIP", "Limited-Access")),
            {"avoids": (AccessLimit.LIMITED_ACCESS,)},
            DeclineReason.LIMITED_ACCESS,
            "No van of the depot goes to doors with limited access.",
        ),
        "no lift": (
            Bought(order_tags=("4th floor, no elevator", "no elevator")),
            {"avoids": (AccessLimit.NO_LIFT,)},
            DeclineReason.LIMITED_ACCESS,
            "No van of the depot goes to doors with no lift.",
        ),
        "two people": (
            Bought(LADDER, rules=asks_for("TWO_PERSON", WEIGHT, "8000")),
            {},
            DeclineReason.HANDOVER,
            "No van of the depot does two person.",
        ),
        "cold chain": (
            tagged("Chilled"),
            {},
            DeclineReason.HANDOVER,
            "No van of the depot does cold chain.",
        ),
        "weight": (
            Bought(LADDER, pieces=5),
            {},
            DeclineReason.TOO_HEAVY,
            "Weighs 45 kg; the largest van of the depot takes 40 kg.",
        ),
    }
)


def _vans(clock: Clock, **changes: Any) -> LinkedCarrier:
    """Own vans: one of 40 kg, within ten kilometres."""
    ann = Driver("drv_ann", "mer_1", "Ann", "loc_1", "dev-ann", "09:00", "18:30", 40_000, 900_000)
    values = {
        "currency": "USD",
        "depots": {"loc_1": Depot(SHOP_AT, "America/New_York")},
        "zones": (Zone("city", radius_m=10_000),),
        "bands": (RateBand("city", 500_000, Money(500, "USD")),),
        "drivers": (ann,),
    }
    settings = FleetSettings(**{**values, **changes})
    account = CarrierAccount("acc_vans", "mer_1", "own_fleet", "Vans", DeliveryMode.OWN_FLEET)
    return LinkedCarrier(account, FleetConnector(settings, AffineRoads(), clock=clock))


@pytest.mark.parametrize("case", FLEET)
async def test_own_vans_that_cannot_say_which_constraint_it_was(case: str) -> None:
    bought, changes, reason, text = FLEET[case]
    found = await bought.quoted([_vans(HandClock(), **changes)])
    (decline,) = found.declined
    assert decline.reason is reason
    assert text in decline.text
    assert found.quotes == ()


async def test_own_vans_that_can_make_an_offer() -> None:
    (quote,) = (await Bought(order_tags=("No lift",)).quoted([_vans(HandClock())])).quotes
    assert quote.offer.price == Money(500, "USD")


async def test_size_counts_as_weight_where_a_carrier_bills_it() -> None:
    # 560 x 450 x 450 mm are 113,400 cubic centimetres: 22.68 kg at 5,000 for the kilogram, though it
    # weighs less than one. Two fit into the wide box, which is billed as 120 kg; two small ones are 46 kg.
    small = Box("box_s", "Small", Dimensions(560, 450, 450), Dimensions(560, 450, 450), 100, 20_000)
    wide = Box("box_w", "Wide", Dimensions(1_000, 1_000, 500), Dimensions(1_000, 1_000, 600), 100, 20_000)
    rates = tuple(
        FallbackRate(
            "courier", name, name, DeliveryMode.PARCEL, Money(price, "USD"), DaySpan(1, 3), max_weight_g=most
        )
        for name, price, most in (("light", 500, 5_000), ("heavy", 2_500, 50_000))
    )
    pillows = Bought(PILLOW, pieces=2, boxes=(small, wide), fallback=rates)
    by_size = linked(Told("courier", error=down()), limits=CarrierLimits(dimensional_divisor=5_000))
    found = await pillows.quoted([by_size], Reuse.ALL)
    assert [parcel.length_mm for parcel in found.request.parcels] == [560, 560]
    assert [(one.offer.service, one.offer.price_basis) for one in found.quotes] == [
        ("heavy", PriceBasis.FALLBACK)
    ]
    by_weight = linked(Told("courier", error=down()))
    found = await pillows.quoted([by_weight], Reuse.ALL)
    assert {one.offer.service for one in found.quotes} == {"light", "heavy"}
