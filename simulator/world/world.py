"""One world: everybody in it, and how its time goes on."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from simulator.actor import Actor
from simulator.city import City, build_city
from simulator.clock import WorldClock
from simulator.geocoder import FakeGeocoder
from simulator.people.crowd import Crowd
from simulator.people.drivers import Drivers
from simulator.people.gateway import Gateway, Link
from simulator.people.names import moved_in
from simulator.people.purchase import Receipt
from simulator.postman import Postman
from simulator.world.couriers import Carriers
from simulator.world.fleet import draw_fleet
from simulator.world.plan import plain_errand, plan_day
from simulator.world.reading import Wish
from simulator.world.settings import WorldSettings
from simulator.world.shopify_shop import ShopifyShop
from simulator.world.shops import Shop, WooCommerceShop

LONGEST_STEP = timedelta(seconds=5)
_BY_HAND = 1_000_000


class World:
    """Lives a day from a seed.

    Time goes on in steps of at most five seconds, shorter where a shopper is due, so that a jump of the
    clock does everything in its order.

    Parameters
    ----------
    city
        Built from the seed where none is given.
    """

    def __init__(self, settings: WorldSettings, city: City | None = None) -> None:
        self.settings = settings
        self.city = city or build_city(settings.seed)
        start = settings.opens_at.astimezone(UTC)
        rate = 0.0 if settings.is_stepped else settings.rate
        self.clock = WorldClock(start, rate=rate, shared_file=settings.clock_file)
        self.postman = Postman(self.clock, self._random("postman"))
        self.gateway = Gateway()
        self.shops: Mapping[str, Shop] = {
            "shopify": ShopifyShop(self.clock, self.postman, self._random("shopify"), self.city),
            "woocommerce": WooCommerceShop(
                self.clock, self.postman, self._random("woocommerce"), self.city.time_zone
            ),
        }
        self.carriers = Carriers(
            self.clock,
            self.postman,
            self._random("carriers"),
            self.city,
            parcel_pace=settings.parcel_pace,
            dropout_chance=settings.dropout_chance,
        )
        self.fleet = draw_fleet(settings.seed, self.city)
        self.drivers = Drivers(
            self.fleet,
            self.gateway,
            self._random("silence"),
            start,
            time_zone=self.city.time_zone,
            falls_silent=settings.has_silence,
        )
        self.crowd = Crowd(self.shops, self.gateway, waits=settings.is_stepped)
        self.geocoder = FakeGeocoder(self.city)
        self.is_started = False
        self.reached = start
        self._turn = asyncio.Lock()
        self._by_hand = itertools.count(_BY_HAND)

    @property
    def actors(self) -> tuple[Actor, ...]:
        """Everybody, in the order of their turns within a step: who acts first is heard first."""
        shops = (shop.actor for shop in self.shops.values())
        return (self.crowd, *shops, *self.carriers.actors, self.drivers, self.geocoder)

    def link(self, link: Link, webhooks: Mapping[str, str]) -> None:
        """Tell everybody where the gateway is."""
        self.gateway.link = link
        self.carriers.send_webhooks_to(webhooks)

    def start_day(self) -> int:
        """Let shoppers begin; gives how many will come. A second call changes nothing."""
        if not self.is_started:
            self.is_started = True
            settings = self.settings
            opens, closes = self.reached, settings.closes_at.astimezone(UTC)
            stores = tuple(self.shops)
            errands = plan_day(settings.seed, self.city, settings.customs, stores, opens, closes)
            self.crowd.send(errands)
        return self.crowd.waiting

    async def advance(self, seconds: float) -> None:
        """Move a standing clock on, and do everything on the way."""
        async with self._turn:
            await self._live_until(self.reached + timedelta(seconds=seconds))

    async def catch_up(self) -> None:
        """Do everything up to what a running clock shows."""
        async with self._turn:
            await self._live_until(self.clock.now())

    async def place_order(self, wish: Wish) -> Receipt:
        """Send one more shopper at once."""
        number = next(self._by_hand)
        platform = wish.store or tuple(self.shops)[number % len(self.shops)]
        now = self.clock.now()
        errand = plain_errand(self.settings.seed, number, self.city, platform, now, wish.uses_checkout)
        shopper = errand.shopper
        if wish.home is not None:
            shopper = moved_in(shopper, wish.home)
        errand = replace(errand, shopper=shopper, lines=wish.lines or errand.lines)
        return await self.crowd.order_now(replace(errand, choice_reference=wish.choice_reference))

    async def close(self) -> None:
        """Let everybody go."""
        self.carriers.close()
        for actor in self.actors:
            await actor.close()
        await self.postman.close()
        await self.gateway.close()

    async def _live_until(self, end: datetime) -> None:
        while self.reached < end:
            step = min(end, self.reached + LONGEST_STEP)
            due = self.crowd.next_due
            if due is not None and self.reached < due < step:
                step = due
            if self.settings.is_stepped:
                self.clock.advance((step - self.clock.now()).total_seconds())
            for actor in self.actors:
                await actor.tick(step)
            self.carriers.note(step)
            await self.postman.tick(step)
            self.reached = step

    def _random(self, part: str) -> Random:
        return Random(f"{self.settings.seed}:{part}")
