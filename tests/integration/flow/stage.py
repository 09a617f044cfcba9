"""A stage for the flow: the real database and queue, with stores and carriers played by hand-made fakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from procrastinate import App

from doorstep.delivery import Delivery
from doorstep.ids import new_id
from doorstep.incident import Incident
from doorstep.merchant import CarrierAccount, Merchant
from doorstep.order import Location, Order
from gateway.flow.intake.keep import Intake
from gateway.flow.intake.sync import sync_store
from gateway.flow.packing import PackingTable
from gateway.flow.ports import LinkedCarrier, Means
from gateway.flow.quoting.promising import Promiser
from gateway.flow.quoting.shopping import RateShopper
from gateway.store.database import Database
from gateway.store.news import News
from gateway.store.unit_of_work import Transactions
from gateway.workers.handling import teach
from tests.integration.flow.fakes import (
    HOME,
    MERCHANT_ID,
    SHOP,
    STORE,
    FakeCarrier,
    FakeGeocoder,
    FakeLinks,
    FakeStore,
    HandClock,
    NoPositions,
)


@dataclass
class Stage:
    """Everything a test touches."""

    clock: HandClock
    shop: FakeStore
    cheap: FakeCarrier
    dear: FakeCarrier
    links: FakeLinks
    geocoder: FakeGeocoder
    means: Means
    queue: App
    database: Database
    told: list[News]

    async def settle(self) -> None:
        """Run jobs until none is due."""
        await self.queue.run_worker_async(wait=False, install_signal_handlers=False)

    async def take_in(self) -> Mapping[Intake, int]:
        """Walk through the store."""
        return (await sync_store(self.means, MERCHANT_ID, STORE.id)).counts

    async def link(self, carrier: FakeCarrier) -> CarrierAccount:
        """One carrier more."""
        account = _account(carrier)
        async with self.means.begin(MERCHANT_ID) as work:
            await work.accounts.put_carrier(account, {}, {})
        self.links.linked.append(LinkedCarrier(account, carrier))
        return account

    async def incidents(self) -> list[Incident]:
        """What is in the queue."""
        async with self.means.begin(MERCHANT_ID) as work:
            return list(await work.incidents.all_live())

    async def order(self, external_id: str = "1001") -> Order:
        """The store's order as we keep it."""
        async with self.means.begin(MERCHANT_ID) as work:
            found = await work.orders.by_external_id(STORE.id, external_id)
        assert found is not None
        return found

    async def booked(self, external_id: str = "1001") -> Delivery:
        """The delivery of an order that has just come in and been booked."""
        self.shop.put(external_id)
        await self.take_in()
        await self.settle()
        return await self.delivery_of(external_id)

    async def delivery_of(self, external_id: str) -> Delivery:
        """The delivery of an order's first fulfillment order."""
        unit = (await self.order(external_id)).fulfillment_orders[0]
        async with self.means.begin(MERCHANT_ID) as work:
            found = await work.deliveries.live_of(unit.id)
        assert found is not None
        return found

    async def kept(self, delivery_id: str) -> Delivery:
        """A delivery as it stands now."""
        async with self.means.begin(MERCHANT_ID) as work:
            found = await work.deliveries.get(delivery_id)
        assert found is not None
        return found

    async def delivery(self) -> Delivery:
        """The only delivery."""
        async with self.means.begin(MERCHANT_ID) as work:
            (found,) = await work.deliveries.unfinished(10)
        return found


async def set_stage(database: Database, queue: App, transactions: Transactions, told: list[News]) -> Stage:
    """A merchant with one store, a cheap and a dear courier."""
    from optimizer.modes import WaveChooser
    from optimizer.packing import BoxPacker
    from optimizer.promises import CalendarPromiseMaker, known_holidays
    from optimizer.roads import AffineRoads
    from optimizer.routes.planner import PyvrpPlanner
    from optimizer.sourcing import PlaceSourcer

    clock = HandClock()
    shop = FakeStore(clock)
    cheap, dear = FakeCarrier("cheap", clock, 500), FakeCarrier("dear", clock, 900, minutes=55)
    linked = [LinkedCarrier(_account(one), one) for one in (cheap, dear)]
    links, geocoder = FakeLinks(shop, linked), FakeGeocoder()
    planner = PyvrpPlanner(max_iterations=50)
    means = Means(
        clock=clock,
        begin=transactions.begin,
        links=links,
        roads=AffineRoads(),
        planner=planner,
        modes=WaveChooser(planner),
        geocoder=geocoder,
        positions=NoPositions(),
        rates=RateShopper(clock),
        table=PackingTable(BoxPacker()),
        promiser=Promiser(CalendarPromiseMaker(), known_holidays),
        sourcer=PlaceSourcer(),
        quote_budget_s=10.0,
    )
    teach(queue, means)
    async with means.begin(MERCHANT_ID) as work:
        await work.accounts.put_merchant(Merchant(MERCHANT_ID, "A shop", "USD", "America/New_York"))
        origin = replace(HOME, name="Shop", line1="1 Quay").at(SHOP)
        await work.accounts.put_location(
            Location(STORE.location_id, MERCHANT_ID, "Shop", origin, "America/New_York")
        )
        await work.accounts.put_store(STORE, {})
        for one in linked:
            await work.accounts.put_carrier(one.account, {}, {})
    return Stage(clock, shop, cheap, dear, links, geocoder, means, queue, database, told)


def _account(carrier: FakeCarrier) -> CarrierAccount:
    return CarrierAccount(new_id("acc"), MERCHANT_ID, carrier.carrier, carrier.carrier, carrier.mode)
