"""Whether a shop that is linked has anything to offer: a place to leave from, and carriers to ask."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.health import HealthCheck
from doorstep.merchant import CarrierAccount
from doorstep.order import Location, Store
from gateway.flow.ports import UnitOfWork


async def readiness(work: UnitOfWork, store: Store) -> Sequence[HealthCheck]:
    """What was found of the place that a store's orders leave from, and of the carriers that it may ask."""
    carriers = [account for account in await work.accounts.carriers() if account.enabled]
    places = [place for place in await work.accounts.locations() if place.id == store.location_id]
    return [*_place(places), _carriers(carriers)]


def _place(places: Sequence[Location]) -> Sequence[HealthCheck]:
    if not places or places[0].address.missing:
        text = "The shop names no place with an address, so nobody knows where orders leave from. Enter one."
        return [HealthCheck("place", False, text, "place_missing")]
    name = places[0].name
    found = HealthCheck("place", True, f"Orders leave from {name}.")
    if places[0].address.phone:
        return [found]
    text = (
        f"{name} has no phone number, and most couriers come to none without. Enter one where the shop's "
        "address is entered."
    )
    return [found, HealthCheck("pickup_phone", False, text, "pickup_phone_missing")]


def _carriers(carriers: Sequence[CarrierAccount]) -> HealthCheck:
    if not carriers:
        text = (
            "No carrier is linked, so the checkout has nothing to offer. Whoever runs this gateway links one "
            "with `doorstep carrier add`."
        )
        return HealthCheck("carriers", False, text, "carriers_missing")
    return HealthCheck("carriers", True, f"Asked for options: {_listed(carriers)}.")


def _listed(carriers: Sequence[CarrierAccount]) -> str:
    return ", ".join(sorted({account.name for account in carriers}))
