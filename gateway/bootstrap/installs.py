"""Shopify's managed installation: what happens when a merchant opens our app in the shop's own admin.

Shopify installs the app without calling us (Shopify documentation, November 2026). The first we hear of a
shop is the load of the app's page, with an id token that names the shop and that we exchange for access.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import structlog
from sqlalchemy.exc import IntegrityError

from connectors.stores.shopify.diagnosis import scopes as judge_scopes
from doorstep.errors import DoorstepError, InvalidInput, TokenRejected
from doorstep.health import HealthCheck
from doorstep.ids import new_id
from doorstep.merchant import Merchant
from doorstep.order import LinkStatus, Location, Store, StorePlatform
from gateway.bootstrap.claims import KnownShop, confirm_claim, known_shop, reject_claim
from gateway.bootstrap.healing import after_healing, heal_store
from gateway.bootstrap.house import House
from gateway.bootstrap.joining import join_store
from gateway.bootstrap.readiness import readiness
from gateway.bootstrap.shopify_app import OurShopifyApp, Visit
from gateway.bootstrap.tokens import TokenPair, read_pair
from gateway.flow.intake.linking import places_changed
from gateway.flow.intake.reach import lacking_scopes
from gateway.store.accounts import SHOP_SAID_YES
from gateway.store.unit_of_work import SqlUnitOfWork

log = structlog.get_logger(__name__)

HEALED_AT_ONCE = frozenset({"webhooks_missing", "rates_missing", "rates_inactive"})
"""Faults that opening the app mends: a merchant who opens it has most likely just been told to."""

LOOK_S = 20.0
"""How long a merchant waits for webhooks and checks, seconds of the machine; the chores do what is left."""


class HomeKind(StrEnum):
    """What the app's page has to say."""

    LINKED = "LINKED"
    ASKS = "ASKS"
    """A merchant says that the shop is theirs, and nobody in the shop has: is it?"""
    NOT_ANNOUNCED = "NOT_ANNOUNCED"
    """The operator takes only shops that were announced."""


@dataclass(frozen=True, slots=True)
class AppHome:
    """What the page of the app shows in one shop.

    Attributes
    ----------
    asking
        Name of the merchant who says that the shop is theirs.
    client_id
        Of our app, by which the shop's theme editor finds its blocks.
    """

    kind: HomeKind
    shop: str
    store: Store | None = None
    checks: Sequence[HealthCheck] = ()
    asking: str = ""
    client_id: str = ""


async def open_app_home(house: House, app: OurShopifyApp, visit: Visit) -> AppHome:
    """Link the shop that a verified visit comes from, or mend its link, and say how it stands.

    Raises
    ------
    TokenRejected
        If Shopify takes the id token no more: App Bridge fetches another.
    RemoteError
        If Shopify could not be asked.
    """
    known = await known_shop(house, visit.shop)
    if known is not None and known.is_void:
        await reject_claim(house, known)
        known = None
    if known is None:
        if house.settings.shopify_claimed_only:
            return AppHome(HomeKind.NOT_ANNOUNCED, visit.shop)
        return await _settle_in(house, app, visit)
    if not known.is_proven:
        async with house.means.begin(known.store.merchant_id) as work:
            asking = (await work.accounts.merchant()).name
        return AppHome(HomeKind.ASKS, visit.shop, known.store, asking=asking)
    return await _look_in(house, app, visit, known)


async def answer_claim(house: House, shop: str, store_id: str, *, is_theirs: bool) -> None:
    """Somebody in the shop's admin says whether the merchant who says to have it does.

    Raises
    ------
    TokenRejected
        If nobody says so any more, or the shop has answered.
    """
    known = await known_shop(house, shop)
    if known is None or known.store.id != store_id or known.is_proven or known.is_void:
        raise TokenRejected("Nobody asks for this shop any more; open the app again.")
    await (confirm_claim if is_theirs else reject_claim)(house, known)


