"""The API's use cases about stores and what they send, bound to one merchant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from doorstep import ids
from doorstep.errors import DoorstepError, InvalidInput, NotFound, StateConflict
from doorstep.events import SyncRequested
from doorstep.health import HealthCheck
from doorstep.order import LinkStatus, Store
from gateway.api.ports import records as r
from gateway.bootstrap.accounts import add_store
from gateway.bootstrap.authorizing import begin_authorization
from gateway.bootstrap.house import House
from gateway.bootstrap.linking import taken_credentials, tried
from gateway.bootstrap.links import API_ENDPOINT, KeptLinks
from gateway.flow.intake.replay import replay
from gateway.flow.ports import Means
from gateway.flow.records import Quarantined, QuarantineStatus


@dataclass(frozen=True, slots=True)
class StoreCommands:
    """See `gateway.api.ports.session.Commands`."""

    house: House
    merchant_id: str

    @property
    def means(self) -> Means:
        """What the flow works with."""
        return self.house.means

    @property
    def links(self) -> KeptLinks:
        """The connectors of this merchant's stores and carriers."""
        return self.house.links

    async def connect_store(self, *, order: r.StoreOrder) -> r.LinkedStore:
        house = self.house
        if not order.credentials:
            store, link = await begin_authorization(
                house, self.merchant_id, order.platform, order.url, order.name
            )
            return r.LinkedStore(store, link)
        await _must_open(house, order)
        credentials = {name: value.reveal() for name, value in order.credentials.items()}
        store, _ = await add_store(
            house,
            self.merchant_id,
            platform=order.platform,
            url=order.url,
            credentials=credentials,
            location_id=order.location_id,
            check=False,
        )
        if order.name:
            async with self.means.begin(self.merchant_id) as work:
                store = replace(store, name=order.name)
                await work.accounts.put_store(store)
        # Tried when everything is in place, webhooks included.
        return r.LinkedStore(store, checks=tuple(await self.test_link(link_id=store.id)))

    async def sync_store(self, *, store_id: str, is_full: bool) -> Store:
        async with self.means.begin(self.merchant_id) as work:
            store = await work.accounts.store(store_id)
            if store is None:
                raise NotFound(store_id, path=("input", "storeId"))
            if store.status in {LinkStatus.PENDING, LinkStatus.DISCONNECTED}:
                text = f"{store.name} cannot be read: it is {store.status.lower()}."
                raise StateConflict(text, current_id=store_id)
            await work.emit(SyncRequested(self.merchant_id, store_id, is_full))
            return store

    async def test_link(self, *, link_id: str) -> Sequence[HealthCheck]:
        if ids.prefix_of(link_id) == "acc":
            linked = await self.links.carrier(self.merchant_id, link_id)
            if linked is None:
                raise NotFound(link_id, path=("input", "id"))
            return await self._kept(link_id, await linked.connector.check())
        async with self.means.begin(self.merchant_id) as work:
            if await work.accounts.store(link_id) is None:
                raise NotFound(link_id, path=("input", "id"))
        try:
            connector = await self.links.store(self.merchant_id, link_id)
        except DoorstepError as error:
            # A link that cannot even be tried is a finding, not a fault of whoever asks.
            return await self._kept(link_id, (HealthCheck("link", passed=False, text=error.message),))
        return await self._kept(link_id, await connector.check())

    async def _kept(self, link_id: str, checks: Sequence[HealthCheck]) -> Sequence[HealthCheck]:
        """The same, for whoever asks later what the last test found."""
        async with self.means.begin(self.merchant_id) as work:
            await work.checks.put(link_id, checks, self.means.clock.now())
        return checks

    async def replay_quarantined(self, *, ids: Sequence[str]) -> Sequence[r.ReplayOutcome]:
        return [await self._replay_one(id_) for id_ in ids]

    async def discard_quarantined(self, *, ids: Sequence[str]) -> Sequence[Quarantined]:
        discarded = {}
        async with self.means.begin(self.merchant_id) as work:
            # In one order everywhere, so that two people with the same list do not wait for each other.
            for id_ in sorted(ids):
                message = await work.quarantine.get(id_, lock=True)
                if message is None:
                    raise NotFound(id_, path=("input", "ids"))
                if message.status is QuarantineStatus.REPLAYED:
                    raise StateConflict(f"{id_} was replayed already.", current_id=id_)
                discarded[id_] = replace(message, status=QuarantineStatus.DISCARDED, raw_body="")
                await work.quarantine.put(discarded[id_])
        return [discarded[id_] for id_ in ids]

    async def _replay_one(self, id_: str) -> r.ReplayOutcome:
        async with self.means.begin(self.merchant_id) as work:
            message = await work.quarantine.get(id_)
        if message is None:
            raise NotFound(id_, path=("input", "ids"))
        # What was mended in the store may be something that the connector remembers, such as a weight.
        await self.links.forget(self.merchant_id, message.source)
        try:
            order = await replay(self.means, self.merchant_id, id_)
        except DoorstepError as error:
            return r.ReplayOutcome(await self._quarantined(message), error=error)
        return r.ReplayOutcome(await self._quarantined(message), order.id if order else None)

    async def _quarantined(self, message: Quarantined) -> Quarantined:
        """The message as it is now: trying it again counts."""
        async with self.means.begin(self.merchant_id) as work:
            return await work.quarantine.get(message.id) or message


async def _must_open(house: House, order: r.StoreOrder) -> None:
    """Let nobody link a shop that they have no key of: what it sends would come to them.

    Raises
    ------
    InvalidInput
        If the address or a credential cannot be right.
    RemoteError
        If the store does not open.
    """
    if API_ENDPOINT in order.credentials and not house.settings.allow_private_stores:
        # Whoever answers there could say that every key is good.
        raise InvalidInput(f"{API_ENDPOINT} is for the operator's tests.", path=("input", "credentials"))
    plugin = house.plugins.stores.get(order.platform)
    if plugin is None:
        raise InvalidInput(f"No plug-in speaks {order.platform}.", path=("input", "platform"))
    url = order.url.rstrip("/")
    url = url if "://" in url else f"https://{url}"
    given = taken_credentials(plugin, {name: value.reveal() for name, value in order.credentials.items()})
    async with tried(house, order.platform, url, given) as trial:
        await trial.newest_change()
