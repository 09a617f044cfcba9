"""Linking: what follows when a store takes our app out, lets it do other things, or has other places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, runtime_checkable

from doorstep.errors import AccountProblem, InvalidInput, NotFound, StateConflict
from doorstep.health import HealthCheck
from doorstep.ids import new_id
from doorstep.order import LinkStatus, Location, Store
from gateway.flow.intake.reach import granted, lacking_scopes, lacks_scopes, reached, watched
from gateway.flow.ports import Means

SCOPES_CHECK = "scopes"
"""Name of the check of a connector that says whether the app may do what it needs."""


@runtime_checkable
class TellsScopes(Protocol):
    """A connector of a platform that says what it lets us do."""

    async def granted_scopes(self) -> tuple[str, ...]:
        """In the platform's own words."""
        ...


async def store_uninstalled(means: Means, store: Store) -> None:
    """The merchant took our app out: forget how to get in, and carry on with what is on its way.

    The notice may come after the app was installed again, so the store is asked first. One that lets us in is
    linked, whatever the notice said then.

    Raises
    ------
    RemoteUnavailable
        If it could not be asked; nothing was changed.
    """
    while True:
        async with means.begin(store.merchant_id) as work:
            answered_at = (await work.syncs.get(store.id)).answered_at
        try:
            connector = await means.links.store(store.merchant_id, store.id)
            await connector.locations()
        except (AccountProblem, InvalidInput, NotFound, StateConflict):
            if await _let_go(means, store, answered_at):
                return
        else:
            return


async def _let_go(means: Means, store: Store, answered_at: datetime | None) -> bool:
    """Whether it is forgotten how to get in; not if the store has let us in since it was asked."""
    async with means.begin(store.merchant_id) as work:
        # First how it answers, then the store: in the order in which everybody locks.
        sync = await work.syncs.get(store.id, lock=True)
        if sync.answered_at != answered_at:
            return False
        current = await work.accounts.store(store.id)
        if current is not None:
            gone = replace(current, status=LinkStatus.DISCONNECTED, scopes=())
            await work.accounts.put_store(gone, {})
    await means.links.forget(store.merchant_id, store.id)
    return True


async def scopes_changed(means: Means, store: Store) -> None:
    """What our app may do has changed: keep it; without what it needs the store is DEGRADED, in words.

    Raises
    ------
    RemoteError
        If the store could not be asked.
    """
    if store.status is LinkStatus.DISCONNECTED:
        return
    connector = await means.links.store(store.merchant_id, store.id)
    async with watched(means, store):
        # Where the platform does not say, what we knew is no longer so: () until it is learned anew.
        scopes = await connector.granted_scopes() if isinstance(connector, TellsScopes) else ()
    checks = [check for check in await connector.check() if check.name == SCOPES_CHECK]
    await _keep_scopes(means, store, scopes, next((check for check in checks if not check.passed), None))


async def places_changed(means: Means, store: Store) -> None:
    """Read again where the store ships from.

    What is told anew is added, what changed is changed, and what is told no longer stays for the orders that
    leave from there, but is nobody's first choice any more.

    Raises
    ------
    RemoteError
        If the store could not be asked.
    """
    if store.status is LinkStatus.DISCONNECTED:
        return
    connector = await means.links.store(store.merchant_id, store.id)
    async with watched(means, store):
        told = await connector.locations()
    async with means.begin(store.merchant_id) as work:
        places = await work.accounts.locations()
        others = [other for other in await work.accounts.stores() if other.id != store.id]
        current = await work.accounts.store(store.id)
        if current is None:
            return
        # Shopify's ids are unique among all shops; WooCommerce calls its only place "store" everywhere.
        is_alone = all(other.platform is not store.platform for other in others)
        merged = merge_places(current, told, places, is_alone=is_alone)
        for place in merged:
            if place not in places:
                await work.accounts.put_location(place)
        chosen = _first_choice(current, merged, places, is_alone=is_alone)
        if chosen != current.location_id:
            await work.accounts.put_store(replace(current, location_id=chosen))


def merge_places(
    store: Store, told: Sequence[Location], places: Sequence[Location], *, is_alone: bool = True
) -> Sequence[Location]:
    """The places that a store tells, as ours: with the ids of those that are known. Pure.

    Parameters
    ----------
    places
        All of the merchant's.
    is_alone
        Whether the merchant has no other store of the platform, whose places might bear the same ids.
    """
    merged: list[Location] = []
    for place in told:
        is_unique = is_alone or all("://" in external_id for external_id in place.external_ids)
        candidates = [known for known in places if is_unique or known.id == store.location_id]
        known = next((one for one in candidates if set(one.external_ids) & set(place.external_ids)), None)
        if known is not None:
            merged.append(_changed(known, place))
        elif is_unique or not store.location_id:
            merged.append(replace(place, id=new_id("loc"), merchant_id=store.merchant_id))
    return merged


def _changed(known: Location, told: Location) -> Location:
    """The known place as the store tells it, where we found it on the map unless it moved."""
    address = told.address
    if address.location is None and address == known.address.at(None):
        address = known.address
    if address.phone is None:
        # Not every platform has a number for a place: one that a person entered here stays.
        address = replace(address, phone=known.address.phone, phone_raw=known.address.phone_raw)
    external_ids = tuple(dict.fromkeys([*known.external_ids, *told.external_ids]))
    return replace(
        known, name=told.name, address=address, time_zone=told.time_zone, external_ids=external_ids
    )


def _first_choice(
    store: Store, merged: Sequence[Location], places: Sequence[Location], *, is_alone: bool
) -> str:
    """Where orders leave from when the store names no place: what was chosen, as long as it is there."""
    usable = [place.id for place in merged if not place.address.missing or len(merged) == 1]
    chosen = next((place for place in places if place.id == store.location_id), None)
    # A place without ids of a store's was made by a person, and of two stores' places one cannot tell whose.
    is_kept = chosen is not None and (
        not chosen.external_ids or not is_alone or chosen.id in {place.id for place in merged}
    )
    return store.location_id if is_kept or not usable else usable[0]


async def _keep_scopes(
    means: Means, store: Store, scopes: tuple[str, ...], fault: HealthCheck | None
) -> None:
    now = means.clock.now()
    async with means.begin(store.merchant_id) as work:
        # First how it answers, then the store: in the order in which everybody locks.
        sync = await work.syncs.get(store.id, lock=True)
        current = await work.accounts.store(store.id)
        if current is None or current.status is LinkStatus.DISCONNECTED:
            return
        status = current.status
        if fault is not None:
            status = LinkStatus.DEGRADED
            await work.syncs.put(lacking_scopes(sync, fault.text))
        elif lacks_scopes(sync):
            status = LinkStatus.CONNECTED
            await work.syncs.put(reached(granted(sync), now))
        await work.accounts.put_store(replace(current, scopes=scopes, status=status))
