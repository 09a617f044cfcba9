"""A plan as a picture: a map of its tours, and a legend of who drives them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from doorstep.geo import LatLng
from doorstep.route_solution import StopKind
from gateway.flow.showing.apart import apart
from gateway.flow.showing.drawing import (
    Anchor,
    Disc,
    Drawing,
    Line,
    Point,
    Polygon,
    Shape,
    Words,
    box,
    fitting,
)
from gateway.flow.showing.ground import Ground
from gateway.flow.showing.legend import legend_of, legend_width, loose_mark
from gateway.flow.showing.palette import (
    ALARM,
    HAIR,
    INK,
    PAPER,
    SOFT,
    SURFACE,
    Look,
    look_of,
    mark_at,
)
from gateway.flow.showing.sheet import PlanSheet, StopLine, TourSheet

_SMALL_MAP, _LARGE_MAP = (1100, 860), (1500, 1180)
_MARGIN, _HEAD, _FOOT = 28, 96, 44
_INSIDE = 46
_SPARSE, _DENSE = 120, 400


def picture_of(sheet: PlanSheet) -> Drawing:
    """Draw a plan."""
    doors = sum(len(tour.doors) for tour in sheet.tours)
    map_width, height = _SMALL_MAP if doors <= _SPARSE else _LARGE_MAP
    corner = (float(_MARGIN), float(_HEAD))
    inner = (corner[0] + _INSIDE, corner[1] + _INSIDE)
    ground = Ground.fitting(_places(sheet), inner, map_width - 2 * _INSIDE, height - 2 * _INSIDE)
    width = map_width + legend_width(sheet, height) + 3 * _MARGIN
    shapes = [
        *_head(sheet, width),
        Polygon(box(*corner, map_width, height), SURFACE, HAIR, 1.0),
        *_grid(ground, corner, map_width, height),
        *_ways(sheet, ground),
        *_stops(sheet, ground),
        *_loose(sheet, ground),
        *_depots(sheet, ground),
        *_scale_bar(ground, corner, height),
        *legend_of(sheet, (corner[0] + map_width + _MARGIN, corner[1]), height),
        *_foot(sheet, height),
    ]
    return Drawing(width, _HEAD + height + _FOOT, PAPER, f"{sheet.title}: {_sum(sheet)}", tuple(shapes))


def _places(sheet: PlanSheet) -> Iterator[LatLng]:
    for tour in sheet.tours:
        yield from tour.line
        yield from (stop.place for stop in tour.stops)
    yield from (loose.place for loose in sheet.loose if loose.place is not None)


def _head(sheet: PlanSheet, width: float) -> Iterator[Shape]:
    yield Words((_MARGIN, 36), fitting(sheet.title, 26, width - 2 * _MARGIN), 26, INK, is_bold=True)
    parts = [_sum(sheet), str(sheet.cost) if sheet.cost else "", sheet.method]
    text = "   ·   ".join(part for part in parts if part)
    yield Words((_MARGIN, 68), fitting(text, 15, width - 2 * _MARGIN), 15, SOFT)


def _sum(sheet: PlanSheet) -> str:
    tours, doors = len(sheet.tours), sum(len(tour.doors) for tour in sheet.tours)
    kilometres = sum(tour.distance_m for tour in sheet.tours) / 1000
    text = f"{tours} {'tour' if tours == 1 else 'tours'}, {doors} stops, {kilometres:,.0f} km"
    return f"{text}, {len(sheet.loose)} without a place" if sheet.loose else text


def _grid(ground: Ground, corner: Point, width: float, height: float) -> Iterator[Line]:
    """Squares as wide as the scale bar."""
    step = ground.bar_m(160) * ground.px_per_m
    for place in _steps(ground.at[0], step, corner[0], corner[0] + width):
        yield Line(((place, corner[1]), (place, corner[1] + height)), HAIR, 1, opacity=0.7)
    for place in _steps(ground.at[1], step, corner[1], corner[1] + height):
        yield Line(((corner[0], place), (corner[0] + width, place)), HAIR, 1, opacity=0.7)


def _steps(middle: float, step: float, first: float, last: float) -> Iterator[float]:
    place = middle - ((middle - first) // step) * step
    while place < last:
        if place > first:
            yield place
        place += step


def _ways(sheet: PlanSheet, ground: Ground) -> Iterator[Shape]:
    drawn = []
    for number, tour in enumerate(sheet.tours):
        points = _thinned([ground.point(place) for place in tour.line])
        if len(points) < 2:
            continue
        dashes: tuple[float, float] | tuple[()] = (7, 5) if tour.is_approximate or not tour.path else ()
        drawn.append(Line(points, look_of(number).colour, 2.6, dashes, 0.85))
    # Light edges keep tours apart where they share a road.
    yield from (Line(line.points, SURFACE, 4.6, opacity=0.9) for line in drawn)
    yield from drawn


def _thinned(points: list[Point]) -> tuple[Point, ...]:
    """Without points that nobody can see: closer than half a pixel to the one before."""
    kept = points[:1]
    for point in points[1:]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= 0.5:
            kept.append(point)
    return tuple(kept)


def _stops(sheet: PlanSheet, ground: Ground) -> Iterator[Shape]:
    doors = sum(len(tour.doors) for tour in sheet.tours)
    radius = 10.0 if doors <= _SPARSE else 7.5 if doors <= _DENSE else 4.5
    stops = [stop for tour in sheet.tours for stop in tour.stops]
    places = iter(apart([ground.point(stop.place) for stop in stops], 2 * radius))
    for number, tour in enumerate(sheet.tours):
        placed = [(stop, next(places)) for stop in tour.stops]
        # The first stops lie above the later ones.
        for stop, at in reversed(placed):
            yield from _stop(sheet, tour, stop, look_of(number), at, radius)


def _stop(
    sheet: PlanSheet, tour: TourSheet, stop: StopLine, look: Look, at: Point, radius: float
) -> Iterator[Shape]:
    if not stop.is_door:
        yield from _pause(sheet, tour, stop, look, at, radius)
        return
    hint = f"{tour.driver} {stop.number}, {sheet.clock(stop.service_start)}"
    if stop.window is not None:
        hint += f" (window {sheet.span(stop.window)})"
    if stop.late_s > 0:
        yield Disc(at, 1.4 * radius, SURFACE, ALARM, 0.25 * radius)
        hint += f", {-(-stop.late_s // 60)} min late"
    yield mark_at(look, at, radius, edge_width=0.15 * radius, hint=hint)
    if radius >= 7:
        size = radius * (1.05 if stop.number < 100 else 0.85)
        yield Words(at, str(stop.number), size, look.on_colour, is_bold=True, anchor=Anchor.MIDDLE)


def _pause(
    sheet: PlanSheet, tour: TourSheet, stop: StopLine, look: Look, at: Point, radius: float
) -> Iterator[Shape]:
    """A reload as a ring, a break as two bars in a square."""
    word = "break" if stop.kind is StopKind.BREAK else "reload"
    begins, ends = sheet.clock(stop.service_start), sheet.clock(stop.departure)
    hint = f"{tour.driver} {stop.number}, {word} {begins}–{ends}"
    if stop.kind is not StopKind.BREAK:
        yield Disc(at, radius * 0.7, SURFACE, look.colour, 2.5, hint)
        return
    (x, y), half, bar = at, 0.7 * radius, 0.3 * radius
    yield Polygon(box(x - half, y - half, 2 * half, 2 * half), SURFACE, look.colour, 0.15 * radius, hint)
    for left in (x - 0.2 * radius, x + 0.2 * radius):
        yield Line(((left, y - bar), (left, y + bar)), look.colour, 0.2 * radius)


def _loose(sheet: PlanSheet, ground: Ground) -> Iterator[Shape]:
    for loose in sheet.loose:
        if loose.place is not None:
            yield from loose_mark(ground.point(loose.place), hint=loose.reason)


def _depots(sheet: PlanSheet, ground: Ground) -> Iterator[Shape]:
    ends = [place for tour in sheet.tours for place in (tour.start, tour.end) if place is not None]
    for place in dict.fromkeys(ends):
        yield from depot_at(ground.point(place), 13)


def depot_at(at: Point, size: float) -> Iterator[Shape]:
    """A house, dark, `size` from its middle to its walls' corners."""
    x, y = at
    roof = ((x - size, y - 0.1 * size), (x, y - size), (x + size, y - 0.1 * size))
    walls = ((x + 0.72 * size, y - 0.1 * size), (x + 0.72 * size, y + 0.8 * size))
    left = ((x - 0.72 * size, y + 0.8 * size), (x - 0.72 * size, y - 0.1 * size))
    yield Polygon((*roof, *walls, *left), INK, SURFACE, 1.8)


def _scale_bar(ground: Ground, corner: Point, height: float) -> Iterator[Shape]:
    length_m = ground.bar_m(160)
    length, x, y = length_m * ground.px_per_m, corner[0] + 20, corner[1] + height - 22
    yield Polygon(box(x - 8, y - 24, length + 16, 36), SURFACE)
    for one, other in pairwise(((x, y - 6), (x, y), (x + length, y), (x + length, y - 6))):
        yield Line((one, other), INK, 2)
    text = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    yield Words((x + length / 2, y - 12), text, 12, INK, anchor=Anchor.MIDDLE)


def _foot(sheet: PlanSheet, height: float) -> Iterator[Shape]:
    told = []
    if any(tour.path and not tour.is_approximate for tour in sheet.tours):
        told.append("Roads: © OpenStreetMap contributors")
    if sheet.is_approximate:
        told.append("Dashed: no road map, ways and times are estimates")
    told.append(f"Times: {sheet.zone}")
    yield Words((_MARGIN, _HEAD + height + 22), "   ·   ".join(told), 12, SOFT)
