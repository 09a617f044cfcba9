"""A merchant with one shop, four couriers and some orders, over the real tables."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import cast

from bench.dispatch.carriers import ChaosCourier, StackingCourier
from bench.dispatch.chaos import ChaosTransactions, Dice, Jobs
from bench.one_loaf import one_loaf
from doorstep.address import Address
from doorstep.delivery_status import DeliveryStatus
from doorstep.dispatch_rules import Spending, StackRules
from doorstep.geo import LatLng
from doorstep.ids import new_id
from doorstep.merchant import CarrierAccount, Merchant
from doorstep.money import Money
from doorstep.order import (
    Location,
    Order,
    Store,
    StorePlatform,
)
from doorstep.ports import CancelPolicy
from doorstep.watch_rules import WatchRules
from gateway.bootstrap.house import House
from gateway.flow.ports import LinkedCarrier, Links, Means
from gateway.flow.quoting.shopping import RateShopper

START = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
PRICES = {"amber": 500, "birch": 650, "cedar": 800, "delta": 950}
STACKING = ("amber", "cedar")
"""Whose couriers go to several doors."""

STACKS = 0.3
"""Share of merchants whose orders wait for company."""

MOST_STOPS = 3
SHOP = Address("US", line1="1 Quay", city="Port Meridian", postal_code="10001", location=LatLng(39.9, -71.5))
DOOR = replace(SHOP, line1="12 Mill Street")


class HandClock:
    """Shows what it was set to; `seconds` is what breakers go by."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> datetime:
        """The world's time."""
        return self._now

    def seconds(self) -> float:
        """The same as the machine's."""
        return (self._now - START).total_seconds()

    def advance(self, **span: float) -> None:
        """Let time pass."""
        self._now += timedelta(**span)


@dataclass(frozen=True, slots=True)
class _Links:
    linked: Sequence[LinkedCarrier]

    async def carriers(self, merchant_id: str) -> Sequence[LinkedCarrier]:  # noqa: ARG002 - there is one
        return self.linked

    async def carrier(self, merchant_id: str, account_id: str) -> LinkedCarrier | None:  # noqa: ARG002 - ditto
        return next((one for one in self.linked if one.account.id == account_id), None)


@dataclass(slots=True)
class Cast:
    """Everybody in one batch of orders.

    Attributes
    ----------
    orders
        Order id -> its number, which couriers write into their books.
    units
        Order id -> its only fulfillment order.
    is_stacking
        Whether orders wait for company.
    pressed
        Those that a person is dispatching just now.
    called_off
        Those that nobody shall bring, by the last word of people and stores.
    doubled
        Orders that had two live bookings at some moment, by number; not those of which one was denied.
    """

    merchant_id: str
    clock: HandClock
    dice: Dice
    jobs: Jobs
    couriers: Sequence[ChaosCourier]
    means: Means
    rates: RateShopper
    orders: Mapping[str, str]
    units: Mapping[str, str]
    is_stacking: bool
    pressed: set[str] = field(default_factory=set)
    called_off: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)


async def furnish(house: House, count: int, seed: int) -> Cast:
    """A new merchant with `count` orders that nobody has looked at yet."""
    clock, dice, jobs = HandClock(), Dice(random.Random(seed)), Jobs()
    # A dearer courier is no reason to leave an order standing here.
    watch = WatchRules(redispatch_cap_percent=100_000)
    # No step waits for the one before to work: as much as can be happens while things go wrong.
    spending = Spending(Money(100, "USD"), max_hedges=2, patience_s=0)
    zone = "America/New_York"
    merchant = Merchant(new_id("mer"), "Bench", "USD", zone, watch=watch, spending=spending)
    if dice.falls(STACKS):
        merchant = replace(merchant, stacking=StackRules(most_stops=MOST_STOPS, longest_wait_s=1200))
    place = Location(new_id("loc"), merchant.id, "Shop", SHOP, "America/New_York")
    store_id = new_id("sto")
    url = "https://shop.example"
    store = Store(store_id, merchant.id, StorePlatform.WOOCOMMERCE, "shop", url, store_id, place.id)
    couriers = [
        (StackingCourier if name in STACKING else ChaosCourier)(name, minor, clock, dice)
        for name, minor in PRICES.items()
    ]
    linked = [
        LinkedCarrier(
            CarrierAccount(new_id("acc"), merchant.id, one.carrier, one.carrier, one.mode),
            one,
            cancelling=CancelPolicy(free_before=DeliveryStatus.COURIER_ASSIGNED),
            most_stops=MOST_STOPS if one.carrier in STACKING else 1,
        )
        for one in couriers
    ]
    orders = [_order(store, place, number) for number in range(count)]
    async with house.transactions.begin_sql(merchant.id) as work:
        await work.accounts.put_merchant(merchant)
        await work.accounts.put_location(place)
        await work.accounts.put_store(store, {})
        for carrier in linked:
            await work.accounts.put_carrier(carrier.account, {}, {})
        await work.orders.put_all(orders)
    transactions = ChaosTransactions(house.database, house.queue, house.vault, dice, jobs)
    rates = RateShopper(clock, now_s=clock.seconds)
    means = replace(
        house.means,
        clock=clock,
        begin=transactions.begin,
        links=cast(Links, _Links(linked)),
        geocoder=None,
        rates=rates,
        quote_budget_s=5.0,
        booking_budget_s=0.15,
    )
    numbers = {order.id: order.number for order in orders}
    units = {order.id: order.fulfillment_orders[0].id for order in orders}
    is_stacking = merchant.stacking.is_on
    return Cast(merchant.id, clock, dice, jobs, couriers, means, rates, numbers, units, is_stacking)


def _order(store: Store, place: Location, number: int) -> Order:
    door = DOOR.at(LatLng(39.905 + number * 0.0004, -71.505))
    return one_loaf(store, place, str(number), str(1000 + number), START, door)
