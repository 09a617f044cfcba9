"""Money, dates and addresses as a simulated WooCommerce writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from doorstep.address import Address
from simulator.stores.woocommerce.settings import Settings

Document = dict[str, Any]

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CAD": "$", "AUD": "$", "CHF": "CHF"}
_NOTHING = Decimal(0)
_EMPTY_ADDRESS = dict.fromkeys(
    "first_name last_name company address_1 address_2 city state postcode country".split(), ""
)


def address_block(address: Address | None, *, with_email: bool = False) -> Document:
    """A billing or shipping block, verbatim; all empty where there is none."""
    block: Document = dict(_EMPTY_ADDRESS)
    if address is not None:
        first, _, last = address.name.partition(" ")
        block |= {
            "first_name": first,
            "last_name": last,
            "company": address.company,
            "address_1": address.line1,
            "address_2": address.line2,
            "city": address.city,
            "state": address.province,
            "postcode": address.postal_code,
            "country": address.country,
        }
    if with_email:
        block["email"] = address.email if address else ""
    block["phone"] = (address.phone or address.phone_raw) if address else ""
    return block


def amount(value: Decimal, settings: Settings) -> str:
    """Money as text, with as many decimals as the store is set to, whatever its currency."""
    return f"{value:.{settings.price_decimals}f}"


def tax_on(value: Decimal, settings: Settings) -> Decimal:
    """Tax on an amount that goes without it, rounded by line, halves up."""
    if not settings.tax_percent:
        return _NOTHING
    smallest = Decimal(1).scaleb(-settings.price_decimals)
    return (value * settings.tax_percent / 100).quantize(smallest, ROUND_HALF_UP)


def worth(price: str, quantity: float) -> Decimal:
    """Price of some pieces."""
    return Decimal(price) * (quantity if isinstance(quantity, int) else Decimal(str(quantity)))


def number(value: Decimal | float) -> int | float:
    """A number as PHP writes it: 35, and 6.5."""
    plain = float(value)
    return int(plain) if plain.is_integer() else plain


@lru_cache(maxsize=65536)
def _pair(instant: datetime, settings: Settings) -> tuple[str, str]:
    pattern = "%Y-%m-%dT%H:%M:%S"
    local, gmt = instant.astimezone(settings.zone), instant.astimezone(UTC)
    return local.strftime(pattern), gmt.strftime(pattern)


def dates(settings: Settings, name: str, instant: datetime | None) -> Document:
    """The pair of fields of one instant: store-local, and GMT without a Z."""
    local, gmt = (None, None) if instant is None else _pair(instant, settings)
    return {name: local, f"{name}_gmt": gmt}


def only_fields(document: Document, fields: Iterable[str]) -> Document:
    """What WordPress' `_fields` leaves of a document; "environment.version" reaches one level down."""
    kept: Document = {}
    for name in fields:
        outer, _, inner = name.strip().partition(".")
        if outer not in document:
            continue
        if inner and isinstance(document[outer], dict):
            kept.setdefault(outer, {})
            if inner in document[outer]:
                kept[outer][inner] = document[outer][inner]
        else:
            kept[outer] = document[outer]
    return kept
