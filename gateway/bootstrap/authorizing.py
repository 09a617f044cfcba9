"""Linking by asking the merchant: a store waits as PENDING until its own admin has said yes.

WooCommerce's page /wc-auth/v1/authorize makes a key and posts it to us; nobody signs that. So the address it
posts to holds a state that nobody can guess, which is good for one key, one store and one hour.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from connectors.stores.shopify.link import is_loopback
from connectors.stores.woocommerce import store_url
from connectors.stores.woocommerce.authorize import authorize_url, read_callback
from doorstep.errors import InvalidInput, RemoteError, TokenRejected
from doorstep.ids import new_id
from doorstep.order import LinkStatus, Location, Store, StorePlatform
from doorstep.secret import Secret
from gateway.bootstrap.claims import claim_shop
from gateway.bootstrap.house import House
from gateway.bootstrap.joining import join_store
from gateway.bootstrap.linking import tried
from gateway.store.accounts import store_behind_door

APP_NAME = "Doorstep"
STATE_LASTS = timedelta(hours=1)

ANNOUNCED = "announced_by_operator"
"""Among the credentials of a store of which an operator says whose it is: its plugin may join it."""

_WOO = StorePlatform.WOOCOMMERCE
_STATE, _STATE_ENDS = "authorization_state", "authorization_ends_at"


async def begin_authorization(
    house: House, merchant_id: str, platform: StorePlatform, url: str, name: str = ""
) -> tuple[Store, str]:
    """Make a store that waits for its merchant's yes, or ask again for one that is there.

    Returns
    -------
    tuple of Store and str
        The store, PENDING unless it was linked before, and where to send the merchant.

    Raises
    ------
    InvalidInput
        If the address cannot be right or may not be called, or this gateway cannot be answered.
    """
    if platform is StorePlatform.SHOPIFY:
        return await claim_shop(house, merchant_id, url, name, is_trusted=False)
    if platform is not StorePlatform.WOOCOMMERCE:
        raise InvalidInput(f"Stores on {platform} are linked with credentials.", path=("platform",))
    return await _begin_woocommerce(house, merchant_id, url, name, {})


async def claim_for_operator(
    house: House, merchant_id: str, platform: StorePlatform, url: str, name: str = "", ca_file: str = ""
) -> tuple[Store, str]:
    """The same for who answers for all merchants: their word for whose a shop is, is taken.

    Parameters
    ----------
    ca_file
        Certificates to trust beside the usual; of WooCommerce alone.
    """
    if platform is StorePlatform.SHOPIFY:
        return await claim_shop(house, merchant_id, url, name, is_trusted=True)
    if platform is _WOO:
        return await _begin_woocommerce(house, merchant_id, url, name, {ANNOUNCED: "yes"}, ca_file)
    return await begin_authorization(house, merchant_id, platform, url, name)


async def take_keys(house: House, state: str, body: bytes) -> Store:
    """Link the store that a key was posted for, once the key has opened it.

    Raises
    ------
    TokenRejected
        If the state is none of ours, was used, or has ended.
    UnreadablePayload, InvalidInput
        If it is no key, or one that may not both read and write.
    RemoteError
        If the store did not open with it; the same link may then be tried again.
    """
    await _read_state(house, state)  # a stranger is not told what is wrong with a body
    granted = read_callback(body)
    if granted.state != state:
        raise _rejected()
    used = await _read_state(house, state, use_up=True)
    store = used.store
    kept = used.credentials | {field: value.reveal() for field, value in granted.credentials.items()}
    kept["webhook_secret"] = kept.get("webhook_secret") or secrets.token_urlsafe(32)
    try:
        told = await _try(house, store, kept)
    except (RemoteError, InvalidInput):
        await _give_back(house, used, state)
        raise
    async with house.transactions.begin_sql(store.merchant_id) as work:
        joined = await join_store(house, work, store, kept, told)
    await house.links.forget(store.merchant_id, store.id)
    return joined


def require_reached_by_https(house: House) -> None:
    """Raise `InvalidInput` where no store would hand this gateway a key."""
    base_url = house.settings.base_url
    if not base_url.startswith("https://") and not is_loopback(base_url):
        raise InvalidInput(
            "WooCommerce hands keys to https addresses alone: set DOORSTEP_PUBLIC_URL to this gateway's "
            "https address, or make a key by hand.",
            path=("DOORSTEP_PUBLIC_URL",),
        )


async def _begin_woocommerce(
    house: House, merchant_id: str, url: str, name: str, marks: dict[str, str], ca_file: str = ""
) -> tuple[Store, str]:
    address = store_url(url if "://" in url else f"https://{url.strip()}")
    require_reached_by_https(house)
    base_url = house.settings.base_url
    await house.links.require_callable(address)
    async with house.transactions.begin_sql(merchant_id) as work:
        known = [one for one in await work.accounts.stores() if (one.platform, one.url) == (_WOO, address)]
        store = known[0] if known else _pending(merchant_id, address, name)
        store = replace(store, ca_file=ca_file or store.ca_file)
        state = f"{store.id}-{secrets.token_urlsafe(32)}"
        kept = _bare(await work.accounts.store_credentials(store.id))
        ends_at = house.clock.now() + STATE_LASTS
        await work.accounts.put_store(store, kept | marks | _open_door(state, ends_at))
    callback = f"{base_url}/install/woocommerce/callback/{state}"
    back = f"{base_url}/install/woocommerce/return"
    link = authorize_url(address, app_name=APP_NAME, state=state, return_url=back, callback_url=callback)
    return store, link


def _pending(merchant_id: str, address: str, name: str) -> Store:
    store_id = new_id("sto")
    return Store(
        id=store_id,
        merchant_id=merchant_id,
        platform=_WOO,
        name=name.strip() or urlsplit(address).hostname or "",
        url=address,
        external_id=store_id,
        location_id="",
        status=LinkStatus.PENDING,
    )


def _open_door(state: str, ends_at: datetime) -> dict[str, str]:
    """What is kept of a state: whoever reads the database cannot post keys with it."""
    return {_STATE: _digest(state), _STATE_ENDS: ends_at.isoformat()}


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a state opens; `credentials` are the store's without it."""

    store: Store
    credentials: dict[str, str]
    ends_at: datetime


