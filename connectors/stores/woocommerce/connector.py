"""One linked WooCommerce store, as `doorstep.ports.StoreConnector`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from connectors.stores.woocommerce import checkup, mapping, registration
from connectors.stores.woocommerce.catalog import Catalog
from connectors.stores.woocommerce.diagnosis import Fault, fault_of
from connectors.stores.woocommerce.fields import plain
from connectors.stores.woocommerce.store_api import StoreApi
from connectors.stores.woocommerce.walk import Ask, Page, merged, modified_at, parameters_of, start_of, walk
from doorstep.address import Address
from doorstep.clock import Clock, SystemClock
from doorstep.errors import RemoteRefused, RemoteUnavailable
from doorstep.health import HealthCheck
from doorstep.order import Location, Order, StorePlatform
from doorstep.ports import RawOrder
from doorstep.secret import Secret

_LARGEST_PAGE = 100
_SMALLEST_PAGE = 5
_TOO_MUCH = {Fault.TOO_SLOW, Fault.STORE_UNWELL, Fault.ANSWER_TOO_LARGE, Fault.UNREADABLE_ANSWER}
_REFUNDS_PAGE = 100
# Places that keep one offset all year, for "UTC+5:30" in WordPress' settings.
_ODD_OFFSETS = {
    -9.5: "Pacific/Marquesas",
    3.5: "Asia/Tehran",
    4.5: "Asia/Kabul",
    5.5: "Asia/Kolkata",
    5.75: "Asia/Kathmandu",
    6.5: "Asia/Yangon",
    8.75: "Australia/Eucla",
    9.5: "Australia/Darwin",
}


class WooCommerceConnector:
    """Reads orders of one store and keeps its webhooks alive.

    Parameters
    ----------
    api
        Speaks with the store.
    clock
        Says when an order was fetched and how long the catalogue is believed.
    """

    def __init__(self, api: StoreApi, clock: Clock | None = None) -> None:
        self._api = api
        self._clock = clock or SystemClock()
        self._catalog = Catalog(api, self._clock)

    @property
    def platform(self) -> StorePlatform:
        """WooCommerce."""
        return StorePlatform.WOOCOMMERCE

    async def changed_orders(self, since: datetime | None) -> AsyncIterator[RawOrder]:
        """Walk every order changed since, trash included, drafts of unfinished checkouts left out."""
        # "any" has no trash in it, nor has "any,trash" (measured): it is a walk of its own.
        listed, trashed = self._walk("any", since), self._walk("trash", since)
        async for _, raw in merged(listed, trashed, lambda pair: pair[0]):
            yield raw

    async def count_orders(self, since: datetime | None) -> int | None:
        """Orders that `changed_orders` would give, in three small requests."""
        listed, trashed = await self._count("any", since), await self._count("trash", since)
        try:
            drafts = await self._count("checkout-draft", since)
        except RemoteRefused:
            drafts = 0  # a shop without the Blocks checkout does not know the status
        if listed is None or trashed is None or drafts is None:
            return None
        return max(0, listed + trashed - drafts)

    async def fetch_order(self, external_id: str) -> RawOrder | None:
        """One order now; None where it was deleted for good, is a refund, or is still a draft."""
        if not external_id.isdecimal():
            return None
        answer = await self._api.read(f"orders/{external_id}", may_be_missing=True)
        if answer.payload is None or _is_draft(answer.fields()):
            return None
        return (await self._complete([answer.fields()]))[0]

    def read_order(self, raw: RawOrder) -> Order:
        """Map it; see `mapping.read_order`."""
        return mapping.read_order(raw)

    async def locations(self) -> tuple[Location, ...]:
        """The store's base address: WooCommerce knows one place."""
        rows = (await self._api.read("settings/general", {"_fields": "id,value"})).rows()
        values = {str(row.get("id")): _setting(row.get("value")) for row in rows}
        index = await self._api.site_index() or {}
        country, _, province = values.get("woocommerce_default_country", "").partition(":")
        address = Address(
            country=country,
            province=province,
            line1=values.get("woocommerce_store_address", ""),
            line2=values.get("woocommerce_store_address_2", ""),
            city=values.get("woocommerce_store_city", ""),
            postal_code=values.get("woocommerce_store_postcode", ""),
        )
        name = _setting(index.get("name")) or "Store"
        return (Location("", "", name, address, _time_zone(index), external_ids=("store",)),)

    async def ensure_webhooks(self, callback_url: str, secret: Secret) -> tuple[HealthCheck, ...]:
        """Register, switch on again and repair our webhooks; see `registration.register`."""
        return await registration.register(self._api, callback_url, secret)

    async def check(self) -> tuple[HealthCheck, ...]:
        """What is wrong with this link; never raises. See `checkup.check_up`."""
        return await checkup.check_up(self._api)

    async def close(self) -> None:
        """Nothing is kept open: the SDK connects anew for every call."""

    async def _walk(self, status: str, since: datetime | None) -> AsyncIterator[tuple[datetime, RawOrder]]:
        async for batch in walk(_OrderPages(self._api), status, since):
            orders = [order for order in batch if not _is_draft(order)]
            for order, raw in zip(orders, await self._complete(orders), strict=True):
                yield modified_at(order), raw

    async def _complete(self, orders: list[dict[str, Any]]) -> list[RawOrder]:
        """Add what orders leave out, in as few calls as it takes: none for most of them."""
        if not orders:
            return []
        products = await self._catalog.products_of(orders)
        units = await self._catalog.units() if products else {}
        refunds = await asyncio.gather(*(self._refunds_of(order) for order in orders))
        now = self._clock.now()
        return [
            RawOrder(str(order.get("id", "")), _body(order, refund, products, units), now)
            for order, refund in zip(orders, refunds, strict=True)
        ]

    async def _refunds_of(self, order: Mapping[str, Any]) -> list[dict[str, Any]]:
        if not order.get("refunds"):
            return []
        answer = await self._api.read(
            f"orders/{order.get('id')}/refunds", {"per_page": str(_REFUNDS_PAGE)}, may_be_missing=True
        )
        return answer.rows() if answer.payload is not None else []

    async def _count(self, status: str, since: datetime | None) -> int | None:
        parameters = parameters_of(Ask(status, after=start_of(since)), size=1) | {"_fields": "id"}
        return (await self._api.read("orders", parameters)).total


