"""Places in and out of polygons."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.fleet.polygon import MOST_CORNERS, WrongShape, outline_of
from doorstep.geo import LatLng

Ring = list[list[float]]

SQUARE: Ring = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
HOLE: Ring = [[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]]
TRIANGLE: Ring = [[0, 0], [4, 0], [0, 3], [0, 0]]
HORSESHOE: Ring = [[0, 0], [6, 0], [6, 4], [4, 4], [4, 2], [2, 2], [2, 4], [0, 4], [0, 0]]
BOW_TIE: Ring = [[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]
PENTAGRAM: Ring = [
    [round(math.sin(turn * 4 * math.pi / 5), 7), round(math.cos(turn * 4 * math.pi / 5), 7)]
    for turn in (0, 1, 2, 3, 4, 0)
]
ISLAND: Ring = [[1.5, 1.5], [2.5, 1.5], [2.5, 2.5], [1.5, 2.5], [1.5, 1.5]]


def polygon(*rings: Ring) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def several(*polygons: list[Ring]) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": list(polygons)}


def holds(area: dict[str, Any], x: float, y: float) -> bool:
    return outline_of(area).holds(LatLng(lat=y, lng=x))


# What it shows -> the area, a longitude and a latitude, and whether the place lies inside.
CASES: dict[str, tuple[dict[str, Any], float, float, bool]] = {
    "inside": (polygon(SQUARE), 2, 2, True),
    "east of it": (polygon(SQUARE), 5, 2, False),
    "west of it": (polygon(SQUARE), -1, 2, False),
    "north of it": (polygon(SQUARE), 2, 5, False),
    "on an edge": (polygon(SQUARE), 4, 2, True),
    "on the upper edge": (polygon(SQUARE), 2, 4, True),
    "on a corner": (polygon(SQUARE), 4, 4, True),
    "in line with an edge, beyond it": (polygon(SQUARE), 5, 4, False),
    "in line with an edge, before it": (polygon(SQUARE), -1, 4, False),
    "a centimetre within": (polygon(SQUARE), 3.9999999, 2, True),
    "a centimetre beyond": (polygon(SQUARE), 4.0000001, 2, False),
    "on a slope": (polygon(TRIANGLE), 2, 1.5, True),
    "just above a slope": (polygon(TRIANGLE), 2, 1.5000001, False),
    "level with a corner": (polygon(TRIANGLE), -1, 3, False),
    "left of the horseshoe's gap": (polygon(HORSESHOE), 1, 3, True),
    "in the gap": (polygon(HORSESHOE), 3, 3, False),
    "right of the gap": (polygon(HORSESHOE), 5, 3, True),
    "level with the gap's floor": (polygon(HORSESHOE), 1, 2, True),
    "level with the gap's floor, outside": (polygon(HORSESHOE), -1, 2, False),
    "between rim and hole": (polygon(SQUARE, HOLE), 0.5, 2, True),
    "in a hole": (polygon(SQUARE, HOLE), 2, 2, False),
    "on the rim of a hole": (polygon(SQUARE, HOLE), 1, 2, True),
    "on the corner of a hole": (polygon(SQUARE, HOLE), 3, 3, True),
    "on an island in a hole": (several([SQUARE, HOLE], [ISLAND]), 2, 2, True),
    "in the water around it": (several([SQUARE, HOLE], [ISLAND]), 1.2, 2, False),
    "in the second of two": (several([TRIANGLE], [[[x + 10, y] for x, y in SQUARE]]), 12, 2, True),
    "between two": (several([TRIANGLE], [[[x + 10, y] for x, y in SQUARE]]), 7, 2, False),
    "in a wing of a bow tie": (polygon(BOW_TIE), 0.5, 2, True),
    "above the knot of a bow tie": (polygon(BOW_TIE), 2, 3, False),
    "in the middle of a five-pointed star, twice around": (polygon(PENTAGRAM), 0, 0, False),
    "in a point of a five-pointed star": (polygon(PENTAGRAM), 0, 0.9, True),
    "with heights and a box": (
        {"type": "Polygon", "bbox": [0, 0, 4, 4], "coordinates": [[[*corner, 12.5] for corner in SQUARE]]},
        2,
        2,
        True,
    ),
    "a line there and back holds itself": (polygon([[0, 0], [4, 4], [0, 0], [0, 0]]), 2, 2, True),
    "and nothing beside it": (polygon([[0, 0], [4, 4], [0, 0], [0, 0]]), 2, 1, False),
    "at the edge of the map": (polygon([[170, 0], [180, 0], [180, 5], [170, 5], [170, 0]]), 180, 5, True),
}


@pytest.mark.parametrize("case", CASES)
def test_a_place_is_inside_or_not(case: str) -> None:
    area, x, y, expected = CASES[case]
    assert holds(area, x, y) is expected


WRONG: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "no type": ({"coordinates": [SQUARE]}, ("type",)),
    "a point": ({"type": "Point", "coordinates": [1, 2]}, ("type",)),
    "a feature": ({"type": "Feature", "geometry": polygon(SQUARE)}, ("type",)),
    "no coordinates": ({"type": "Polygon"}, ("coordinates",)),
    "no ring": (polygon(), ("coordinates",)),
    "no polygon": (several(), ("coordinates",)),
    "a ring in a wrong depth": ({"type": "Polygon", "coordinates": SQUARE}, ("coordinates", "0")),
    "two corners": (polygon([[0, 0], [1, 1], [0, 0]]), ("coordinates", "0")),
    "an open hole": (polygon(SQUARE, [*HOLE[:-1], [1, 1.5]]), ("coordinates", "1")),
    "half a corner": (polygon([[0, 0], [1], [1, 1], [0, 0]]), ("coordinates", "0", "1")),
    "latitude first": (polygon([[35, 140], [36, 140], [36, 141], [35, 140]]), ("coordinates", "0", "0")),
    "a word": (polygon([[0, 0], ["east", 0], [1, 1], [0, 0]]), ("coordinates", "0", "1")),  # type: ignore[list-item]  # wrong on purpose
    "no number": (polygon([[0, 0], [math.nan, 0], [1, 1], [0, 0]]), ("coordinates", "0", "1")),
    "a truth": (polygon([[0, 0], [True, 0], [1, 1], [0, 0]]), ("coordinates", "0", "1")),
    "deep in the second": (
        several([SQUARE], [SQUARE, [[0, 0], [1, 0], [1, 200], [0, 0]]]),
        ("coordinates", "1", "1", "2"),
    ),
    "more corners than a zone needs": (polygon([[0, 0]] * (MOST_CORNERS + 1)), ("coordinates",)),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_area_is_refused_with_its_path(case: str) -> None:
    area, path = WRONG[case]
    with pytest.raises(WrongShape) as caught:
        outline_of(area)
    assert caught.value.path == path


# Whole numbers, so that places meet corners and edges often.
NUMBER = st.integers(-4, 4)
CORNERS = st.lists(st.tuples(NUMBER, NUMBER), min_size=3, max_size=8)


def closed(corners: list[tuple[int, int]]) -> Ring:
    return [[float(x), float(y)] for x, y in (*corners, corners[0])]


@given(corners=CORNERS, turn=st.integers(0, 7), x=NUMBER, y=NUMBER)
def test_neither_the_first_corner_nor_the_direction_matters(
    corners: list[tuple[int, int]], turn: int, x: int, y: int
) -> None:
    turn %= len(corners)
    turned = corners[turn:] + corners[:turn]
    expected = holds(polygon(closed(corners)), x, y)
    assert holds(polygon(closed(turned)), x, y) is expected
    assert holds(polygon(closed(turned[::-1])), x, y) is expected


@given(corners=CORNERS, x=NUMBER, y=NUMBER, east=st.integers(-100, 100), north=st.integers(-80, 80))
def test_moving_the_area_with_the_place_changes_nothing(
    corners: list[tuple[int, int]], x: int, y: int, east: int, north: int
) -> None:
    moved = [(a + east, b + north) for a, b in corners]
    assert holds(polygon(closed(moved)), x + east, y + north) is holds(polygon(closed(corners)), x, y)


@given(corners=CORNERS, x=NUMBER, y=NUMBER)
def test_turning_the_map_by_a_quarter_changes_nothing(corners: list[tuple[int, int]], x: int, y: int) -> None:
    # The ray then leaves to another side: every way out must count alike.
    quarter = [(-b, a) for a, b in corners]
    assert holds(polygon(closed(quarter)), -y, x) is holds(polygon(closed(corners)), x, y)


@given(first=CORNERS, second=CORNERS, x=NUMBER, y=NUMBER)
def test_several_polygons_hold_what_one_of_them_holds(
    first: list[tuple[int, int]], second: list[tuple[int, int]], x: int, y: int
) -> None:
    either = holds(polygon(closed(first)), x, y) or holds(polygon(closed(second)), x, y)
    assert holds(several([closed(first)], [closed(second)]), x, y) is either


@given(west=NUMBER, south=NUMBER, width=st.integers(1, 5), height=st.integers(1, 5), x=NUMBER, y=NUMBER)
def test_a_rectangle_holds_what_lies_between_its_sides(
    west: int, south: int, width: int, height: int, x: int, y: int
) -> None:
    east, north = west + width, south + height
    box = closed([(west, south), (east, south), (east, north), (west, north)])
    assert holds(polygon(box), x, y) is (west <= x <= east and south <= y <= north)


@given(corners=st.integers(3, 40), bearing=st.floats(0, 2 * math.pi), radius=st.floats(0.001, 2))
def test_a_regular_polygon_lies_between_its_circles(corners: int, bearing: float, radius: float) -> None:
    angles = [2 * math.pi * number / corners for number in range(corners)]
    ring = [[math.cos(angle), math.sin(angle)] for angle in angles]
    is_inside = holds(polygon([*ring, ring[0]]), radius * math.cos(bearing), radius * math.sin(bearing))
    if radius < math.cos(math.pi / corners) - 1e-6:
        assert is_inside
    if radius > 1 + 1e-6:
        assert not is_inside
