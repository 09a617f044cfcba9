"""What the goods of a part of an order are worth, and what was paid for bringing it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.address import Address
from doorstep.delivery import LegDirection
from doorstep.merchant import Merchant
from doorstep.money import Money
from doorstep.order import (
    FulfillmentLine,
    FulfillmentMethod,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    Location,
    Order,
    OrderLine,
    OrderStatus,
    StorePlatform,
)
from gateway.flow.quoting.question import Unit, facts_of, question
from gateway.flow.quoting.worth import paid_for, value_of
from tests.unit.flow.asked import DOOR, NOON, SHOP

Status = FulfillmentOrderStatus


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def line(name: str, price: int | None, quantity: int = 1) -> OrderLine:
    return OrderLine(name, name, quantity, unit_price=None if price is None else usd(price))


def part(number: int, **pieces: int) -> FulfillmentOrder:
    lines = tuple(FulfillmentLine(line_id, count) for line_id, count in pieces.items())
    unit = FulfillmentOrder(str(number), Status.OPEN, FulfillmentMethod.SHIP, lines)
    return replace(unit, id=f"ful_{number}", location_id="loc_1")


def order(
    total: int, lines: tuple[OrderLine, ...], *parts: FulfillmentOrder, delivery: int | None = None
) -> Order:
    return Order(
        "77",
        "#77",
        StorePlatform.SHOPIFY,
        OrderStatus.OPEN,
        NOON,
        NOON,
        usd(total),
        lines,
        parts,
        destination=DOOR,
        shipping_paid=None if delivery is None else usd(delivery),
    )


WINE, TEA = line("wine", 30_000), line("tea", 1_000, 3)
# 330.00 of goods, 10 % off, 8 % tax: 320.76; 9.99 for the delivery.
SPLIT = order(32_076 + 999, (WINE, TEA), part(1, wine=1, tea=1), part(2, tea=2), delivery=999)


def test_each_part_has_its_share_of_the_goods_and_of_what_was_paid_for_the_delivery() -> None:
    values = [value_of(SPLIT, one).minor for one in SPLIT.fulfillment_orders]
    assert values == [30_132, 1_944], "310 and 20 of 330, of 320.76"
    paid = [paid_for(SPLIT, one, usd(999)).minor for one in SPLIT.fulfillment_orders]
    assert paid == [938, 61], "by value, to the last cent"


@pytest.mark.parametrize(
    ("whole", "value"),
    [
        (order(4_200, (line("a", None, 2),), part(1, a=2)), 4_200),
        (order(4_200, (line("a", None, 2), line("b", 100)), part(1, a=1), part(2, a=1, b=1)), 1_400),
        (order(4_200, (line("a", 0), line("b", 0)), part(1, a=1), part(2, b=1)), 2_100),
        (order(4_200, (line("a", 100), line("book", 300)), part(1, a=1)), 1_050),
        (order(500, (line("a", 100),), part(1, a=1), delivery=900), 0),
        (order(900, (line("a", 700),), part(1, strange=1)), 900),
        (order(0, (line("a", 700, 0),), part(1, a=2)), 1_400),
    ],
    ids=[
        "no prices",
        "a price is missing",
        "all is free",
        "what is not carried is in no part",
        "more refunded than paid",
        "lines that nobody knows",
        "what was refunded and comes back is worth its price",
    ],
)
def test_a_part_is_worth_what_the_order_knows_of_its_lines(whole: Order, value: int) -> None:
    assert value_of(whole, whole.fulfillment_orders[0]) == usd(value)


def test_what_was_called_off_and_what_is_fetched_by_the_shopper_pays_no_delivery() -> None:
    off = replace(part(0, tea=1), status=Status.CANCELLED)
    collected = replace(part(3, tea=1), method=FulfillmentMethod.PICKUP)
    whole = replace(SPLIT, fulfillment_orders=(off, part(1, wine=1), part(2, tea=2), collected))
    paid = [paid_for(whole, one, usd(999)).minor for one in whole.fulfillment_orders[1:3]]
    assert sum(paid) == 999
    alone = replace(SPLIT, fulfillment_orders=(off, part(1, wine=1, tea=3)))
    assert paid_for(alone, alone.fulfillment_orders[1], usd(999)) == usd(999)


def test_carriers_and_rules_are_told_the_value_of_the_part_and_the_way_back_was_paid_by_nobody() -> None:
    place = Location("loc_1", "mer_1", "Shop", SHOP, "America/New_York")
    merchant = Merchant("mer_1", "A shop", "USD", "America/New_York")
    tea = Unit(merchant, SPLIT, SPLIT.fulfillment_orders[1], place, Address("US"))
    request = question(tea, NOON)
    assert request.value == usd(1_944)
    assert facts_of(tea, request).value == usd(1_944), 'a rule "value > 300" is not about two tins of tea'
    assert tea.paid() == usd(61)
    back = replace(tea, fulfillment_order=replace(part(9, tea=1), id="ret_1"), direction=LegDirection.RETURN)
    assert (back.value, back.paid()) == (usd(972), None)


LINES = st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 6)), min_size=1, max_size=5)


@given(bought=LINES, total=st.integers(0, 10**7), paid=st.integers(0, 10**5), cuts=st.data())
def test_the_parts_together_are_the_whole(
    bought: list[tuple[int, int]], total: int, paid: int, cuts: st.DataObject
) -> None:
    lines = tuple(line(f"l{place}", price, count) for place, (price, count) in enumerate(bought))
    pieces = [one.external_id for one in lines for _ in range(one.quantity)]
    pieces = cuts.draw(st.permutations(pieces))
    ends = sorted({len(pieces), *cuts.draw(st.lists(st.integers(1, len(pieces)), max_size=4))})
    groups = [pieces[start:end] for start, end in pairwise([0, *ends])]
    parts = [
        part(number, **{name: group.count(name) for name in group}) for number, group in enumerate(groups)
    ]
    whole = order(total + paid, lines, *parts, delivery=paid)
    values = [value_of(whole, one).minor for one in parts]
    assert sum(values) == total
    assert min(values) >= 0
    assert sum(paid_for(whole, one, usd(paid)).minor for one in parts) == paid
