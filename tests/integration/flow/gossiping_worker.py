"""A worker of its own process whose geocoder puts people's data in every error; see test_logs."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field

from doorstep.address import Address
from doorstep.errors import NotServiceable, RemoteUnavailable
from doorstep.geo import LatLng
from doorstep.secret import Secret
from gateway.app.logging import set_up_logging
from gateway.auth.vault import Vault
from gateway.config import Settings
from gateway.flow.ports import Means
from gateway.flow.quoting.shopping import RateShopper
from gateway.store.database import Database
from gateway.store.jobs import open_queue
from gateway.store.news import News
from gateway.store.unit_of_work import Transactions
from gateway.workers.handling import teach
from optimizer.roads import AffineRoads
from optimizer.routes import PyvrpPlanner
from tests.integration.flow.fakes import FakeLinks, FakeStore, HandClock, NoPositions


@dataclass
class Gossip:
    """Tells everybody whom it was asked about, each time in another error."""

    kinds: list[type[Exception]] = field(default_factory=lambda: [ValueError, RuntimeError, NotServiceable])

    async def locate(self, address: Address) -> LatLng | None:
        text = f"{address.name} of {address.line1} ({address.phone}, {address.email}) is unknown"
        if self.kinds:
            raise self.kinds.pop(0)(text)
        raise RemoteUnavailable(text, system="map")


async def main(dsn: str, log_format: str) -> None:
    """Run every job that waits, once."""
    settings = {"DOORSTEP_LOG_FORMAT": log_format, "DOORSTEP_LOG_LEVEL": "DEBUG"}
    set_up_logging(Settings.from_environment(settings))
    database, queue, clock = Database(dsn), open_queue(dsn), HandClock()
    told: list[News] = []
    async with queue.open_async():
        begin = Transactions(database, queue, Vault([Secret("k" * 40)]), told.extend).begin
        links = FakeLinks(FakeStore(clock), [])
        means = Means(
            clock, begin, links, AffineRoads(), PyvrpPlanner(), Gossip(), NoPositions(), RateShopper(clock)
        )
        teach(queue, means)
        await queue.run_worker_async(wait=False, install_signal_handlers=False)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
