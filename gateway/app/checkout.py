"""Who may ask for rates: Shopify for a shop of ours, and our plugin with its publishable key."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from starlette.routing import Route

from doorstep.errors import DoorstepError, NotFound, OptionExpired, SlotUnavailable
from doorstep.health import HealthCheck
from doorstep.order import Store, StorePlatform
from doorstep.quote import Choice, DeliveryMode, Quote, QuoteSet
from doorstep.secret import Secret
from doorstep.slot import Slot
from doorstep.window import Window
from gateway.api.ports.session import CredentialRejected, RequestInfo
from gateway.app.last_known import LastKnown
from gateway.app.senders import Sender, Senders, store_secrets
from gateway.auth.caller import Audience
from gateway.auth.keys import hash_key
from gateway.auth.rate_doors import RateDoors
from gateway.bootstrap.commands import FlowCommands
from gateway.bootstrap.house import House
from gateway.bootstrap.plugin_link import read_places_again
from gateway.bootstrap.readiness import readiness
from gateway.bootstrap.secrets import secret_keys
from gateway.bootstrap.sessions import Door
from gateway.checkout.counter import Counter, Shop
from gateway.checkout.shopify.routes import Caller, shopify_routes
from gateway.checkout.woocommerce.routes import Clerk, Wish, woocommerce_routes
from gateway.flow.quoting.codes import by_code
from gateway.flow.slots.offer import TO_BE_HAD

SHOWN_AHEAD = timedelta(days=14)
"""Slots are shown so far ahead, as in GraphQL."""

READ_AGAIN_S = 2.0
"""For the shop's own address at a test of its link; seconds of the machine."""

_MAY_ASK = (Audience.PUBLISHABLE, Audience.SECRET)
"""Not whoever follows a delivery or drives one."""


def checkout_routes(house: House) -> list[Route]:
    """`/checkout/…`, for both platforms; one counter answers all."""
    counter = Counter(house.means)
    senders = Senders(house)
    doors = RateDoors(secret_keys(house.settings))
    shops, clerks = LastKnown[Sender](), LastKnown[_Clerk]()

    async def caller(domain: str) -> Caller | None:
        sender = await shops.find(domain, lambda: senders.shop(domain))
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
        return await clerks.find(f"{site} {hash_key(key).hex()}", lambda: look_up(site, key))

    async def look_up(site: str, key: str) -> _Clerk | None:
        try:
            found = (await Door(house).open(Secret(key), RequestInfo())).caller
        except CredentialRejected:
            return None
        if found.audience not in _MAY_ASK:
            return None
        async with house.means.begin(found.merchant_id) as work:
            store = await work.accounts.store(site)
        if store is None or store.platform is not StorePlatform.WOOCOMMERCE:
            return None
        return _Clerk(house, Shop(store.id, store.merchant_id), found.key_id)

    return [*shopify_routes(counter, caller), *woocommerce_routes(counter, clerk, house.clock)]


@dataclass(frozen=True, slots=True)
class _Clerk:
    """See `gateway.checkout.woocommerce.routes.Clerk`."""

    house: House
    shop: Shop
    key_id: str

    async def choose(self, wish: Wish) -> Choice:
        try:
            return await self._commands.choose_option(
                idempotency_key=wish.idempotency_key,
                quote_set_id=wish.options_id,
                quote_id=wish.option_id,
                destination=None,
                cart_id=wish.cart_id or "",
                slot_id=wish.slot_id or "",
                held_by=self.key_id,
                cart_part="" if wish.package is None else f"{self.shop.store_id} {wish.package}",
            )
        except NotFound as problem:
            option = await self._option(wish)
            if option is None:
                raise OptionExpired("This option is not known any more; ask for rates again.") from problem
            left = (await self.slots(option[0])).get(wish.option_id, ())
            raise SlotUnavailable("This slot is not offered any more.", alternatives=left) from problem
        except SlotUnavailable as gone:
            option = await self._option(wish)
            near = _at_the_door(option[1], gone.alternatives) if option else gone.alternatives
            raise SlotUnavailable(gone.message, alternatives=near) from gone

    async def slots(self, quote_set: QuoteSet) -> Mapping[str, Sequence[Slot]]:
        quotes = by_code(quote_set.quotes).values()
        options = [(quote_set, one) for one in quotes if one.offer.mode is DeliveryMode.OWN_FLEET]
        now = self.house.clock.now()
        within = Window(now, now + SHOWN_AHEAD)
        found = await self._commands.slots_of(options=options, within=within)
        return {
            quote.id: _at_the_door(quote, [slot for slot in slots if slot.availability(now) in TO_BE_HAD])
            for (_, quote), slots in zip(options, found, strict=True)
        }

    async def test(self) -> tuple[str, Store, Sequence[HealthCheck]]:
        async with self.house.means.begin(self.shop.merchant_id) as work:
            store = await work.accounts.store(self.shop.store_id)
        if store is not None:
            # Whoever has just mended the shop's address or phone number presses the button to see it gone.
            with contextlib.suppress(DoorstepError, TimeoutError):
                async with asyncio.timeout(READ_AGAIN_S):
                    await read_places_again(self.house, store)
        async with self.house.means.begin(self.shop.merchant_id) as work:
            merchant = await work.accounts.merchant()
            store = await work.accounts.store(self.shop.store_id)
            if store is None:
                raise NotFound(self.shop.store_id)
            ready = await readiness(work, store)
        return merchant.name, store, [*await self._commands.test_link(link_id=store.id), *ready]

    @property
    def _commands(self) -> FlowCommands:
        return FlowCommands(self.house, self.shop.merchant_id)

    async def _option(self, wish: Wish) -> tuple[QuoteSet, Quote] | None:
        async with self.house.means.begin(self.shop.merchant_id) as work:
            quote_set = await work.quotes.get(wish.options_id)
        quote = quote_set.quote(wish.option_id) if quote_set else None
        return (quote_set, quote) if quote_set and quote else None


def _at_the_door(quote: Quote, slots: Sequence[Slot]) -> Sequence[Slot]:
    """Slots in the time of the door that an option goes to, as its promise is told."""
    return [replace(slot, time_zone=quote.offer.promise.time_zone) for slot in slots]
