"""From a cart as a storefront writes it to what the quote asks for."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.parcel import Parcel
from gateway.api.ports import records
from gateway.api.reading import Path, read_currency, read_id, read_money, read_span, read_text, wrong
from gateway.api.types.storefront import CartContextInput, CartItemInput

MOST_PIECES = 10_000
MOST_GRAMS = 10_000_000


def read_items(given: Sequence[CartItemInput] | None) -> tuple[records.CartItem, ...]:
    """The lines of a cart; prices must share one currency."""
    items = tuple(_read_item(item, ("items", str(index))) for index, item in enumerate(given or ()))
    currencies = {item.unit_price.currency for item in items if item.unit_price is not None}
    if len(currencies) > 1:
        raise wrong(("items",), "all prices of a cart must be in one currency")
    return items


def read_cart(given: CartContextInput | None) -> records.Cart:
    """What is known of the cart beside its lines."""
    if given is None:
        return records.Cart()
    at: Path = ("cart",)
    return records.Cart(
        cart_id=read_text(given.cart_id, (*at, "cartId"), 255),
        store_id=None if given.store_id is None else read_id(given.store_id, "sto", (*at, "storeId")),
        currency=read_currency(given.currency_code, (*at, "currencyCode")),
    )


def _read_item(given: CartItemInput, at: Path) -> records.CartItem:
    weight_g = given.weight_grams
    if weight_g is not None:
        read_span(weight_g, (*at, "weightGrams"), 0, MOST_GRAMS)
    return records.CartItem(
        quantity=read_span(given.quantity, (*at, "quantity"), 1, MOST_PIECES),
        line_id=read_text(given.line_id, (*at, "lineId"), 255),
        sku=read_text(given.sku, (*at, "sku"), 255),
        unit_price=None if given.unit_price is None else read_money(given.unit_price, (*at, "unitPrice")),
        parcel=None if weight_g is None else Parcel(weight_g),
        requires_shipping=given.requires_shipping,
    )
