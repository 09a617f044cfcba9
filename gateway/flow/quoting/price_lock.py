"""Price lock: what a checkout shows stays bookable, though a courier's quote lasts some minutes.

A shop's checkout may show a price for a quarter of an hour and the shopper may think for as long. The courier
is asked again when the order is booked, and what it asks then may be more. What that costs on average is
learned from bookings, account by account, and added to the prices of offers that end too soon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from doorstep.delivery import Leg
from doorstep.money import Money
from doorstep.order import FulfillmentOrder, Order
from doorstep.quote import Quote
from doorstep.scorecard import Requote
from gateway.flow.ports import UnitOfWork

ENOUGH = 20
"""Bookings after which what they cost more is believed."""

LOOKED_AT = 200
"""The latest of these count."""

MOST_BASIS_POINTS = 1_500
"""No price is raised by more than 15 %, whatever happened before."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What bookings of one account cost more than their quotes.

    Attributes
    ----------
    bookings
        That were looked at.
    basis_points
        Hundredths of a percent on top of the quotes, on average; negative where they cost less.
    loss
        All that they cost more, less what they cost less, in the currency of the newest.
    """

    bookings: int
    basis_points: int
    loss: Money | None

    @property
    def buffer_basis_points(self) -> int:
        """What is added to a price that has to stand; nothing as long as little is known."""
        return 0 if self.bookings < ENOUGH else min(max(self.basis_points, 0), MOST_BASIS_POINTS)


@dataclass(frozen=True, slots=True)
class LockedDay:
    """What bookings of one account cost on one day (UTC), beside the prices that shoppers had been shown.

    Attributes
    ----------
    day
        The first one where it is about several.
    dearer
        Bookings that cost more than their quote.
    quoted, booked
        All of them together, as the carrier asked at the checkout and as it was booked.
    """

    account_id: str
    day: date
    bookings: int
    dearer: int
    quoted: Money
    booked: Money

    @property
    def loss(self) -> Money:
        """What holding the prices cost; negative where it saved."""
        return self.booked - self.quoted


def drift_of(requotes: Sequence[Requote]) -> Drift:
    """From bookings in one account, the newest first; those in another currency than it are passed over."""
    if not requotes:
        return Drift(0, 0, None)
    currency = requotes[0].quoted.currency
    alike = [one for one in requotes if one.quoted.currency == currency]
    quoted = sum(one.quoted.minor for one in alike)
    booked = sum(one.booked.minor for one in alike)
    points = (booked - quoted) * 10_000 // quoted if quoted else 0
    return Drift(len(alike), points, Money(booked - quoted, currency))


async def locked(work: UnitOfWork, quotes: Sequence[Quote], until: datetime) -> tuple[Quote, ...]:
    """The same quotes with a buffer on those whose offer ends before `until`; prices are rounded up."""
    drifts: dict[str, Drift] = {}
    held: list[Quote] = []
    for quote in quotes:
        if quote.offer.expires_at >= until:
            held.append(quote)
            continue
        if quote.account_id not in drifts:
            drifts[quote.account_id] = drift_of(await work.scores.requotes(quote.account_id, LOOKED_AT))
        points = drifts[quote.account_id].buffer_basis_points
        held.append(replace(quote, charge=raised(quote.price, points)) if points else quote)
    return tuple(held)


def raised(price: Money, basis_points: int) -> Money:
    """A price with so much on top, rounded up to a minor unit."""
    return Money(-(-price.minor * (10_000 + basis_points) // 10_000), price.currency)


async def note_booked(
    work: UnitOfWork, order: Order, unit: FulfillmentOrder | None, leg: Leg, now: datetime
) -> None:
    """What a booking cost in the end, beside the price that the shopper was shown for it at the checkout.

    A share of a tour says nothing of what its carrier takes for one door.
    """
    if leg.stack_id:
        return
    reference = order.choice_for(unit) if unit is not None else ""
    choice = await work.quotes.choice(reference) if reference else None
    shown = await work.quotes.get(choice.quote_set_id) if choice is not None else None
    quote = shown.quote(choice.quote_id) if shown is not None and choice is not None else None
    if shown is None or quote is None or quote.account_id != leg.account_id:
        return
    if quote.offer.price.currency != leg.price.currency:
        return
    waited = max(timedelta(0), now - shown.request.asked_at)
    await work.scores.note_requote(
        Requote(leg.id, leg.account_id, quote.offer.price, leg.price, int(waited.total_seconds()), now)
    )
