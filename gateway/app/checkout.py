"""Who may ask for rates: Shopify for a shop of ours, and our plugin with its publishable key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.routing import Route

from doorstep.errors import NotFound
from doorstep.health import HealthCheck
from doorstep.order import Store, StorePlatform
from doorstep.quote import Choice
from doorstep.secret import Secret
from gateway.api.ports import CredentialRejected, RequestInfo
from gateway.app.senders import Senders, store_secrets
from gateway.auth.rate_doors import RateDoors
from gateway.bootstrap.commands import FlowCommands
from gateway.bootstrap.house import House
from gateway.bootstrap.secrets import secret_keys
from gateway.bootstrap.sessions import Door
from gateway.checkout.counter import Counter, Shop
from gateway.checkout.shopify.routes import Caller, shopify_routes
from gateway.checkout.woocommerce.routes import Clerk, Wish, woocommerce_routes
from gateway.flow.slots.chosen import Selection, choose_with_slot


def checkout_routes(house: House) -> list[Route]:
    """`/checkout/…`, for both platforms; one counter answers all."""
    counter = Counter(house.means)
    senders = Senders(house)
    doors = RateDoors(secret_keys(house.settings))

    async def caller(domain: str) -> Caller | None:
        sender = await senders.shop(domain)
        plugin = house.plugins.stores.get(StorePlatform.SHOPIFY)
        if sender is None or plugin is None:
            return None
        secrets = store_secrets(house, sender)

        def verify(headers: Mapping[str, str], body: bytes) -> None:
            plugin.webhooks.verify(headers, body, secrets)

        def opens(door: str) -> bool:
            return doors.opens(sender.id, door)

        return Caller(Shop(sender.id, sender.merchant_id), opens, verify)

    async def clerk(site: str, key: str) -> Clerk | None:
        try:
            found = (await Door(house).open(Secret(key), RequestInfo())).caller
        except CredentialRejected:
            return None
        async with house.means.begin(found.merchant_id) as work:
            store = await work.accounts.store(site)
        if store is None or store.platform is not StorePlatform.WOOCOMMERCE:
            return None
        return _Clerk(house, Shop(store.id, store.merchant_id))

    return [*shopify_routes(counter, caller), *woocommerce_routes(counter, clerk, house.clock)]


@dataclass(frozen=True, slots=True)
class _Clerk:
    """See `gateway.checkout.woocommerce.routes.Clerk`."""

    house: House
    shop: Shop

    async def choose(self, wish: Wish) -> Choice:
        selection = Selection(wish.options_id, wish.option_id, wish.cart_id or "", wish.slot_id or "")
        means, merchant_id = self.house.means, self.shop.merchant_id
        return await choose_with_slot(means, merchant_id, wish.idempotency_key, selection)

    async def test(self) -> tuple[str, Store, Sequence[HealthCheck]]:
        async with self.house.means.begin(self.shop.merchant_id) as work:
            merchant = await work.accounts.merchant()
            store = await work.accounts.store(self.shop.store_id)
        if store is None:
            raise NotFound(self.shop.store_id)
        commands = FlowCommands(self.house, self.shop.merchant_id)
        return merchant.name, store, await commands.test_link(link_id=store.id)
