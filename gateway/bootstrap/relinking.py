"""Linking a store anew, and letting go of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from doorstep.health import HealthCheck
from doorstep.order import LinkStatus, Store
from doorstep.secret import Secret
from gateway.bootstrap.healing import after_healing, heal_store, stop_rates
from gateway.bootstrap.house import House
from gateway.bootstrap.joining import join_store
from gateway.bootstrap.linking import plugin_of, taken_credentials, tried
from gateway.bootstrap.plugin_keys import key_ids, marks

ROTATING = ("client_secret", "webhook_secret")
"""Credentials that webhooks are signed with; the one before is kept under the same name and `_previous`."""


async def relink_store(
    house: House, store: Store, credentials: Mapping[str, str]
) -> tuple[Store, Sequence[HealthCheck]]:
    """Link a store anew, once it opened with these credentials; what belongs to it stays.

    Webhooks that the store signed with a secret before are on their way for hours: where another one is
    given, that one stays good beside it, until the store is linked anew the next time.

    Raises
    ------
    InvalidInput
        If a credential cannot be right.
    RemoteError
        If the store does not open with them; the link is as it was.
    """
    credentials = taken_credentials(plugin_of(house, store.platform), credentials)
    async with tried(house, store.platform, store.url, credentials, store.ca_file) as trial:
        told = await trial.locations()
    async with house.transactions.begin_sql(store.merchant_id) as work:
        before = await work.accounts.store_credentials(store.id)
        kept = marks(before) | credentials | _rotated(before, credentials)
        store = await join_store(house, work, store, kept, told)
    await house.links.forget(store.merchant_id, store.id)
    connector = await house.links.store(store.merchant_id, store.id)
    checks = list(await connector.check())
    return store, after_healing(checks, await heal_store(house, store))


def _rotated(before: Mapping[str, Secret], credentials: Mapping[str, str]) -> dict[str, str]:
    """Secrets that webhooks were signed with until another one took their place."""
    return {
        f"{name}_previous": before[name].reveal()
        for name in ROTATING
        if name in credentials and before.get(name) and before[name].reveal() != credentials[name]
    }


async def unlink_store(house: House, store: Store) -> Store | None:
    """Forget how to get into a store, for good; None where it never was linked and is gone altogether.

    The keys of its plugin end with it, and its checkout asks for rates no more.
    """
    await stop_rates(house, store)
    async with house.transactions.begin_sql(store.merchant_id) as work:
        current = await work.accounts.store(store.id, lock=True) or store
        for key_id in key_ids(await work.accounts.store_credentials(store.id)):
            await work.keys.revoke(key_id, house.clock.now())
        gone = replace(current, status=LinkStatus.DISCONNECTED, scopes=())
        if current.status is LinkStatus.PENDING:
            await work.accounts.drop_store(store.id)
        else:
            await work.accounts.put_store(gone, {})
    await house.links.forget(store.merchant_id, store.id)
    return None if current.status is LinkStatus.PENDING else gone
