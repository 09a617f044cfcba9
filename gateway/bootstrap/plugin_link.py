"""Linking by the shop's own plugin: its settings page asks, its admin agrees, and it is handed keys of ours.

    settings page -> us -> the shop's /wc-auth/v1/authorize -> its key is posted to us -> we call the plugin

Who says what, and who could lie:

- Anybody can name any shop. Nothing is kept of that: what was asked goes along sealed, and comes back with
  the key. The admin of the named shop sees the request in their own admin and would have to agree.
- A key proves nothing until it has opened the shop at the very address that was named. Whoever can make one
  that may read and write administers the shop, and may have its plugin renewed, whoever linked it first.
- An admin who is lured into agreeing has not pressed the plugin's button: the plugin does not know the state,
  says so, and the shop is told to delete its key again. So a ticket that is used twice is harmless too: the
  plugin takes a state once, and renews without one only what it is connected to already.
- A merchant can announce a shop of somebody else. Such a store is not joined until the merchant's own link
  was agreed to; an operator's word is taken.
- Where the browser goes in the end is on the shop's own host.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from connectors.stores.woocommerce import open_api
from connectors.stores.woocommerce.authorize import read_callback
from connectors.stores.woocommerce.our_plugin import NOT_ASKED, Handover, ShopFacts, hand_over, read_facts
from connectors.stores.woocommerce.store_api import StoreApi
from doorstep.errors import InvalidInput, RemoteError, TokenRejected
from doorstep.ids import new_id
from doorstep.merchant import Merchant
from doorstep.money import UnknownCurrency, exponent_of
from doorstep.order import LinkStatus, Location, Store, StorePlatform
from doorstep.ports import StoreLink
from doorstep.secret import Secret
from gateway.bootstrap.house import House
from gateway.bootstrap.joining import join_store
from gateway.bootstrap.linking import tried
from gateway.bootstrap.plugin_keys import (
    PluginKeys,
    after_handover,
    make_keys,
    offered,
    offering,
    standing,
    without_offer,
)
from gateway.bootstrap.plugin_sites import known_site, not_announced
from gateway.bootstrap.plugin_tickets import Asked, agreement_url, read_request, read_ticket, rejected
from gateway.flow.intake.linking import places_changed

log = structlog.get_logger(__name__)

ANSWER_S = 45.0
"""WooCommerce waits a minute for us to take its key (WC_Auth of 8.0 to 10.5); seconds of the machine."""

_WOO = StorePlatform.WOOCOMMERCE


async def begin_plugin_link(house: House, shop: str, back: str, state: str) -> tuple[Asked, str]:
    """What a settings page asks for, and where its merchant agrees. Keeps nothing.

    Raises
    ------
    InvalidInput
        If an address cannot be right or may not be called, or the operator takes announced shops only.
    """
    asked = read_request(house, shop, back, state)
    await house.links.require_callable(asked.shop)
    if house.settings.woocommerce_claimed_only and await known_site(house, asked.shop) is None:
        raise not_announced(asked.shop)
    return asked, agreement_url(house, asked)


async def take_plugin_key(house: House, ticket: str, body: bytes) -> Store:
    """Link the shop that a key was posted for, or renew its link, and hand its plugin keys of ours.

    A shop that nobody announced becomes a merchant of its own.

    Raises
    ------
    TokenRejected
        If the ticket is none of ours or has ended, or the shop did not ask for it.
    UnreadablePayload, InvalidInput
        If it is no key, or one that may not both read and write, or the operator does not take this shop.
    RemoteError
        If the shop did not open with it. That its plugin could not be told is no error: see `outcome`.
    """
    asked = read_ticket(house, ticket)
    if asked.ends_at <= house.clock.now():
        raise rejected()
    granted = read_callback(body)
    if not hmac.compare_digest(granted.state.encode(), asked.nonce.encode()):
        raise rejected()
    async with asyncio.timeout(ANSWER_S):
        known = await known_site(house, asked.shop)
        if known is None and house.settings.woocommerce_claimed_only:
            raise not_announced(asked.shop)
        visit = await _visit(house, asked, granted.credentials, known.store.ca_file if known else "")
        store = None if known else await _settle_in(house, visit)
        # Somebody else may have been faster with the same shop.
        known = known or await known_site(house, asked.shop)
        if store is None and known is not None:
            store = await _renew(house, visit, known.store)
    if store is None:
        raise rejected()
    await house.links.forget(store.merchant_id, store.id)
    return store


async def read_places_again(house: House, store: Store) -> None:
    """What the shop's merchant has mended of its address, where we have that from the shop.

    Raises
    ------
    RemoteError
        If the shop could not be asked.
    """
    async with house.means.begin(store.merchant_id) as work:
        places = await work.accounts.locations()
    # A merchant with places of their own keeps these alone.
    if any(place.external_ids for place in places):
        await places_changed(house.means, store)


async def outcome(house: House, asked: Asked) -> str:
    """What the settings page is told: "connected", or a code of what went wrong."""
    known = await known_site(house, asked.shop)
    return (standing(known.credentials) if known else "") or "not_linked"


@dataclass(frozen=True, slots=True)
class _Visit:
    """A shop that has opened with the key that it gave."""

    asked: Asked
    credentials: Mapping[str, str]
    api: StoreApi
    places: tuple[Location, ...]


async def _visit(house: House, asked: Asked, given: Mapping[str, Secret], ca_file: str) -> _Visit:
    """Open the shop, at the address that was named and nowhere else."""
    credentials = {name: value.reveal() for name, value in given.items()}
    async with tried(house, _WOO, asked.shop, credentials, ca_file) as trial:
        await trial.newest_change()
        places = tuple(await trial.locations())
    api = open_api(StoreLink(asked.shop, given, ca_file, clock=house.clock))
    return _Visit(asked, credentials, api, places)


async def _settle_in(house: House, visit: _Visit) -> Store | None:
    """A shop that nobody knows becomes a merchant of its own; None where somebody was faster.

    The plugin is called before anything is kept: a shop that did not ask leaves no trace here.
    """
    facts = await read_facts(visit.api, visit.places)
    merchant = _merchant_of(facts)
    keys, row = make_keys(merchant.id, house.clock.now())
    store = _store_of(merchant, visit.asked.shop)
    trouble = await _hand_over(house, visit, store, merchant.name, keys)
    async with house.transactions.begin_sql(merchant.id) as work:
        await work.accounts.hold_address(_WOO, visit.asked.shop)
        if await known_site(house, visit.asked.shop) is not None:
            return None
        await work.accounts.put_merchant(merchant)
        await work.accounts.put_store(store, {})
        await work.keys.add(row)
        kept, _ = after_handover({}, keys, trouble)
        store = await join_store(house, work, store, _with_access(kept, visit), visit.places)
    log.info("a shop's plugin connected", merchant_id=merchant.id, store_id=store.id)
    return store


async def _renew(house: House, visit: _Visit, store: Store) -> Store:
    """The same store with fresh keys; orders, places and deliveries go on as they were."""
    merchant_name, keys, is_new = await _offer(house, store)
    try:
        trouble = await _hand_over(house, visit, store, merchant_name, keys)
    except TokenRejected:
        if is_new:
            await _take_back(house, store, keys)
        raise
    now = house.clock.now()
    async with house.transactions.begin_sql(store.merchant_id) as work:
        await work.syncs.get(store.id, lock=True)  # first this, then the store, as everybody locks
        current = await work.accounts.store(store.id, lock=True) or store
        kept, outdated = after_handover(await work.accounts.store_credentials(store.id), keys, trouble)
        if outdated:
            await work.keys.revoke(outdated, now)
        # The key opened it there, which need not be where somebody linked it by hand before.
        opened = replace(current, url=visit.asked.shop)
        return await join_store(house, work, opened, _with_access(kept, visit), visit.places)


async def _offer(house: House, store: Store) -> tuple[str, PluginKeys, bool]:
    """Keys that are good before the plugin has them, so that it never has any that are not.

    An offer that was not confirmed is made again: the plugin may have it.
    """
    async with house.transactions.begin_sql(store.merchant_id) as work:
        current = await work.accounts.store(store.id, lock=True) or store
        credentials = await work.accounts.store_credentials(store.id)
        name = (await work.accounts.merchant()).name
        waiting = offered(credentials)
        if waiting is not None:
            return name, waiting, False
        keys, row = make_keys(store.merchant_id, house.clock.now())
        await work.keys.add(row)
        bare = {field: value.reveal() for field, value in credentials.items()}
        await work.accounts.put_store(current, bare | offering(keys))
    return name, keys, True


async def _take_back(house: House, store: Store, keys: PluginKeys) -> None:
    async with house.transactions.begin_sql(store.merchant_id) as work:
        current = await work.accounts.store(store.id, lock=True) or store
        await work.accounts.put_store(current, without_offer(await work.accounts.store_credentials(store.id)))
        await work.keys.revoke(keys.key_id, house.clock.now())


async def _hand_over(house: House, visit: _Visit, store: Store, merchant: str, keys: PluginKeys) -> str:
    """Call the plugin; gives the code of what went wrong, "" where it has the keys.

    Raises
    ------
    TokenRejected
        If the shop did not ask for them.
    """
    await house.links.require_callable(visit.asked.shop)
    gateway, state = house.settings.base_url, visit.asked.state
    try:
        await hand_over(visit.api, Handover(gateway, store.id, keys.key, keys.secret, merchant, state))
    except RemoteError as error:
        log.warning("a shop's plugin was not handed its keys", store_id=store.id, code=error.raw_code)
        if error.raw_code == NOT_ASKED:
            raise TokenRejected(error.message) from None
        return error.raw_code or "unknown"
    return ""


def _with_access(kept: Mapping[str, str], visit: _Visit) -> dict[str, str]:
    """The store's credentials with the key that it has just given."""
    signing = {"webhook_secret": kept.get("webhook_secret") or secrets.token_urlsafe(32)}
    return {**kept, **visit.credentials, **signing}


def _merchant_of(facts: ShopFacts) -> Merchant:
    try:
        exponent_of(facts.currency)
    except UnknownCurrency:
        text = f"The shop sells in {facts.currency or 'no currency'}, which Doorstep does not know."
        raise InvalidInput(text, path=("currency",)) from None
    try:
        zone = ZoneInfo(facts.time_zone).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = "UTC"
    return Merchant(new_id("mer"), facts.name, facts.currency, zone)


def _store_of(merchant: Merchant, address: str) -> Store:
    store_id = new_id("sto")
    return Store(
        id=store_id,
        merchant_id=merchant.id,
        platform=_WOO,
        name=merchant.name,
        url=address,
        external_id=store_id,
        location_id="",
        status=LinkStatus.PENDING,
    )
