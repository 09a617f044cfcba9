"""The vehicles that Lalamove has in a market, as GET /v3/cities lists them, and which take the goods."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from doorstep.json_reading import Json, child, children, text
from doorstep.limits import is_at_least
from doorstep.parcel import Parcel, total_weight_g
from doorstep.quote import VehicleKind

_GRAMS = {"kg": 1000, "g": 1, "lb": 454, "lbs": 454, "t": 1_000_000}
_MILLIMETRES = {"m": 1000, "cm": 10, "mm": 1}

# Services by the hour, which bring one parcel dearly (seen in public integrations, Brazil, 2026).
_RENTED = re.compile(r"(FOURH|GOFOUR|_[0-9]H)$")

_KINDS: tuple[tuple[str, VehicleKind], ...] = (
    ("WALK", VehicleKind.FOOT),
    ("COURIER", VehicleKind.FOOT),
    ("BICYCLE", VehicleKind.BICYCLE),
    ("CYCL", VehicleKind.BICYCLE),
    ("MOTORCYCLE", VehicleKind.MOTORCYCLE),
    ("LALAGO", VehicleKind.MOTORCYCLE),
    ("LALAPRO", VehicleKind.MOTORCYCLE),
    ("MINIVAN", VehicleKind.VAN),
    ("VAN", VehicleKind.VAN),
    ("UV_", VehicleKind.VAN),
    ("CAR", VehicleKind.CAR),
    ("SEDAN", VehicleKind.CAR),
    ("HATCH", VehicleKind.CAR),
    ("MPV", VehicleKind.CAR),
    ("SUV", VehicleKind.CAR),
    ("TRUCK", VehicleKind.TRUCK),
    ("LORRY", VehicleKind.TRUCK),
    ("PICKUP", VehicleKind.TRUCK),
)
"""How service types begin -> what is driven; anything else is OTHER."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service type of a city.

    Attributes
    ----------
    load_g
        What it carries in all; None where the list does not say.
    sides_mm
        Of its room, longest first; None where the list does not say.
    """

    key: str
    load_g: int | None = None
    sides_mm: tuple[int, int, int] | None = None

    @property
    def kind(self) -> VehicleKind:
        """What is driven."""
        return next((kind for word, kind in _KINDS if self.key.startswith(word)), VehicleKind.OTHER)

    @property
    def volume_ml(self) -> int | None:
        """Its room in millilitres."""
        if self.sides_mm is None:
            return None
        length, width, height = self.sides_mm
        return length * width * height // 1000


@dataclass(frozen=True, slots=True)
class City:
    """A zone: both ends of a delivery lie in one."""

    name: str
    services: tuple[Service, ...]


def read_cities(answer: Json) -> tuple[City, ...]:
    """The cities in an answer of GET /v3/cities."""
    return tuple(
        City(text(city, "name"), tuple(_service(entry) for entry in children(city, "services")))
        for city in children(answer, "data")
    )


def services_for(
    cities: Iterable[City],
    city_name: str,
    parcels: Sequence[Parcel],
    vehicle: VehicleKind | None,
    most: int,
) -> tuple[Service, ...]:
    """The services that take the goods, smallest first, at most so many.

    Where no city of the list has the address's name, the smallest measures that a service has anywhere count:
    the list has no borders, and Lalamove itself says whether it comes.

    Parameters
    ----------
    vehicle
        The smallest that will do; None where the parcels say it.
    """
    fitting = [
        service
        for service in _offered(tuple(cities), city_name)
        if not _RENTED.search(service.key) and _takes(service, parcels)
        if vehicle is None or is_at_least(service.kind, vehicle)
    ]
    return tuple(sorted(fitting, key=_size)[:most])


def _offered(cities: Sequence[City], city_name: str) -> Sequence[Service]:
    wanted = _plain(city_name)
    for city in cities:
        if wanted and (wanted in _plain(city.name) or _plain(city.name) in wanted):
            return city.services
    smallest: dict[str, Service] = {}
    for service in (service for city in cities for service in city.services):
        other = smallest.get(service.key)
        smallest[service.key] = service if other is None else _smaller(service, other)
    return tuple(smallest.values())


def _smaller(one: Service, other: Service) -> Service:
    loads = [load for load in (one.load_g, other.load_g) if load is not None]
    rooms = [sides for sides in (one.sides_mm, other.sides_mm) if sides is not None]
    sides = tuple(min(measures) for measures in zip(*rooms, strict=True)) if rooms else None
    room = (sides[0], sides[1], sides[2]) if sides is not None else None
    return Service(one.key, min(loads, default=None), room)


def _takes(service: Service, parcels: Sequence[Parcel]) -> bool:
    if service.load_g is not None and total_weight_g(parcels) > service.load_g:
        return False
    if service.sides_mm is None or service.volume_ml is None:
        return True
    for parcel in parcels:
        sides = sorted((parcel.length_mm or 0, parcel.width_mm or 0, parcel.height_mm or 0), reverse=True)
        if any(side > room for side, room in zip(sides, service.sides_mm, strict=True)):
            return False
    return sum(parcel.volume_ml or 0 for parcel in parcels) <= service.volume_ml


def _size(service: Service) -> tuple[bool, int, int, str]:
    is_open = service.load_g is None
    return (is_open, service.load_g or 0, service.volume_ml or 0, service.key)


def _service(entry: Json) -> Service:
    dimensions = child(entry, "dimensions")
    sides = sorted(
        (_measure(child(dimensions, name), _MILLIMETRES) or 0 for name in ("length", "width", "height")),
        reverse=True,
    )
    room = (sides[0], sides[1], sides[2]) if all(sides) else None
    return Service(text(entry, "key"), _measure(child(entry, "load"), _GRAMS), room)


def _measure(measure: Json, units: dict[str, int]) -> int | None:
    """A {value, unit} in our units, None where either is missing or unknown."""
    factor = units.get(text(measure, "unit").lower())
    try:
        value = Decimal(str(measure.get("value", "")))
    except InvalidOperation:
        return None
    return int(value * factor) if factor is not None and value.is_finite() and value > 0 else None


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold().strip()
