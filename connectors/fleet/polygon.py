"""Whether a place lies in a GeoJSON polygon (RFC 7946), with ray casting in whole numbers.

Corners and places are rounded to 1e-7 degrees, about a centimetre; from there on everything is exact. Lines
between corners are straight in degrees, and none crosses the antimeridian: RFC 7946 asks to cut there.

Borders: a place on a border, of a hole too, lies inside. Where a ring crosses itself, the even-odd rule says
what is within.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from doorstep.geo import LatLng

MOST_CORNERS = 10_000
"""Of one polygon with all its parts; more would make quotes slow and is finer than any street."""

_PER_DEGREE = 10_000_000

Corner = tuple[int, int]
Ring = tuple[Corner, ...]
"""(x, y) along a closed line, the first again as the last, in units of 1e-7 degrees."""


class WrongShape(ValueError):
    """The GeoJSON is no area; `path` is within it."""

    def __init__(self, path: tuple[str, ...], message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


class _Side(Enum):
    INSIDE = auto()
    BORDER = auto()
    OUTSIDE = auto()


@dataclass(frozen=True, slots=True)
class _Part:
    """One outer ring, its holes, and the box around it: west, south, east, north."""

    outer: Ring
    holes: tuple[Ring, ...]
    box: tuple[int, int, int, int]

    def holds(self, x: int, y: int) -> bool:
        west, south, east, north = self.box
        if not (west <= x <= east and south <= y <= north) or _side(self.outer, x, y) is _Side.OUTSIDE:
            return False
        return all(_side(hole, x, y) is not _Side.INSIDE for hole in self.holes)


@dataclass(frozen=True, slots=True)
class Outline:
    """An area of one or more polygons; a place lies in it if it lies in one of them."""

    parts: tuple[_Part, ...]

    def holds(self, place: LatLng) -> bool:
        """Whether a place lies inside or on the border."""
        x, y = _corner(place.lng, place.lat)
        return any(part.holds(x, y) for part in self.parts)


def outline_of(geojson: Mapping[str, object]) -> Outline:
    """Read a Polygon or a MultiPolygon; members beside `type` and `coordinates` do not count.

    Raises
    ------
    WrongShape
        If it is something else, or a ring is open, too short or not on the globe.
    """
    coordinates = geojson.get("coordinates")
    match geojson.get("type"):
        case "Polygon":
            parts = [_part(coordinates, ("coordinates",))]
        case "MultiPolygon":
            polygons = _listed(coordinates, ("coordinates",), 1, "must list at least one polygon")
            parts = [_part(one, ("coordinates", str(number))) for number, one in enumerate(polygons)]
        case _:
            raise WrongShape(("type",), "must be Polygon or MultiPolygon")
    if sum(len(ring) for part in parts for ring in (part.outer, *part.holes)) > MOST_CORNERS:
        raise WrongShape(("coordinates",), f"must have at most {MOST_CORNERS:,} corners; simplify it")
    return Outline(tuple(parts))


def _part(rings: object, path: tuple[str, ...]) -> _Part:
    listed = _listed(rings, path, 1, "must list the outer ring, then the holes")
    outer, *holes = (_ring(ring, (*path, str(number))) for number, ring in enumerate(listed))
    xs, ys = [x for x, _ in outer], [y for _, y in outer]
    return _Part(outer, tuple(holes), (min(xs), min(ys), max(xs), max(ys)))


def _ring(positions: object, path: tuple[str, ...]) -> Ring:
    listed = _listed(positions, path, 4, "must be a ring of four or more positions")
    ring = tuple(_position(one, (*path, str(number))) for number, one in enumerate(listed))
    if ring[0] != ring[-1]:
        raise WrongShape(path, "must end with the position that it begins with")
    return ring


def _position(position: object, path: tuple[str, ...]) -> Corner:
    lng, lat, *_height = _listed(position, path, 2, "must be longitude and latitude, in this order")
    return _corner(_degrees(lng, "longitude", 180, path), _degrees(lat, "latitude", 90, path))


def _degrees(value: object, name: str, most: int, path: tuple[str, ...]) -> float:
    # A comparison with NaN is false.
    if isinstance(value, (int, float)) and not isinstance(value, bool) and -most <= value <= most:
        return value
    raise WrongShape(path, f"must have a {name} from -{most} to {most} degrees; longitude comes first")


def _listed(value: object, path: tuple[str, ...], least: int, message: str) -> list[object]:
    if not isinstance(value, (list, tuple)) or len(value) < least:
        raise WrongShape(path, message)
    return list(value)


def _corner(lng: float, lat: float) -> Corner:
    return round(lng * _PER_DEGREE), round(lat * _PER_DEGREE)


def _side(ring: Ring, x: int, y: int) -> _Side:
    """Count how often a line from the place to the east meets the ring."""
    is_inside = False
    for (x1, y1), (x2, y2) in _edges_at(ring, y):
        # Positive where the place lies left of the edge as one walks along it, 0 where it is on its line.
        turn = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        if turn == 0 and min(x1, x2) <= x <= max(x1, x2):
            return _Side.BORDER
        # An edge counts with its lower end and without its upper one, so that a corner is met once.
        if (y1 > y) != (y2 > y) and (turn > 0) == (y2 > y1):
            is_inside = not is_inside
    return _Side.INSIDE if is_inside else _Side.OUTSIDE


def _edges_at(ring: Ring, y: int) -> Iterator[tuple[Corner, Corner]]:
    """Those that reach a latitude."""
    for one, other in pairwise(ring):
        if one[1] <= y <= other[1] or other[1] <= y <= one[1]:
            yield one, other
