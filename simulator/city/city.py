"""What a city is made of. Frozen values; `simulator.city.build` makes them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from doorstep.address import Address
from doorstep.geo import LatLng

CITY_NAME = "Port Meridian"
PROVINCE = "NY"
COUNTRY = "US"
TIME_ZONE = "America/New_York"


class RoadClass(StrEnum):
    """How fast and how busy a street is; the value is OpenStreetMap's `highway` tag."""

    RING = "trunk"
    ARTERIAL = "secondary"
    COLLECTOR = "tertiary"
    RESIDENTIAL = "residential"

    @property
    def speed_kmh(self) -> int:
        """Legal speed, km/h. The car profile of OSRM drives at 0.8 of it."""
        return _SPEEDS_KMH[self]


_SPEEDS_KMH = {
    RoadClass.RING: 70,
    RoadClass.ARTERIAL: 50,
    RoadClass.COLLECTOR: 40,
    RoadClass.RESIDENTIAL: 30,
}


@dataclass(frozen=True, slots=True)
class Street:
    """A stretch of street with one name and one kind of traffic.

    Attributes
    ----------
    nodes
        Indices into `City.nodes`; traffic on a one-way street follows their order.
    """

    name: str
    road_class: RoadClass
    nodes: tuple[int, ...]
    is_one_way: bool = False
    is_bridge: bool = False


@dataclass(frozen=True, slots=True)
class CityAddress:
    """A front door beside a street."""

    number: int
    street: str
    district: str
    postal_code: str
    at: LatLng

    @property
    def line1(self) -> str:
        """House number and street."""
        return f"{self.number} {self.street}"

    def to_address(self, *, name: str = "", company: str = "", phone: str | None = None) -> Address:
        """The postal address of this door, placed on the map."""
        return Address(
            country=COUNTRY,
            name=name,
            company=company,
            line1=self.line1,
            city=CITY_NAME,
            province=PROVINCE,
            postal_code=self.postal_code,
            phone=phone,
            location=self.at,
        )


@dataclass(frozen=True, slots=True)
class District:
    """A convex part of the city with a postal code of its own; `outline` is not closed."""

    name: str
    postal_code: str
    centre: LatLng
    outline: tuple[LatLng, ...]


class PlaceKind(StrEnum):
    """What a named place is for."""

    STORE = "store"
    DEPOT = "depot"


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the merchant's own."""

    key: str
    name: str
    kind: PlaceKind
    address: CityAddress


@dataclass(frozen=True, slots=True)
class City:
    """A whole city, the same for the same seed and size.

    Attributes
    ----------
    nodes
        Points of the street network; the first `junction_count` are junctions and dead ends, the rest
        give streets their curves.
    signals
        Indices of the nodes with traffic lights.
    river, park
        Outlines of polygons, not closed. Streets cross the river only on bridges.
    river_line
        The middle of the river, from its upper to its lower end.
    """

    seed: int
    nodes: tuple[LatLng, ...]
    junction_count: int
    signals: frozenset[int]
    streets: tuple[Street, ...]
    addresses: tuple[CityAddress, ...]
    districts: tuple[District, ...]
    places: tuple[Place, ...]
    river: tuple[LatLng, ...]
    river_line: tuple[LatLng, ...]
    park: tuple[LatLng, ...]

    @property
    def name(self) -> str:
        """Name of the city, as in addresses."""
        return CITY_NAME

    @property
    def time_zone(self) -> str:
        """IANA name of its time zone."""
        return TIME_ZONE

    @property
    def stores(self) -> tuple[Place, ...]:
        """Where orders are picked up."""
        return tuple(place for place in self.places if place.kind is PlaceKind.STORE)

    @property
    def depots(self) -> tuple[Place, ...]:
        """Where vans start and end their day."""
        return tuple(place for place in self.places if place.kind is PlaceKind.DEPOT)

    def place(self, key: str) -> Place:
        """The named place with this key.

        Raises
        ------
        KeyError
            If there is none; the message lists the keys there are.
        """
        for place in self.places:
            if place.key == key:
                return place
        known = ", ".join(place.key for place in self.places)
        raise KeyError(f"no place {key!r} in this city; there are {known}")

    def addresses_in(self, postal_code: str) -> tuple[CityAddress, ...]:
        """All front doors of one district."""
        return tuple(address for address in self.addresses if address.postal_code == postal_code)
