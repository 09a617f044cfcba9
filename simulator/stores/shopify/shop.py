"""A simulated Shopify shop: its books, what shoppers and staff do in it, and what it tells its app."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from starlette.types import ASGIApp

from doorstep.address import Address
from doorstep.clock import Clock
from doorstep.money import Money, zero
from simulator.postman import Habits, Postman
from simulator.stores.shopify import letters
from simulator.stores.shopify.cost import Bucket
from simulator.stores.shopify.endpoint import VERSIONS, Endpoint
from simulator.stores.shopify.faults import FaultPlan
from simulator.stores.shopify.mailroom import Mailroom
from simulator.stores.shopify.records import (
    BookRow,
    CartLine,
    Customer,
    Hold,
    LineRecord,
    OrderRecord,
    Place,
    SubscriptionRecord,
    UnitRecord,
)
from simulator.stores.shopify.routing import route

SCOPES = frozenset(
    {
        "read_orders",
        "write_fulfillments",
        "read_merchant_managed_fulfillment_orders",
        "write_merchant_managed_fulfillment_orders",
        "read_locations",
        "read_shipping",
        "write_shipping",
    }
)
"""What the app of the simulated shop was granted."""

# Numbers beyond 2^53, as real ones may be: whoever lets one pass through a float shows it.
_FIRST_NUMBER = 9_007_199_254_740_993


class FakeShopify:
    """An `Actor`: one shop that speaks Shopify's Admin GraphQL API and posts its webhooks.

    Parameters
    ----------
    domain
        "<shop>.myshopify.com".
    routing_delay_s
        World seconds after which an order's fulfillment orders exist; recorded from a few to ninety.
    seconds
        The machine's monotonic clock, for the throttle.

    Attributes
    ----------
    state
        "open", or a key of `faults.SHOP_STATES`.
    shows_personal_data
        Whether the app was approved for protected customer data.
    presentment
        Currency that shoppers see, and its minor units per minor unit of the shop's.
    search_lag_s
        World seconds that an order is readable by id before a search finds it.
    retired_versions
        API versions that are no longer served.
    clock_offset_s
        How far the shop's clock is off the machine's.
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
        client_secret: str = "simulated-client-secret",  # noqa: S107 - a simulated shop's own
        currency: str = "USD",
        time_zone: str = "America/New_York",
        routing_delay_s: float = 5.0,
        habits: Habits = letters.SHOPIFY_HABITS,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.domain = domain
        self.currency = currency
        self.time_zone = time_zone
        self.plan = "Advanced"
        self.state = "open"
        self.scopes: Collection[str] = SCOPES
        self.shows_personal_data = True
        self.presentment = (currency, 1)
        self.search_lag_s = 0.0
        self.retired_versions: Collection[str] = ()
        self.clock_offset_s = 0.0
        self.bucket = Bucket(seconds)
        self.faults = FaultPlan()
        self.orders: list[OrderRecord] = []
        self.requests = 0
        self._by_number: dict[int, OrderRecord] = {}
        self._unrouted: list[OrderRecord] = []
        self._token = token
        self._clock = clock
        self._rng = rng
        self._routing_delay = timedelta(seconds=routing_delay_s)
        self._last_number = _FIRST_NUMBER
        self.places = [Place(self.next_number(), title, address) for title, address in places]
        self._mailroom = Mailroom(domain, VERSIONS[-1], client_secret, habits, postman, clock, rng)
        self._endpoint = Endpoint(self)

    @property
    def app(self) -> ASGIApp:
        """Its Admin API."""
        return self._endpoint.app

    @property
    def subscriptions(self) -> list[SubscriptionRecord]:
        """The app's webhook subscriptions."""
        return self._mailroom.subscriptions

    async def tick(self, now: datetime) -> None:
        """Route orders whose time has come."""
        self.settle(now)

    async def close(self) -> None:
        """Let go of requests that nobody answers."""
        self._endpoint.close()

    def fail_next(self, kind: str, count: int = 1) -> None:
        """Let the next requests fail; `kind` is a `faults.Fault`."""
        self.faults.fail_next(kind, count)

    def accepts_token(self, given: str) -> bool:
        """Whether it is the app's token."""
        return bool(self._token) and given == self._token

    def revoke_token(self) -> None:
        """End the app's access."""
        self._token = ""

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
    ) -> str:
        """A shopper checks out; gives the order's gid. Fulfillment orders follow later."""
        now = self.now()
        order = OrderRecord(
            number=self.next_number(),
            name=f"#{1001 + len(self.orders)}",
            customer=customer,
            address=address,
            lines=[LineRecord(self.next_number(), line, line.quantity) for line in lines],
            created_at=now,
            updated_at=now,
            shipping_code=shipping_line_code,
            shipping_price=shipping_price or zero(self.currency),
            attributes=dict(note_attributes or {}),
            method=method,
            note=note,
            tags=tags,
            is_test=is_test,
            routing_due=now + self._routing_delay,
        )
        self.orders.append(order)
        self._by_number[order.number] = order
        self._unrouted.append(order)
        self._tell(order, "ORDERS_CREATE")
        return order.gid

    def cancel_order(self, gid: str) -> None:
        """The order and what is left of its fulfillment orders are called off."""
        order = self._order(gid)
        order.cancelled_at = self.now()
        if order in self._unrouted:
            self._unrouted.remove(order)
        for line in order.lines:
            line.current_quantity = 0
        cancelled = [unit for unit in order.units if unit.status != "CLOSED"]
        for unit in cancelled:
            self._set_unit(unit, "CANCELLED")
        self._touch(order)
        self._tell(
            order, "ORDERS_CANCELLED", "ORDERS_UPDATED", units={"FULFILLMENT_ORDERS_CANCELLED": cancelled}
        )

    def edit_address(self, gid: str, address: Address) -> None:
        """The merchant corrects where it goes."""
        order = self._order(gid)
        order.address = address
        self._touch(order)
        self._tell(order, "ORDERS_UPDATED")

    def remove_pieces(self, gid: str, line: int, pieces: int) -> None:
        """An edit or a refund takes pieces of a line away; `quantity` stays, as at Shopify's."""
        order = self._order(gid)
        record = order.lines[line]
        record.current_quantity -= pieces
        for unit_line in (part for unit in order.units for part in unit.lines if part.line is record):
            unit_line.remaining = min(unit_line.remaining, record.current_quantity)
        self._touch(order)
        self._tell(order, "ORDERS_EDITED", "ORDERS_UPDATED")

    def hold(self, gid: str, reason: str = "INCORRECT_ADDRESS") -> None:
        """The merchant lets an order's fulfillment orders wait."""
        order = self._order(gid)
        for unit in order.units:
            unit.holds.append(Hold(self.next_number(), reason))
            self._set_unit(unit, "ON_HOLD")
        self._touch(order)
        self._tell(order, units={"FULFILLMENT_ORDERS_PLACED_ON_HOLD": order.units})

    def release(self, gid: str) -> None:
        """They need not wait any longer."""
        order = self._order(gid)
        for unit in order.units:
            unit.holds.clear()
            self._set_unit(unit, "OPEN")
        self._touch(order)
        self._tell(order, units={"FULFILLMENT_ORDERS_HOLD_RELEASED": order.units})

    def ship(self, gid: str, shipped_as: str = "FULFILLED") -> None:
        """Everything left leaves; `shipped_as` is a FulfillmentDisplayStatus."""
        order = self._order(gid)
        order.shipped_as = shipped_as
        for unit in order.units:
            for line in unit.lines:
                line.remaining = 0
            self._set_unit(unit, "CLOSED")
        self._touch(order)
        self._tell(order, "ORDERS_UPDATED", "ORDERS_FULFILLED")

    def delete_order(self, gid: str) -> None:
        """The order is gone for good."""
        order = self._order(gid)
        self.orders.remove(order)
        del self._by_number[order.number]
        if order in self._unrouted:
            self._unrouted.remove(order)
        self._tell(order, "ORDERS_DELETE")

    def books(self) -> list[BookRow]:
        """Every order as the shop counts it."""
        return [
            BookRow(
                external_id=order.gid,
                number=order.name,
                needs_shipping=order.needs_shipping,
                cancelled=order.cancelled_at is not None,
                shipped=bool(order.shipped_as),
                is_test=order.is_test,
                pieces=sum(line.current_quantity for line in order.lines if line.article.requires_shipping),
                total=order.total,
                updated_at=order.updated_at,
            )
            for order in self.orders
        ]

    def settle(self, now: datetime) -> None:
        """Make the fulfillment orders that are due."""
        due = [order for order in self._unrouted if order.routing_due <= now]
        self._unrouted = [order for order in self._unrouted if order.routing_due > now]
        for order in due:
            self._route(order)

    def now(self) -> datetime:
        """The world's time in whole seconds, which is all that Shopify keeps."""
        return self._clock.now().replace(microsecond=0)

    def next_number(self) -> int:
        """The number of the next thing that is made."""
        self._last_number += self._rng.randint(1, 999)
        return self._last_number

    def order_of(self, number: int) -> OrderRecord | None:
        """The order of that number."""
        return self._by_number.get(number)

    def searchable_orders(self) -> list[OrderRecord]:
        """Those that the search index has heard of."""
        known_until = self._clock.now() - timedelta(seconds=self.search_lag_s)
        return [order for order in self.orders if order.created_at <= known_until]

    def _order(self, gid: str) -> OrderRecord:
        return self._by_number[int(gid.rpartition("/")[2])]

    def _touch(self, order: OrderRecord) -> None:
        order.updated_at = self.now()

    def _set_unit(self, unit: UnitRecord, status: str) -> None:
        unit.status = status
        unit.updated_at = self.now()

    def _route(self, order: OrderRecord) -> None:
        order.units += route(order, self.places, self.now(), self.next_number)
        self._touch(order)
        self._tell(order, "ORDERS_UPDATED", units={"FULFILLMENT_ORDERS_ORDER_ROUTING_COMPLETE": order.units})

    def _tell(
        self, order: OrderRecord, *topics: str, units: Mapping[str, Sequence[UnitRecord]] | None = None
    ) -> None:
        payload = letters.order_payload(
            order, time_zone=self.time_zone, shows_personal_data=self.shows_personal_data
        )
        self._mailroom.tell(payload, topics, units or {})
