"""Shoppers: each has one errand, and changes it minutes later if they must."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from doorstep.address import Address
from doorstep.money import Money, zero
from simulator.people.gateway import Gateway, GatewayUnwell
from simulator.people.purchase import BasketLine, Handover, Purchase, Receipt, Shipping, Shopper

logger = logging.getLogger(__name__)

_FLAT_RATE_MINOR = 599
_HASTY, _CHOOSY, _THRIFTY = 0.6, 0.66, 0.72

OPTIONS = """
query Options($to: DestinationInput!, $items: [CartItemInput!], $cart: CartContextInput) {
  deliveryOptions(destination: $to, items: $items, cart: $cart) {
    ... on DeliveryOptions {
      id
      groups { id options { id title code isBookable price { minorUnits currencyCode } } }
    }
    ... on Problem { code }
  }
}
"""
CHOOSE = """
mutation Choose($input: ChooseDeliveryOptionInput!) {
  chooseDeliveryOption(input: $input) {
    ... on ChooseDeliveryOptionSuccess { choice { reference } }
    ... on Problem { code }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Errand:
    """What one shopper will do.

    Attributes
    ----------
    number
        Unique in this world.
    store
        Platform of the store: "shopify" or "woocommerce".
    taste
        0 to 1: whether the shopper takes the first option, a later one, or the cheapest of all.
    is_broken
        The order lacks its street.
    cancels_at, moves_at
        When the shopper cancels, or asks for delivery to `moves_to`; None never.
    choice_reference
        What a page has chosen for the shopper already; "" otherwise.
    """

    number: int
    at: datetime
    store: str
    shopper: Shopper
    lines: tuple[BasketLine, ...]
    handover: Handover
    uses_checkout: bool
    taste: float
    is_broken: bool
    cancels_at: datetime | None
    moves_at: datetime | None
    moves_to: Address
    choice_reference: str = ""


class Till(Protocol):
    """What a store offers to its shoppers."""

    @property
    def platform(self) -> str:
        """ "shopify" or "woocommerce"."""
        ...

    def place(self, purchase: Purchase) -> Receipt:
        """Take the order."""
        ...

    def cancel(self, external_id: str) -> None:
        """Cancel it, where it can still be; else nothing happens."""
        ...

    def move(self, external_id: str, home: Address) -> None:
        """Send it to another address, where that can still be; else nothing happens."""
        ...


async def buy(errand: Errand, till: Till, gateway: Gateway) -> Receipt:
    """Go through the checkout if the shopper does, and order; a checkout that fails is passed by."""
    shipping = replace(_flat_rate(errand), choice_reference=errand.choice_reference)
    if errand.uses_checkout and gateway.link is not None:
        try:
            shipping = await _choose(errand, gateway) or shipping
        except GatewayUnwell as problem:
            logger.warning("checkout of errand %d failed: %s", errand.number, problem)
    return till.place(Purchase(errand.shopper, errand.lines, errand.handover, shipping, errand.is_broken))


async def _choose(errand: Errand, gateway: Gateway) -> Shipping | None:
    link = gateway.link
    if link is None:
        return None
    variables = {
        "to": _destination(errand.shopper),
        "items": _items(errand),
        "cart": _cart(errand, link.store_ids),
    }
    answer = await gateway.ask(OPTIONS, variables, key=link.publishable_key)
    options = answer.get("deliveryOptions") or {}
    group, option = _pick(options, errand.taste)
    if group is None or option is None:
        logger.warning("checkout of errand %d: no option (%s)", errand.number, options.get("code", "empty"))
        return None
    chosen = {
        "idempotencyKey": f"errand-{errand.number}-{options['id']}",
        "deliveryOptionsId": options["id"],
        "selections": [{"groupId": group["id"], "optionId": option["id"]}],
    }
    answer = await gateway.ask(CHOOSE, {"input": chosen}, key=link.publishable_key)
    result = answer.get("chooseDeliveryOption") or {}
    reference = (result.get("choice") or {}).get("reference", "")
    if not reference:
        logger.warning("checkout of errand %d: not chosen (%s)", errand.number, result.get("code", "empty"))
        return None
    price = Money(int(option["price"]["minorUnits"]), option["price"]["currencyCode"])
    return Shipping(option["title"], option["code"], price, reference)


def _pick(options: Mapping[str, Any], taste: float) -> tuple[Any, Any]:
    """Most take the first, some one of the next two; the thriftiest the cheapest, however long it takes."""
    groups = options.get("groups") or []
    if not groups:
        return None, None
    bookable = [option for option in groups[0]["options"] if option["isBookable"]]
    if not bookable:
        return None, None
    if taste >= _THRIFTY:
        return groups[0], min(bookable, key=lambda option: int(option["price"]["minorUnits"]))
    place = 0 if taste < _HASTY else 1 if taste < _CHOOSY else 2
    return groups[0], bookable[min(place, len(bookable) - 1)]


def _flat_rate(errand: Errand) -> Shipping:
    currency = errand.lines[0].article.price.currency
    match errand.handover:
        case Handover.SHIP:
            return Shipping("Standard", "standard", Money(_FLAT_RATE_MINOR, currency))
        case Handover.PICKUP:
            return Shipping("Collect in store", "pickup", zero(currency))
        case Handover.DIGITAL:
            return Shipping("", "", zero(currency))


def _destination(shopper: Shopper) -> dict[str, str]:
    home = shopper.home
    return {
        "countryCode": home.country,
        "provinceCode": home.province,
        "postalCode": home.postal_code,
        "city": home.city,
        "address1": home.line1,
        "name": shopper.name,
        "phone": shopper.phone,
        "email": shopper.email,
    }


def _items(errand: Errand) -> list[dict[str, object]]:
    return [
        {
            "lineId": str(place),
            "sku": line.article.sku,
            "quantity": line.quantity,
            "unitPrice": {"amount": line.article.price.amount, "currencyCode": line.article.price.currency},
            "weightGrams": line.article.weight_g,
            "requiresShipping": not line.article.is_digital,
        }
        for place, line in enumerate(errand.lines)
    ]


def _cart(errand: Errand, store_ids: Mapping[str, str]) -> dict[str, str]:
    cart = {"cartId": f"cart-{errand.number}", "currencyCode": errand.lines[0].article.price.currency}
    store_id = store_ids.get(errand.store)
    return {**cart, "storeId": store_id} if store_id else cart
