"""What goods are, by tags, categories, SKUs and titles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.goods import Goods, GoodsRule, GoodsRules, GoodsTrait
from doorstep.limits import CarrierLimits, why_not
from doorstep.money import Money
from doorstep.order import (
    FulfillmentLine,
    FulfillmentMethod,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    HandoverRequirement,
    Order,
    OrderLine,
    OrderStatus,
    StorePlatform,
)
from doorstep.product import Dimensions, Product
from doorstep.quote import DeclineReason
from gateway.flow.packing import LoadLine, goods_of, lines_of_order
from gateway.flow.packing.traits import _AT_HAND, _MOST_AT_HAND
from tests.unit.flow.asked import NOON, REQUEST

T = GoodsTrait


@pytest.mark.parametrize(
    ("words", "traits"),
    [
        (("Alcohol",), {T.ALCOHOL}),
        (("Food, Beverages & Tobacco > Beverages > Alcoholic Beverages > Beer",), {T.ALCOHOL}),
        (("alcohol-free", "Root beer", "Wine glasses"), set()),
        (("KEEP_FROZEN", "lithium-ion"), {T.FROZEN, T.LITHIUM}),
        (("hazmat",), {T.HAZARDOUS}),
        (("Hazardous  Materials",), {T.HAZARDOUS}),
        ((), set()),
    ],
)
def test_usual_words_say_what_goods_are(words: tuple[str, ...], traits: set[GoodsTrait]) -> None:
    assert goods_of([LoadLine(1, words=words)], GoodsRules()).traits == traits


def test_a_merchants_rules_add_to_the_usual_ones_and_take_away_from_them() -> None:
    rules = GoodsRules(
        (
            GoodsRule(sku_prefixes=("GIN-",), traits=frozenset({T.ALCOHOL}), minimum_age=21),
            GoodsRule(title_words=("absinthe",), traits=frozenset({T.ALCOHOL}), minimum_age=18),
            GoodsRule(words=("Movies",), without=frozenset({T.FROZEN})),
        )
    )
    gin, absinthe = LoadLine(2, sku="gin-07"), LoadLine(1, title="Green Absinthe, 0.5 l")
    assert goods_of([gin, absinthe], rules) == Goods(frozenset({T.ALCOHOL}), 3, 21)
    film = LoadLine(1, words=("Frozen", "Movies"))
    assert goods_of([film], rules) == Goods(frozenset(), 1, None, frozenset({"Frozen", "Movies"}))
    assert goods_of([film], GoodsRules(has_usual=False)).traits == frozenset()


def test_a_carrier_that_falls_out_names_the_trait() -> None:
    def refusal(goods: Goods, **limits: object) -> tuple[DeclineReason, str]:
        decline = why_not("swift", "Swift", CarrierLimits(**limits), replace(REQUEST, goods=goods))  # type: ignore[arg-type]  # fields by name
        assert decline is not None
        return decline.reason, decline.text

    gin = Goods(frozenset({T.ALCOHOL}))
    assert refusal(gin, refused=frozenset({T.ALCOHOL})) == (
        DeclineReason.PROHIBITED_GOODS,
        "Swift carries no alcohol.",
    )
    handovers = frozenset(HandoverRequirement) - {
        HandoverRequirement.ID_CHECK,
        HandoverRequirement.COLD_CHAIN,
    }
    assert refusal(gin, handovers=handovers) == (
        DeclineReason.AGE_RESTRICTED,
        "Swift does not offer id check, which alcohol must have.",
    )
    assert refusal(Goods(frozenset({T.FROZEN})), handovers=handovers) == (
        DeclineReason.HANDOVER,
        "Swift does not offer cold chain, which frozen goods must have.",
    )
    assert refusal(Goods(minimum_age=18), handovers=handovers)[1].endswith(
        "which goods for people of 18 and over must have."
    )


def test_an_order_is_what_is_left_of_it_with_what_the_store_knows_of_its_articles() -> None:
    unit = FulfillmentOrder(
        "1",
        FulfillmentOrderStatus.OPEN,
        FulfillmentMethod.SHIP,
        (
            FulfillmentLine("a", 2),
            FulfillmentLine("b", 1),
            FulfillmentLine("c", 0),
            FulfillmentLine("gone", 1),
        ),
    )
    lines = (
        OrderLine("a", "Cider", 3, sku="CID", product_external_id="7"),
        # A piece and a half weighs more than the article, so its sides are not the article's.
        OrderLine("b", "Cloth × 1.5", 1, weight_g=300, product_external_id="8"),
        OrderLine("c", "Refunded", 1),
    )
    order = Order(
        "1", "1", StorePlatform.OTHER, OrderStatus.OPEN, NOON, NOON, Money(1, "USD"), lines, (unit,)
    )
    sides = Dimensions(100, 80, 60)
    products = {
        "7": Product("7", "Cider", weight_g=750, dimensions=sides, tags=("alcohol",), categories=("Drinks",)),
        "8": Product("8", "Cloth", weight_g=200, dimensions=sides),
    }
    cider, cloth, gone = lines_of_order(order, unit, products)
    assert (cider.quantity, cider.weight_g, cider.sides) == (2, 750, sides)
    assert cider.words == ("alcohol", "Drinks")
    assert (cloth.weight_g, cloth.sides) == (300, None)
    assert (gone.quantity, gone.name) == (1, "gone")


class Looked(GoodsRules):
    """Counts how often a whole table is compared."""

    times = 0

    def __hash__(self) -> int:
        Looked.times += 1
        return hash(self.rules)


def test_a_long_table_is_looked_at_once_for_a_question_and_none_is_kept_for_ever() -> None:
    rules = tuple(GoodsRule((f"word {number}",), traits=frozenset({T.FROZEN})) for number in range(200))
    table = Looked(rules)
    for number in range(50):
        assert goods_of([LoadLine(1, words=(f"Word {number}",))], table).traits == {T.FROZEN}
    assert Looked.times == 1
    for number in range(3 * _MOST_AT_HAND):
        # Whatever comes to lie where another table lay before is read anew.
        other = GoodsRules((GoodsRule((f"only {number}",), traits=frozenset({T.CHILLED})),))
        assert goods_of([LoadLine(1, words=(f"only {number}",))], other).traits == {T.CHILLED}
    assert len(_AT_HAND) == _MOST_AT_HAND
    assert goods_of([LoadLine(1, words=("word 7",))], table).traits == {T.FROZEN}
    assert Looked.times == 2
