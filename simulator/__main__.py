"""`python -m simulator --seed 7`: run a simulated world as a process of its own.

Prints one line of JSON when it listens, {"url": "http://127.0.0.1:41234"}; everything else goes to standard
error. Ends on SIGTERM, or when its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from datetime import datetime
from pathlib import Path

import click

from simulator.world.plan import Customs
from simulator.world.serving import run
from simulator.world.settings import WorldSettings
from simulator.world.world import World

_TIME = click.DateTime(["%H:%M"])


def announce(url: str) -> None:
    """Say where the world listens, in one line that a program can read."""
    sys.stdout.write(json.dumps({"url": url}) + "\n")
    sys.stdout.flush()


@click.command()
@click.option("--seed", type=int, default=7, show_default=True, help="Makes the city and the day.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--clock-file", type=click.Path(path_type=Path, dir_okay=False), help="Shares the clock.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), default="2026-11-23", show_default=True)
@click.option("--start", type=_TIME, default="08:30", show_default=True, help="Local time of the city.")
@click.option("--quiet-after", type=_TIME, default="16:30", show_default=True, help="Nobody orders then.")
@click.option("--rate", type=float, default=1.0, show_default=True, help="World seconds a machine second.")
@click.option("--stepped", is_flag=True, help="The clock moves by POST /control/tick alone.")
@click.option("--orders-per-hour", type=float, default=8.0, show_default=True)
@click.option("--broken-share", type=float, default=0.0, show_default=True, help="Orders without a street.")
@click.option("--parcel-pace", type=float, default=1.0, show_default=True, help="Below 1, parcels hurry.")
@click.option("--silence/--no-silence", default=True, show_default=True, help="A van loses its network once.")
@click.option("--dropout-chance", type=float, default=0.0, show_default=True, help="Couriers who give up.")
def main(
    *,
    seed: int,
    host: str,
    port: int,
    clock_file: Path | None,
    day: datetime,
    start: datetime,
    quiet_after: datetime,
    rate: float,
    stepped: bool,
    orders_per_hour: float,
    broken_share: float,
    parcel_pace: float,
    silence: bool,
    dropout_chance: float,
) -> None:
    """Run a simulated city with stores, carriers, vans and shoppers."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = WorldSettings(
            seed=seed,
            day=day.date(),
            start=start.time(),
            quiet_after=quiet_after.time(),
            rate=rate,
            is_stepped=stepped,
            clock_file=clock_file,
            customs=Customs(orders_per_hour=orders_per_hour, broken=broken_share),
            parcel_pace=parcel_pace,
            has_silence=silence,
            dropout_chance=dropout_chance,
        )
    except ValueError as problem:
        raise click.UsageError(str(problem)) from problem
    asyncio.run(_run(settings, host, port))


async def _run(settings: WorldSettings, host: str, port: int) -> None:
    # Made inside the loop that it lives in.
    await run(World(settings), host, port, announce)


if __name__ == "__main__":
    main()
