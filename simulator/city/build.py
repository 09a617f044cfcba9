"""Build a city from a seed."""

from __future__ import annotations

from random import Random

from simulator.city.city import City
from simulator.city.ground import Ground, Spot
from simulator.city.layout import Layout, draw_layout
from simulator.city.network import draw_blocks
from simulator.city.settlement import draw_addresses, draw_districts, draw_places
from simulator.city.shapes import smoothed, widened
from simulator.city.streets import draw_streets

SMALLEST, LARGEST = 20, 44
_RIVER_HALF_WIDTH_M = 26.0


def build_city(seed: int, *, size: int = 30, districts: int = 12) -> City:
    """Build the city of a seed, the same every time.

    Parameters
    ----------
    seed
        Any integer.
    size
        Lines of the street grid each way, 20 to 44; 30 gives about 860 junctions, 4,000 addresses and
        a diameter of 8 km.
    districts
        2 to 14.

    Raises
    ------
    ValueError
        If `size` or `districts` is out of range.
    """
    if not SMALLEST <= size <= LARGEST:
        raise ValueError(f"size must lie in {SMALLEST} to {LARGEST} lines, got {size}")
    if not 2 <= districts <= 14:
        raise ValueError(f"districts must lie in 2 to 14, got {districts}")
    # One stream per part: a change in one part of the city leaves the others as they are.
    layout = draw_layout(_stream(seed, "layout"), size)
    ground = Ground.drawn(_stream(seed, "ground"), size)
    blocks = draw_blocks(_stream(seed, "blocks"), layout)
    drawn = draw_streets(_stream(seed, "streets"), ground, layout, blocks)
    river_line = _river_line(ground, layout)
    river, park = widened(river_line, _RIVER_HALF_WIDTH_M), _park(ground, layout)
    junctions = drawn.spots[: drawn.junction_count]
    zones = draw_districts(_stream(seed, "districts"), junctions, districts)
    doors = draw_addresses(_stream(seed, "doors"), drawn.spots, drawn.streets, zones, (river, park))
    return City(
        seed=seed,
        nodes=tuple(spot.to_latlng() for spot in drawn.spots),
        junction_count=drawn.junction_count,
        signals=drawn.signals,
        streets=drawn.streets,
        addresses=tuple(address for _, address in doors),
        districts=tuple(zone.to_district() for zone in zones),
        places=draw_places(doors, river_line),
        river=tuple(spot.to_latlng() for spot in river),
        river_line=tuple(spot.to_latlng() for spot in river_line),
        park=tuple(spot.to_latlng() for spot in park),
    )


def _stream(seed: int, part: str) -> Random:
    return Random(f"{seed}:{part}")


def _river_line(ground: Ground, layout: Layout) -> list[Spot]:
    """Through the middle of every bridge, a little beyond the city at both ends."""
    line = [(float(row), column + 0.5) for row, column in enumerate(layout.river)]
    line = [(-1.0, line[0][1]), *line, (float(layout.size), line[-1][1])]
    return [ground.spot(row, column) for row, column in smoothed(line)]


def _park(ground: Ground, layout: Layout) -> list[Spot]:
    """Inside the streets around it, with room for a pavement."""
    inset = 0.25
    top, bottom, left, right = layout.park
    top_line, bottom_line, left_line, right_line = top + inset, bottom - inset, left + inset, right - inset
    steps = [index / 4 for index in range(4)]
    outline = (
        *((top_line, left_line + step * (right_line - left_line)) for step in steps),
        *((top_line + step * (bottom_line - top_line), right_line) for step in steps),
        *((bottom_line, right_line - step * (right_line - left_line)) for step in steps),
        *((bottom_line - step * (bottom_line - top_line), left_line) for step in steps),
    )
    return [ground.spot(row, column) for row, column in outline]
