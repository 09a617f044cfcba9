"""What a quotation binds Lalamove to, and how it travels from the quote to the booking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.couriers.lalamove.wording import NAME, SYSTEM
from doorstep.errors import RemoteUnavailable
from doorstep.json_reading import Json, child, children, instant, text
from doorstep.money import InvalidAmount, Money, UnknownCurrency

_FIELDS = ("quotation_id", "pickup_stop", "dropoff_stop", "service", "price", "currency", "expires_at")


@dataclass(frozen=True, slots=True)
class Terms:
    """A quotation: good for one order, at this price, until it ends.

    Attributes
    ----------
    pickup_stop, dropoff_stop
        Lalamove's ids of both ends; an order names them.
    """

    quotation_id: str
    pickup_stop: str
    dropoff_stop: str
    service: str
    price: Money
    expires_at: datetime

    def holds_at(self, at: datetime) -> bool:
        """Whether it has not ended."""
        return at < self.expires_at

    def as_data(self) -> dict[str, str]:
        """For `booking_data`."""
        values = (
            self.quotation_id,
            self.pickup_stop,
            self.dropoff_stop,
            self.service,
            self.price.amount,
            self.price.currency,
            self.expires_at.isoformat(),
        )
        return dict(zip(_FIELDS, values, strict=True))


def terms_in(booking_data: Mapping[str, str]) -> Terms | None:
    """What `Terms.as_data` kept; None where the offer came from elsewhere."""
    values = [booking_data.get(name, "") for name in _FIELDS]
    if not all(values):
        return None
    quotation_id, pickup_stop, dropoff_stop, service, price, currency, expires_at = values
    try:
        return Terms(
            quotation_id,
            pickup_stop,
            dropoff_stop,
            service,
            Money.parse(price, currency),
            datetime.fromisoformat(expires_at),
        )
    except ValueError:
        return None


def read_terms(quotation: Json, service: str) -> Terms:
    """The terms in the answer to a quotation.

    Raises
    ------
    RemoteUnavailable
        If the answer lacks what an order needs.
    """
    stops = [identifier(stop, "stopId") for stop in children(quotation, "stops")]
    price, expires_at = price_of(quotation), instant(quotation, "expiresAt")
    quotation_id = identifier(quotation, "quotationId")
    is_whole = quotation_id and len(stops) == 2 and all(stops)
    if price is None or expires_at is None or not is_whole:
        raise RemoteUnavailable(f"{NAME}'s quotation lacks its price, its end or its stops.", system=SYSTEM)
    return Terms(quotation_id, stops[0], stops[1], service, price, expires_at)


def price_of(priced: Json) -> Money | None:
    """What a quotation or an order costs in all: strings in major units, some with digits to spare."""
    return amount_in(child(priced, "priceBreakdown"), "total")


def amount_in(breakdown: Json, name: str) -> Money | None:
    """One amount of a price breakdown, None where it is not there."""
    try:
        return Money.parse_rounding(text(breakdown, name), text(breakdown, "currency"))
    except (InvalidAmount, UnknownCurrency):
        return None


def identifier(data: Json, name: str) -> str:
    """An id; nineteen digits are too many for a float, so they are text even where they came as a number."""
    value = data.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
