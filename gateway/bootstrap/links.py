"""Connectors of a merchant's stores and carriers: made from sealed credentials, once, and kept."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

from connectors.fleet import FleetConnector, FleetSettings
from connectors.fleet.slots import Load
from doorstep.booking import CarrierUpdate
from doorstep.clock import Clock
from doorstep.errors import InvalidInput, NotFound, RemoteUnavailable, StateConflict
from doorstep.order import LinkStatus, Store, StorePlatform
from doorstep.ports import (
    CarrierConnector,
    QuotePolicy,
    RoadEngine,
    StoreConnector,
    StoreLink,
    StoreNotice,
    StorePlugin,
)
from doorstep.privacy import PrivacyNotice
from doorstep.quote import DeliveryMode
from doorstep.secret import Secret
from doorstep.window import Window
from gateway.auth.address_guard import LeadsNowhere, Resolver, resolve_public, resolve_with_system
from gateway.bootstrap.shopify_app import OurShopifyApp
from gateway.bootstrap.tokens import StoreTokens, read_pair
from gateway.flow.ports import LinkedCarrier
from gateway.plugins import Plugins
from gateway.store.unit_of_work import Transactions

OWN_FLEET = "own_fleet"
"""Code of the merchant's own vans among the carriers."""

API_ENDPOINT = "api_endpoint"
"""Credential that names another address of a store's API than its own."""


LOOK_EVERY_S = 5.0
"""Seconds of the machine after which a kept connector is compared with what its store is linked with now."""

OUTDATED_LASTS_S = 3600.0
"""How long a connector that was made from what is no longer so is left to whoever is in the middle of a call.
A walk takes longer than that only through a whole history, and goes on anew at the store's next turn."""

Seconds = Callable[[], float]

_NOT_LINKED = {
    LinkStatus.PENDING: "{name} waits for its merchant to say yes.",
    LinkStatus.DISCONNECTED: "{name} is disconnected; link it again with `doorstep store reconnect`.",
}


FLEET_QUOTING = QuotePolicy(may_hedge=False, cached_s=0)
"""Own vans answer by themselves, and their windows fill by the minute."""


@dataclass(slots=True)
class _Kept:
    """A connector, and what it was made from."""

    connector: StoreConnector
    link: StoreLink
    looked_at: float


