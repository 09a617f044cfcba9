"""The merchant itself, its places, stores and carriers; credentials lie sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Table, delete, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.errors import NotFound
from doorstep.merchant import CarrierAccount, Merchant
from doorstep.order import LinkStatus, Location, Store
from doorstep.secret import Secret
from gateway.auth.vault import Vault
from gateway.store import tables as t
from gateway.store.codec import to_json
from gateway.store.documents import Documents

SIGNING_SECRETS = ("webhook_secret", "webhook_secret_previous", "client_secret", "client_secret_previous")
"""Credentials that a store may sign webhooks with; two of a kind while a secret is rotated."""

SHOP_SAID_YES = "shop_said_yes"
"""Among the credentials of a store whose own admin has said, through our app, that it is this merchant's."""

_OUTLASTS_ACCESS = (*SIGNING_SECRETS, SHOP_SAID_YES)


class SqlAccounts:
    """See `gateway.flow.ports.Accounts`."""

    def __init__(self, connection: AsyncConnection, merchant_id: str, vault: Vault) -> None:
        self._connection = connection
        self._merchant_id = merchant_id
        self._vault = vault
        self._merchants = Documents(connection, t.merchants, Merchant, _merchant_columns)
        self._locations = Documents(connection, t.locations, Location, _location_columns)
        self._stores = Documents(connection, t.stores, Store, _store_columns)
        self._carriers = Documents(connection, t.carrier_accounts, CarrierAccount, _carrier_columns)
        # One transaction goes by one state of the settings, and asks for them again and again.
        self._merchant: Merchant | None = None
        self._places: Sequence[Location] | None = None

    async def merchant(self, *, lock: bool = False) -> Merchant:
        """The merchant; `lock` keeps others from changing it until the commit."""
        if self._merchant is None or lock:
            self._merchant = await self._merchants.get(self._merchant_id, lock=lock)
        if self._merchant is None:
            raise NotFound(self._merchant_id)
        return self._merchant

    async def put_merchant(self, merchant: Merchant) -> None:
        self._merchant = None
        await self._merchants.put(merchant)

    async def locations(self) -> Sequence[Location]:
        if self._places is None:
            self._places = await self._locations.all()
        return self._places

    async def put_location(self, location: Location) -> None:
        self._places = None
        await self._locations.put(location)

    async def stores(self) -> Sequence[Store]:
        return await self._stores.all()

    async def store(self, store_id: str, *, lock: bool = False) -> Store | None:
        """The store; `lock` keeps others from changing it or its credentials until the commit."""
        return await self._stores.get(store_id, lock=lock)

    async def put_store(self, store: Store, credentials: Mapping[str, str] | None = None) -> None:
        """Keep it. Without `credentials` those that lie sealed stay, also fresh ones of another process.

        A store that is DISCONNECTED keeps no access, but what its last webhooks are verified with: whoever
        removed our app has still to be forgotten. It comes back with new credentials only, so that nobody
        who read it before can undo that.
        """
        here = t.stores.c
        found = await self._connection.execute(
            select(here.sealed, here.doc["status"].astext).where(here.id == store.id).with_for_update()
        )
        row = found.one_or_none()
        sealed, status = (self._vault.seal({}), "") if row is None else (bytes(row[0]), row[1])
        if credentials is not None:
            kept = self._vault.open(sealed) if store.status is LinkStatus.DISCONNECTED else {}
            lasting = {name: kept[name].reveal() for name in _OUTLASTS_ACCESS if name in kept}
            sealed = self._vault.seal({**lasting, **credentials})
        elif status == LinkStatus.DISCONNECTED:
            store = replace(store, status=LinkStatus.DISCONNECTED)
        await self._stores.put(store, sealed=sealed)

    async def drop_store(self, store_id: str) -> None:
        """Take back a store that never was linked: nothing else knows of it."""
        await self._connection.execute(delete(t.stores).where(t.stores.c.id == store_id))

    async def hold_address(self, platform: str, url: str) -> None:
        """Until the commit nobody else makes a store of what stands at an address."""
        key = func.hashtextextended(literal(f"{platform} {url.lower()}"), literal(0))
        await self._connection.execute(select(func.pg_advisory_xact_lock(key)))

    async def store_credentials(self, store_id: str) -> dict[str, Secret]:
        """What the store's connector logs in with, opened."""
        return self._vault.open(await self._sealed(t.stores, store_id, None))

    async def carriers(self) -> Sequence[CarrierAccount]:
        return await self._carriers.all()

    async def put_carrier(
        self, account: CarrierAccount, credentials: Mapping[str, str] | None = None, settings: object = None
    ) -> None:
        # Under the lock, so that what is left as it was is not what somebody has just replaced.
        kept = await self.carrier_settings(account.id, lock=True)
        sealed = await self._sealed(t.carrier_accounts, account.id, credentials)
        settings = kept if settings is None else settings
        await self._carriers.put(account, sealed=sealed, settings=to_json(settings))

    async def carrier_credentials(self, account_id: str) -> Mapping[str, Secret]:
        """What the account's connector logs in with, opened."""
        return self._vault.open(await self._sealed(t.carrier_accounts, account_id, None))

    async def carrier_settings(self, account_id: str, *, lock: bool = False) -> Mapping[str, object]:
        """Rate sheet and the like, as plain JSON; {} where there is none.

        With `lock` nobody else changes the account until the commit.
        """
        query = select(t.carrier_accounts.c.settings).where(t.carrier_accounts.c.id == account_id)
        query = query.with_for_update() if lock else query
        found: Mapping[str, object] | None = (await self._connection.execute(query)).scalar_one_or_none()
        return found or {}

    async def _sealed(self, table: Table, id_: str, credentials: Mapping[str, str] | None) -> bytes:
        if credentials is not None:
            return self._vault.seal(dict(credentials))
        found: bytes | None = (
            await self._connection.execute(select(table.c.sealed).where(table.c.id == id_))
        ).scalar_one_or_none()
        return self._vault.seal({}) if found is None else found


