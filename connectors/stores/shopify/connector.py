"""One linked Shopify shop: the table of contents of this folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.stores.shopify import (
    articles,
    buyers,
    checkup,
    counts,
    locations,
    mapping,
    moving,
    rates,
    reporting,
    subscriptions,
)
from connectors.stores.shopify.bulk import BulkOrders
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.download import Downloader
from connectors.stores.shopify.history import BULK_THRESHOLD, History
from connectors.stores.shopify.horizon import Horizon
from connectors.stores.shopify.lookup import Lookup
from connectors.stores.shopify.walk import (
    CHANGED_ORDERS,
    PAGE_SIZE,
    PLACED_IDS,
    TOUCHED,
    WALK_LENGTH,
    Walker,
    whole_seconds,
)
from connectors.stores.shopify.whole import OrderReader
from doorstep.clock import Clock, SystemClock
from doorstep.errors import UnreadablePayload
from doorstep.health import HealthCheck
from doorstep.order import FulfillmentLine, Location, Order, StorePlatform
from doorstep.ports import RawOrder, Touch
from doorstep.product import Product
from doorstep.report import DeliveryReport
from doorstep.secret import Secret
from doorstep.window import Window


class ShopifyConnector:
    """Reads orders, fulfillment orders, locations and articles, registers webhooks, and reports back.

    Parameters
    ----------
    client_secret
        What Shopify signs webhooks with.
    page_size
        Orders a page, 1 to 250.
    walk_length
        Objects after which a walk starts its connection anew, below 25,000.
    bulk_threshold
        Orders above which the whole history is read by bulk operation.
    sleep
        Between looks at a bulk operation; handed in by tests.
    """

    def __init__(
        self,
        client: ShopifyClient,
        client_secret: Secret,
        *,
        clock: Clock | None = None,
        page_size: int = PAGE_SIZE,
        walk_length: int = WALK_LENGTH,
        bulk_threshold: int = BULK_THRESHOLD,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._client_secret = client_secret
        self._clock = clock or SystemClock()
        self._walker = Walker(client, self._clock, page_size=page_size, walk_length=walk_length)
        self._reader = OrderReader(client, self._clock)
        self._lookup = Lookup(client, self._reader, self._clock)
        self._horizon = Horizon(client, self._clock)
        downloader = Downloader(
            is_simulated=client.link.is_loopback, ca_file=client.link.ca_file, sleep=sleep
        )
        bulk = BulkOrders(client, downloader, self._clock, sleep=sleep)
        self._history = History(self._walker, self._reader, self._lookup, bulk, bulk_threshold)

    @property
    def platform(self) -> StorePlatform:
        """Shopify."""
        return StorePlatform.SHOPIFY

    def changed_orders(self, since: datetime | None) -> AsyncIterator[RawOrder]:
        """Walk every order changed at `since` or later, oldest change first; None walks all.

        Without the scope read_all_orders Shopify shows the last 60 days. An order that changes during the
        walk may come twice. The search behind it lags: begin some minutes before what was seen last.
        """
        return self._history.walked(CHANGED_ORDERS, since)

    def all_orders(self, after: datetime | None = None) -> AsyncIterator[RawOrder]:  # noqa: ARG002 - the port's
        """Every order, by bulk operation where they are many; always anew, since that has no order."""
        return self._history.everything()

    async def newest_change(self) -> datetime | None:
        """Shopify's time of the last change of any order; None where there are no orders."""
        return await counts.newest_change(self._client)

    async def touched_orders(self, since: datetime) -> AsyncIterator[Touch]:
        """Orders of which a fulfillment order was touched: moves and splits need not show on the order."""
        async for page in self._walker.pages(TOUCHED, since):
            for unit in page.nodes:
                try:
                    touch = Touch(unit["orderId"].text(), unit["updatedAt"].instant())
                except UnreadablePayload:
                    continue  # whose part it is cannot be known; those behind it are told all the same
                yield touch

    async def count_orders(self, since: datetime | None) -> int | None:
        """How many orders `changed_orders` would give; None where Shopify does not count exactly."""
        return await counts.count(self._client, CHANGED_ORDERS.search(since, None))

    async def count_placed(self, window: Window) -> int | None:
        """How many orders were made in a window; None where Shopify does not count exactly."""
        whole = whole_seconds(window)
        return await counts.count(self._client, PLACED_IDS.search(whole.start, whole.end), is_walk=True)

    async def placed_ids(self, window: Window) -> AsyncIterator[str]:
        """The gids of these."""
        whole = whole_seconds(window)
        async for page in self._walker.pages(PLACED_IDS, whole.start, whole.end):
            for order in page.nodes:
                yield order["id"].text()

    async def shows_since(self) -> datetime | None:
        """Orders placed before are not shown to the app; None where it has the scope read_all_orders."""
        return await self._horizon.shows_since()

    async def fetch_order(self, external_id: str) -> RawOrder | None:
        """One order now, by its gid, its number, or the gid of one of its fulfillment orders."""
        return (await self._lookup.fetch([external_id]))[external_id]

    async def fetch_orders(self, external_ids: Sequence[str]) -> Mapping[str, RawOrder | None]:
        """Several orders now, by the same names; None only where Shopify itself says that there is none."""
        return await self._lookup.fetch(external_ids)

    def read_order(self, raw: RawOrder) -> Order:
        """Map it; see `mapping.read_order`."""
        return replace(mapping.read_order(raw.body), read_at=raw.asked_at)

    async def locations(self) -> tuple[Location, ...]:
        """The merchant's own active locations; those of fulfillment services ship by themselves."""
        return await locations.list_locations(self._client)

    async def products(self, external_ids: Sequence[str]) -> tuple[Product, ...]:
        """Variants by their gids, with weight and stock; Shopify knows no sides."""
        return await articles.find_products(self._client, external_ids)

    async def products_by_sku(self, skus: Sequence[str]) -> tuple[Product, ...]:
        """Variants by SKU, which is all that a cart tells."""
        return await articles.find_by_sku(self._client, skus)

    async def report(self, report: DeliveryReport, told: str, *, in_doubt: bool) -> str:
        """Let the shop show how a delivery stands; see `reporting`."""
        return await reporting.report(self._client, report, told, in_doubt=in_doubt)

    async def move_unit(
        self, unit_external_id: str, location_external_id: str, lines: Sequence[FulfillmentLine] = ()
    ) -> str:
        """Let another location ship a fulfillment order, or these pieces of it; see `moving`."""
        return await moving.move_unit(self._client, unit_external_id, location_external_id, lines)

    async def ensure_webhooks(self, callback_url: str, secret: Secret) -> tuple[HealthCheck, ...]:
        """Register and repair our webhooks, which Shopify signs with the app's client secret alone."""
        return await subscriptions.ensure(
            self._client, callback_url, is_signed_with=secret == self._client_secret
        )

    async def ensure_rates(self, callback_url: str) -> HealthCheck:
        """Register and repair the CarrierService by which the checkout asks us; see `rates`."""
        return await rates.ensure(self._client, callback_url)

    async def drop_rates(self, callback_url: str) -> None:
        """Delete that CarrierService."""
        await rates.drop(self._client, callback_url)

    async def is_bought_by(self, order_external_id: str, customer_id: str) -> bool:
        """Whether an order is this customer's, by Shopify's number of the person."""
        return await buyers.is_bought_by(self._client, order_external_id, customer_id)

    async def granted_scopes(self) -> tuple[str, ...]:
        """What the shop lets the app do, in Shopify's words."""
        return await checkup.granted_scopes(self._client)

    async def check(self) -> tuple[HealthCheck, ...]:
        """What is wrong with this link; never raises."""
        return await checkup.check(self._client, self._clock)

    async def close(self) -> None:
        """Nothing is held between calls."""
