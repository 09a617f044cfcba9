"""Claims: somebody says whose a Shopify shop is before it installs our app.

Shopify installs an app without a word of ours going along, so nothing in an installation tells which merchant
asked for it. An operator's word is taken. A merchant's is not, announced or linked by hand: it might be any
shop's address. So whoever opens the app in the shop's own admin is asked first, and what was announced and
nobody confirms within a day is void.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from doorstep.errors import InvalidInput
from doorstep.ids import new_id
from doorstep.order import LinkStatus, Store, StorePlatform
from doorstep.secret import Secret
from gateway.bootstrap.house import House
from gateway.store.accounts import SHOP_SAID_YES, store_behind_door, store_behind_shop

CLAIM_LASTS = timedelta(days=1)

_TRUSTED, _ENDS = "claim_is_trusted", "claim_ends_at"
_SHOP = re.compile(r"(?:https://)?([a-z0-9][a-z0-9-]*)(?:\.myshopify\.com)?/?")


@dataclass(frozen=True, slots=True)
class KnownShop:
    """A shop that a merchant has, or says to have.

    Attributes
    ----------
    is_proven
        An operator, or somebody in the shop's own admin, says so too.
    is_void
        Nobody confirmed an announcement in time.
    """

    store: Store
    credentials: dict[str, Secret]
    is_proven: bool
    is_void: bool = False


def shop_domain(text: str) -> str:
    """The permanent domain of a shop, from its address or its name alone.

    Raises
    ------
    InvalidInput
        If it is none.
    """
    found = _SHOP.fullmatch(text.strip().lower())
    if found is None:
        raise InvalidInput(
            "The shop's address must be its permanent one, such as https://example.myshopify.com.",
            path=("url",),
        )
    return f"{found[1]}.myshopify.com"


def install_link(house: House, shop: str) -> str:
    """Where the shop's owner installs our app."""
    return f"https://{shop}/admin/oauth/install?client_id={house.settings.shopify_client_id}"


async def claim_shop(
    house: House, merchant_id: str, url: str, name: str, *, is_trusted: bool
) -> tuple[Store, str]:
    """A PENDING store for a shop, or the merchant's own where it is linked, and where to install the app.

    Parameters
    ----------
    is_trusted
        An operator says so: the installation is taken without asking the shop.

    Raises
    ------
    InvalidInput
        If this gateway has no Shopify app, the address is none, or the shop is another merchant's.
    """
    if not house.settings.shopify_client_id:
        raise InvalidInput(
            "This gateway has no Shopify app to install: set DOORSTEP_SHOPIFY_CLIENT_ID, or link the shop "
            "with the credentials of an app of its own.",
            path=("DOORSTEP_SHOPIFY_CLIENT_ID",),
        )
    shop = shop_domain(url)
    known = await known_shop(house, shop)
    if known is not None and known.store.merchant_id != merchant_id:
        is_open = known.store.status is LinkStatus.PENDING and not known.is_proven
        if not known.is_void and not (is_open and is_trusted):
            raise _taken(shop)
        await reject_claim(house, known)
        known = None
    if known is not None and known.store.status is not LinkStatus.PENDING:
        return known.store, install_link(house, shop)
    store = known.store if known is not None else _pending(merchant_id, shop)
    store = replace(store, name=name.strip() or store.name)
    terms = {_ENDS: (house.clock.now() + CLAIM_LASTS).isoformat()} | ({_TRUSTED: "yes"} if is_trusted else {})
    try:
        async with house.transactions.begin_sql(merchant_id) as work:
            await work.accounts.put_store(store, terms)
    except IntegrityError:
        raise _taken(shop) from None
    return store, install_link(house, shop)


async def known_shop(house: House, shop: str) -> KnownShop | None:
    """The store that a shop is, whosever; None where nobody has it."""
    async with house.database.doors() as connection:
        store_id = await store_behind_shop(connection, StorePlatform.SHOPIFY, shop)
        found = await store_behind_door(connection, store_id) if store_id else None
    if store_id is None or found is None:
        return None
    async with house.transactions.begin_sql(found[0]) as work:
        store = await work.accounts.store(store_id)
        credentials = await work.accounts.store_credentials(store_id)
    if store is None:
        return None
    is_proven = SHOP_SAID_YES in credentials or _TRUSTED in credentials
    ends = credentials.get(_ENDS)
    is_late = ends is None or datetime.fromisoformat(ends.reveal()) <= house.clock.now()
    is_void = store.status is LinkStatus.PENDING and not is_proven and is_late
    return KnownShop(store, credentials, is_proven, is_void)


async def confirm_claim(house: House, known: KnownShop) -> None:
    """Somebody in the shop's own admin says that it is this merchant's."""
    async with house.transactions.begin_sql(known.store.merchant_id) as work:
        current = await work.accounts.store(known.store.id, lock=True)
        opened = await work.accounts.store_credentials(known.store.id)
        if current is not None:
            kept = {name: value.reveal() for name, value in opened.items()}
            await work.accounts.put_store(current, kept | {SHOP_SAID_YES: "yes"})


async def reject_claim(house: House, known: KnownShop) -> None:
    """The shop is not this merchant's, or nobody confirmed it: it is free for whoever has it."""
    async with house.transactions.begin_sql(known.store.merchant_id) as work:
        current = await work.accounts.store(known.store.id, lock=True)
        if current is not None and current.status is LinkStatus.PENDING:
            await work.accounts.drop_store(current.id)
        elif current is not None:
            # Orders may hang on it: it stays, under a name that is no shop's.
            gone = replace(current, status=LinkStatus.DISCONNECTED, external_id=current.id, scopes=())
            await work.accounts.put_store(gone, {})
    await house.links.forget(known.store.merchant_id, known.store.id)


def _taken(shop: str) -> InvalidInput:
    return InvalidInput(f"{shop} is linked already.", path=("url",))


def _pending(merchant_id: str, shop: str) -> Store:
    return Store(
        id=new_id("sto"),
        merchant_id=merchant_id,
        platform=StorePlatform.SHOPIFY,
        name=shop,
        url=f"https://{shop}",
        external_id=shop,
        location_id="",
        status=LinkStatus.PENDING,
    )
