"""Following: a shopper's own order, found by what only the shopper knows of it, and how it stands.

Who asks has been vouched for by Shopify, which says little: every visitor of a shop is. So an order is shown
to whoever knows its confirmation number, or its contact, or has bought it by Shopify's own word.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.stores.shopify.places import e164
from doorstep.address import Address
from doorstep.delivery import Delivery
from doorstep.order import Order
from doorstep.visibility import TrackingAudience, VisibilityRules, as_seen
from gateway.checkout.counter import Shop
from gateway.checkout.status_words import status_text
from gateway.flow.ports import Means, UnitOfWork

MOST_PARTS = 20
"""Fulfillment orders of one order that are looked at: pages show no more."""

_LEAST_DIGITS = 6
_LONGEST_NUMBER, _LONGEST_CONTACT = 60, 250

Owns = Callable[[Shop, str, str], Awaitable[bool]]
"""Whether a shop's order, by its gid, is the customer's of this number; never raises."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody on a page of a shop.

    Attributes
    ----------
    customer_id
        Shopify's number of the person; "" for somebody who is not logged in.
    path_prefix
        Where the app proxy is in the shop; "" where the question came another way.
    """

    shop: Shop
    customer_id: str = ""
    path_prefix: str = ""


@dataclass(frozen=True, slots=True)
class Following:
    """Finds orders, and says how they stand. Nobody learns whether an order is unknown or another's."""

    means: Means
    owns: Owns

    async def confirmed(self, asker: Asker, gid: str, confirmation: str, language: str) -> list[Any] | None:
        """The deliveries of an order by its confirmation number; None where that is not theirs to see."""
        async with self.means.begin(asker.shop.merchant_id) as work:
            order = await work.orders.by_external_id(asker.shop.store_id, gid)
        if order is None or not (_is_confirmed(order, confirmation) or await self._bought_by(asker, order)):
            return None
        return await self._deliveries([order], language)

    async def contacted(self, asker: Asker, number: str, contact: str, language: str) -> list[Any] | None:
        """The deliveries of an order by what stands on its receipt; None where that is not theirs to see.

        Parameters
        ----------
        contact
            An e-mail address or a phone number; "" where only the customer's account can prove whose it is.
        """
        bare = number.strip().removeprefix("#").strip()
        contact = contact.strip()
        if not bare.isprintable() or not 0 < len(bare) <= _LONGEST_NUMBER or len(contact) > _LONGEST_CONTACT:
            return None
        async with self.means.begin(asker.shop.merchant_id) as work:
            found = await work.orders.numbered(asker.shop.store_id, [bare, f"#{bare}"])
        if contact:
            theirs = [order for order in found if is_reached_at(order, contact)]
        else:
            theirs = [order for order in found if await self._bought_by(asker, order)]
        return await self._deliveries(theirs[:1], language) if theirs else None

    async def _bought_by(self, asker: Asker, order: Order) -> bool:
        return bool(asker.customer_id) and await self.owns(asker.shop, order.external_id, asker.customer_id)

    async def _deliveries(self, orders: Sequence[Order], language: str) -> list[Any]:
        found: list[Delivery] = []
        async with self.means.begin(orders[0].merchant_id) as work:
            for order in orders:
                found += await _newest(work, order)
            rules = (await work.accounts.merchant()).visibility if found else VisibilityRules()
        now = self.means.clock.now()
        seen = [as_seen(one, TrackingAudience.SHOPPER, rules, now) for one in found]
        return [_shown(one, self.means.tracking_link(one), language, now) for one in seen]


def is_reached_at(order: Order, contact: str) -> bool:
    """Whether an e-mail address or a phone number is one of the order's."""
    places = [order.destination, *(unit.destination for unit in order.fulfillment_orders)]
    return any(_is_of(place, contact) for place in places if place is not None)


async def _newest(work: UnitOfWork, order: Order) -> list[Delivery]:
    units = order.fulfillment_orders[:MOST_PARTS]
    found = [await work.deliveries.latest_of(unit.id) for unit in units]
    return [delivery for delivery in found if delivery is not None]


def _is_confirmed(order: Order, confirmation: str) -> bool:
    known, given = order.confirmation_number, confirmation.strip().upper()
    return bool(known) and hmac.compare_digest(known.upper().encode(), given.encode())


def _is_of(place: Address, contact: str) -> bool:
    if "@" in contact:
        return bool(place.email) and place.email.casefold() == contact.casefold()
    digits = _digits(contact)
    if len(digits) < _LEAST_DIGITS:
        return False
    return digits in {_digits(place.phone_raw), _digits(place.phone or "")} or (
        place.phone is not None and e164(contact, place.country) == place.phone
    )


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isascii() and character.isdecimal())


def _shown(delivery: Delivery, link: str, language: str, now: datetime) -> dict[str, object]:
    return {
        "status": delivery.status.value,
        "status_text": status_text(delivery, language),
        "eta": eta_of(delivery, now),
        "tracking_url": link or None,
    }


def eta_of(delivery: Delivery, now: datetime) -> dict[str, str] | None:
    """What is predicted, else what was promised as long as that can still be kept; None once it is over."""
    if delivery.is_over:
        return None
    if delivery.eta is not None:
        window = delivery.eta.interval
        return {"at": _instant(delivery.eta.at), "from": _instant(window.start), "to": _instant(window.end)}
    if delivery.promise is None or delivery.promise.window.end <= now:
        return None
    window, zone = delivery.promise.window, ZoneInfo(delivery.promise.time_zone)
    ends_a_day = window.end.astimezone(zone).time() == time(0)
    # Windows are half-open: what ends at midnight ends with the day before.
    last = _instant(window.end - timedelta(seconds=1) if ends_a_day else window.end)
    return {"at": last, "from": _instant(window.start), "to": last}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
