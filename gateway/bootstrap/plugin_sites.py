"""Which store a shop's plugin belongs to, before its merchant is known."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from doorstep.errors import InvalidInput
from doorstep.order import LinkStatus, Store, StorePlatform
from doorstep.secret import Secret
from gateway.bootstrap.authorizing import ANNOUNCED
from gateway.bootstrap.house import House
from gateway.bootstrap.plugin_keys import marks
from gateway.store.accounts import stores_at

_WOO = StorePlatform.WOOCOMMERCE
_CLOSENESS = (LinkStatus.DISCONNECTED, LinkStatus.PENDING, LinkStatus.DEGRADED, LinkStatus.CONNECTED)


@dataclass(frozen=True, slots=True)
class KnownSite:
    """A store that stands at the shop's address, and whose it is is sure."""

    store: Store
    credentials: dict[str, Secret]


async def known_site(house: House, address: str) -> KnownSite | None:
    """The store that a shop is, whosever: of several the one that its plugin has, then the best linked."""
    async with house.database.doors() as connection:
        # Many shops open at http:// and https:// alike, and are one shop.
        found = [one for url in _alike(address) for one in await stores_at(connection, _WOO, url)]
    known: list[KnownSite] = []
    for store_id, merchant_id in found:
        async with house.transactions.begin_sql(merchant_id) as work:
            store = await work.accounts.store(store_id)
            credentials = await work.accounts.store_credentials(store_id)
        if store is None or _place(store.url) != _place(address):
            continue
        # Announced by a merchant and never agreed to: it might be anybody's shop.
        if store.status is not LinkStatus.PENDING or ANNOUNCED in credentials:
            known.append(KnownSite(store, credentials))
    return max(known, key=_closeness, default=None)


def _alike(address: str) -> tuple[str, ...]:
    _, _, rest = address.partition("://")
    return f"https://{rest}", f"http://{rest}"


def _place(address: str) -> tuple[str | None, str]:
    """Case counts in a path: shops of one host may differ in nothing else."""
    parts = urlsplit(address)
    return parts.hostname, parts.path


def _closeness(known: KnownSite) -> tuple[bool, int, str]:
    status = known.store.status
    rank = _CLOSENESS.index(status) if status in _CLOSENESS else -1
    return bool(marks(known.credentials)), rank, known.store.id


def not_announced(shop: str) -> InvalidInput:
    """What is said where the operator takes announced shops only."""
    return InvalidInput(
        f"Whoever runs this Doorstep takes shops that were announced. Give them this address, then connect "
        f"again: {shop}",
        path=("shop",),
    )
