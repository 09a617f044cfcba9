"""The city of seed 7 and its roads, built once per run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from doorstep.geo import LatLng
from optimizer.roads import Algorithm, OsrmRoads, build_roads
from simulator.city import City, build_city


@pytest.fixture(scope="session")
def city() -> City:
    return build_city(7)


@pytest.fixture(scope="session")
def city_file(city_roads: Path) -> Path:
    return city_roads.parent / "city-7.osm"


@pytest.fixture(scope="session")
def built(city_roads: Path) -> Path:
    """Contracted: tables in no time."""
    return city_roads


@pytest.fixture(scope="session")
def built_slow(city_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Partitioned: a table of 1,000 x 1,000 keeps the engine busy for ten seconds."""
    return build_roads(city_file, tmp_path_factory.mktemp("partitioned"), algorithm=Algorithm.MLD)


@pytest.fixture
async def roads(built: Path) -> AsyncIterator[OsrmRoads]:
    async with OsrmRoads(built) as engine:
        yield engine


@pytest.fixture(scope="session")
def doors(city: City) -> list[LatLng]:
    """A thousand front doors from all over the city."""
    return [address.at for address in city.addresses[::3]][:1000]
