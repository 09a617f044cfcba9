"""Markets, their cities and what is driven there. Measures and prices are made up, not the real ones."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.geo import LatLng, distance_m


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A service type.

    Attributes
    ----------
    sides_m
        Length, width and height of its room, metres, as the API writes them.
    base_minor, km_minor
        Price of a ride and of each kilometre, in minor units.
    """

    key: str
    load_kg: str
    sides_m: tuple[str, str, str]
    base_minor: int
    km_minor: int


@dataclass(frozen=True, slots=True)
class City:
    """A zone that both stops lie in."""

    locode: str
    name: str
    centre: LatLng
    reach_m: float
    vehicles: tuple[Vehicle, ...]

    def has(self, place: LatLng) -> bool:
        """Whether a place lies in it."""
        return distance_m(self.centre, place) <= self.reach_m

    def vehicle(self, key: str) -> Vehicle | None:
        """The service type of this key, None where the city has none."""
        return next((vehicle for vehicle in self.vehicles if vehicle.key == key), None)


@dataclass(frozen=True, slots=True)
class Market:
    """What one account is for.

    Attributes
    ----------
    least_fee_minor, most_fee_minor
        What is taken as a priority fee.
    """

    code: str
    currency: str
    cities: tuple[City, ...]
    least_fee_minor: int = 100
    most_fee_minor: int = 10_000

    def city_of(self, place: LatLng) -> City | None:
        """The city that a place lies in."""
        return next((city for city in self.cities if city.has(place)), None)


def _fleet(scale: int) -> tuple[Vehicle, ...]:
    return (
        Vehicle("MOTORCYCLE", "20", ("0.4", "0.4", "0.4"), 4 * scale, scale),
        Vehicle("CAR", "200", ("1.1", "0.8", "0.7"), 9 * scale, 2 * scale),
        Vehicle("VAN", "600", ("1.7", "1.2", "1.1"), 15 * scale, 3 * scale),
        Vehicle("TRUCK330", "2000", ("3", "1.8", "1.8"), 40 * scale, 5 * scale),
    )


_HONG_KONG = City("HK HKG", "Hong Kong", LatLng(22.3193, 114.1694), 40_000, _fleet(1_000))
_SINGAPORE = City("SG SIN", "Singapore", LatLng(1.3521, 103.8198), 30_000, _fleet(200))
_MEXICO = City("MX MEX", "Mexico City", LatLng(19.4326, -99.1332), 40_000, _fleet(2_000))
_MANILA = City("PH MNL", "Manila NCR & South Luzon", LatLng(14.5995, 120.9842), 60_000, _fleet(1_500))

TEST_MARKET = Market(
    "US", "USD", (City("US TST", "Port Meridian", LatLng(40.7306, -73.9866), 20_000, _fleet(130)),)
)
"""Lalamove serves nobody in this country: for suites that ask for dollars in New York."""

MARKETS = {
    market.code: market
    for market in (
        Market("HK", "HKD", (_HONG_KONG,)),
        Market("SG", "SGD", (_SINGAPORE,)),
        Market("MX", "MXN", (_MEXICO,)),
        Market("PH", "PHP", (_MANILA,)),
        TEST_MARKET,
    )
}
