"""What was shown or chosen -> what our plugin shows. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from doorstep.quote import Choice, Quote, QuoteSet
from doorstep.window import Window
from gateway.checkout.counter import Shown
from gateway.checkout.words import when
from gateway.flow.quoting.shown import by_code


def rates_of(shown: Shown, locale: str, now: datetime) -> dict[str, object]:
    """The options with all that the plugin needs to show, keep and choose them."""
    found = shown.quote_set
    return {
        "options_id": found.id if found else "",
        "complete": found.is_complete if found else True,
        "server_time": _instant(now),
        "rates": [_rate(found, code, quote, locale) for code, quote in by_code(found.quotes).items()]
        if found
        else [],
        "why_empty": shown.why_empty,
    }


def choice_of(choice: Choice, locale: str) -> dict[str, object]:
    """What stands from now on."""
    return {
        "choice": choice.id,
        "price_minor": choice.price.minor,
        "currency": choice.price.currency,
        "locked_until": _instant(choice.price_locked_until),
        "window": _window(choice.promise.window),
        "delivery_time": when(choice.promise, locale),
    }


def _rate(quote_set: QuoteSet, code: str, quote: Quote, locale: str) -> dict[str, object]:
    offer = quote.offer
    told = when(offer.promise, locale)
    return {
        "option_id": quote.id,
        "code": code,
        "title": offer.title,
        "cost_minor": quote.price.minor,
        "currency": quote.price.currency,
        "description": told,
        "delivery_time": told,
        "window": _window(offer.promise.window),
        "mode": str(offer.mode),
        "basis": str(offer.price_basis),
        "stands_until": _instant(quote_set.stands_until(quote)),
    }


def _window(window: Window) -> dict[str, str]:
    return {"start": _instant(window.start), "end": _instant(window.end)}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
