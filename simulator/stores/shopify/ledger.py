"""What a simulated shop holds: its orders and all that hangs on them, numbered, dated and indexed."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from graphql import GraphQLError

from doorstep.address import Address
from doorstep.clock import Clock
from simulator.stores.shopify.index import SearchIndex
from simulator.stores.shopify.records import OrderRecord, Place
from simulator.stores.shopify.units import FulfillmentRecord, UnitRecord

# Numbers beyond 2^53, as real ones may be: whoever lets one pass through a float shows it.
_FIRST_NUMBER = 9_007_199_254_740_993

Notice = tuple[str, object]
"""A webhook topic as GraphQL names it, and the record that it is about."""


class Refusal(Exception):
    """What an action may not do, as Shopify's userErrors word it."""

    def __init__(self, message: str, *field: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code


class Ledger:
    """The books of one shop.

    Attributes
    ----------
    places
        Its locations.
    search_lag_s
        World seconds that a new or changed order is readable by id before a search knows of it.
    clock_offset_s
        How far the shop's clock, its `updatedAt` and its Date header are off the world's.
    partly_shipped_status
        What a fulfillment order is called after a part of it was shipped.
    writes
        How often the app did what to what: (mutation, target) -> times.
    """

    def __init__(self, clock: Clock, rng: random.Random, places: Sequence[tuple[str, Address]]) -> None:
        self.clock = clock
        self.rng = rng
        self.search_lag_s = 0.0
        self.clock_offset_s = 0.0
        self.partly_shipped_status = "OPEN"
        self.orders: list[OrderRecord] = []
        self.order_index: SearchIndex[OrderRecord] = SearchIndex()
        self.unit_index: SearchIndex[UnitRecord] = SearchIndex()
        self.fulfillments: dict[int, FulfillmentRecord] = {}
        self.writes: Counter[tuple[str, str]] = Counter()
        self.announce: Callable[[Sequence[Notice]], None] = lambda _: None
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._agenda_order = itertools.count()
        self._orders: dict[int, OrderRecord] = {}
        self._units: dict[int, UnitRecord] = {}
        self._last_number = _FIRST_NUMBER
        self.places = [Place(self.next_number(), title, address) for title, address in places]

    def now(self) -> datetime:
        """The shop's time in whole seconds, which is all that Shopify keeps."""
        instant = self.clock.now() + timedelta(seconds=self.clock_offset_s)
        return instant.replace(microsecond=0)

    def next_number(self) -> int:
        """The number of the next thing that is made."""
        self._last_number += self.rng.randint(1, 999)
        return self._last_number

    def later(self, due: datetime, act: Callable[[], None]) -> None:
        """Do something when the world's time has come."""
        heapq.heappush(self._agenda, (due, next(self._agenda_order), act))

    def settle(self, now: datetime) -> None:
        """Do what is due by `now`."""
        while self._agenda and self._agenda[0][0] <= now:
            heapq.heappop(self._agenda)[2]()

    def tell(self, *notices: Notice) -> None:
        """Tell the app what one action did."""
        self.announce(notices)

    def add_order(self, order: OrderRecord) -> None:
        """Take an order in."""
        self.orders.append(order)
        self._orders[order.number] = order
        self.order_index.note(order, self.clock.now())

    def remove_order(self, order: OrderRecord) -> None:
        """Forget an order and all that hangs on it."""
        self.orders.remove(order)
        del self._orders[order.number]
        self.order_index.forget(order.number)
        for unit in order.units:
            self._units.pop(unit.number, None)
            self.unit_index.forget(unit.number)
        for shipment in order.fulfillments:
            self.fulfillments.pop(shipment.number, None)

    def add_unit(self, unit: UnitRecord) -> None:
        """Take a fulfillment order in."""
        unit.order.units.append(unit)
        self._units[unit.number] = unit
        self.unit_index.note(unit, self.clock.now())

    def add_fulfillment(self, shipment: FulfillmentRecord) -> None:
        """Take a shipment in."""
        shipment.order.fulfillments.append(shipment)
        self.fulfillments[shipment.number] = shipment

    def touch(self, order: OrderRecord) -> None:
        """An order was changed."""
        order.updated_at = self.now()
        self.order_index.note(order, self.clock.now())

    def touch_unit(self, unit: UnitRecord, status: str | None = None) -> None:
        """A fulfillment order was changed; Shopify does not always touch its order then."""
        unit.status = status or unit.status
        unit.updated_at = self.now()
        self.unit_index.note(unit, self.clock.now())

    def catch_up(self, *, at_once: bool = False) -> None:
        """Let the search index learn what it may know by now, or all there is."""
        lag = timedelta(seconds=0 if at_once else self.search_lag_s)
        self.order_index.catch_up(self.clock.now(), lag)
        self.unit_index.catch_up(self.clock.now(), lag)

    def order_of(self, number: int) -> OrderRecord | None:
        """The order of that number."""
        return self._orders.get(number)

    def unit_of(self, number: int) -> UnitRecord | None:
        """The fulfillment order of that number."""
        return self._units.get(number)

    def place_of(self, number: int) -> Place | None:
        """The location of that number."""
        return next((place for place in self.places if place.number == number), None)

    def order(self, gid: str) -> OrderRecord:
        """The order of that gid.

        Raises
        ------
        KeyError
            If there is none.
        """
        return self._orders[number_of(gid, "Order")]

    def unit(self, gid: str) -> UnitRecord:
        """The fulfillment order of that gid.

        Raises
        ------
        KeyError
            If there is none.
        """
        return self._units[number_of(gid, "FulfillmentOrder")]


def number_of(gid: str, kind: str) -> int:
    """The number in a gid.

    Raises
    ------
    GraphQLError
        RESOURCE_NOT_FOUND if it is not the gid of such a thing, as Shopify answers.
    """
    head, _, tail = gid.partition("?")[0].rpartition("/")
    if head != f"gid://shopify/{kind}" or not tail.isdecimal():
        raise GraphQLError("invalid id", extensions={"code": "RESOURCE_NOT_FOUND"})
    return int(tail)
