"""A CarrierService call and its answer."""

from __future__ import annotations

import json

import pytest

from doorstep.errors import InvalidInput
from doorstep.money import Money
from gateway.checkout.shopify.answer import subunits
from gateway.checkout.shopify.reading import read_call

PLACE = {"country": "us", "postal_code": "10118", "province": "NY", "city": "New York", "address1": None}
ITEM = {"quantity": 2, "grams": 750, "price": "650", "variant_id": 7, "sku": None, "requires_shipping": True}


def _call(**changes: object) -> bytes:
    rate = {"destination": PLACE, "items": [ITEM], "currency": "USD", "order_totals": {"new": "field"}}
    return json.dumps({"rate": {**rate, **changes}}).encode()


def test_a_call_is_read_with_nulls_numbers_as_text_and_fields_that_nobody_knows() -> None:
    question, locale = read_call(_call(), 2.0)
    (item,) = question.items
    assert (question.destination.country, question.destination.line1, locale) == ("US", "", "")
    assert (item.quantity, item.weight_g, item.unit_price) == (2, 750, Money(650, "USD"))
    assert item.article_id == "gid://shopify/ProductVariant/7"


def test_prices_are_hundredths_also_of_what_has_none() -> None:
    question, _ = read_call(_call(currency="JPY", items=[{**ITEM, "price": 120_000}]), 2.0)
    assert question.items[0].unit_price == Money(1_200, "JPY")


@pytest.mark.parametrize(
    ("price", "told"),
    [
        (Money(1_295, "USD"), "1295"),
        (Money(500, "JPY"), "50000"),
        (Money(1_295, "KWD"), "130"),
        (Money(0, "EUR"), "0"),
    ],
)
def test_rates_are_told_in_hundredths(price: Money, told: str) -> None:
    assert subunits(price) == told


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"{", "truncated"),
        (b"[]", "object"),
        (_call(items=[{"grams": 1}]), "quantity"),
        (_call(destination=[]), "destination"),
        (_call(currency="ZZZ"), "ZZZ"),
        (_call(items=[{**ITEM, "quantity": "many"}]), "quantity"),
        (_call(items=[{**ITEM, "price": 10**20}]), "amount"),
    ],
)
def test_what_is_no_call_is_named(body: bytes, named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        read_call(body, 2.0)