async def _settle_in(house: House, app: OurShopifyApp, visit: Visit) -> AppHome:
    """A shop that nobody knows becomes a merchant of its own."""
    pair = await app.exchange(visit)
    facts = await app.read_shop(visit.shop, pair.access_token)
    merchant = Merchant(new_id("mer"), facts.name or visit.shop, facts.currency, facts.time_zone)
    store = Store(
        id=new_id("sto"),
        merchant_id=merchant.id,
        platform=StorePlatform.SHOPIFY,
        name=facts.name or visit.shop,
        url=f"https://{visit.shop}",
        external_id=visit.shop,
        location_id="",
        scopes=pair.scopes,
    )
    try:
        async with house.transactions.begin_sql(merchant.id) as work:
            await work.accounts.put_merchant(merchant)
            # The row first: of two loads of the page at once one makes the merchant, the other finds it.
            await work.accounts.put_store(store, {})
            store = await _join(house, work, store, pair, facts.locations)
    except IntegrityError:
        known = await known_shop(house, visit.shop)
        if known is None:
            raise
        return await _look_in(house, app, visit, known)
    log.info("a shop installed the app", merchant_id=merchant.id, store_id=store.id)
    return await _welcome(house, store)


async def _look_in(house: House, app: OurShopifyApp, visit: Visit, known: KnownShop) -> AppHome:
    """A shop that is linked, was, or was announced: exchange only where what is kept will not do."""
    if _will_do(house, known):
        home = await _check(house, known.store)
        if all(check.passed for check in home.checks if check.name == "credentials"):
            is_ill = any(check.fault in HEALED_AT_ONCE for check in home.checks)
            healed = await _heal(house, known.store) if is_ill else ()
            return replace(home, checks=after_healing(home.checks, healed))
    pair = await app.exchange(visit)
    return await _welcome(house, await _relink(house, known.store, pair))


def _will_do(house: House, known: KnownShop) -> bool:
    pair = read_pair(known.credentials, known.store.scopes)
    return (
        pair is not None
        and known.store.status is LinkStatus.CONNECTED
        and pair.refresh_ends_at > house.clock.now()
        and judge_scopes(known.store.scopes).passed
    )


async def _relink(house: House, store: Store, pair: TokenPair) -> Store:
    """The same store with fresh access; orders, places and deliveries go on as they were."""
    async with house.transactions.begin_sql(store.merchant_id) as work:
        store = await _join(house, work, store, pair, ())
    await house.links.forget(store.merchant_id, store.id)
    return store


async def _join(
    house: House, work: SqlUnitOfWork, store: Store, pair: TokenPair, told: Sequence[Location]
) -> Store:
    """Keep what the shop granted; where that is too little, the store is DEGRADED in words."""
    credentials = pair.as_credentials() | {SHOP_SAID_YES: "yes"}
    joined = await join_store(house, work, replace(store, scopes=pair.scopes), credentials, told)
    granted = judge_scopes(pair.scopes)
    if granted.passed:
        return joined
    sync = await work.syncs.get(store.id, lock=True)
    await work.syncs.put(lacking_scopes(sync, granted.text))
    joined = replace(joined, status=LinkStatus.DEGRADED)
    await work.accounts.put_store(joined)
    return joined


async def _welcome(house: House, store: Store) -> AppHome:
    """Read places, register webhooks and what asks for rates, then look whether all is well."""
    try:
        async with asyncio.timeout(LOOK_S):
            await places_changed(house.means, store)
    except (DoorstepError, TimeoutError) as error:
        log.warning("a new link is not complete yet", store_id=store.id, error=type(error).__name__)
    # Healed first: what could not be done is told by whoever was to do it, in its own words.
    failed = [check for check in await _heal(house, store) if not check.passed]
    home = await _check(house, store)
    return replace(home, checks=after_healing(home.checks, failed))


async def _heal(house: House, store: Store) -> Sequence[HealthCheck]:
    try:
        async with asyncio.timeout(LOOK_S):
            return await heal_store(house, store)
    except (DoorstepError, TimeoutError) as error:
        # The link is kept: what could not be done now is done by the hourly look after stores.
        log.warning("a store could not be looked after", store_id=store.id, error=type(error).__name__)
        return ()


async def _check(house: House, store: Store) -> AppHome:
    try:
        async with asyncio.timeout(LOOK_S):
            connector = await house.links.store(store.merchant_id, store.id)
            checks = list(await connector.check())
    except InvalidInput as error:
        checks = [HealthCheck("settings", False, error.message, "link_settings")]
    except TimeoutError:
        text = "Shopify answers slowly just now; open this page again in a minute."
        checks = [HealthCheck("reachable", False, text, "too_slow")]
    async with house.means.begin(store.merchant_id) as work:
        current = await work.accounts.store(store.id) or store
        found = [*checks, *await readiness(work, current)]
    client_id = house.settings.shopify_client_id
    return AppHome(HomeKind.LINKED, store.external_id, current, found, client_id=client_id)
