"""The command itself."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import webbrowser
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from doorstep.secret import Secret
from gateway.cli.demo.moods import CARRIERS, MOODS, read_moods, set_moods
from gateway.cli.running import run
from gateway.config import Settings

if TYPE_CHECKING:
    from gateway.cli.demo.start import Started


def _carriers_that_are(mood: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        f"--{mood}", type=click.Choice(CARRIERS), multiple=True, help=f"{MOODS[mood]} Can be repeated."
    )


@click.command()
@click.option("--seed", type=int, default=7, show_default=True, help="Makes the city and the day.")
@click.option(
    "--port", type=int, default=8000, show_default=True, help="Where the page is; 0 takes a free one."
)
@click.option("--rate", type=float, default=1.0, show_default=True, help="World seconds a second.")
@click.option("--headless", is_flag=True, help="Live through the day without a browser and print a report.")
@click.option(
    "--until",
    type=click.DateTime(["%H:%M"]),
    default="18:00",
    show_default=True,
    help="Headless: when the day ends, wall clock of the city.",
)
@click.option("--orders-per-hour", type=float, default=8.0, show_default=True)
@click.option(
    "--open/--no-open",
    "open_page",
    default=None,
    help="Open the page in a browser; by default if there is one.",
)
@_carriers_that_are("slow")
@_carriers_that_are("failing")
@_carriers_that_are("away")
def demo(
    *,
    seed: int,
    port: int,
    rate: float,
    headless: bool,
    until: datetime,
    orders_per_hour: float,
    open_page: bool | None,
    slow: Sequence[str],
    failing: Sequence[str],
    away: Sequence[str],
) -> None:
    """Run a simulated city around a real gateway: two stores, couriers, parcels, vans and shoppers.

    Needs nothing installed and nothing linked. Prints the address of one page with a checkout, a tracker
    and the operator's view. Headless, the last line is one JSON object and the exit code is 0 only if no
    order was lost, doubled or left unfinished.
    """
    moods = read_moods({"slow": slow, "failing": failing, "away": away})
    wanted = Wanted(seed, 0 if headless else port, rate, orders_per_hour, moods)
    if headless:
        is_clean = run(lambda: _headless(wanted, until.time()))
        sys.exit(0 if is_clean else 1)
    run(lambda: _with_page(wanted, open_page))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options say."""

    seed: int
    port: int
    rate: float
    orders_per_hour: float
    moods: Mapping[str, str]


async def _headless(wanted: Wanted, until: time) -> bool:
    from gateway.cli.demo.headless import live_through, show

    # Shoppers stop early enough for everything to arrive, and parcels that take days hurry.
    options = (
        "--stepped",
        "--rate",
        "0",
        "--date",
        "2026-11-23",
        "--quiet-after",
        "14:30",
        "--parcel-pace",
        "0.04",
        "--dropout-chance",
        "0.1",
    )
    async with _world_of(wanted, options) as started:
        outcome = await live_through(
            started.house, started.world, started.periodic, started.account, until, started.time_zone
        )
    show(outcome)
    return outcome.is_clean


async def _with_page(wanted: Wanted, open_page: bool | None) -> None:
    from gateway.app.serve import end_asked
    from gateway.cli.demo.morning import wake_up

    # The city's day begins shortly before the first delivery window, so that vans leave soon.
    options = (
        "--rate",
        str(wanted.rate),
        "--date",
        datetime.now(UTC).date().isoformat(),
        "--start",
        "09:40",
        "--parcel-pace",
        "0.04",
        "--dropout-chance",
        "0.1",
    )
    async with _world_of(wanted, options, with_chores=True) as started:
        await started.world.post("start")
        # From the moment that a visitor reads "Ctrl-C ends it", it does.
        asked = end_asked()
        url = f"{started.house.settings.base_url}/demo"
        click.secho(f"\n  Doorstep's demo is at {url}", bold=True, err=True)
        click.echo(
            f"  Keys for its API at {started.house.settings.base_url}/graphql: {url}/config.json", err=True
        )
        click.secho("  Ctrl-C ends it.\n", bold=True, err=True)
        if open_page or (open_page is None and sys.stdout.isatty() and _has_screen()):
            webbrowser.open(url)
        waking = asyncio.create_task(wake_up(started.world, wanted.rate))
        await asked.wait()
        waking.cancel()
        await asyncio.gather(waking, return_exceptions=True)


@asynccontextmanager
async def _world_of(
    wanted: Wanted, options: tuple[str, ...], *, with_chores: bool = False
) -> AsyncIterator[Started]:
    from gateway.app.logging import set_up_logging
    from gateway.cli.demo.provision import compare_modes
    from gateway.cli.demo.start import start
    from gateway.cli.demo.world import build_city_roads

    settings = Settings.from_environment()
    set_up_logging(replace(settings, log_level=os.environ.get("DOORSTEP_LOG_LEVEL", "ERROR")))
    arguments = ("--orders-per-hour", str(wanted.orders_per_hour), *options)
    with _run_folder(settings.home / "demo") as folder:
        # A database and a queue of its own: the demo touches nothing that exists.
        alone = replace(
            settings, home=folder, port=wanted.port, database_url=Secret(""), redis_url=Secret("")
        )
        _say("Drawing the city …")
        roads = await build_city_roads(wanted.seed, settings.home / "demo" / "roads")
        async with start(alone, wanted.seed, arguments, roads, with_chores=with_chores, say=_say) as started:
            await compare_modes(started.house, started.account.merchant_id)
            await set_moods(started.world, wanted.moods)
            yield started


@contextmanager
def _run_folder(parent: Path) -> Iterator[Path]:
    """A folder for this run alone, gone afterwards; those of runs that were killed are swept away."""
    parent.mkdir(parents=True, exist_ok=True)
    for old in parent.glob("run-*"):
        if not _is_alive(int(old.name.removeprefix("run-"))):
            shutil.rmtree(old, ignore_errors=True)
    folder = parent / f"run-{os.getpid()}"
    folder.mkdir(mode=0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _has_screen() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say(words: str) -> None:
    click.echo(words, err=True)
