"""One linked Shopify shop."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from connectors.stores.shopify import diagnosis, mapping
from connectors.stores.shopify.answers import SYSTEM, Answer, read_page
from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import (
    ADDRESS_SAMPLE,
    INSTALLATION,
    LOCATIONS,
    MORE_FULFILLMENT_LINES,
    MORE_FULFILLMENT_ORDERS,
    MORE_LINES,
    ORDER_BY_ID,
    ORDER_OF_FULFILLMENT_ORDER,
    ORDERS_COUNT,
    ORDERS_PAGE,
    Document,
)
from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.places import read_location
from connectors.stores.shopify.subscriptions import list_subscriptions, missing_topics, repair
from connectors.stores.shopify.webhook import FULFILLMENT_ORDER_GID, is_gid, order_gid
from doorstep.clock import Clock, SystemClock
from doorstep.errors import DoorstepError, RemoteError, RemoteUnavailable
from doorstep.health import HealthCheck
from doorstep.order import Location, Order, StorePlatform
from doorstep.ports import RawOrder
from doorstep.secret import Secret

OVERLAP = timedelta(minutes=10)
"""Read again at every walk: the search index lags behind, and `updatedAt` has whole seconds."""

# The page's requested cost grows with the logarithm of its size: 250 orders cost 893 of the 1,000 points that
# one query may cost, 100 cost 731.
PAGE_SIZE = 250

# Shopify ends a connection after 25,000 objects; before that the walk starts anew from where it is.
_WALK_LENGTH = 20_000


class ShopifyConnector:
    """Reads orders, fulfillment orders and locations, and registers webhooks.

    Parameters
    ----------
    client_secret
        What Shopify signs webhooks with.
    page_size
        Orders a page, 1 to 250.
    """

    def __init__(
        self,
        client: ShopifyClient,
        client_secret: Secret,
        *,
        clock: Clock | None = None,
        page_size: int = PAGE_SIZE,
        walk_length: int = _WALK_LENGTH,
    ) -> None:
        self._client = client
        self._client_secret = client_secret
        self._clock = clock or SystemClock()
        self._page_size = page_size
        self._walk_length = walk_length

    @property
    def platform(self) -> StorePlatform:
        """Shopify."""
        return StorePlatform.SHOPIFY

    async def changed_orders(self, since: datetime | None) -> AsyncIterator[RawOrder]:
        """Walk every order changed since, less ten minutes, oldest change first; None walks all.

        Without the scope read_all_orders Shopify shows the last 60 days. An order that changes during the
        walk may come twice.
        """
        start = None if since is None else since - OVERLAP
        after: str | None = None
        walked = 0
        while True:
            variables = {"first": self._page_size, "after": after, "query": _search(start)}
            answer = await self._client.send(ORDERS_PAGE, variables)
            orders, after = read_page(Field(answer.data)["orders"])
            for index, order in enumerate(orders):
                yield await self._whole(order, answer, ("orders", "nodes", str(index)))
            if after is None:
                return
            walked += len(orders)
            if walked >= self._walk_length and orders:
                reached = orders[-1]["updatedAt"].instant()
                # Thousands of orders of one second, after an import, leave only the cursor to go on by.
                if reached != start:
                    start, after, walked = reached, None, 0

    async def count_orders(self, since: datetime | None) -> int | None:
        """How many orders `changed_orders` would give; None where Shopify does not count exactly."""
        start = None if since is None else since - OVERLAP
        answer = await self._client.send(ORDERS_COUNT, {"query": _search(start)})
        count = Field(answer.data)["ordersCount"]
        return count["count"].count() if count and count["precision"].value == "EXACT" else None

    async def fetch_order(self, external_id: str) -> RawOrder | None:
        """One order now, by its gid, its number, or the gid of one of its fulfillment orders."""
        wanted = order_gid(external_id) if external_id.isdecimal() else external_id
        if not is_gid(wanted):
            return None
        if wanted.startswith(FULFILLMENT_ORDER_GID):
            answer = await self._client.send(ORDER_OF_FULFILLMENT_ORDER, {"id": wanted})
            unit = Field(answer.data)["fulfillmentOrder"]
            if not unit:
                return None
            wanted = unit["orderId"].text()
        answer = await self._client.send(ORDER_BY_ID, {"id": wanted})
        order = Field(answer.data)["order"]
        return await self._whole(order, answer, ("order",)) if order else None

    def read_order(self, raw: RawOrder) -> Order:
        """Map it; see `mapping.read_order`."""
        return mapping.read_order(raw.body)

    async def locations(self) -> tuple[Location, ...]:
        """The merchant's own active locations; those of fulfillment services ship by themselves."""
        found: list[Location] = []
        after: str | None = None
        while True:
            answer = await self._client.send(LOCATIONS, {"after": after})
            data = Field(answer.data)
            zone = data["shop"]["ianaTimezone"].text()
            nodes, after = read_page(data["locations"])
            own = (node for node in nodes if not node["isFulfillmentService"].flag(False))
            found += [read_location(node, zone) for node in own]
            if after is None:
                return tuple(found)

    async def ensure_webhooks(self, callback_url: str, secret: Secret) -> tuple[HealthCheck, ...]:
        """Register and repair our webhooks.

        Shopify signs with the app's client secret and takes no other: a different `secret` is a failed check,
        since every webhook would then be turned away.
        """
        if secret != self._client_secret:
            text = (
                "Shopify signs webhooks with the app's client secret; the secret given for checking them is "
                "another one. Verify with the credential client_secret."
            )
            return (HealthCheck("webhooks", False, text, "webhook_secret_mismatch"),)
        try:
            return await repair(self._client, callback_url)
        except RemoteError as error:
            return (diagnosis.of_error(error),)

    async def check(self) -> tuple[HealthCheck, ...]:
        """What is wrong with this link; never raises."""
        try:
            answer = await self._client.send(INSTALLATION, {})
            data = Field(answer.data)
            granted = {
                scope["handle"].text_or_empty()
                for scope in data["currentAppInstallation"]["accessScopes"].items()
            }
            checks = [
                HealthCheck("credentials", True, "Shopify accepts the access token."),
                diagnosis.scopes(granted),
                diagnosis.version(answer),
                diagnosis.clock(answer, self._clock.now()),
                diagnosis.plan(data["shop"]["plan"]),
            ]
        except DoorstepError as error:
            return (_failed(error),)
        for look in (self._check_personal_data, self._check_webhooks):
            try:
                checks.append(await look())
            except DoorstepError as error:
                checks.append(_failed(error))
        return tuple(checks)

    async def close(self) -> None:
        """Nothing is held between calls."""

    async def _check_personal_data(self) -> HealthCheck:
        return diagnosis.personal_data(await self._client.send(ADDRESS_SAMPLE, {}))

    async def _check_webhooks(self) -> HealthCheck:
        return diagnosis.webhooks(missing_topics(await list_subscriptions(self._client)))

    async def _whole(self, order: Field, answer: Answer, place: tuple[str, ...]) -> RawOrder:
        """The order with all its lines and fulfillment orders, and which of its fields were withheld."""
        gid = order["id"].text()
        withheld = [".".join(path[len(place) :]) for path in answer.denied if path[: len(place)] == place]

        async def rest(part: Field, document: Document, owner: str, at: tuple[str, str]) -> None:
            withheld.extend(await self._rest(part, document, owner, at))

        await rest(order["lineItems"], MORE_LINES, gid, ("order", "lineItems"))
        units_at = ("order", "fulfillmentOrders")
        await rest(order["fulfillmentOrders"], MORE_FULFILLMENT_ORDERS, gid, units_at)
        for unit in order["fulfillmentOrders"].nodes():
            lines_at = ("fulfillmentOrder", "lineItems")
            await rest(unit["lineItems"], MORE_FULFILLMENT_LINES, unit["id"].text(), lines_at)
        body = json.dumps({"order": order.value, "denied": withheld}, ensure_ascii=False)
        return RawOrder(gid, body, self._clock.now())

    async def _rest(self, part: Field, document: Document, owner: str, at: tuple[str, str]) -> list[str]:
        """Append to a connection what did not fit on its first page; gives what was withheld of that."""
        withheld: list[str] = []
        _, after = read_page(part)
        while after is not None:
            answer = await self._client.send(document, {"id": owner, "after": after})
            holder = Field(answer.data)[at[0]]
            if not holder:
                text = "an order changed while it was read"
                raise RemoteUnavailable(text, system=SYSTEM, raw_code="changed_meanwhile")
            more, after = read_page(holder[at[1]])
            part.value["nodes"].extend(node.value for node in more)
            withheld += [".".join(path[1:]) for path in answer.denied]
        return withheld


def _search(start: datetime | None) -> str:
    """Search text for every order, open or not, changed since `start`."""
    if start is None:
        return "status:any"
    # Whole seconds, rounded down: `updatedAt` has no fractions.
    return f"updated_at:>='{start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}' AND status:any"


def _failed(error: DoorstepError) -> HealthCheck:
    if isinstance(error, RemoteError):
        return diagnosis.of_error(error)
    text = "Shopify's answer is not what its documentation says. Please report this."
    return HealthCheck("reachable", False, text, "not_shopify")
