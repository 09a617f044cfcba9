"""What is measured on the roads now counts for tours that leave soon, and for no others."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from doorstep.geo import LatLng
from doorstep.route_problem import RouteProblem
from doorstep.van import Van
from doorstep.visit import Visit
from doorstep.window import Window
from gateway.flow.planning.parts.road_times import roads_for
from gateway.flow.ports import Means
from tests.unit.api import world as w

HERE = LatLng(40.4, -3.7)


def _problem(shift_h: float, opens_h: float | None) -> RouteProblem:
    shift = Window(w.NOW + timedelta(hours=shift_h), w.NOW + timedelta(hours=shift_h + 8))
    windows: tuple[Window, ...] = ()
    if opens_h is not None:
        windows = (Window(w.NOW + timedelta(hours=opens_h), w.NOW + timedelta(hours=opens_h + 1)),)
    visit = Visit("v", "loc_1", HERE, 180, 1000, windows=windows)
    return RouteProblem(w.NOW, (visit,), (Van("van", "loc_1", HERE, HERE, shift, 400_000),))


def _means(**roads: object) -> Means:
    return cast(Means, SimpleNamespace(clock=SimpleNamespace(now=lambda: w.NOW), **roads))


@pytest.mark.parametrize(
    ("shift_h", "opens_h", "found"),
    [(0, None, "now"), (0, 2, "now"), (2.5, 1, "now"), (0, 4, "usual"), (20, None, "usual")],
)
def test_speeds_of_the_moment_hold_for_the_next_hours(
    shift_h: float, opens_h: float | None, found: str
) -> None:
    means = _means(roads="now", usual_roads="usual")
    assert str(roads_for(means, _problem(shift_h, opens_h))) == found


def test_where_nothing_is_measured_the_roads_are_always_the_same() -> None:
    assert str(roads_for(_means(roads="now", usual_roads=None), _problem(20, None))) == "now"
