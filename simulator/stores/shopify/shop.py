"""A simulated Shopify shop: its books, what shoppers and staff do in it, and what it tells its app."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from doorstep.address import Address
from doorstep.clock import Clock
from doorstep.money import Money, zero
from simulator.postman import Habits, Postman
from simulator.stores.shopify.books import BookRow, book_row
from simulator.stores.shopify.bulk import Bulk
from simulator.stores.shopify.carrier_services import CarrierServices
from simulator.stores.shopify.checkout import Checkout
from simulator.stores.shopify.cost import PLANS, Bucket
from simulator.stores.shopify.endpoint import VERSIONS, Endpoint
from simulator.stores.shopify.faults import Fault, FaultPlan
from simulator.stores.shopify.history import fill
from simulator.stores.shopify.installation import Installation
from simulator.stores.shopify.letters import SHOPIFY_HABITS
from simulator.stores.shopify.mailroom import Mailroom
from simulator.stores.shopify.oauth import OAuth
from simulator.stores.shopify.queries import Queries
from simulator.stores.shopify.records import (
    CartLine,
    Company,
    Customer,
    LineRecord,
    OrderRecord,
    SubscriptionRecord,
)
from simulator.stores.shopify.schema import PUBLISHED
from simulator.stores.shopify.staff import Staff
from simulator.stores.shopify.writing import Scribe

SCOPES = frozenset(
    {
        "read_orders",
        "write_fulfillments",
        "read_merchant_managed_fulfillment_orders",
        "write_merchant_managed_fulfillment_orders",
        "read_locations",
        "read_products",
        "read_inventory",
        "read_customers",
        "read_returns",
        "read_shipping",
        "write_shipping",
    }
)
"""What the app of the simulated shop was granted."""


class FakeShopify(Staff):
    """An `Actor`: one shop that speaks Shopify's Admin GraphQL API and posts its webhooks.

    Parameters
    ----------
    domain
        "<shop>.myshopify.com".
    routing_delay_s
        World seconds after which an order's fulfillment orders exist; recorded from a few to ninety.
    seconds
        The machine's monotonic clock, for the throttle.
    admin_api
        Folder of Shopify's own schema, on which the shop executes then; None for the part that ships.

    Attributes
    ----------
    state
        "open", or a key of `faults.SHOP_STATES`.
    scopes
        Access scopes that the app was granted; see `grant`.
    retired_versions
        API versions that are no longer served.
    requests
        How many were made; `bucket` counts those that were throttled, and points.
    """

    name = "shopify"

    def __init__(
        self,
        clock: Clock,
        postman: Postman,
        rng: random.Random,
        *,
        places: Sequence[tuple[str, Address]],
        domain: str = "corner-shop.myshopify.com",
        token: str = "shpat_simulated",  # noqa: S107 - a simulated shop's own
        client_id: str = "simulated-client-id",
        client_secret: str = "simulated-client-secret",  # noqa: S107 - a simulated shop's own
        currency: str = "USD",
        time_zone: str = "America/New_York",
        routing_delay_s: float = 5.0,
        habits: Habits = SHOPIFY_HABITS,
        seconds: Callable[[], float] = time.monotonic,
        admin_api: Path | None = PUBLISHED,
    ) -> None:
        super().__init__(clock, rng, places)
        self.domain = domain
        self.shop_number = self.next_number()
        self.client_id = client_id
        self.currency = currency
        self.time_zone = time_zone
        self.plan = "Advanced"
        self.state = "open"
        self.scopes: Collection[str] = SCOPES
        self.retired_versions: Collection[str] = ()
        self.webhook_version = VERSIONS[-1]
        self.admin_api = admin_api
        self.bucket = Bucket(seconds)
        self.faults = FaultPlan(random.Random(rng.getrandbits(64)))
        self.requests = 0
        self.scribe = Scribe(time_zone, (currency, 1))
        self.mailroom = Mailroom(
            domain,
            self.webhook_version,
            client_secret,
            habits,
            postman,
            clock,
            random.Random(rng.getrandbits(64)),
            lambda topic, subject: self.scribe.write(topic, subject, self.now()),
        )
        self.announce = self.mailroom.tell
        self.is_installed = True
        self.oauth = OAuth(self, token)
        self.installation = Installation(self)
        self.bulk = Bulk(self)
        self.carrier_services = CarrierServices(self)
        self.checkout = Checkout(self)
        self._routing_delay = timedelta(seconds=routing_delay_s)
        self._endpoint = Endpoint(self)
        self._last_position = 1000

    @property
    def app(self) -> ASGIApp:
        """Its Admin API."""
        return self._endpoint

    @property
    def subscriptions(self) -> list[SubscriptionRecord]:
        """The app's webhook subscriptions."""
        return self.mailroom.subscriptions

    @property
    def shows_personal_data(self) -> bool:
        """Whether the app was approved for protected customer data."""
        return self.scribe.shows_personal_data

    @shows_personal_data.setter
    def shows_personal_data(self, shows: bool) -> None:
        self.scribe.shows_personal_data = shows

    @property
    def presentment(self) -> tuple[str, int]:
        """Currency that shoppers see, and its minor units per minor unit of the shop's."""
        return self.scribe.presentment

    @presentment.setter
    def presentment(self, shown: tuple[str, int]) -> None:
        self.scribe.presentment = shown

    async def tick(self, now: datetime) -> None:
        """Do what is due: route orders, go on with bulk operations."""
        self.settle(now)

    async def close(self) -> None:
        """Let go of requests that nobody answers, and of files."""
        self._endpoint.close()
        await self.bulk.close()

    def fail_next(self, kind: Fault | str, count: int = 1) -> None:
        """Let the next requests fail; `kind` is a `faults.Fault`."""
        self.faults.fail_next(kind, count)

    def go_down(self, seconds: float, *, refuses: bool = True) -> None:
        """Be gone for so many world seconds: connections are cut, or answered 503."""
        self.faults.outage_until = self.clock.now() + timedelta(seconds=seconds)
        self.faults.outage_refuses = refuses

    def set_plan(self, plan: str) -> None:
        """Have another plan, and its throttle: a key of `cost.PLANS`."""
        self.plan = plan
        self.bucket.restore_per_s = PLANS[plan]
        self.bucket.capacity = 20 * PLANS[plan]
        self.carrier_services.plan_changed()

    def accepts_token(self, given: str) -> bool:
        """Whether it is a live token of the app's."""
        return self.oauth.accepts(given)

    def revoke_token(self) -> None:
        """End the app's access."""
        self.oauth.revoke()

    def place_order(
        self,
        customer: Customer,
        address: Address | None,
        lines: Sequence[CartLine],
        shipping_line_code: str = "standard",
        note_attributes: Mapping[str, str] | None = None,
        *,
        shipping_price: Money | None = None,
        method: str = "SHIPPING",
        note: str = "",
        tags: tuple[str, ...] = (),
        is_test: bool = False,
        company: Company | None = None,
        presentment: tuple[str, int] | None = None,
        fulfill_at: datetime | None = None,
        delivery_window: tuple[datetime, datetime] | None = None,
        financial_status: str = "PAID",
        gateways: tuple[str, ...] = ("shopify_payments",),
    ) -> str:
        """A shopper checks out; gives the order's gid. Fulfillment orders follow later."""
        due = self.clock.now() + self._routing_delay
        order = OrderRecord(
            number=self.next_number(),
            name=f"#{self.next_position()}",
            customer=customer,
            address=address,
            lines=[LineRecord(self.next_number(), line, line.quantity) for line in lines],
            created_at=self.now(),
            updated_at=self.now(),
            shipping_code=shipping_line_code,
            shipping_price=shipping_price or zero(self.currency),
            attributes=dict(note_attributes or {}),
            method=method,
            note=note,
            tags=tags,
            is_test=is_test,
            company=company,
            presentment=presentment,
            fulfill_at=fulfill_at,
            delivery_window=delivery_window,
            financial_status=financial_status,
            gateways=gateways,
            routing_due=due,
        )
        for line in lines:
            self.stock.know(line)
        self.add_order(order)
        self.later(due, lambda: self.route_order(order))
        self.tell(("ORDERS_CREATE", order))
        return order.gid

    def fill(self, count: int, *, seed: int = 0, days: float = 30.0) -> list[str]:
        """Have a past of so many orders that nobody is told of; see `history.fill` for their mixture."""
        return fill(self, count, seed=seed, days=days)

    def visible_queries(self) -> Mapping[str, Callable[..., Any]]:
        """What the app may ask, by field of QueryRoot."""
        return Queries(self).fields()

    def next_position(self) -> int:
        """The number of the next order, as people see it."""
        self._last_position += 1
        return self._last_position

    def books(self) -> list[BookRow]:
        """Every order as the shop counts it."""
        return [book_row(order) for order in self.orders]
