"""What a merchant says of goods and handling, as it is given and shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from doorstep.calendar import DaySpan, HandlingRules
from doorstep.goods import USUAL_GOODS, GoodsRule, GoodsRules, GoodsTrait
from doorstep.ids import new_id
from doorstep.packing import PackedParcel, Piece, Placement
from doorstep.parcel import Parcel
from doorstep.product import Dimensions
from gateway.api.types.quotes import QuoteSet
from tests.unit.api import world as w
from tests.unit.api.conftest import Run
from tests.unit.api.fakes import House

RULES = GoodsRules(
    (
        GoodsRule(
            words=("Gin", "Cask strength"),
            sku_prefixes=("GIN-",),
            traits=frozenset({GoodsTrait.ALCOHOL, GoodsTrait.FRAGILE}),
            without=frozenset({GoodsTrait.FROZEN}),
            minimum_age=21,
            sides=Dimensions(300, 90, 90),
            is_upright=True,
        ),
    ),
    has_usual=False,
)
HANDLING = HandlingRules(
    cut_off=time(15),
    days=DaySpan(0, 1),
    weekdays=frozenset({1, 2}),
    pickup_until=time(16, 30),
    closed=frozenset({date(2026, 12, 24)}),
    keeps_holidays=True,
)
RULE = "words skuPrefixes traits without minimumAge sides { lengthMillimeters } isUpright shipsAlone"
TIMES = """locationId cutOff fewestDays mostDays weekdays readyFrom pickupUntil pickupWeekdays closedOn
  keepsHolidays"""
SAVE_GOODS = f"""mutation($input: SaveGoodsRulesInput!) {{ saveGoodsRules(input: $input) {{
  ... on SaveGoodsRulesSuccess {{ goodsRules {{ hasUsual rules {{ {RULE} }} usual {{ words }} }} }}
  ... on InvalidInput {{ path message }} }} }}"""
SAVE_HANDLING = f"""mutation($input: SaveHandlingRulesInput!) {{ saveHandlingRules(input: $input) {{
  ... on SaveHandlingRulesSuccess {{ handlingRules {{ {TIMES} }} }}
  ... on InvalidInput {{ path message }} }} }}"""
GIN: dict[str, Any] = {
    "words": ["Gin", " Cask strength "],
    "skuPrefixes": ["GIN-"],
    "traits": ["FRAGILE", "ALCOHOL"],
    "without": ["FROZEN"],
    "minimumAge": 21,
    "sides": {"lengthMillimeters": 300, "widthMillimeters": 90, "heightMillimeters": 90},
    "isUpright": True,
}
TWO_DAYS: dict[str, Any] = {
    "cutOff": "15:00",
    "mostDays": 1,
    "weekdays": [2, 1],
    "pickupUntil": "16:30",
    "closedOn": ["2026-12-24"],
    "keepsHolidays": True,
}


async def test_rules_about_goods_are_kept_as_they_are_given(run: Run, house: House) -> None:
    house.commands.answers["save_goods_rules"] = replace(w.MERCHANT, goods=RULES)
    result = await run(SAVE_GOODS, None, input={"rules": [GIN], "hasUsual": False})
    assert result.errors is None
    assert house.commands.asked == [("save_goods_rules", {"rules": RULES, "expected_version": None})]
    assert result.data is not None
    shown = result.data["saveGoodsRules"]["goodsRules"]
    assert shown["rules"] == [
        GIN
        | {
            "words": ["Gin", "Cask strength"],
            "traits": ["ALCOHOL", "FRAGILE"],
            "sides": {"lengthMillimeters": 300},
            "shipsAlone": False,
        }
    ]
    assert (shown["hasUsual"], len(shown["usual"])) == (False, len(USUAL_GOODS))


async def test_rules_about_handling_are_kept_for_a_place_or_for_all(run: Run, house: House) -> None:
    merchant = replace(w.MERCHANT, handling_at={w.LOCATION.id: HANDLING})
    house.commands.answers["save_handling_rules"] = merchant
    result = await run(SAVE_HANDLING, None, input={"locationId": w.LOCATION.id, "rules": TWO_DAYS})
    assert result.errors is None
    asked = {"location_id": w.LOCATION.id, "rules": HANDLING, "expected_version": None}
    assert house.commands.asked == [("save_handling_rules", asked)]
    assert result.data is not None
    everywhere, here = result.data["saveHandlingRules"]["handlingRules"]
    assert (everywhere["locationId"], everywhere["cutOff"]) == (None, None)
    assert everywhere["pickupWeekdays"] == [1, 2, 3, 4, 5]
    assert here == TWO_DAYS | {
        "locationId": w.LOCATION.id,
        "fewestDays": 0,
        "weekdays": [1, 2],
        "readyFrom": "09:00",
        "pickupWeekdays": [1, 2, 3, 4, 5],
    }
    taken_away = await run(SAVE_HANDLING, None, input={"locationId": w.LOCATION.id})
    assert taken_away.errors is None
    assert house.commands.asked[-1][1]["rules"] is None


@pytest.mark.parametrize(
    ("document", "given", "path"),
    [
        (SAVE_GOODS, {"rules": [{"traits": ["ALCOHOL"]}]}, ["input", "rules", "0"]),
        (
            SAVE_GOODS,
            {"rules": [{"words": ["x"], "minimumAge": 0}]},
            ["input", "rules", "0", "minimumAge"],
        ),
        (SAVE_HANDLING, {"rules": {"cutOff": "25:00"}}, ["input", "rules", "cutOff"]),
        (SAVE_HANDLING, {"rules": {"weekdays": []}}, ["input", "rules", "weekdays"]),
        (SAVE_HANDLING, {"rules": {"fewestDays": 2, "mostDays": 1}}, ["input", "rules", "mostDays"]),
    ],
)
async def test_what_makes_no_sense_is_refused_where_it_stands(
    run: Run, house: House, document: str, given: dict[str, Any], path: list[str]
) -> None:
    result = await run(document, None, input=given)
    assert result.errors is None
    assert result.data is not None
    (answer,) = result.data.values()
    assert answer["path"] == path
    assert house.commands.asked == []


def test_a_quote_set_shows_what_lies_where_and_what_the_merchant_should_know() -> None:
    piece = Piece("l-1", Dimensions(300, 90, 90), 900)
    placed = Placement(piece, 0, 90, 0, 300, 90, 90)
    own, usual = (
        PackedParcel(Parcel(1_300, 340, 220, 130), box_id, (placed,)) for box_id in (new_id("box"), "usual-2")
    )
    shown = QuoteSet.of(replace(w.QUOTES, packed=(own, usual), notes=("Look.",)))
    assert [packed.box_id for packed in shown.packing] == [own.box_id, None]
    assert (shown.packing[0].parcel.dimensions.weight_grams, shown.notes) == (1_300, ["Look."])
    (laid,) = shown.packing[0].pieces
    assert (laid.line_id, laid.y_millimeters, laid.length_millimeters) == ("l-1", 90, 300)
