"""What the carriers behind the simulated EasyPost offer, and for how much."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

_OUNCES_A_POUND = 16
_SAME_DAY_UNTIL = time(14, 0)
_NEAR_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Service:
    """One service; `cents_a_pound` grows with the zone."""

    carrier: str
    name: str
    days: int
    base_cents: int
    cents_a_pound: int
    heaviest_oz: int
    longest_in: float


SAME_DAY = Service("CityExpress", "SameDay", 0, 1290, 85, 20 * _OUNCES_A_POUND, 36)
SERVICES = (
    Service("USPS", "GroundAdvantage", 3, 545, 38, 70 * _OUNCES_A_POUND, 108),
    Service("USPS", "Priority", 2, 815, 74, 70 * _OUNCES_A_POUND, 108),
    Service("USPS", "Express", 1, 2810, 160, 70 * _OUNCES_A_POUND, 108),
    SAME_DAY,
)


@dataclass(frozen=True, slots=True)
class Consignment:
    """What a price depends on.

    Attributes
    ----------
    longest_in
        None where no sides were given.
    local_now
        In the time zone of the sender.
    """

    from_zip: str
    to_zip: str
    weight_oz: float
    longest_in: float | None
    local_now: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """A service and its price."""

    service: Service
    cents: int


def rate(
    consignment: Consignment, factor: Decimal, silent_carriers: Collection[str]
) -> tuple[list[Offer], list[dict[str, str]]]:
    """All offers, and a message of each carrier that has none."""
    offers: list[Offer] = []
    messages: dict[str, str] = {}
    for service in SERVICES:
        obstacle = _obstacle(service, consignment)
        if service.carrier in silent_carriers:
            obstacle = "Request to the carrier timed out, please try again."
        if obstacle:
            messages.setdefault(service.carrier, obstacle)
            continue
        offers.append(Offer(service, _cents(service, consignment, factor)))
    served = {offer.service.carrier for offer in offers}
    return offers, [
        {"carrier": carrier, "carrier_account_id": "ca_simulated", "type": "rate_error", "message": message}
        for carrier, message in messages.items()
        if carrier not in served
    ]


def _obstacle(service: Service, consignment: Consignment) -> str:
    if consignment.weight_oz > service.heaviest_oz:
        return f"Weight exceeds the maximum of {service.heaviest_oz // _OUNCES_A_POUND} lbs."
    if consignment.longest_in is None:
        # USPS wants sides since July 2026.
        return "Parcel dimensions are required." if service.carrier == "USPS" else ""
    if consignment.longest_in > service.longest_in:
        return "Parcel dimensions exceed the maximum length."
    if service is SAME_DAY:
        if consignment.from_zip[:_NEAR_DIGITS] != consignment.to_zip[:_NEAR_DIGITS]:
            return "The destination is not in the service area."
        if consignment.local_now.time() >= _SAME_DAY_UNTIL:
            return "The cutoff for same day pickup has passed."
    return ""


def _cents(service: Service, consignment: Consignment, factor: Decimal) -> int:
    pounds = -(-consignment.weight_oz // _OUNCES_A_POUND)
    zone = _zone(consignment.from_zip, consignment.to_zip)
    plain = service.base_cents + int(pounds) * service.cents_a_pound * (4 + zone) // 4
    return int((plain * factor).to_integral_value())


def _zone(from_zip: str, to_zip: str) -> int:
    """One to eight by how far the first three digits are apart."""
    near, far = from_zip[:_NEAR_DIGITS], to_zip[:_NEAR_DIGITS]
    if not (near.isdecimal() and far.isdecimal()):
        return 4
    return 1 + min(7, abs(int(near) - int(far)) // 30)
