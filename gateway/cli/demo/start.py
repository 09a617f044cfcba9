"""Starts a gateway in a simulated world: the city, the house, and the links between them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.app.serve import listen, serving, working
from gateway.bootstrap.house import House, open_house
from gateway.cli.demo.provision import DemoAccount, link_world
from gateway.cli.demo.routes import DemoDesk
from gateway.cli.demo.world import SimulatedWorld, simulated_world
from gateway.config import Settings
from gateway.workers.periodic import Periodic


@dataclass(frozen=True, slots=True)
class Started:
    """A gateway in its world."""

    house: House
    world: SimulatedWorld
    account: DemoAccount
    periodic: Periodic
    time_zone: str


@asynccontextmanager
async def start(
    settings: Settings,
    seed: int,
    arguments: Sequence[str],
    roads: Path,
    *,
    with_chores: bool,
    say: Callable[[str], None],
) -> AsyncIterator[Started]:
    """Run both for as long as the block lasts.

    Parameters
    ----------
    settings
        Of the gateway; what belongs to the world (clock, roads, geocoder) is set here.
    arguments
        For the simulator.
    roads
        Of the city of this seed, as `build_city_roads` builds them.
    with_chores
        Whether chores run by themselves; a stepped world calls `Started.periodic` instead.
    """
    async with simulated_world(settings.home, ("--seed", str(seed), *arguments)) as world:
        described = await world.get("world")
        sock = listen(settings.host, settings.port)
        chosen = replace(
            settings,
            port=sock.getsockname()[1],
            public_url="",
            roads=roads,
            geocoder_url=described["geocoder_url"].removesuffix("/search"),
            allow_private_stores=True,
            clock_file=world.clock_file,
            sync_every_s=120,
        )
        say("Starting PostgreSQL and the gateway …")
        desk = DemoDesk(world)
        async with open_house(chosen) as house, serving(house, sock, extra_routes=desk.routes):
            say("Linking two stores, three couriers, two parcel carriers and three vans …")
            account = await link_world(house, world)
            desk.open(account, described)
            async with working(house, with_chores=with_chores) as periodic:
                yield Started(house, world, account, periodic, described["merchant"]["time_zone"])
