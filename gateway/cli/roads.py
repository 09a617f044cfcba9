"""`doorstep roads`: from an OpenStreetMap extract to travel times, and other speeds on them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from doorstep.errors import InvalidInput

if TYPE_CHECKING:
    from optimizer.roads import SpeedBook


@click.group()
def roads() -> None:
    """Maps for travel times and routes."""


@roads.command("build")
@click.argument("extract", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the result [DOORSTEP_HOME/roads].",
)
@click.option("--profile", default="car", show_default=True)
@click.option(
    "--algorithm",
    type=click.Choice(["ch", "mld"]),
    help="ch answers large tables ten times as fast; mld takes live speeds in a moment [ch up to 20 MB].",
)
def build(extract: Path, out: Path | None, profile: str, algorithm: str | None) -> None:
    """Build roads from an .osm or .osm.pbf extract; a second run of the same extract is instant."""
    from rich.console import Console

    from gateway.cli.running import settings
    from optimizer.roads import Algorithm, BuildStep, build_roads

    folder = out or settings().home / "roads"
    console = Console(stderr=True)
    with console.status("Building roads …") as status:

        def show(step: BuildStep) -> None:
            status.update(f"Building roads: {step.name}, step {step.number} of {step.total} …")

        built = build_roads(
            extract,
            folder,
            profile=profile,
            algorithm=Algorithm(algorithm.upper()) if algorithm else None,
            progress=show,
        )
    click.echo(f"DOORSTEP_ROADS={built}")


@roads.command("speeds")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--roads",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Built roads [DOORSTEP_ROADS].",
)
@click.option(
    "--minutes",
    type=click.IntRange(1, 24 * 60),
    default=30,
    show_default=True,
    help="Measured speeds are too old after that.",
)
@click.option("--hours", help="The file says what is usual then, as 7-9,16-19: from 7:00, before 9:00.")
@click.option("--time-zone", default="UTC", show_default=True, help="Of --hours, as Europe/Malta.")
@click.option("--clear", is_flag=True, help="Back to the speeds of the map.")
def speeds(
    file: Path | None, folder: Path | None, minutes: int, hours: str | None, time_zone: str, *, clear: bool
) -> None:
    """Put the speeds of FILE on built roads; gateways that run take them up within seconds.

    FILE is a CSV with a line for each direction of each stretch of road: node,node,km/h, where the nodes
    are ids of OpenStreetMap and follow each other on a way; 0 closes the stretch. Without FILE, shows what
    holds.
    """
    from gateway.cli.running import settings
    from optimizer.roads import SpeedBook, put_on_roads, read_book, turn_at_book, write_book

    built = folder or settings().roads
    if built is None:
        raise InvalidInput("Say which roads with --roads, or set DOORSTEP_ROADS.", path=("roads",))
    now, usual_at = datetime.now(UTC), hours_of(hours) if hours else None
    if file is not None or clear:
        with turn_at_book(built):
            book = SpeedBook() if clear else read_book(built)
            if file is not None:
                put = put_on_roads(built, file)
                click.echo(f"{put.used} of {put.lines} speeds are on this map.", err=True)
                if usual_at is None:
                    book = book.with_live(put.name, now + timedelta(minutes=minutes))
                else:
                    book = book.with_hours(put.name, usual_at, time_zone)
            write_book(built, book)
    for line in lines_of(read_book(built), now):
        click.echo(line)


def hours_of(text: str) -> frozenset[int]:
    """The hours of "7-9,16-19": 7, 8, 16, 17, 18; "22-2" goes over midnight.

    Raises
    ------
    InvalidInput
        If it is written otherwise.
    """
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,2})\s*-\s*(\d{1,2})\s*", part)
        first, end = (int(match[1]), int(match[2])) if match else (-1, -1)
        if not (0 <= first <= 23 and 0 <= end <= 24 and first != end):
            raise InvalidInput(f"--hours is written as 7-9,16-19, not {text!r}", path=("hours",))
        found.update(hour % 24 for hour in range(first, end if end > first else end + 24))
    return frozenset(found)


def lines_of(book: SpeedBook, now: datetime) -> list[str]:
    """What holds, for people."""
    lines = []
    if book.live_until is not None and now < book.live_until:
        lines.append(f"Measured speeds hold until {book.live_until:%H:%M} UTC.")
    if book.hours:
        listed = ", ".join(f"{hour}:00" for hour in sorted(book.hours))
        lines.append(f"Usual speeds ({book.time_zone}) from: {listed}.")
    return [
        *lines,
        "At all other times the speeds of the map hold." if lines else "The speeds of the map hold.",
    ]
