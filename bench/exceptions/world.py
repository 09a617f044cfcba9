"""A shop that books by itself, one that dispatches by hand, and their carriers and orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from bench.exceptions.couriers import ScriptedCarrier
from bench.exceptions.fates import SHOP, Fate
from bench.exceptions.turns import Agenda, Transactions
from bench.one_loaf import one_loaf
from doorstep.address import Address
from doorstep.booking import CarrierUpdate
from doorstep.delivery_status import DeliveryStatus
from doorstep.dispatch_rules import Spending
from doorstep.events import OrderReceived
from doorstep.geo import LatLng
from doorstep.ids import new_id
from doorstep.merchant import AttemptRules, CarrierAccount, Merchant
from doorstep.order import (
    Location,
    Order,
    Store,
    StorePlatform,
)
from doorstep.ports import CancelPolicy
from doorstep.quote import DeliveryMode
from gateway.bootstrap.house import House
from gateway.flow.ports import LinkedCarrier, Links, Means
from gateway.flow.quoting.shopping import RateShopper
from gateway.flow.tracking.track import apply_update

PRICES = {"amber": 500, "birch": 650, "cedar": 800}
HERE = Address("US", line1="1 Quay", city="Port Meridian", postal_code="10001", location=SHOP)
RETURN_DUE_S = 8 * 3600
"""Soon, so that weeks are enough to see it."""


@dataclass(frozen=True, slots=True)
class _Links:
    linked: Mapping[str, Sequence[LinkedCarrier]]

    async def carriers(self, merchant_id: str) -> Sequence[LinkedCarrier]:
        return self.linked[merchant_id]

    async def carrier(self, merchant_id: str, account_id: str) -> LinkedCarrier | None:
        return next((one for one in self.linked[merchant_id] if one.account.id == account_id), None)


@dataclass(frozen=True, slots=True)
class _Map:
    """Knows every street but one kind."""

    by_street: Mapping[str, Fate]

    async def locate(self, address: Address) -> LatLng | None:
        fate = self.by_street[address.line1]
        return None if "Nowhere" in address.line1 else fate.door


@dataclass(slots=True)
class World:
    """Everybody.

    Attributes
    ----------
    merchant_id, by_hand_id
        The shop that books by itself, and the one whose orders wait for a person.
    units
        Fulfillment order -> the fate of its order; those of both shops.
    arrived
        Seconds from the start on at which orders were handed over, by number.
    outages
        (account, from, until) that carriers did not answer, seconds from the start on.
    """

    merchant_id: str
    by_hand_id: str
    agenda: Agenda
    means: Means
    rates: RateShopper
    carriers: Sequence[ScriptedCarrier]
    accounts: Mapping[str, str]
    units: dict[str, Fate] = field(default_factory=dict)
    arrived: dict[int, float] = field(default_factory=dict)
    outages: list[tuple[str, float, float]] = field(default_factory=list)


async def furnish(house: House, fates: Sequence[Fate], by_hand: Sequence[Fate]) -> World:
    """Two new shops with orders that come when their fates say."""
    agenda = Agenda()
    everyone = {fate.street: fate for fate in (*fates, *by_hand)}
    arrived: dict[int, float] = {}
    booked: set[int] = set()
    shops = [_merchant("Shop", books_by_itself=True), _merchant("By hand", books_by_itself=False)]
    means: Means

    async def tell(carrier: str, update: CarrierUpdate) -> None:
        await apply_update(means, shops[0].id, carrier, update)

    carriers = [
        ScriptedCarrier(name, minor, agenda, everyone, tell, booked, arrived)
        for name, minor in PRICES.items()
    ]
    carriers.append(
        ScriptedCarrier("post", 400, agenda, everyone, tell, booked, arrived, mode=DeliveryMode.PARCEL)
    )
    linked = {shop.id: [_link(shop.id, one) for one in carriers] for shop in shops}
    rates = RateShopper(agenda.clock, now_s=agenda.clock.seconds)
    means = replace(
        house.means,
        clock=agenda.clock,
        now_s=agenda.clock.seconds,
        begin=Transactions(house, agenda).begin,
        links=cast(Links, _Links(linked)),
        geocoder=_Map(everyone),
        rates=rates,
        breaker_of=rates.health,
        quote_budget_s=5.0,
        booking_budget_s=0.15,
    )
    accounts = {one.account.carrier: one.account.id for one in linked[shops[0].id]}
    world = World(shops[0].id, shops[1].id, agenda, means, rates, carriers, accounts, arrived=arrived)
    for shop, some in ((shops[0], fates), (shops[1], by_hand)):
        await _open(house, world, shop, linked[shop.id], some)
    return world


def _merchant(name: str, *, books_by_itself: bool) -> Merchant:
    return Merchant(
        new_id("mer"),
        name,
        "USD",
        "UTC",
        auto_dispatch=books_by_itself,
        spending=Spending(max_hedges=2),
        attempts=AttemptRules(return_due_s=RETURN_DUE_S),
    )


def _link(merchant_id: str, carrier: ScriptedCarrier) -> LinkedCarrier:
    account = CarrierAccount(new_id("acc"), merchant_id, carrier.carrier, carrier.carrier, carrier.mode)
    return LinkedCarrier(account, carrier, cancelling=CancelPolicy(free_before=DeliveryStatus.AT_PICKUP))


async def _open(
    house: House, world: World, shop: Merchant, linked: Sequence[LinkedCarrier], fates: Sequence[Fate]
) -> None:
    place = Location(new_id("loc"), shop.id, "Shop", HERE, "UTC")
    store_id = new_id("sto")
    store = Store(
        store_id, shop.id, StorePlatform.WOOCOMMERCE, "shop", "https://shop.example", store_id, place.id
    )
    async with house.transactions.begin_sql(shop.id) as work:
        await work.accounts.put_merchant(shop)
        await work.accounts.put_location(place)
        await work.accounts.put_store(store, {})
        for carrier in linked:
            await work.accounts.put_carrier(carrier.account, {}, {})
    for fate in fates:
        order = _order(store, place, fate)
        world.units[order.fulfillment_orders[0].id] = fate
        _place(world, order, fate)


def _place(world: World, order: Order, fate: Fate) -> None:
    async def place() -> None:
        async with world.means.begin(order.merchant_id) as work:
            await work.orders.put(order)
            await work.emit(OrderReceived(order.merchant_id, order.id))

    world.agenda.at(fate.placed_at, place)


def _order(store: Store, place: Location, fate: Fate) -> Order:
    door = replace(HERE, line1=fate.street, location=None)
    return one_loaf(store, place, str(fate.number), str(fate.number), fate.placed_at, door)