class _OrderPages:
    """Pages of one walk; they shrink where a weak host cannot build a hundred orders in one go."""

    def __init__(self, api: StoreApi) -> None:
        self._api = api
        self.size = _LARGEST_PAGE

    async def page(self, ask: Ask) -> Page:
        """One page of at most `size` orders."""
        while True:
            try:
                answer = await self._api.read("orders", parameters_of(ask, self.size))
                return Page(answer.rows(), answer.total)
            except RemoteUnavailable as error:
                if fault_of(error) not in _TOO_MUCH or self.size <= _SMALLEST_PAGE or ask.number > 1:
                    raise
                self.size = max(_SMALLEST_PAGE, self.size // 4)


def _is_draft(order: Mapping[str, Any]) -> bool:
    return order.get("status") in mapping.DRAFT_STATUSES


def _body(
    order: Mapping[str, Any],
    refunds: list[dict[str, Any]],
    products: Mapping[str, Any],
    units: Mapping[str, str],
) -> str:
    # One order whose lines are no lines is for `read_order` to refuse; the walk goes on.
    given = order.get("line_items")
    lines = [line for line in given if isinstance(line, dict)] if isinstance(given, list) else []
    wanted = {str(line.get("variation_id") or line.get("product_id")) for line in lines}
    return json.dumps(
        {
            "order": order,
            "refunds": refunds,
            "products": {product_id: products[product_id] for product_id in sorted(wanted & products.keys())},
            "units": units,
        }
    )


def _setting(value: object) -> str:
    return plain(value).strip() if isinstance(value, str) else ""


def _time_zone(index: Mapping[str, Any]) -> str:
    """An IANA name; WordPress also knows bare offsets, of which whole hours and a few others have one."""
    named = index.get("timezone_string")
    if isinstance(named, str) and named:
        return named
    try:
        hours = float(index.get("gmt_offset") or 0)
    except (TypeError, ValueError):
        return "UTC"
    if hours in _ODD_OFFSETS:
        return _ODD_OFFSETS[hours]
    # The sign of Etc zones is turned round: Etc/GMT+5 is five hours behind UTC.
    return f"Etc/GMT{-int(hours):+d}" if hours and hours.is_integer() and -12 <= hours <= 14 else "UTC"
