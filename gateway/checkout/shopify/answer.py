"""What was shown -> the rates of a CarrierService. Pure."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from doorstep.money import Money
from doorstep.quote import DeliveryMode, Quote, QuoteSet
from gateway.checkout.status_words import spoken
from gateway.checkout.titles import title_in
from gateway.checkout.words import when
from gateway.flow.quoting.codes import worth_showing

_INSTANT = "%Y-%m-%d %H:%M:%S %z"


def rates_of(quote_set: QuoteSet, locale: str) -> dict[str, object]:
    """`{"rates": […]}`, best first; no rates where nobody delivers there."""
    found = worth_showing(quote_set.quotes)
    return {"rates": [_rate(code, quote, locale) for code, quote in found.items()]}


def subunits(price: Money) -> str:
    """Hundredths of the major unit, whatever the currency has: 500 yen are "50000", as Shopify documents."""
    return str((Decimal(price.amount) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _rate(code: str, quote: Quote, locale: str) -> dict[str, object]:
    promise = quote.offer.promise
    zone = ZoneInfo(promise.time_zone)
    return {
        "service_name": title_in(quote.offer.title, spoken(locale)),
        "service_code": code,
        "description": when(promise, locale),
        "total_price": subunits(quote.price),
        "currency": quote.price.currency,
        # A courier comes to nobody whom it cannot call.
        "phone_required": quote.offer.mode is DeliveryMode.COURIER,
        "min_delivery_date": _instant(promise.window.start, zone),
        "max_delivery_date": _instant(promise.window.end, zone),
    }


def _instant(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime(_INSTANT)
