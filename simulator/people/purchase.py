"""What a shopper takes to the till of a store, whichever platform it runs on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from doorstep.address import Address
from doorstep.money import Money


class Handover(StrEnum):
    """How the goods come to the shopper."""

    SHIP = "ship"
    PICKUP = "pickup"
    DIGITAL = "digital"


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the catalogue; digital ones weigh nothing."""

    sku: str
    title: str
    price: Money
    weight_g: int
    is_digital: bool = False


@dataclass(frozen=True, slots=True)
class BasketLine:
    """So many pieces of an article."""

    article: Article
    quantity: int


@dataclass(frozen=True, slots=True)
class Shipping:
    """What the shopper pays for the delivery, and its reference if it was chosen at our checkout.

    Attributes
    ----------
    choice_reference
        `cho_…` of the gateway, "" where the checkout gave none.
    """

    title: str
    code: str
    price: Money
    choice_reference: str = ""


@dataclass(frozen=True, slots=True)
class Shopper:
    """Somebody invented, with a front door that exists only in the simulated city."""

    first_name: str
    last_name: str
    email: str
    phone: str
    home: Address

    @property
    def name(self) -> str:
        """Both names."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Purchase:
    """A finished cart.

    Attributes
    ----------
    is_broken
        The store keeps it with a gap in its data that its protocol allows: no street.
    """

    shopper: Shopper
    lines: tuple[BasketLine, ...]
    handover: Handover
    shipping: Shipping
    is_broken: bool = False

    @property
    def needs_shipping(self) -> bool:
        """Whether anybody has to carry it."""
        return self.handover is Handover.SHIP


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the store calls the order: its id in its API, and the number that people see."""

    external_id: str
    number: str
