"""One store behind a web server, its simulator, and the connector as the gateway links it."""

from __future__ import annotations

import random
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.order import StorePlatform
from doorstep.ports import StoreConnector, StoreLink, StorePlugin
from doorstep.report import DeliveryReport, Milestone
from doorstep.secret import Secret
from gateway.plugins import load_plugins
from simulator.clock import WorldClock
from simulator.postman import Postman
from simulator.stores.woocommerce import served
from tests.contracts.store_harnesses import HARNESSES, Harness, link_of
from tests.contracts.store_shop import Shop

START = datetime(2026, 11, 22, 14, tzinfo=UTC)
PLUGINS = load_plugins()
LIFE = (
    DeliveryStatus.BOOKED,
    DeliveryStatus.PICKED_UP,
    DeliveryStatus.OUT_FOR_DELIVERY,
    DeliveryStatus.DELIVERED,
)


class BusyClock:
    """The connector's clock: the world's, a millisecond later at each look."""

    def __init__(self, world: WorldClock) -> None:
        self._world = world
        self._looks = 0

    def now(self) -> datetime:
        self._looks += 1
        return self._world.now() + timedelta(milliseconds=self._looks)


@dataclass(slots=True)
class Rig:
    """One store, its simulator, and the letters that arrived."""

    plugin: StorePlugin
    harness: Harness
    clock: WorldClock
    busy: BusyClock
    postman: Postman
    shop: Shop
    base_url: str
    hook_url: str
    letters: list[tuple[dict[str, str], bytes]]
    store: StoreConnector
    opened: list[StoreConnector] = field(default_factory=list)

    def link(self, **changes: str) -> StoreLink:
        return link_of(self.shop.link(self.base_url), self.busy, **changes)

    def impatient(self, **changes: str) -> StoreConnector:
        """A connector that gives a store up without pauses."""
        self.opened.append(self.harness.impatient(self.link(**changes)))
        return self.opened[-1]

    @property
    def secret(self) -> Secret:
        return self.link().credentials["webhook_secret"]

    async def live(self, minutes: int = 5) -> None:
        for _ in range(minutes * 6):
            self.clock.advance(10)
            await self.shop.actor.tick(self.clock.now())
            await self.postman.tick(self.clock.now())

    async def told(self) -> list[tuple[dict[str, str], bytes]]:
        """The signed letters of the last minutes."""
        await self.live()
        reader = self.plugin.webhooks
        return [letter for letter in self.letters if not reader.is_ping(*letter)]

    async def booked(self, order_id: str, **changes: Any) -> DeliveryReport:
        """A report of a booked delivery of all that ships."""
        raw = await self.store.fetch_order(order_id)
        assert raw is not None
        (unit,) = self.store.read_order(raw).fulfillment_orders
        report = DeliveryReport(
            order_external_id=order_id,
            unit_external_id=unit.external_id,
            location_external_id=unit.location_external_id,
            delivery_id="del_1",
            reference="D-1",
            status=DeliveryStatus.DRAFT,
            is_shipped=False,
            lines=unit.lines,
            carrier="Bikes United",
            tracking_number="TRK-1",
            tracking_url="https://follow.example.test/t/1",
        )
        return replace(self.after(report, DeliveryStatus.BOOKED), **changes)

    def after(self, report: DeliveryReport, status: DeliveryStatus) -> DeliveryReport:
        """The report of the next step."""
        number = len(report.milestones)
        step = Milestone(f"evt_{number}", status, START + timedelta(minutes=number), f"{status}.")
        return replace(
            report,
            status=status,
            is_shipped=RANK[status] >= RANK[DeliveryStatus.PICKED_UP],
            milestones=(*report.milestones, step),
        )

    async def life(self, order_id: str) -> list[DeliveryReport]:
        """All reports from the booking to the door."""
        reports = [await self.booked(order_id)]
        for status in LIFE[1:]:
            reports.append(self.after(reports[-1], status))
        return reports


@asynccontextmanager
async def open_rig(platform: StorePlatform) -> AsyncIterator[Rig]:
    """Serve the store for as long as the block lasts."""
    plugin, harness = PLUGINS.stores[platform], HARNESSES[platform]
    letters: list[tuple[dict[str, str], bytes]] = []

    async def take_letter(letter: Request) -> Response:
        letters.append((dict(letter.headers), await letter.body()))
        return Response(status_code=200)

    clock = WorldClock(START, rate=0)
    busy, postman = BusyClock(clock), Postman(clock, random.Random(11))
    shop = harness.build(clock, postman)
    assert shop.actor.app is not None
    hook = Route("/hook", take_letter, methods=["POST"])
    async with served(Starlette(routes=[hook, Mount("/", app=shop.actor.app)]), shows_date=False) as url:
        store = plugin.connect(link_of(shop.link(url), busy))
        rig = Rig(plugin, harness, clock, busy, postman, shop, url, f"{url}/hook", letters, store)
        yield rig
        for connector in (store, *rig.opened):
            await connector.close()
        await postman.close()
        await shop.actor.close()


def text_of(error: BaseException) -> str:
    """All that a log could print of it, with whatever it came from."""
    return repr(error) + "".join(traceback.format_exception(error)) + repr(vars(error))


def hides_secrets(rig: Rig, error: BaseException) -> None:
    """Nothing of it shows what the link is opened with."""
    text = text_of(error)
    assert not any(secret in text for secret in rig.shop.secrets)
