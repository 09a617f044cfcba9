"""Cart: goods that are no order yet, as a page or a store tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doorstep.address import Address
from doorstep.errors import InvalidInput
from doorstep.money import Money
from doorstep.product import Dimensions


@dataclass(frozen=True, slots=True)
class CartItem:
    """One line of a cart.

    Attributes
    ----------
    weight_g, sides
        Of one piece; None where the page or the store does not say.
    article_id
        The store's id of the article, as `StoreConnector.products` takes it; "" where only the SKU is known.
    words
        Tags, categories and shipping classes that the store tells with the cart.
    leaves_from
        Where the store means it to leave from; None where it does not say.
    """

    quantity: int
    line_id: str = ""
    sku: str = ""
    unit_price: Money | None = None
    weight_g: int | None = None
    requires_shipping: bool = True
    article_id: str = ""
    title: str = ""
    sides: Dimensions | None = None
    words: tuple[str, ...] = ()
    leaves_from: Address | None = None


@dataclass(frozen=True, slots=True)
class Cart:
    """What shall be delivered, and from which store's place.

    Attributes
    ----------
    key
        By which an order finds what its checkout was shown, see `shown`; "" where the choice comes along.
    """

    items: Sequence[CartItem]
    currency: str | None = None
    store_id: str | None = None
    cart_id: str = ""
    key: str = ""


def shipped_of(destination: Address, cart: Cart) -> Sequence[CartItem]:
    """What of it is to be carried.

    Raises
    ------
    InvalidInput
        If the destination names no country, or nothing in the cart needs shipping.
    """
    if not destination.country:
        raise InvalidInput("A destination needs at least a country.", path=("destination", "countryCode"))
    shipped = [item for item in cart.items if item.requires_shipping]
    if cart.items and not shipped:
        raise InvalidInput("Nothing in this cart needs delivery.", path=("items",))
    return shipped