class KeptLinks:
    """See `gateway.flow.ports.Links`.

    Parameters
    ----------
    allow_private
        Whether a tenant may name an address in a private network.
    app
        Our Shopify app; None where shops are linked by hand alone.
    seconds
        The machine's, for how old what was looked up is.
    resolver
        Looks up host names; handed in by tests.
    """

    def __init__(
        self,
        transactions: Transactions,
        plugins: Plugins,
        roads: RoadEngine,
        clock: Clock,
        *,
        allow_private: bool,
        app: OurShopifyApp | None = None,
        seconds: Seconds = time.monotonic,
        resolver: Resolver = resolve_with_system,
    ) -> None:
        self._transactions = transactions
        self._plugins = plugins
        self._roads = roads
        self._clock = clock
        self._allow_private = allow_private
        self._app = app
        self._seconds = seconds
        self._resolver = resolver
        self._stores: dict[tuple[str, str], _Kept] = {}
        # Made from what is no longer so; somebody may still be in the middle of a call.
        self._outdated: deque[tuple[float, StoreConnector]] = deque()
        self._carriers: dict[tuple[str, str], LinkedCarrier] = {}
        self._fleets: dict[str, tuple[Mapping[str, object], FleetSettings]] = {}
        # One for each link: a host that is slow to look up holds up nobody else's checkout. It is there for
        # as long as somebody holds it or waits for it.
        self._making: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def store(self, merchant_id: str, store_id: str) -> StoreConnector:
        """The connector of a store.

        Raises
        ------
        NotFound
            If there is no such store.
        StateConflict
            If its merchant has not said yes yet, or took our access away.
        InvalidInput
            If no plug-in speaks its platform, or its address may not be called.
        RemoteUnavailable
            If its host name cannot be looked up at this moment.
        """
        # The merchant is part of the key: an id alone must not open another one's connector.
        key = (merchant_id, store_id)
        kept = self._stores.get(key)
        if kept is not None and self._seconds() - kept.looked_at < LOOK_EVERY_S:
            return kept.connector
        async with self._turn(key):
            kept = self._stores.get(key)
            if kept is None or self._seconds() - kept.looked_at >= LOOK_EVERY_S:
                kept = self._stores[key] = await self._look(merchant_id, store_id, kept)
            return kept.connector

    async def carriers(self, merchant_id: str) -> Sequence[LinkedCarrier]:
        """All enabled accounts that a plug-in speaks for."""
        async with self._transactions.begin_sql(merchant_id) as work:
            accounts = [account for account in await work.accounts.carriers() if account.enabled]
        linked = [await self.carrier(merchant_id, account.id) for account in accounts]
        return [carrier for carrier in linked if carrier is not None]

    async def carrier(self, merchant_id: str, account_id: str) -> LinkedCarrier | None:
        """One account; None where there is none or nobody speaks for it; raises as `store`."""
        key = (merchant_id, account_id)
        if key in self._carriers:
            return self._carriers[key]
        async with self._turn(key):
            if key not in self._carriers:
                made = await self._make_carrier(merchant_id, account_id)
                # The own fleet's drivers and promises change by the minute and it holds no connection.
                if made is None or made.account.mode is DeliveryMode.OWN_FLEET:
                    return made
                self._carriers[key] = made
            return self._carriers[key]

    def read_carrier_notice(
        self, carrier: str, headers: Mapping[str, str], body: bytes
    ) -> Sequence[CarrierUpdate]:
        """What a verified webhook says."""
        plugin = self._plugins.carriers.get(carrier)
        return () if plugin is None or plugin.webhooks is None else plugin.webhooks.read(headers, body)

    def read_store_notice(
        self, platform: StorePlatform, headers: Mapping[str, str], body: bytes
    ) -> StoreNotice:
        """What a verified webhook of a store asks for."""
        return self._plugin(platform).webhooks.read(headers, body)

    def read_privacy_notice(
        self, platform: StorePlatform, headers: Mapping[str, str], body: bytes
    ) -> PrivacyNotice:
        """Whom a privacy webhook is about."""
        return self._plugin(platform).webhooks.read_privacy(headers, body)

    async def require_callable(self, url: str) -> None:
        """Refuse an address that a tenant may not make us call.

        Raises
        ------
        InvalidInput
            If it is none, or leads into a private network where none may be called.
        """
        await resolve_public(url, allow_private=self._allow_private, allow_http=True, resolver=self._resolver)

    async def forget(self, merchant_id: str, id_: str) -> None:
        """Settings or credentials changed: make the connector anew when it is next needed."""
        store = self._stores.pop((merchant_id, id_), None)
        carrier = self._carriers.pop((merchant_id, id_), None)
        if store is not None:
            await store.connector.close()
        if carrier is not None:
            await carrier.connector.close()

    async def close(self) -> None:
        """Let go of all connections."""
        for merchant_id, id_ in [*self._stores, *self._carriers]:
            await self.forget(merchant_id, id_)
        while self._outdated:
            await self._outdated.popleft()[1].close()

    def _turn(self, key: tuple[str, str]) -> asyncio.Lock:
        return self._making.setdefault(key, asyncio.Lock())

    async def _outdate(self, connector: StoreConnector) -> None:
        """Let go of it later, and at once of those that have been let be for long enough."""
        now = self._seconds()
        self._outdated.append((now, connector))
        while self._outdated[0][0] <= now - OUTDATED_LASTS_S:
            await self._outdated.popleft()[1].close()

    async def _require_reachable(self, url: str, system: str) -> None:
        """Refuse an address of a link that exists; a name that leads nowhere for now may lead on again."""
        try:
            await self.require_callable(url)
        except LeadsNowhere:
            text = "the host name of its address cannot be looked up"
            raise RemoteUnavailable(text, system=system, raw_code="name_not_found") from None

    def _promised(self, merchant_id: str) -> Load:
        async def promised(depot_id: str, window: Window) -> int:
            async with self._transactions.begin(merchant_id) as work:
                return await work.deliveries.promised(depot_id, window)

        return promised

    async def _look(self, merchant_id: str, store_id: str, kept: _Kept | None) -> _Kept:
        """The kept connector as long as its store is linked as it was, else another."""
        now = self._seconds()
        async with self._transactions.begin_sql(merchant_id) as work:
            store = await work.accounts.store(store_id)
            credentials = await work.accounts.store_credentials(store_id)
        if store is None or store.status in (LinkStatus.PENDING, LinkStatus.DISCONNECTED):
            if kept is not None:
                await self._outdate(self._stores.pop((merchant_id, store_id)).connector)
            if store is None:
                raise NotFound(store_id)
            raise StateConflict(_NOT_LINKED[store.status].format(name=store.name), current_id=store_id)
        link = self._link_of(store, credentials)
        if kept is not None:
            # The tokens look up themselves what is good now: another holder of them is no other link.
            if link == replace(kept.link, tokens=link.tokens):
                return replace(kept, looked_at=now)
            await self._outdate(self._stores.pop((merchant_id, store_id)).connector)
        # An operator's other address of the API, for tests, is what will be called.
        other = link.credentials.get(API_ENDPOINT)
        await self._require_reachable(other.reveal() if other else store.url, store.platform.lower())
        return _Kept(self._plugin(store.platform).connect(link), link, now)

    def _link_of(self, store: Store, credentials: Mapping[str, Secret]) -> StoreLink:
        if read_pair(credentials, store.scopes) is None:
            return StoreLink(store.url, credentials, store.ca_file, clock=self._clock)
        if self._app is None:
            raise InvalidInput(
                f"{store.name} was linked by a Shopify app that is no longer set: put "
                "DOORSTEP_SHOPIFY_CLIENT_ID and _SECRET back.",
                path=("DOORSTEP_SHOPIFY_CLIENT_ID",),
            )
        tokens = StoreTokens(self._transactions, self._app.refresh, self._clock, store.merchant_id, store.id)
        return StoreLink(store.url, self._app.credentials(), store.ca_file, tokens, self._clock)

    def _plugin(self, platform: StorePlatform) -> StorePlugin:
        plugin = self._plugins.stores.get(platform)
        if plugin is None:
            raise InvalidInput(f"No plug-in speaks {platform}.", path=("platform",))
        return plugin

    def _fleet_settings(self, account_id: str, written: Mapping[str, object]) -> FleetSettings:
        """Read once as long as they are the same: checking thousands of postcodes takes a while."""
        known = self._fleets.get(account_id)
        if known is None or known[0] != written:
            known = (written, FleetSettings.from_json(written))
            self._fleets[account_id] = known
        return known[1]

    async def _make_carrier(self, merchant_id: str, account_id: str) -> LinkedCarrier | None:
        async with self._transactions.begin_sql(merchant_id) as work:
            account = next((a for a in await work.accounts.carriers() if a.id == account_id), None)
            if account is None:
                return None
            if account.mode is DeliveryMode.OWN_FLEET:
                kept = self._fleet_settings(account_id, await work.accounts.carrier_settings(account_id))
                settings = replace(kept, drivers=tuple(await work.fleet.drivers()))
                return LinkedCarrier(
                    account,
                    FleetConnector(settings, self._roads, self._promised(merchant_id), clock=self._clock),
                    quoting=FLEET_QUOTING,
                )
            credentials = await work.accounts.carrier_credentials(account_id)
        plugin = self._plugins.carriers.get(account.carrier)
        if plugin is None:
            return None
        if account.base_url:
            await self._require_reachable(account.base_url, account.carrier)
        connector: CarrierConnector = plugin.connect(credentials, account.base_url)
        return LinkedCarrier(
            account,
            connector,
            plugin.limits,
            plugin.quoting,
            plugin.cancelling,
            plugin.most_stops,
            plugin.polling,
        )
