"""What a carrier's offer keeps in its `booking_data` for the booking, and what is held against it then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from doorstep.booking import BookingRequest
from doorstep.delivery import LegDirection
from doorstep.errors import RemoteRefused
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.quote import QuoteRequest
from doorstep.window import Window

_DEAREST = Decimal("1.10")
"""A booking may cost a tenth more than its quote; above that the next in rank is asked."""


def is_too_dear(price: Money, quoted: Money) -> bool:
    """Whether a price is more than a tenth above the quoted one, or in other money."""
    return price.currency != quoted.currency or price > quoted.times(_DEAREST)


def too_dear(
    price: Money, quoted: Money, *, system: str, name: str, raw_code: str = "price_changed"
) -> RemoteRefused:
    """The error for such a price.

    Parameters
    ----------
    system, name
        The carrier's code, and what it is called in the sentence.
    """
    return RemoteRefused(
        f"{name} now asks {price}, more than a tenth above the quoted {quoted}.",
        system=system,
        raw_code=raw_code,
        kind=IncidentKind.QUOTE_EXPIRED,
    )


def wanted_window(booking_data: Mapping[str, str]) -> Window | None:
    """The window that the shopper wanted, as `window_data` kept it; None where they wanted none."""
    try:
        return Window(
            datetime.fromisoformat(booking_data["window_start"]),
            datetime.fromisoformat(booking_data["window_end"]),
        )
    except (KeyError, ValueError):
        return None


def comes_back(request: QuoteRequest | BookingRequest) -> bool:
    """Whether a shopper gives the goods back: from the door, where they are fetched, to the shop."""
    if isinstance(request, BookingRequest):
        return request.direction is LegDirection.RETURN
    return request.is_return


def window_data(window: Window | None) -> dict[str, str]:
    """The window that the shopper wanted, for `booking_data`."""
    if window is None:
        return {}
    return {"window_start": window.start.isoformat(), "window_end": window.end.isoformat()}
