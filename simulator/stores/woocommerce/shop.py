"""A simulated WooCommerce store that speaks REST v3 as real ones were measured to."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from starlette.types import ASGIApp

from doorstep.clock import Clock
from simulator.postman import Postman
from simulator.stores.woocommerce.answers import Counter, no_order, refusal
from simulator.stores.woocommerce.books import rows_of
from simulator.stores.woocommerce.documents import shown_order
from simulator.stores.woocommerce.door import Door
from simulator.stores.woocommerce.granting import Granting
from simulator.stores.woocommerce.history import fill
from simulator.stores.woocommerce.hooks import Hooks
from simulator.stores.woocommerce.keys import Keys
from simulator.stores.woocommerce.plugin import DoorstepPlugin
from simulator.stores.woocommerce.rest import Rest
from simulator.stores.woocommerce.settings import Settings
from simulator.stores.woocommerce.shelf import Shelf
from simulator.stores.woocommerce.trade import Trade
from simulator.stores.woocommerce.troubles import Planned, Trouble

CONSUMER_KEY = "ck_0123456789abcdef0123456789abcdef01234567"
CONSUMER_SECRET = "cs_0123456789abcdef0123456789abcdef01234567"  # noqa: S105 - of a store that does not exist


class FakeWooCommerce(Trade):
    """One store, as an actor of the simulated world.

    Parameters
    ----------
    clock, postman, rng
        The world's.
    base_path
        Where the shop lives under its host, "/blog".
    version
        "10.5", with orders in tables of their own (HPOS), or "8.9", with the legacy storage.
    webhook_latency_s
        World seconds from a change to its webhook, from and to.
    accepts_any_receiver
        False behaves like stock WordPress, which never posts to 127.0.0.1 or to odd ports.
    treat_as_https, home_url, tax_percent, price_decimals, has_fulfillments, has_shipment_tracking,
    pickup_phone
        See `Settings`.

    Attributes
    ----------
    keys, door, rest
        Where permissions, the host's habits and troubles, and the user's rights can be changed.
    granting
        The wc-auth flow, with the merchant who approves or denies.
    plugin
        Doorstep's own; not active unless it is switched on.
    owner_lost_rights
        Webhooks then carry validly signed error objects.
    """

    def __init__(
        self,
        clock: Clock,
        postman: Postman,
        rng: random.Random,
        *,
        base_path: str = "",
        consumer_key: str = CONSUMER_KEY,
        consumer_secret: str = CONSUMER_SECRET,
        version: str = "10.5",
        time_zone: str = "America/New_York",
        currency: str = "USD",
        webhook_latency_s: tuple[float, float] = (2.0, 20.0),
        accepts_any_receiver: bool = True,
        treat_as_https: bool = False,
        home_url: str = "",
        country: str = "US:NY",
        tax_percent: str = "0",
        price_decimals: int = 2,
        weight_unit: str = "kg",
        dimension_unit: str = "cm",
        has_fulfillments: bool = False,
        has_shipment_tracking: bool = False,
        pickup_phone: str = "",
    ) -> None:
        settings = Settings(
            consumer_key=consumer_key,
            consumer_secret=consumer_secret,
            base_path=base_path,
            version=version,
            time_zone=time_zone,
            currency=currency,
            treat_as_https=treat_as_https,
            home_url=home_url,
            country=country,
            tax_percent=Decimal(tax_percent),
            price_decimals=price_decimals,
            weight_unit=weight_unit,
            dimension_unit=dimension_unit,
            has_fulfillments=has_fulfillments,
            has_shipment_tracking=has_shipment_tracking,
            pickup_phone=pickup_phone,
        )
        shelf = Shelf(settings, clock, rng)
        source = f"{home_url or f'http://woocommerce.test{base_path}'}/"
        hooks = Hooks(
            shelf,
            postman,
            self._payload_for_owner,
            source,
            webhook_latency_s,
            accepts_any_receiver=accepts_any_receiver,
        )
        super().__init__(shelf, hooks)
        self.owner_lost_rights = False
        self.keys = Keys(consumer_key, consumer_secret)
        self.plugin = DoorstepPlugin(clock)
        self.rest = Rest(Counter(shelf, hooks, self), self.plugin.routes())
        self.granting = Granting(self.keys, clock)
        self.door = Door(settings, self.keys, self.rest, self.granting, clock)
        self._source = source

    @property
    def name(self) -> str:
        """Path segment of this actor."""
        return "woocommerce"

    @property
    def app(self) -> ASGIApp:
        """The store's web server."""
        return self.door.app

    async def tick(self, now: datetime) -> None:
        """Hand the webhooks that are due to the postman; during an outage wp-cron does not run."""
        if not self.door.weather.is_away:
            self.hooks.tick(now)

    async def close(self) -> None:
        """Nothing is kept open."""

    def fail_next(self, kind: Trouble, count: int = 1, where: str = "", method: str = "") -> None:
        """Spoil the next `count` answers of endpoints that begin with `where`; see `troubles.UNDONE`."""
        self.door.plan(Planned(kind, count, where, method))

    def skew(self, seconds: float) -> None:
        """Put the store's clock ahead, in its dates, its Date header and its check of OAuth."""
        self.shelf.clock_error_s = self.door.clock_error_s = seconds

    def enter_pickup_phone(self, typed: str) -> None:
        """The merchant fills in our plugin's field among WooCommerce's general settings."""
        self.shelf.settings = replace(self.shelf.settings, pickup_phone=typed)

    def fill(self, count: int, seed: int, *, span_s: float = 30 * 86400.0) -> None:
        """Give the store a past of `count` orders over the last `span_s` seconds; no webhook tells of it."""
        fill(self.shelf, count, seed, span_s=span_s)

    def books(self) -> list[dict[str, Any]]:
        """Plain rows of what the store really holds, for an honest count at the end of the day."""
        return rows_of(self.shelf)

    def calls(self, method: str = "GET", where: str = "") -> int:
        """How many calls of endpoints that begin with `where` have come in."""
        return sum(seen[0] == method and seen[1].startswith(where) for seen in self.door.seen)

    def _payload_for_owner(self, order_id: int) -> dict[str, Any]:
        order = self.shelf.orders.get(order_id)
        if self.owner_lost_rights:
            message = "Sorry, you cannot view this resource."
            return dict(refusal(401, "woocommerce_rest_cannot_view", message).payload)
        if order is None:
            return dict(no_order().payload)
        return shown_order(self.shelf, order, self._source.rstrip("/"))