async def store_behind_door(connection: AsyncConnection, store_id: str) -> tuple[str, str, bytes] | None:
    """(merchant id, platform, sealed credentials) of a store, before its merchant is known."""
    door = func.door_store(literal(store_id)).table_valued("merchant_id", "platform", "sealed")
    row = (await connection.execute(select(door))).one_or_none()
    return None if row is None else (row.merchant_id, row.platform, bytes(row.sealed))


async def store_behind_shop(connection: AsyncConnection, platform: str, external_id: str) -> str | None:
    """Id of the store that a platform knows by `external_id`, before its merchant is known."""
    query = select(func.door_store_by_shop(literal(platform), literal(external_id)))
    found: str | None = (await connection.execute(query)).scalar_one_or_none()
    return found


async def stores_at(connection: AsyncConnection, platform: str, url: str) -> Sequence[tuple[str, str]]:
    """(store id, merchant id) of all stores at an address, whosever, before a merchant is known."""
    door = func.door_stores_at(literal(platform), literal(url)).table_valued("id", "merchant_id")
    return [(row.id, row.merchant_id) for row in await connection.execute(select(door))]


async def carrier_behind_door(connection: AsyncConnection, account_id: str) -> tuple[str, str, bytes] | None:
    """(merchant id, carrier code, sealed credentials) of an account, before its merchant is known."""
    door = func.door_carrier(literal(account_id)).table_valued("merchant_id", "carrier", "sealed")
    row = (await connection.execute(select(door))).one_or_none()
    return None if row is None else (row.merchant_id, row.carrier, bytes(row.sealed))


async def driver_behind_device(connection: AsyncConnection, key_hash: str) -> tuple[str, str] | None:
    """(merchant id, driver id) of a device key, good or not any more, before its merchant is known."""
    door = func.door_device(literal(key_hash)).table_valued("merchant_id", "driver_id")
    row = (await connection.execute(select(door))).one_or_none()
    return None if row is None else (row.merchant_id, row.driver_id)


async def all_merchants(connection: AsyncConnection) -> Sequence[str]:
    """Ids of all merchants, for what is done for each of them in turn."""
    rows = await connection.execute(select(func.door_merchants()))
    return list(rows.scalars())


def _merchant_columns(merchant: Merchant) -> Mapping[str, object]:
    return {"id": merchant.id, "merchant_id": merchant.id}


def _location_columns(location: Location) -> Mapping[str, object]:
    return {"id": location.id, "merchant_id": location.merchant_id}


def _store_columns(store: Store) -> Mapping[str, object]:
    return {
        "id": store.id,
        "merchant_id": store.merchant_id,
        "platform": store.platform,
        "external_id": store.external_id,
    }


def _carrier_columns(account: CarrierAccount) -> Mapping[str, object]:
    return {
        "id": account.id,
        "merchant_id": account.merchant_id,
        "carrier": account.carrier,
        "enabled": account.enabled,
    }
