"""Orders put together from lines that stand anywhere."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.stores.shopify.assemble import OrderBook, read_lines
from connectors.stores.shopify.mapping import read_order
from doorstep.errors import UnreadablePayload
from tests.integration.connectors.shopify.bulk_files import lines_of, sample_orders

ORDERS = list(sample_orders(30))
LINES = [line for order in ORDERS for line in lines_of(order)]


@pytest.fixture
def book() -> Iterator[OrderBook]:
    book = OrderBook()
    yield book
    book.close()


def fill(book: OrderBook, lines: list[dict[str, Any]]) -> None:
    book.fill(json.dumps(line).encode() for line in lines)


def orders_of(book: OrderBook, at_once: int = 7) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    place = 0
    while True:
        orders, place = book.orders(place, at_once)
        if not orders:
            return found
        found += orders


@pytest.mark.parametrize("seed", range(5))
def test_children_find_their_parents_wherever_they_stand(book: OrderBook, seed: int) -> None:
    lines = LINES.copy()
    random.Random(seed).shuffle(lines)
    fill(book, lines)
    book.require_whole(len(ORDERS))
    read = {order["id"]: read_order(json.dumps({"order": order, "denied": []})) for order in orders_of(book)}
    assert set(read) == {order["id"] for order in ORDERS}
    for order in ORDERS:
        same = read_order(json.dumps({"order": order, "denied": []}))
        mine = read[order["id"]]
        assert {line.external_id for line in mine.lines} == {line.external_id for line in same.lines}
        assert mine.fulfillment_orders == same.fulfillment_orders
        assert mine.choice_reference == same.choice_reference


def test_children_keep_their_order_where_the_file_has_it(book: OrderBook) -> None:
    fill(book, LINES)
    [first, *_] = orders_of(book)
    assert [line["id"] for line in first["lineItems"]["nodes"]] == [
        line["id"] for line in ORDERS[0]["lineItems"]["nodes"]
    ]


def test_an_order_that_stands_in_the_file_twice_is_the_later_one(book: OrderBook) -> None:
    later = [{**line, "name": "#later"} if line["__typename"] == "Order" else line for line in LINES[:6]]
    fill(book, [*LINES, *later])
    found = orders_of(book)
    assert len(found) == len(ORDERS)
    [twice] = [order for order in found if order["id"] == ORDERS[0]["id"]]
    assert (twice["name"], len(twice["lineItems"]["nodes"])) == ("#later", 2)


def test_shipping_lines_without_ids_are_told_apart(book: OrderBook) -> None:
    parent = {"__typename": "ShippingLine", "id": None, "__parentId": ORDERS[0]["id"], "isRemoved": False}
    fill(book, [*LINES, {**parent, "code": "one"}, {**parent, "code": "two"}])
    assert [line["code"] for line in orders_of(book)[0]["shippingLines"]["nodes"]] == [
        "standard",
        "one",
        "two",
    ]


def test_a_file_without_a_parent_is_not_whole(book: OrderBook) -> None:
    fill(book, [line for line in LINES if line["id"] != ORDERS[3]["id"]])
    with pytest.raises(UnreadablePayload, match="not whole"):
        book.require_whole(None)


def test_a_file_with_fewer_orders_than_were_counted_is_not_whole(book: OrderBook) -> None:
    fill(book, LINES)
    with pytest.raises(UnreadablePayload, match="not whole"):
        book.require_whole(len(ORDERS) + 1)


@pytest.mark.parametrize(
    "line",
    [
        b'{"id": "gid://shopify/Order/1", "na',
        b"[]",
        b"\xff",
        b'{"id": "gid://shopify/Order/1"}',
        b'{"__typename": "Order", "id": null}',
        b'{"__typename": "Order", "id": 1}',
        b'{"__typename": "Customer", "id": "gid://shopify/Customer/1", "__parentId": "gid://shopify/Order/1"}',
    ],
)
def test_a_damaged_line_is_told_without_quoting_it(book: OrderBook, line: bytes) -> None:
    with pytest.raises(UnreadablePayload) as refusal:
        book.fill([line])
    assert "gid" not in refusal.value.message


@given(st.lists(st.binary(max_size=12).filter(lambda line: b"\n" not in line), max_size=8), st.integers(1, 9))
def test_lines_are_the_same_however_they_are_cut(lines: list[bytes], size: int) -> None:
    whole = b"".join(line + b"\n" for line in lines)
    chunks = (whole[start : start + size] for start in range(0, len(whole), size))
    assert list(read_lines(chunks)) == lines
