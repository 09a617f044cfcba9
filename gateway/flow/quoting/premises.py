"""Premises: what is known of a shop before anybody looks into a cart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doorstep.errors import InvalidInput
from doorstep.merchant import Merchant
from doorstep.order import Location, Store
from doorstep.scorecard import Scorecard
from gateway.flow.learning.standing import standings
from gateway.flow.ports import LinkedCarrier, Means
from gateway.flow.quoting.cart import Cart, CartItem
from gateway.flow.quoting.loading import Loading, loading_of_cart
from gateway.flow.rules import RuleBook
from gateway.flow.sourcing.told import told_place


class NowhereToLeaveFrom(InvalidInput):
    """The cart may be right, but the shop is not set up yet."""


@dataclass(frozen=True, slots=True)
class Premises:
    """What is known of a shop, whatever lies in a cart.

    Attributes
    ----------
    usual
        Where its orders leave from, unless they are sourced elsewhere.
    places
        All that the merchant has.
    """

    merchant: Merchant
    store: Store | None
    usual: Location
    book: RuleBook
    scorecards: Mapping[str, Scorecard]
    carriers: Sequence[LinkedCarrier]
    places: Sequence[Location] = ()

    def sends(self, items: Sequence[CartItem]) -> Location:
        """Where these leave from, unless they are sourced elsewhere: where the store says, or as usual."""
        return told_place(self.places, (item.leaves_from for item in items)) or self.usual


async def look_up(
    means: Means, merchant_id: str, cart: Cart, items: Sequence[CartItem]
) -> tuple[Premises, Loading]:
    """Read both the shop and what it tells of these articles.

    Raises
    ------
    NowhereToLeaveFrom
        If the merchant has no place to ship from.
    """
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        stores = await work.accounts.stores()
        places = {place.id: place for place in await work.accounts.locations()}
        scorecards = await standings(work, means.clock.now())
        book = await means.shelf.book(work.rules, merchant)
        store = next((s for s in stores if s.id == cart.store_id), stores[0] if stores else None)
        loading = await loading_of_cart(work, store, items)
    usual = places.get(store.location_id) if store else next(iter(places.values()), None)
    if usual is None:
        raise NowhereToLeaveFrom(
            "This merchant has no location to ship from yet; link a store first.", path=("cart", "storeId")
        )
    carriers = await means.links.carriers(merchant_id)
    known = tuple(places.values())
    return Premises(merchant, store, usual, book, scorecards, carriers, known), loading
