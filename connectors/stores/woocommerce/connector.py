"""One linked WooCommerce store, as `doorstep.ports.StoreConnector`: which room does what."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from connectors.stores.woocommerce import census, checkup, mapping, places, registration
from connectors.stores.woocommerce.catalog import Catalog
from connectors.stores.woocommerce.reading import OrderReader
from connectors.stores.woocommerce.reporting import Reporter
from connectors.stores.woocommerce.store_api import StoreApi
from doorstep.clock import Clock, SystemClock
from doorstep.health import HealthCheck
from doorstep.order import Location, Order, StorePlatform
from doorstep.ports import RawOrder, Touch
from doorstep.product import Product
from doorstep.report import DeliveryReport
from doorstep.secret import Secret
from doorstep.window import Window


class WooCommerceConnector:
    """Reads orders of one store, tells it of deliveries and keeps its webhooks alive.

    Parameters
    ----------
    api
        Speaks with the store.
    clock
        Says when the store was asked and how long the catalogue is believed.
    """

    def __init__(self, api: StoreApi, clock: Clock | None = None) -> None:
        clock = clock or SystemClock()
        self._api = api
        self._clock = clock
        self._catalog = Catalog(api, clock)
        self._orders = OrderReader(api, self._catalog, clock)
        self._reporter = Reporter(api, self._orders, clock)

    @property
    def platform(self) -> StorePlatform:
        """WooCommerce."""
        return StorePlatform.WOOCOMMERCE

    def changed_orders(self, since: datetime | None) -> AsyncIterator[RawOrder]:
        """Walk every order changed since; see `walk.walk`. No overlap of its own."""
        return self._orders.changed(since)

    def all_orders(self, after: datetime | None = None) -> AsyncIterator[RawOrder]:
        """The same walk from the beginning, or from where an earlier one broke off."""
        return self._orders.changed(after)

    async def newest_change(self) -> datetime | None:
        """The store's own time of its last change of any order, trash included; drafts are none."""
        return await census.newest_change(self._api)

    async def touched_orders(self, since: datetime) -> AsyncIterator[Touch]:  # noqa: ARG002 - the port's
        """Nothing: what touches an order shows in the order itself, or nowhere.

        A refund stamps its order anew (captured on 10.5). A refund that is deleted again stamps nothing,
        fires no webhook and leaves no row behind, so that no list of WooCommerce's tells of it: only reading
        the order again does, as the nightly walk over all orders.
        """
        touches: tuple[Touch, ...] = ()
        for touch in touches:
            yield touch

    async def count_orders(self, since: datetime | None) -> int | None:
        """Orders that `changed_orders` would give, in three small requests."""
        return await census.count_changed(self._api, since)

    async def count_placed(self, window: Window) -> int | None:
        """Orders placed in a window that the store has, in the trash too."""
        return await census.count_placed(self._api, window)

    def placed_ids(self, window: Window) -> AsyncIterator[str]:
        """The ids of these."""
        return census.placed_ids(self._api, self._clock, window)

    async def shows_since(self) -> datetime | None:
        """None: WooCommerce shows a key of a shop manager's every order, however old."""
        return None

    async def fetch_order(self, external_id: str) -> RawOrder | None:
        """One order now; None where it was deleted for good, is a refund, or is still a draft."""
        return await self._orders.one(external_id)

    async def fetch_orders(self, external_ids: Sequence[str]) -> Mapping[str, RawOrder | None]:
        """Several orders now, a hundred a call; None as for one."""
        return await self._orders.many(external_ids)

    def read_order(self, raw: RawOrder) -> Order:
        """Map it; see `mapping.read_order`."""
        return mapping.read_order(raw)

    async def locations(self) -> tuple[Location, ...]:
        """The store's base address: WooCommerce knows one place."""
        return await places.locations(self._api)

    async def products(self, external_ids: Sequence[str]) -> tuple[Product, ...]:
        """Articles by the ids that order lines have: "13", or "21/22" for a variation."""
        return await self._catalog.articles(external_ids)

    async def products_by_sku(self, skus: Sequence[str]) -> tuple[Product, ...]:
        """Articles by SKU, which is all that a cart tells."""
        return await self._catalog.articles_by_sku(skus)

    async def report(self, report: DeliveryReport, told: str, *, in_doubt: bool) -> str:
        """Tracking, fulfillment, status and notes; see `reporting.Reporter`."""
        return await self._reporter.report(report, told, in_doubt=in_doubt)

    async def ensure_webhooks(self, callback_url: str, secret: Secret) -> tuple[HealthCheck, ...]:
        """Register, switch on again and repair our webhooks; see `registration.register`."""
        return await registration.register(self._api, callback_url, secret)

    async def check(self) -> tuple[HealthCheck, ...]:
        """What is wrong with this link; never raises. See `checkup.check_up`."""
        return await checkup.check_up(self._api)

    async def close(self) -> None:
        """Nothing is kept open: the SDK connects anew for every call."""
