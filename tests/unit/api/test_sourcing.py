"""Articles of an order, and where a fulfillment order could leave from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from doorstep.money import Money
from doorstep.order import FulfillmentLine, OrderLine
from doorstep.product import Dimensions, Product, StockLevel
from tests.unit.api import world as w
from tests.unit.api.conftest import Run
from tests.unit.api.fakes import House

KETTLE = OrderLine(
    "l-1",
    "Kettle",
    2,
    weight_g=900,
    dimensions=Dimensions(300, 200, 250),
    product_external_id="p-kettle",
)
CARD = OrderLine("l-2", "Gift card", 1, product_external_id="p-card", is_gift_card=True)
NORTH = replace(w.LOCATION, id=w.id_of("loc", 2), name="North", external_ids=("gid-north",))
SHIPS_FROM = "query($id: ID!) { fulfillmentOrder(id: $id) { shipsFrom { name } } }"


@pytest.fixture
def stocked(house: House) -> House:
    """Two kettles and a gift card, a depot that the store has no name for and one in the north."""
    unit = replace(w.UNIT, lines=(FulfillmentLine("l-1", 2), FulfillmentLine("l-2", 1)))
    order = replace(
        w.ORDER,
        lines=(KETTLE, CARD),
        fulfillment_orders=(unit,),
        company="Kettle Friends",
        total_presented=Money(4999, "USD"),
    )
    house.reads.things["orders"] = {order.id: order}
    house.reads.things["fulfillment_orders"] = {unit.id: unit}
    house.reads.things["locations"][NORTH.id] = NORTH
    return house


async def _places(run: Run, house: House, *stock: StockLevel) -> Any:
    house.reads.things["products"] = {"p-kettle": Product("p-kettle", "Kettle", stock=stock)}
    result = await run(SHIPS_FROM, None, id=w.UNIT.id)
    assert result.errors is None
    assert result.data is not None
    found = result.data["fulfillmentOrder"]["shipsFrom"]
    return None if found is None else [place["name"] for place in found]


async def test_an_article_is_shown_with_what_packing_needs(run: Run, stocked: House) -> None:
    document = """query($id: ID!) { order(id: $id) { company totalPresented { amount currencyCode }
      lines { nodes { productExternalId isGiftCard weightGrams
        dimensions { lengthMillimeters widthMillimeters heightMillimeters weightGrams } } } } }"""
    result = await run(document, None, id=w.ORDER.id)
    assert result.errors is None
    assert result.data is not None
    order = result.data["order"]
    assert (order["company"], order["totalPresented"]) == (
        "Kettle Friends",
        {"amount": "49.99", "currencyCode": "USD"},
    )
    kettle, card = order["lines"]["nodes"]
    assert kettle["dimensions"] == {
        "lengthMillimeters": 300,
        "widthMillimeters": 200,
        "heightMillimeters": 250,
        "weightGrams": 900,
    }
    assert (card["productExternalId"], card["isGiftCard"], card["dimensions"]) == ("p-card", True, None)


async def test_it_ships_from_where_all_of_it_lies(run: Run, stocked: House) -> None:
    assert await _places(run, stocked, StockLevel("gid-north", 2)) == ["North"]
    assert await _places(run, stocked, StockLevel("gid-north", 1)) == []
    assert await _places(run, stocked, StockLevel("gid-north", None), StockLevel("", 9)) == ["Depot", "North"]


async def test_the_only_place_of_a_store_needs_no_name(run: Run, stocked: House) -> None:
    assert await _places(run, stocked, StockLevel("", 2)) == ["Depot"]
    assert await _places(run, stocked, StockLevel("", 1)) == []


async def test_nobody_guesses_where_the_store_does_not_say(run: Run, stocked: House) -> None:
    assert await _places(run, stocked) is None
    stocked.reads.things["products"] = {}
    result = await run(SHIPS_FROM, None, id=w.UNIT.id)
    assert result.data == {"fulfillmentOrder": {"shipsFrom": None}}
