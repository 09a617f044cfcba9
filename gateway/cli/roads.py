"""`doorstep roads build`: from an OpenStreetMap extract to travel times."""

from __future__ import annotations

from pathlib import Path

import click


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
def build(extract: Path, out: Path | None, profile: str) -> None:
    """Build roads from an .osm or .osm.pbf extract; a second run of the same extract is instant."""
    from rich.console import Console

    from gateway.cli.running import settings
    from optimizer.roads import build_roads

    folder = out or settings().home / "roads"
    console = Console(stderr=True)
    with console.status("Building roads …") as status:
        built = build_roads(
            extract, folder, profile=profile, progress=lambda step: status.update(f"Building roads: {step} …")
        )
    click.echo(f"DOORSTEP_ROADS={built}")
