"""`python -m simulator.city --seed 7 --out city.osm`: write a city for OSRM and print its counts."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulator.city import City, build_city
from simulator.city.drawing import geojson
from simulator.city.osm import osm_xml


def counts(city: City) -> str:
    """One line per kind of thing in the city."""
    numbers = {
        "junctions": city.junction_count,
        "nodes": len(city.nodes),
        "streets": len(city.streets),
        "one-way streets": sum(street.is_one_way for street in city.streets),
        "bridges": sum(street.is_bridge for street in city.streets),
        "traffic lights": len(city.signals),
        "addresses": len(city.addresses),
        "districts": len(city.districts),
        "places": len(city.places),
    }
    return "\n".join(f"{number:>6} {thing}" for thing, number in numbers.items())


@click.command()
@click.option("--seed", type=int, default=7, show_default=True)
@click.option("--size", type=int, default=30, show_default=True, help="Lines of the street grid each way.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to write OpenStreetMap XML.")
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="Where to write GeoJSON.")
def main(seed: int, size: int, out: Path | None, map_file: Path | None) -> None:
    """Build the city of a seed, write it down and print its counts."""
    try:
        city = build_city(seed, size=size)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from problem
    if out is not None:
        out.write_bytes(osm_xml(city))
    if map_file is not None:
        map_file.write_text(json.dumps(geojson(city), separators=(",", ":")), encoding="utf-8")
    click.echo(counts(city))


if __name__ == "__main__":
    main()
