"""GPX 1.0 and 1.1 (topografix.com/GPX), the tracks of a file as positions. Pure.

A reader of our own: of the format only track points are wanted, and of XML nothing that a hostile file could
use. Files with a document type are refused, before anything is expanded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError, fromstring

from connectors.fleet.fix import fix_of, instant_of, number_of
from doorstep.errors import InvalidInput
from doorstep.position import Position

MOST_POINTS = 100_000
"""Ten days of a fix each eight seconds."""


@dataclass(frozen=True, slots=True)
class GpxTrack:
    """What a file has.

    Attributes
    ----------
    positions
        In the order of the file.
    without_time
        Points that say no time, and are left out: they are a plan, not a track.
    """

    positions: tuple[Position, ...]
    without_time: int


def decode_gpx(content: bytes) -> GpxTrack:
    """Read all track points of a GPX file.

    Raises
    ------
    InvalidInput
        If it is no GPX, has a document type or too many points, or a point has a wrong place or time.
    """
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\x00" in content[:1024]:
        raise InvalidInput("The file has a document type, which GPX has not.")
    try:
        points = _points(fromstring(content))  # noqa: S314 - nothing is left in it that expands
    except (ParseError, LookupError, ValueError):
        raise InvalidInput("The file is no GPX.") from None
    positions: list[Position] = []
    without_time = 0
    for number, point in enumerate(points):
        if (position := _position(point, number)) is None:
            without_time += 1
        else:
            positions.append(position)
    return GpxTrack(tuple(positions), without_time)


def _points(root: Element) -> list[Element]:
    if _name(root) != "gpx":
        raise ValueError("another root")
    points = [element for element in root.iter() if _name(element) == "trkpt"]
    if len(points) > MOST_POINTS:
        raise InvalidInput(f"The file has more than {MOST_POINTS:,} points: split it.")
    return points


def _position(point: Element, number: int) -> Position | None:
    path = ("trkpt", str(number))
    texts = {_name(child): (child.text or "").strip() for child in point}
    if not texts.get("time"):
        return None
    lat = number_of(point.get("lat"), (*path, "lat"))
    lng = number_of(point.get("lon"), (*path, "lon"))
    if lat is None or lng is None:
        raise InvalidInput(f"Point {number} has no place.", path=path)
    at: datetime = instant_of(texts["time"], (*path, "time"))
    fix = fix_of(
        "",
        (lat, (*path, "lat")),
        (lng, (*path, "lon")),
        at,
        speed_mps=number_of(texts.get("speed"), (*path, "speed")),
        heading_deg=number_of(texts.get("course"), (*path, "course")),
        accuracy_m=None,
        is_mock=False,
    )
    return fix.position


def _name(element: Element) -> str:
    """Without its namespace, which is another one for each version."""
    return str(element.tag).rpartition("}")[2]
