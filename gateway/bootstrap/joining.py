"""Joining a store: what every way of linking does once the store has let us in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from doorstep.events import SyncRequested
from doorstep.order import LinkStatus, Location, Store, StorePlatform
from gateway.bootstrap.house import House
from gateway.flow.intake.linking import merge_places
from gateway.flow.intake.reach import granted, reached
from gateway.store.unit_of_work import SqlUnitOfWork


async def join_store(
    house: House,
    work: SqlUnitOfWork,
    store: Store,
    credentials: Mapping[str, str],
    told: Sequence[Location],
) -> Store:
    """Keep a store as CONNECTED with the places that it tells, and ask for its orders to be read.

    Parameters
    ----------
    work
        The transaction of the store's merchant that all of it is kept in.
    """
    # First how it answers, then the store: in the order in which everybody locks.
    sync = await work.syncs.get(store.id, lock=True)
    await work.syncs.put(reached(granted(sync), house.clock.now()))
    first = await _keep_places(work, store, told)
    location_id = store.location_id or first
    joined = replace(store, status=LinkStatus.CONNECTED, location_id=location_id)
    await work.accounts.put_store(joined, credentials)
    await work.emit(SyncRequested(store.merchant_id, store.id))
    return joined


async def _keep_places(work: SqlUnitOfWork, store: Store, told: Sequence[Location]) -> str:
    """Keep what the store tells; gives the place to leave from where nobody chose one.

    That is the merchant's only place, else the first that is told with an address, else the only one that is
    told: what an address lacks is said when somebody is asked for a price. Else "".
    """
    places = await work.accounts.locations()
    others = [other for other in await work.accounts.stores() if other.id != store.id]
    is_alone = all(other.platform is not store.platform for other in others)
    merged = merge_places(store, told, places, is_alone=is_alone)
    has_many = store.platform is StorePlatform.SHOPIFY  # its orders name the place that they leave from
    for place in merged if has_many or not places else ():
        await work.accounts.put_location(place)
    if len(places) == 1:
        return places[0].id
    usable = [place.id for place in merged if not place.address.missing or len(merged) == 1]
    return usable[0] if usable and (has_many or not places) else ""
