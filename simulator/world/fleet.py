"""The merchant's vans, from the seed."""

from __future__ import annotations

from random import Random

from simulator.city import City
from simulator.people.van import DriverProfile

_DEPOTS = ("store-west", "store-west", "store-east")
_CAPACITY_G = 400_000
_SLOWEST, _FASTEST = 0.9, 1.15


def draw_fleet(seed: int, city: City) -> tuple[DriverProfile, ...]:
    """Three drivers; each store is the depot of at least one."""
    return tuple(_draw_driver(seed, number, city, key) for number, key in enumerate(_DEPOTS, start=1))


def _draw_driver(seed: int, number: int, city: City, depot_key: str) -> DriverProfile:
    random = Random(f"{seed}:driver:{number}")
    return DriverProfile(
        name=f"Van {number} driver",
        device_id=f"van-{number}-{random.getrandbits(96):024x}",
        vehicle_name=f"Van {number}",
        depot_key=depot_key,
        depot=city.place(depot_key).address.at,
        shift_start="09:00",
        shift_end="18:30",
        capacity_g=_CAPACITY_G,
        pace=random.uniform(_SLOWEST, _FASTEST),
    )
