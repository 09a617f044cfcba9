"""ShipEngine's money: a currency in either case and a JSON number, summed exactly and rounded once."""

from __future__ import annotations

from decimal import Decimal

from doorstep.json_reading import Json, text
from doorstep.money import InvalidAmount, Money, UnknownCurrency

RATE_PARTS = ("shipping_amount", "insurance_amount", "confirmation_amount", "other_amount", "tax_amount")
"""A rate costs the sum of these; the tax is there only where it was asked for."""

LABEL_PARTS = ("shipment_cost", "insurance_cost")


def total_of(priced: Json, parts: tuple[str, ...]) -> Money | None:
    """The sum of some charges; the first must be there, any other may be missing.

    None where one of them cannot be read, they are in several currencies, or the sum is below nothing.
    """
    charges = [_read(priced[name]) for name in parts if priced.get(name) is not None]
    read = [charge for charge in charges if charge is not None]
    if priced.get(parts[0]) is None or len(read) < len(charges):
        return None
    # An insurance of nothing is quoted in dollars whatever the rest is in.
    currencies = {currency for amount, currency in read if amount} or {read[0][1]}
    total = sum((amount for amount, _ in read), Decimal(0))
    if len(currencies) != 1 or total < 0:
        return None
    try:
        return Money.parse_rounding(f"{total:f}", currencies.pop())
    except (InvalidAmount, UnknownCurrency):
        return None


def _read(charge: object) -> tuple[Decimal, str] | None:
    if not isinstance(charge, dict):
        return None
    amount = charge.get("amount")
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        return None
    return Decimal(amount), text(charge, "currency").upper()
