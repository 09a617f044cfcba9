"""What was shown or chosen -> what our plugin shows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from doorstep.quote import Choice, Quote, QuoteSet
from doorstep.slot import Slot
from doorstep.window import Window
from gateway.checkout.counter import Shown
from gateway.checkout.status_words import spoken
from gateway.checkout.titles import title_in, with_slots
from gateway.checkout.words import slot_name, when
from gateway.flow.quoting.codes import worth_showing

MOST_SLOTS = 20
"""Of one option: a list to pick from, and kept in the session of every shopper."""


def rates_of(
    shown: Shown, slots: Mapping[str, Sequence[Slot]], locale: str, now: datetime
) -> dict[str, object]:
    """The options with all that the plugin needs to show, keep and choose them.

    Parameters
    ----------
    slots
        Those that can be picked, by id of the option.
    """
    found = shown.quote_set
    return {
        "options_id": found.id,
        "complete": found.is_complete,
        "server_time": _instant(now),
        "rates": [
            _rate(found, code, quote, slots.get(quote.id, ()), locale)
            for code, quote in worth_showing(found.quotes).items()
        ],
        "why_empty": shown.why_empty,
    }


def slots_of(slots: Sequence[Slot], locale: str) -> list[dict[str, object]]:
    """Slots to pick from; `price_minor` is what one costs on top of its option."""
    return [
        {
            "id": slot.id,
            "label": slot_name(slot, locale),
            **_window(slot.window),
            "price_minor": slot.price.minor or None,
        }
        for slot in slots[:MOST_SLOTS]
    ]


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


def _rate(
    quote_set: QuoteSet, code: str, quote: Quote, slots: Sequence[Slot], locale: str
) -> dict[str, object]:
    offer = quote.offer
    title = with_slots(offer.title) if slots else offer.title
    told = when(offer.promise, locale)
    return {
        "option_id": quote.id,
        "code": code,
        "title": title_in(title, spoken(locale)),
        "cost_minor": quote.price.minor,
        "currency": quote.price.currency,
        "description": told,
        "delivery_time": told,
        "window": _window(offer.promise.window),
        "mode": str(offer.mode),
        "basis": str(offer.price_basis),
        "stands_until": _instant(quote_set.stands_until(quote)),
        "slots": slots_of(slots, locale),
    }


def _window(window: Window) -> dict[str, str]:
    return {"start": _instant(window.start), "end": _instant(window.end)}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