async def _read_state(house: House, state: str, *, use_up: bool = False) -> _Opened:
    """What a good state opens; once it is used up, nothing more."""
    store_id = state.partition("-")[0]
    async with house.database.doors() as connection:
        found = await store_behind_door(connection, store_id)
    if found is None or found[1] != _WOO:
        raise _rejected()
    async with house.transactions.begin_sql(found[0]) as work:
        store = await work.accounts.store(store_id, lock=use_up)
        kept = _bare(await work.accounts.store_credentials(store_id))
        expected, ends = kept.pop(_STATE, ""), kept.pop(_STATE_ENDS, "")
        if store is None or not hmac.compare_digest(expected, _digest(state)):
            raise _rejected()
        ends_at = datetime.fromisoformat(ends)
        if ends_at <= house.clock.now():
            raise _rejected()
        if use_up:
            await work.accounts.put_store(store, kept)
    return _Opened(store, kept, ends_at)


async def _give_back(house: House, used: _Opened, state: str) -> None:
    """The key did not open the store: the merchant may press the button again."""
    async with house.transactions.begin_sql(used.store.merchant_id) as work:
        current = await work.accounts.store(used.store.id, lock=True)
        if current is not None:
            kept = _bare(await work.accounts.store_credentials(current.id))
            # Whoever asked for another link meanwhile keeps that one.
            await work.accounts.put_store(current, _open_door(state, used.ends_at) | kept)


def _bare(credentials: Mapping[str, Secret]) -> dict[str, str]:
    return {field: value.reveal() for field, value in credentials.items()}


async def _try(house: House, store: Store, credentials: Mapping[str, str]) -> tuple[Location, ...]:
    """Read with the key, at the address that the merchant gave us and nowhere else."""
    async with tried(house, _WOO, store.url, credentials, store.ca_file) as trial:
        await trial.newest_change()
        return await trial.locations()


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _rejected() -> TokenRejected:
    return TokenRejected("This link was used already, has ended, or was never made.")
