"""Places on the earth: WGS 84 degrees, metres, and Google's encoded polylines (precision 5)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the earth (IUGG), metres."""


@dataclass(frozen=True, slots=True, order=True)
class LatLng:
    """A point in WGS 84 degrees, latitude first.

    Wire formats that want (longitude, latitude) are turned where they are written, with `lonlat`.

    Raises
    ------
    ValueError
        If a coordinate is not a finite number in its range.
    """

    lat: float
    lng: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lat) and -90 <= self.lat <= 90):
            raise ValueError(f"latitude must lie in [-90, 90] degrees, got {self.lat}")
        if not (math.isfinite(self.lng) and -180 <= self.lng <= 180):
            raise ValueError(f"longitude must lie in [-180, 180] degrees, got {self.lng}")

    @property
    def lonlat(self) -> tuple[float, float]:
        """(longitude, latitude), as GeoJSON and OSRM write it."""
        return (self.lng, self.lat)

    def rounded(self, digits: int = 6) -> LatLng:
        """The same place with `digits` decimals; 3 is about 100 m."""
        return LatLng(round(self.lat, digits), round(self.lng, digits))


def distance_m(a: LatLng, b: LatLng) -> float:
    """Great-circle distance in metres (haversine)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    d_lat, d_lng = lat_b - lat_a, math.radians(b.lng - a.lng)
    h = math.sin(d_lat / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(d_lng / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


def bearing_deg(a: LatLng, b: LatLng) -> float:
    """Initial course from `a` to `b`, degrees clockwise from north, in [0, 360)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    d_lng = math.radians(b.lng - a.lng)
    y = math.sin(d_lng) * math.cos(lat_b)
    x = math.cos(lat_a) * math.sin(lat_b) - math.sin(lat_a) * math.cos(lat_b) * math.cos(d_lng)
    return math.degrees(math.atan2(y, x)) % 360


def path_length_m(path: Sequence[LatLng]) -> float:
    """Length of a line through all points, metres."""
    return sum(distance_m(a, b) for a, b in itertools.pairwise(path))


def encode_polyline(path: Iterable[LatLng]) -> str:
    """Encode a line with Google's algorithm at precision 5 (about one metre)."""
    encoded: list[str] = []
    last_lat = last_lng = 0
    for point in path:
        lat, lng = round(point.lat * 1e5), round(point.lng * 1e5)
        encoded += (_encode_signed(lat - last_lat), _encode_signed(lng - last_lng))
        last_lat, last_lng = lat, lng
    return "".join(encoded)


def decode_polyline(text: str) -> list[LatLng]:
    """Turn an encoded polyline of precision 5 back into points.

    Raises
    ------
    ValueError
        If the text ends in the middle of a number.
    """
    numbers = list(_decode_signed(text))
    if len(numbers) % 2:
        raise ValueError("polyline ends in the middle of a point")
    points: list[LatLng] = []
    lat = lng = 0
    for d_lat, d_lng in zip(numbers[::2], numbers[1::2], strict=True):
        lat, lng = lat + d_lat, lng + d_lng
        points.append(LatLng(lat / 1e5, lng / 1e5))
    return points


def _encode_signed(value: int) -> str:
    rest = ~(value << 1) if value < 0 else value << 1
    chunks: list[str] = []
    while rest >= 0x20:
        chunks.append(chr((0x20 | (rest & 0x1F)) + 63))
        rest >>= 5
    chunks.append(chr(rest + 63))
    return "".join(chunks)


def _decode_signed(text: str) -> Iterable[int]:
    value = shift = 0
    for char in text:
        chunk = ord(char) - 63
        value |= (chunk & 0x1F) << shift
        shift += 5
        if chunk < 0x20:
            yield ~(value >> 1) if value & 1 else value >> 1
            value = shift = 0
    if shift:
        raise ValueError("polyline ends in the middle of a number")
