"""What the carriers behind the simulated ShipEngine offer, and for how much."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

_GRAMS_A_POUND = Decimal("453.59237")
_NEAR_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Service:
    """One service; `cents_a_pound` grows with the zone.

    Attributes
    ----------
    packagings
        Each package type that it is priced for, and what that costs in percent of a box of one's own.
    takes_back
        Whether it is sold for returns.
    """

    code: str
    name: str
    days: int
    base_cents: int
    cents_a_pound: int
    packagings: tuple[tuple[str, int], ...] = (("package", 100),)
    is_guaranteed: bool = False
    takes_back: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """A carrier that the customer has connected.

    Attributes
    ----------
    confirmations
        What it does at the door, and what that costs, cents.
    fuel_percent
        Comes as `other_amount`.
    """

    id: str
    code: str
    name: str
    heaviest_g: int
    longest_cm: float
    takes_many: bool
    services: tuple[Service, ...]
    confirmations: tuple[tuple[str, int], ...]
    fuel_percent: int = 0


ACCOUNTS = (
    Account(
        "se-1001",
        "stamps_com",
        "Stamps.com",
        31_751,
        274.0,
        False,
        (
            Service("usps_ground_advantage", "USPS Ground Advantage", 3, 545, 38),
            Service(
                "usps_priority_mail",
                "USPS Priority Mail",
                2,
                815,
                74,
                (("flat_rate_envelope", 95), ("package", 100), ("medium_flat_rate_box", 140)),
            ),
            Service(
                "usps_priority_mail_express", "USPS Priority Mail Express", 1, 2810, 160, takes_back=False
            ),
        ),
        (("none", 0), ("delivery", 0), ("signature", 310), ("adult_signature", 795)),
    ),
    Account(
        "se-1002",
        "ups",
        "UPS",
        68_038,
        274.0,
        True,
        (
            Service("ups_ground", "UPS® Ground", 3, 935, 41),
            Service("ups_next_day_air_saver", "UPS Next Day Air Saver®", 1, 3140, 190, is_guaranteed=True),
        ),
        (("none", 0), ("signature", 600), ("adult_signature", 740), ("delivery_code", 150)),
        fuel_percent=12,
    ),
)


@dataclass(frozen=True, slots=True)
class Consignment:
    """What a price depends on.

    Attributes
    ----------
    longest_cm
        None where no sides were given.
    """

    from_postcode: str
    to_postcode: str
    weights_g: tuple[int, ...]
    longest_cm: float | None
    confirmation: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A service in one packaging, priced in cents; `obstacle` says why it cannot be had all the same."""

    account: Account
    service: Service
    packaging: str
    shipping_cents: int
    confirmation_cents: int
    other_cents: int
    zone: int
    obstacle: str = ""

    @property
    def cents(self) -> int:
        """All of it."""
        return self.shipping_cents + self.confirmation_cents + self.other_cents


def account(carrier_id: str) -> Account | None:
    """A connected carrier."""
    return next((entry for entry in ACCOUNTS if entry.id == carrier_id), None)


def rate(
    consignment: Consignment, accounts: Collection[Account], service_codes: Collection[str], factor: Decimal
) -> tuple[list[Offer], dict[str, str]]:
    """All offers, and why an account has none at all, by its id."""
    offers: list[Offer] = []
    obstacles: dict[str, str] = {}
    for entry in accounts:
        obstacle = _obstacle(entry, consignment)
        if obstacle:
            obstacles[entry.id] = obstacle
        else:
            offers += _offers(entry, consignment, service_codes, factor)
    return offers, obstacles


def _obstacle(entry: Account, consignment: Consignment) -> str:
    if max(consignment.weights_g) > entry.heaviest_g:
        return f"The package weight cannot exceed {entry.heaviest_g / 1000:.0f} kg for {entry.name}."
    if consignment.longest_cm is not None and consignment.longest_cm > entry.longest_cm:
        return "The package dimensions exceed the maximum length."
    if len(consignment.weights_g) > 1 and not entry.takes_many:
        return "Multi-package shipments are not supported by this carrier."
    return ""


def _offers(
    entry: Account, consignment: Consignment, service_codes: Collection[str], factor: Decimal
) -> Iterator[Offer]:
    confirmations = dict(entry.confirmations)
    extra = confirmations.get(consignment.confirmation)
    obstacle = "" if extra is not None else "The requested delivery confirmation is not available."
    zone = _zone(consignment.from_postcode, consignment.to_postcode)
    for service in entry.services:
        if service_codes and service.code not in service_codes:
            continue
        plain = sum(_cents(service, weight_g, zone) for weight_g in consignment.weights_g)
        for packaging, percent in service.packagings:
            shipping = int((plain * percent * factor / 100).to_integral_value())
            other = shipping * entry.fuel_percent // 100
            yield Offer(entry, service, packaging, shipping, extra or 0, other, zone, obstacle)


def _cents(service: Service, weight_g: int, zone: int) -> int:
    pounds = int((Decimal(weight_g) / _GRAMS_A_POUND).to_integral_value(rounding=ROUND_CEILING))
    return service.base_cents + pounds * service.cents_a_pound * (4 + zone) // 4


def _zone(from_postcode: str, to_postcode: str) -> int:
    """One to eight by how far the first three digits are apart."""
    near, far = from_postcode[:_NEAR_DIGITS], to_postcode[:_NEAR_DIGITS]
    if not (near.isdecimal() and far.isdecimal()):
        return 4
    return 1 + min(7, abs(int(near) - int(far)) // 30)
