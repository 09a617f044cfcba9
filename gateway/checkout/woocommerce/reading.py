"""What our plugin sends -> a question. Pure.

Weights and sides come in grams and millimetres: the plugin knows the shop's units.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from doorstep.address import Address
from doorstep.errors import InvalidInput
from doorstep.money import InvalidAmount, Money, UnknownCurrency
from doorstep.product import Dimensions
from gateway.checkout.counter import Question
from gateway.flow.quoting.cart import CartItem

_Pieces = Annotated[int, msgspec.Meta(le=1_000_000)]
# Far beyond what anybody carries: what fits neither bound is no number, such as the texts "nan" and "inf".
_Grams = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
_Millimetres = Annotated[float, msgspec.Meta(ge=0, le=1e6)]


class _Place(msgspec.Struct):
    country: str | None = None
    state: str | None = None
    postcode: str | None = None
    city: str | None = None
    address_1: str | None = None
    address_2: str | None = None


class _Item(msgspec.Struct):
    quantity: _Pieces
    key: str | None = None
    product_id: int = 0
    variation_id: int = 0
    sku: str | None = None
    title: str | None = None
    price_minor: int | None = None
    weight_g: _Grams | None = None
    length_mm: _Millimetres | None = None
    width_mm: _Millimetres | None = None
    height_mm: _Millimetres | None = None
    shipping_class: str | None = None
    tags: list[str] = []
    needs_shipping: bool = True


class _Call(msgspec.Struct):
    destination: _Place
    items: list[_Item]
    currency: str
    locale: str | None = None
    cart_id: str | None = None


def read_cart(body: bytes, budget_s: float) -> tuple[Question, str]:
    """The question, and the locale to answer in.

    Raises
    ------
    InvalidInput
        If it is no cart of our plugin; the message names the field.
    """
    try:
        call = msgspec.json.decode(body, type=_Call, strict=False)
        items = tuple(_item(item, call.currency.upper()) for item in call.items if item.quantity > 0)
    except (msgspec.MsgspecError, UnknownCurrency, InvalidAmount) as error:
        raise InvalidInput(f"This is no cart of the plugin: {error}.", path=("items",)) from None
    address = _address(call.destination)
    question = Question(address, items, call.currency.upper(), budget_s, call.cart_id or "")
    return question, call.locale or ""


def _item(item: _Item, currency: str) -> CartItem:
    # A variation is only found under its parent; written as `StoreConnector.products` takes it.
    article = f"{item.product_id}/{item.variation_id}" if item.variation_id else str(item.product_id or "")
    words = (item.shipping_class or "", *item.tags)
    return CartItem(
        quantity=item.quantity,
        line_id=item.key or "",
        sku=item.sku or "",
        unit_price=None if item.price_minor is None else Money(item.price_minor, currency),
        weight_g=round(item.weight_g) or None if item.weight_g else None,
        requires_shipping=item.needs_shipping,
        article_id=article,
        title=item.title or "",
        sides=_sides(item),
        words=tuple(word for word in words if word),
    )


def _sides(item: _Item) -> Dimensions | None:
    sides = [round(side or 0) for side in (item.length_mm, item.width_mm, item.height_mm)]
    return Dimensions(*sides) if min(sides) > 0 else None


def _address(place: _Place) -> Address:
    return Address(
        (place.country or "").upper(),
        line1=place.address_1 or "",
        line2=place.address_2 or "",
        city=place.city or "",
        province=place.state or "",
        postal_code=place.postcode or "",
    )
