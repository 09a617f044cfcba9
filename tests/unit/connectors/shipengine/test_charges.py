"""ShipEngine's money: JSON numbers, read as they are written."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parcel.shipengine.charges import LABEL_PARTS, RATE_PARTS, total_of
from connectors.parcel.shipengine.client import exact
from doorstep.json_reading import Json
from doorstep.money import Money


def rate(**amounts: object) -> dict[str, object]:
    """Cents would be lost here if numbers became floats on the way."""
    written = json.dumps({name: {"currency": "usd", "amount": amount} for name, amount in amounts.items()})
    parsed = exact(written.encode())
    assert isinstance(parsed, dict)
    return parsed


def test_a_rate_costs_the_sum_of_its_parts() -> None:
    parts = rate(shipping_amount=8.15, insurance_amount=0.5, confirmation_amount=3.1, other_amount=0.25)

    assert total_of(parts, RATE_PARTS) == Money(1200, "USD")
    assert total_of({**parts, **rate(tax_amount=0.96)}, RATE_PARTS) == Money(1296, "USD")


def test_a_sum_is_rounded_once_and_not_its_parts() -> None:
    # Rounded one by one these would be 1.01 + 1.01 + 1.01 = 3.03.
    parts = rate(shipping_amount=1.005, insurance_amount=1.005, other_amount=1.005)

    assert total_of(parts, RATE_PARTS) == Money(302, "USD")


@given(st.lists(st.integers(0, 10**9), min_size=4, max_size=4))
def test_no_cent_is_ever_lost(cents: list[int]) -> None:
    amounts = [Decimal(amount) / 100 for amount in cents]
    parts = {
        name: {"currency": "EUR", "amount": amount}
        for name, amount in zip(RATE_PARTS[:4], amounts, strict=True)
    }

    assert total_of(parts, RATE_PARTS) == Money(sum(cents), "EUR")


def test_an_insurance_of_nothing_may_be_in_dollars() -> None:
    label = {
        "shipment_cost": {"currency": "cad", "amount": Decimal("12.10")},
        "insurance_cost": {"currency": "usd", "amount": Decimal("0.0")},
    }

    assert total_of(label, LABEL_PARTS) == Money(1210, "CAD")


def test_what_costs_nothing_costs_nothing() -> None:
    assert total_of(rate(shipping_amount=0), RATE_PARTS) == Money(0, "USD")


@pytest.mark.parametrize(
    "unreadable",
    [
        {},
        {"shipping_amount": None},
        {"shipping_amount": "8.15"},
        {"shipping_amount": {"currency": "usd", "amount": "8.15"}},
        {"shipping_amount": {"currency": "usd", "amount": True}},
        {"shipping_amount": {"currency": "usd", "amount": None}},
        {"shipping_amount": {"currency": "doubloons", "amount": 8}},
        {"shipping_amount": {"currency": "usd", "amount": -1}},
        {"shipping_amount": {"currency": "usd", "amount": Decimal("1e30")}},
        {"shipping_amount": {"currency": "usd", "amount": 8}, "other_amount": "n/a"},
        {
            "shipping_amount": {"currency": "usd", "amount": 8},
            "other_amount": {"currency": "eur", "amount": 1},
        },
    ],
)
def test_a_price_that_cannot_be_read_is_none(unreadable: Json) -> None:
    assert total_of(unreadable, RATE_PARTS) is None


def test_what_is_no_number_in_json_is_none_either() -> None:
    assert exact(b'{"amount": NaN}') == {"amount": None}
    assert exact(b"upstream connect error") is None
