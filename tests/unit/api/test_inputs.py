"""Wrong input is an InvalidInput that names its field, never a guess and never our fault."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.errors import InvalidInput
from doorstep.money import Money
from gateway.api import reading
from gateway.api.scalars import CurrencyCode, DecimalText
from gateway.api.types.money import Money as ShownMoney
from gateway.api.types.money import MoneyInput
from tests.unit.api import world as w
from tests.unit.api.conftest import Run
from tests.unit.api.fakes import House, publishable

OPTIONS = """
query($to: DestinationInput!, $items: [CartItemInput!], $cart: CartContextInput, $ms: Int! = 1500) {
  deliveryOptions(destination: $to, items: $items, cart: $cart, timeBudgetMilliseconds: $ms) {
    __typename ... on InvalidInput { path issues { path code message } } } }"""
HOME = {"countryCode": "ES", "address1": "Calle Dos 2", "city": "Madrid"}


@pytest.mark.parametrize(
    ("wrong", "path", "code"),
    [
        ({"to": {"countryCode": "Spain"}}, ["destination", "countryCode"], "INVALID_INPUT"),
        ({"to": HOME | {"phone": "0911 23 45"}}, ["destination", "phone"], "INVALID_INPUT"),
        ({"to": HOME | {"email": "nobody"}}, ["destination", "email"], "INVALID_INPUT"),
        ({"to": HOME | {"city": "x" * 201}}, ["destination", "city"], "TOO_MANY"),
        (
            {"to": HOME | {"location": {"latitude": 91, "longitude": 0}}},
            ["destination", "location", "latitude"],
            "INVALID_INPUT",
        ),
        ({"items": [{"quantity": 1}, {"quantity": 0}]}, ["items", "1", "quantity"], "INVALID_INPUT"),
        ({"items": [{"quantity": 1, "weightGrams": -1}]}, ["items", "0", "weightGrams"], "INVALID_INPUT"),
        (
            {"items": [{"quantity": 1, "unitPrice": {"amount": "1.00", "currencyCode": "XXX"}}]},
            ["items", "0", "unitPrice", "currencyCode"],
            "UNSUPPORTED_CURRENCY",
        ),
        (
            {"items": [{"quantity": 1, "unitPrice": {"amount": "1.001", "currencyCode": "EUR"}}]},
            ["items", "0", "unitPrice", "amount"],
            "INVALID_INPUT",
        ),
        (
            {"items": [{"quantity": 1, "unitPrice": {"amount": "-1", "currencyCode": "EUR"}}]},
            ["items", "0", "unitPrice", "amount"],
            "INVALID_INPUT",
        ),
        ({"items": [{"quantity": 1}] * 201}, ["items"], "TOO_MANY"),
        ({"cart": {"currencyCode": "EURO"}}, ["cart", "currencyCode"], "UNSUPPORTED_CURRENCY"),
        ({"cart": {"storeId": w.ORDER.id}}, ["cart", "storeId"], "INVALID_INPUT"),
        ({"ms": 5}, ["timeBudgetMilliseconds"], "INVALID_INPUT"),
    ],
)
async def test_a_wrong_field_is_named_and_nobody_is_asked(
    run: Run, house: House, wrong: dict[str, Any], path: list[str], code: str
) -> None:
    result = await run(OPTIONS, publishable(), **({"to": HOME} | wrong))
    assert result.errors is None
    assert result.data is not None
    told = result.data["deliveryOptions"]
    assert told["__typename"] == "InvalidInput"
    assert (told["path"], told["issues"][0]["path"], told["issues"][0]["code"]) == (path, path, code)
    assert house.commands.asked == []


async def test_prices_of_two_currencies_in_one_cart_are_refused(run: Run) -> None:
    items = [
        {"quantity": 1, "unitPrice": {"amount": "1.00", "currencyCode": code}} for code in ("EUR", "USD")
    ]
    result = await run(OPTIONS, publishable(), to=HOME, items=items)
    assert result.data is not None
    assert result.data["deliveryOptions"]["path"] == ["items"]


async def test_an_address_to_be_booked_lists_everything_that_it_lacks(run: Run) -> None:
    document = """mutation($set: ID!, $quote: ID!, $to: DestinationInput) {
      chooseDeliveryOption(input: {idempotencyKey: "12345678", deliveryOptionsId: $set, destination: $to,
        selections: [{groupId: $set, optionId: $quote}]}) {
        ... on InvalidInput { issues { path code } } } }"""
    result = await run(
        document, publishable(), set=w.QUOTES.id, quote=w.QUOTES.quotes[0].id, to={"countryCode": "ES"}
    )
    assert result.data is not None
    assert result.data["chooseDeliveryOption"]["issues"] == [
        {"path": ["input", "destination", "address1"], "code": "REQUIRED"},
        {"path": ["input", "destination", "city"], "code": "REQUIRED"},
    ]


async def test_a_list_deep_in_an_input_is_held_to_its_bound(run: Run) -> None:
    document = """query($f: OrderFilter) { orders(filter: $f) { nodes { id } } }"""
    result = await run(document, None, f={"storeIds": [w.STORE.id] * 51})
    assert result.errors is not None
    assert result.errors[0].extensions is not None
    assert result.errors[0].extensions["inputPath"] == ["filter", "storeIds"]


@pytest.mark.parametrize("key", ["short", "with a space in it", "x" * 256, "ünïcödé-key"])
def test_an_idempotency_key_is_visible_ascii_of_some_length(key: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        reading.read_key(key)
    assert refused.value.path == ("input", "idempotencyKey")


@pytest.mark.parametrize("origin", ["shop.example", "https://shop.example/", "ftp://shop.example", "null"])
def test_an_origin_is_scheme_and_host_alone(origin: str) -> None:
    with pytest.raises(InvalidInput):
        reading.read_origins([origin], ("input", "allowedOrigins"))


@pytest.mark.parametrize(
    ("prefix", "given_id"), [("ord", "ord_"), ("ord", ""), ("ord", w.DELIVERY.id), ("ord", "ORD_x")]
)
def test_an_id_of_another_kind_is_refused(prefix: str, given_id: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        reading.read_id(given_id, prefix, ("id",))
    assert refused.value.path == ("id",)


@given(minor=st.integers(0, 10**14), currency=st.sampled_from(["EUR", "JPY", "KWD", "USD"]))
def test_what_is_shown_of_money_can_be_given_back(minor: int, currency: str) -> None:
    shown = ShownMoney.of(Money(minor, currency))
    given_back = MoneyInput(amount=DecimalText(shown.amount), currency_code=CurrencyCode(currency))
    assert reading.read_money(given_back, ("money",)) == Money(minor, currency)


@given(st.text(max_size=40))
def test_any_text_as_an_amount_is_read_or_refused_with_its_path(text: str) -> None:
    money = MoneyInput(amount=DecimalText(text), currency_code=CurrencyCode("EUR"))
    path: tuple[str, ...] = ("input", "maxPrice", "amount")
    try:
        is_read = reading.read_money(money, path[:2]).minor >= 0
    except InvalidInput as refused:
        is_read, path = True, refused.path
    assert (is_read, path) == (True, ("input", "maxPrice", "amount"))
