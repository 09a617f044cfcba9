"""Fixtures over the flat town and its random days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from doorstep.geo import LatLng
from doorstep.route_problem import RouteProblem
from optimizer.routes.travel import Travel
from tests.unit.optimizer.routes import days, town
from tests.unit.optimizer.routes.town import FlatRoads


@pytest.fixture(scope="session")
def roads() -> FlatRoads:
    return FlatRoads()


@pytest.fixture(scope="session")
def place() -> Callable[[float, float], LatLng]:
    """Metres east and north of the depot -> a place."""
    return town.place


@pytest.fixture(scope="session")
def minute() -> Callable[[float], datetime]:
    """Minutes since the epoch -> the instant."""
    return lambda minutes: town.EPOCH + timedelta(minutes=minutes)


@pytest.fixture(scope="session")
def travel_for() -> Callable[[RouteProblem], Travel]:
    """The flat town's table of a problem."""
    return town.travel_for


@pytest.fixture(scope="session")
def random_day() -> Callable[..., RouteProblem]:
    """A day drawn from a seed; see `days.random_day`."""
    return days.random_day
