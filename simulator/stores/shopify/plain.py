"""Small parts of the Admin API's types: instants, money, addresses, attributes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from doorstep.address import Address
from doorstep.money import Money

View = dict[str, Any]


def stamp(instant: datetime | None) -> str | None:
    """An instant as GraphQL writes it: UTC, whole seconds."""
    if instant is None:
        return None
    utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return utc.isoformat()[:19] + "Z"


def money(amount: Money, presentment: tuple[str, int]) -> View:
    """A MoneyBag; the presentment side is another currency at (code, minor units per shop minor unit)."""
    currency, rate = presentment
    written = amount.amount
    same = currency == amount.currency and rate == 1
    return {
        "shopMoney": {"amount": written, "currencyCode": amount.currency},
        "presentmentMoney": {
            "amount": written if same else Money(amount.minor * rate, currency).amount,
            "currencyCode": currency,
        },
    }


def weight(grams: int) -> View:
    """A Weight."""
    return {"unit": "GRAMS", "value": float(grams)}


def attributes(pairs: Mapping[str, str]) -> list[View]:
    """Attributes of a cart or a line."""
    return [{"key": key, "value": value} for key, value in pairs.items()]


def place_address(address: Address) -> View:
    """A LocationAddress."""
    return {
        "address1": address.line1,
        "address2": address.line2 or None,
        "city": address.city,
        "country": address.country,
        "countryCode": address.country,
        "province": address.province or None,
        "provinceCode": address.province or None,
        "zip": address.postal_code,
        "phone": address.phone_raw or address.phone,
        "latitude": address.location.lat if address.location else None,
        "longitude": address.location.lng if address.location else None,
    }
