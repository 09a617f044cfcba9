"""The areas of a rate sheet, and which of them a door lies in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.fleet.polygon import Outline, WrongShape, outline_of
from connectors.fleet.postcode import Patterns, PostcodeIndex, read_patterns
from doorstep.address import Address
from doorstep.errors import Issue
from doorstep.geo import LatLng, distance_m

_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Zone:
    """An area of the rate sheet: all that lies in one of its parts. Of several zones the first counts.

    Attributes
    ----------
    postcode_prefixes
        Beginnings of postcodes; the same as patterns with a star.
    country, countries
        ISO 3166-1 alpha-2; whose postcodes are meant, none for anybody's. Without postcodes, `countries`
        are a part of their own: the whole of them.
    radius_m
        As the crow flies, around `center`, or around the depot where there is none.
    postcodes
        "28001", "28*", "28001-28080"; see `connectors.fleet.postcode`.
    polygon
        GeoJSON Polygon or MultiPolygon, longitude first; see `connectors.fleet.polygon` for borders.
    drive_s
        At most so long along the roads from the depot; estimated where the roads do not answer.
    """

    id: str
    postcode_prefixes: tuple[str, ...] = ()
    country: str = ""
    radius_m: int | None = None
    postcodes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    polygon: Mapping[str, Any] | None = None
    center: LatLng | None = None
    drive_s: int | None = None

    @property
    def has_postcodes(self) -> bool:
        """Whether postcodes are part of it."""
        return bool(self.postcode_prefixes or self.postcodes)

    @property
    def whose(self) -> frozenset[str]:
        """Countries of its postcodes, empty for any."""
        return frozenset({*self.countries, self.country} - {""})


@dataclass(frozen=True, slots=True)
class _Shape:
    """The parts of a zone that need more than a postcode."""

    number: int
    zone: Zone
    outline: Outline | None
    whole: frozenset[str]

    def holds(self, door: Address, depot_m: float, drive_s: int | None) -> bool:
        zone, place = self.zone, door.location
        if door.country in self.whole:
            return True
        if place is None:
            return False
        if zone.drive_s is not None and drive_s is not None and drive_s <= zone.drive_s:
            return True
        if zone.radius_m is not None:
            direct_m = depot_m if zone.center is None else distance_m(zone.center, place)
            if direct_m <= zone.radius_m:
                return True
        return self.outline is not None and self.outline.holds(place)


class Zones(tuple[Zone, ...]):
    """Zones in their order, with all that finds a door in them quickly.

    Settings keep one of these as their `zones`, so that settings with other drivers share it.

    Attributes
    ----------
    issues
        What is wrong with single zones, by paths from "zones" on.
    asks_drive
        Whether the time on the road decides for some zone.
    """

    def __init__(self, zones: Iterable[Zone]) -> None:
        del zones  # the tuple holds them
        self.issues: list[Issue] = []
        self._postcodes = self._indexed_postcodes()
        self._shapes = tuple(self._read_shapes())
        for number, zone in enumerate(self):
            self.issues.extend(_wrong_fields(("zones", str(number)), zone))
        self.asks_drive = any(zone.drive_s is not None for zone in self)

    def first(self, door: Address, depot: LatLng, drive_s: int | None = None) -> Zone | None:
        """The zone that counts.

        Parameters
        ----------
        drive_s
            From the depot; None while that is unknown.
        """
        numbers = self._by_postcode(door)
        if (shape := next(self._by_shape(door, depot, drive_s), None)) is not None:
            numbers.add(shape)
        return self[min(numbers)] if numbers else None

    def all_at(self, door: Address, depot: LatLng, drive_s: int | None = None) -> tuple[Zone, ...]:
        """Every zone that holds a door; as `first`."""
        numbers = self._by_postcode(door).union(self._by_shape(door, depot, drive_s))
        return tuple(self[number] for number in sorted(numbers))

    def lacking(self, door: Address) -> str:
        """What the address would need for another zone to be found, "" where nothing is missing."""
        parts = ("polygon", "radius_m", "drive_s")
        if door.location is None and any(getattr(zone, part) is not None for zone in self for part in parts):
            return "place on the map"
        if not door.postal_code.strip() and any(zone.has_postcodes for zone in self):
            return "postcode"
        if not door.country and any(zone.whose for zone in self):
            return "country"
        return ""

    def _by_postcode(self, door: Address) -> set[int]:
        found: set[int] = set()
        for whose, index in self._postcodes.items():
            if not whose or door.country in whose:
                found |= index.zones_of(door.postal_code, door.country)
        return found

    def _by_shape(self, door: Address, depot: LatLng, drive_s: int | None) -> Iterator[int]:
        depot_m = 0.0 if door.location is None else distance_m(depot, door.location)
        return (shape.number for shape in self._shapes if shape.holds(door, depot_m, drive_s))

    def _indexed_postcodes(self) -> dict[frozenset[str], PostcodeIndex]:
        grouped: dict[frozenset[str], list[tuple[int, Patterns]]] = {}
        for number, zone in enumerate(self):
            group = grouped.setdefault(zone.whose, [])
            for name, texts in (
                ("postcodes", zone.postcodes),
                ("postcode_prefixes", [f"{prefix}*" for prefix in zone.postcode_prefixes]),
            ):
                patterns = read_patterns(texts)
                group.append((number, patterns))
                for place, message in patterns.wrong.items():
                    self.issues.append(Issue(("zones", str(number), name, str(place)), message))
        return {whose: PostcodeIndex(zones) for whose, zones in grouped.items()}

    def _read_shapes(self) -> Iterator[_Shape]:
        for number, zone in enumerate(self):
            outline = None
            try:
                outline = None if zone.polygon is None else outline_of(zone.polygon)
            except WrongShape as wrong:
                path = ("zones", str(number), "polygon", *wrong.path)
                self.issues.append(Issue(path, wrong.message))
            whole = frozenset[str]() if zone.has_postcodes else frozenset(zone.countries)
            if whole or not (outline is None and zone.radius_m is None and zone.drive_s is None):
                yield _Shape(number, zone, outline, whole)


def indexed(zones: Iterable[Zone]) -> Zones:
    """As they are where they are indexed already."""
    return zones if isinstance(zones, Zones) else Zones(zones)


def _wrong_fields(path: tuple[str, ...], zone: Zone) -> Iterator[Issue]:
    measures = (zone.polygon, zone.radius_m, zone.drive_s)
    if not (zone.has_postcodes or zone.countries) and all(measure is None for measure in measures):
        parts = "postcodes, postcode_prefixes, countries, polygon, radius_m or drive_s"
        yield Issue(path, f"must have a part: {parts}")
    for name in ("radius_m", "drive_s"):
        value = getattr(zone, name)
        if value is not None and value <= 0:
            yield Issue((*path, name), "must be positive")
    if zone.center is not None and zone.radius_m is None:
        yield Issue((*path, "radius_m"), "must say how far the zone reaches around its center")
    for number, country in enumerate(zone.countries):
        if not _COUNTRY.fullmatch(country):
            yield Issue((*path, "countries", str(number)), "must be an ISO 3166-1 code such as MT")
