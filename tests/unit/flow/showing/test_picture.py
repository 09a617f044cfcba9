"""A plan as a picture."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.geo import LatLng, distance_m
from gateway.flow.showing.apart import apart
from gateway.flow.showing.drawing import Disc, Drawing, Line, Polygon, Words
from gateway.flow.showing.ground import Ground
from gateway.flow.showing.of_solution import sheet_of_solution
from gateway.flow.showing.palette import look_of
from gateway.flow.showing.picture import picture_of
from gateway.flow.showing.sheet import PlanSheet
from gateway.flow.showing.svg import svg_of
from tests.unit.flow.showing.day import REASON, solved_day

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def sheet() -> PlanSheet:
    return sheet_of_solution(solved_day(), "Routes <of> Monday")


def said(drawing: Drawing) -> list[str]:
    return [shape.text for shape in drawing.shapes if isinstance(shape, Words)]


def test_the_legend_says_who_drives_how_much_and_what_found_no_place(sheet: PlanSheet) -> None:
    words = said(picture_of(sheet))
    assert "Routes <of> Monday" in words
    assert "=Ann" in words
    assert "3 stops  ·  12 km  ·  1 h 12 min  ·  100% full" in words
    assert "1 late" in words
    assert "Without a place: 1" in words
    assert REASON.split()[0] in " ".join(words)
    assert any("42.50 USD" in text and "PyVRP" in text for text in words)
    assert [text for text in words if text.isdecimal()] == ["5", "3", "1", "1"]


def test_a_break_is_drawn_with_its_time_and_counted_as_everywhere(sheet: PlanSheet) -> None:
    hints = [shape.hint for shape in picture_of(sheet).shapes if isinstance(shape, Polygon | Disc)]
    assert "=Ann 4, break 07:33–07:35" in hints
    assert "=Ann 2, reload 07:20–07:22" in hints


def test_a_way_without_a_road_map_is_straight_and_dashed_and_said_to_be_an_estimate(sheet: PlanSheet) -> None:
    drawing = picture_of(sheet)
    ann, bob = (
        next(s for s in drawing.shapes if isinstance(s, Line) and s.colour == look_of(number).colour)
        for number in (0, 1)
    )
    assert ann.dashes
    assert len({point[0] for point in ann.points}) == 1
    assert not bob.dashes
    assert any("Dashed: no road map" in text for text in said(drawing))


def test_the_svg_is_well_formed_and_brings_no_scripts_and_nothing_from_elsewhere(sheet: PlanSheet) -> None:
    hostile = replace(sheet, title='</title><script>alert("1")</script>\x00')
    root = ElementTree.fromstring(svg_of(picture_of(hostile)))  # noqa: S314  our own
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg",
        "title",
        "rect",
        "polyline",
        "polygon",
        "circle",
        "text",
    }
    assert all("href" not in name for element in root.iter() for name in element.attrib)


def test_every_plan_can_be_drawn_also_an_empty_one_and_one_of_many_tours(sheet: PlanSheet) -> None:
    many = replace(sheet, tours=sheet.tours * 40)
    drawing = picture_of(many)
    assert said(drawing).count("Bob") == 40
    assert all(0 <= shape.at[1] <= drawing.height for shape in drawing.shapes if isinstance(shape, Words))
    assert all(0 <= shape.at[0] <= drawing.width for shape in drawing.shapes if isinstance(shape, Words))
    assert "0 tours, 0 stops, 0 km" in said(
        picture_of(replace(sheet, tours=(), loose=(), cost=None, method=""))
    )


def test_the_first_28_tours_look_different() -> None:
    assert len({look_of(number) for number in range(28)}) == 28


def test_the_scale_is_true_in_both_directions() -> None:
    places = [LatLng(50.0, 8.0), LatLng(50.1, 8.2)]
    ground = Ground.fitting(places, (10, 20), 300, 200)
    corners = [ground.point(place) for place in places]
    assert all(9.9 <= x <= 310.1 and 19.9 <= y <= 220.1 for x, y in corners)
    beside = LatLng(50.05, 8.2)
    drawn = math.dist(ground.point(LatLng(50.05, 8.0)), ground.point(beside))
    assert drawn / ground.px_per_m == pytest.approx(distance_m(LatLng(50.05, 8.0), beside), rel=0.001)
    assert ground.bar_m(1000 * ground.px_per_m) == pytest.approx(1000)
    assert ground.bar_m(999 * ground.px_per_m) == pytest.approx(500)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12))
def test_marks_are_moved_by_less_than_one_width_and_always_alike(spots: list[tuple[int, int]]) -> None:
    points = [(float(x), float(y)) for x, y in spots]
    moved = apart(points, 10)
    assert moved == apart(points, 10)
    assert all(math.dist(a, b) <= 9 + 1e-9 for a, b in zip(points, moved, strict=True))


def test_two_doors_of_one_house_are_both_to_be_seen() -> None:
    moved = apart([(50, 50), (50, 50), (200, 50)], 10)
    assert all(math.dist(a, b) >= 9.9 for a, b in combinations(moved, 2))
    assert moved[2] == (200, 50)
