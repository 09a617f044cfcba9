"""A CarrierService call -> a question. Pure.

Fields as in Shopify's description of `DeliveryCarrierService` (Admin API 2026-10); `order_totals` and
`customer` come since November 2025 and are not needed. Grams are all that it tells of an article's size.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from doorstep.address import Address
from doorstep.errors import InvalidInput
from doorstep.money import InvalidAmount, Money, UnknownCurrency
from gateway.checkout.counter import Question
from gateway.flow.quoting.cart import CartItem

VARIANT = "gid://shopify/ProductVariant/"


class _Place(msgspec.Struct):
    country: str | None = None
    postal_code: str | None = None
    province: str | None = None
    city: str | None = None
    address1: str | None = None
    address2: str | None = None
    address3: str | None = None
    company_name: str | None = None


class _Item(msgspec.Struct):
    quantity: int
    name: str | None = None
    sku: str | None = None
    grams: int | None = None
    price: int | None = None
    requires_shipping: bool = True
    variant_id: int | None = None


class _Rate(msgspec.Struct):
    destination: _Place
    items: list[_Item]
    currency: str
    locale: str | None = None
    origin: _Place | None = None


class _Call(msgspec.Struct):
    rate: _Rate


def read_call(body: bytes, budget_s: float) -> tuple[Question, str]:
    """The question, and the locale to answer in.

    Raises
    ------
    InvalidInput
        If it is no call of a CarrierService; the message names the field.
    """
    try:
        rate = msgspec.json.decode(body, type=_Call, strict=False).rate
        origin = _address(rate.origin) if rate.origin is not None else None
        items = tuple(_item(item, rate.currency, origin) for item in rate.items if item.quantity > 0)
    except (msgspec.MsgspecError, UnknownCurrency, InvalidAmount) as error:
        raise InvalidInput(f"This is no call of a CarrierService: {error}.", path=("rate",)) from None
    question = Question(_address(rate.destination), items, rate.currency.upper(), budget_s)
    return question, rate.locale or ""


def _item(item: _Item, currency: str, origin: Address | None) -> CartItem:
    price = None if item.price is None else _money(item.price, currency.upper())
    return CartItem(
        quantity=item.quantity,
        sku=item.sku or "",
        unit_price=price,
        weight_g=item.grams or None,
        requires_shipping=item.requires_shipping,
        article_id=f"{VARIANT}{item.variant_id}" if item.variant_id else "",
        title=item.name or "",
        leaves_from=origin,
    )


def _money(hundredths: int, currency: str) -> Money:
    """Subunits are hundredths here, also of currencies that have none."""
    return Money.parse_rounding(f"{Decimal(hundredths).scaleb(-2):f}", currency)


def _address(place: _Place) -> Address:
    return Address(
        (place.country or "").upper(),
        company=place.company_name or "",
        line1=place.address1 or "",
        line2=", ".join(line for line in (place.address2, place.address3) if line),
        city=place.city or "",
        province=place.province or "",
        postal_code=place.postal_code or "",
    )
