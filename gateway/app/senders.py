"""Who sends webhooks: looked up behind the database's doors, and believed for a moment.

A burst of webhooks is one store's, so that looking it up for each would cost more than keeping them.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from doorstep.order import StorePlatform
from doorstep.secret import Secret
from gateway.bootstrap.house import House
from gateway.store.accounts import (
    SHOP_SAID_YES,
    SIGNING_SECRETS,
    carrier_behind_door,
    store_behind_door,
    store_behind_shop,
)

BELIEVED_FOR_S = 10.0
"""Machine seconds. A secret that was changed meanwhile is found at once: see `Senders.forget`."""

MOST = 10_000
"""Senders that are remembered at once."""

Load = Callable[[], Awaitable["Sender | None"]]


@dataclass(frozen=True, slots=True)
class Sender:
    """A store or a carrier account, with what it may sign with.

    Attributes
    ----------
    kind
        The store's platform, or the carrier's code.
    """

    id: str
    merchant_id: str
    kind: str
    credentials: Mapping[str, Secret]


def app_secrets(house: House) -> Sequence[Secret]:
    """What Shopify signs with for our own app; two while its secret is rotated."""
    both = (house.settings.shopify_client_secret, house.settings.shopify_client_secret_previous)
    return [secret for secret in both if secret]


def store_secrets(house: House, sender: Sender) -> Sequence[Secret]:
    """What a store may sign with, whichever app a shop has: one that its merchant made, or ours, if the shop
    has said whose it is.
    """
    own = [sender.credentials[name] for name in SIGNING_SECRETS if name in sender.credentials]
    is_ours = sender.kind == StorePlatform.SHOPIFY and SHOP_SAID_YES in sender.credentials
    return [*own, *app_secrets(house)] if is_ours else own


class Senders:
    """Finds senders by what a webhook says of itself; only those that exist are remembered."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._known: dict[tuple[str, str], tuple[float, Sender]] = {}

    async def store(self, store_id: str) -> Sender | None:
        """A linked store by our id."""
        return await self._find(("store", store_id), lambda: self._load_store(store_id))

    async def shop(self, domain: str) -> Sender | None:
        """A linked Shopify shop by its permanent domain."""

        async def load() -> Sender | None:
            async with self._house.database.doors() as connection:
                store_id = await store_behind_shop(connection, StorePlatform.SHOPIFY, domain)
            return await self._load_store(store_id) if store_id else None

        return await self._find(("shop", domain), load)

    async def carrier(self, account_id: str) -> Sender | None:
        """A carrier account by our id."""

        async def load() -> Sender | None:
            async with self._house.database.doors() as connection:
                found = await carrier_behind_door(connection, account_id)
            return Sender(account_id, found[0], found[1], self._house.vault.open(found[2])) if found else None

        return await self._find(("carrier", account_id), load)

    def forget(self, sender: Sender) -> bool:
        """Have this one looked up anew; False where it was looked up just now, so that it cannot help."""
        keys = [key for key, (_, known) in self._known.items() if known is sender]
        is_old = any(self._known[key][0] < time.monotonic() + BELIEVED_FOR_S - 1.0 for key in keys)
        for key in keys if is_old else ():
            del self._known[key]
        return is_old

    async def _find(
        self, key: tuple[str, str], load: Callable[[], Awaitable[Sender | None]]
    ) -> Sender | None:
        known = self._known.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        found = await load()
        if found is None:
            self._known.pop(key, None)
            return None
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[key] = (time.monotonic() + BELIEVED_FOR_S, found)
        return found

    async def _load_store(self, store_id: str) -> Sender | None:
        async with self._house.database.doors() as connection:
            found = await store_behind_door(connection, store_id)
        return Sender(store_id, found[0], found[1], self._house.vault.open(found[2])) if found else None
