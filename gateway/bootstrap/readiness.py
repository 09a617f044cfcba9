"""Readiness: what a linked store still needs before its checkout can show anything, in words."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.health import HealthCheck
from doorstep.order import Location, Store, StorePlatform
from gateway.flow.ports import UnitOfWork

_ENTERED_UNDER = {
    StorePlatform.SHOPIFY: "Settings > Locations in Shopify's admin",
    StorePlatform.WOOCOMMERCE: "WooCommerce > Settings > General",
}


async def readiness(work: UnitOfWork, store: Store) -> Sequence[HealthCheck]:
    """Whether there is a place to leave from, with an address and a number, and somebody who carries."""
    places = await work.accounts.locations()
    place = next((one for one in places if one.id == store.location_id), None)
    entered = _ENTERED_UNDER.get(store.platform, "the store's settings")
    carriers = sorted({account.name for account in await work.accounts.carriers() if account.enabled})
    return (_place(place, entered), *_phone(place, entered), _carriers(carriers))


def _place(place: Location | None, entered: str) -> HealthCheck:
    lacking = place.address.missing if place is not None else ()
    if place is not None and not lacking:
        return HealthCheck("places", True, f"Orders leave from {place.name}.")
    what = "There is no place that orders leave from"
    if lacking:
        what = f"The shop's address lacks {' and '.join(lacking)}"
    text = f"{what}, so that nobody can be asked for a price. Enter it under {entered}."
    return HealthCheck("places", False, text, "place_missing")


def _phone(place: Location | None, entered: str) -> Sequence[HealthCheck]:
    if place is None or place.address.phone:
        return ()
    what = f"{place.name} has no phone number, and most couriers come to no place without one."
    return (HealthCheck("pickup_phone", False, f"{what} Enter it under {entered}.", "pickup_phone_missing"),)


def _carriers(names: Sequence[str]) -> HealthCheck:
    if names:
        return HealthCheck("carriers", True, f"Asked for prices: {', '.join(names)}.")
    text = (
        "No carrier is linked, so that there is nothing to offer. Whoever runs this gateway links one with "
        "`doorstep carrier add`."
    )
    return HealthCheck("carriers", False, text, "carriers_missing")
