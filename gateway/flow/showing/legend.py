"""Beside the map: who drives which tour, how much it is, and what found no place."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.flow.showing.drawing import Anchor, Disc, Line, Point, Shape, Words, fitting, wrapped
from gateway.flow.showing.palette import ALARM, HAIR, INK, SOFT, SURFACE, look_of, mark_at
from gateway.flow.showing.sheet import PlanSheet, TourSheet

_COLUMN, _GAP = 400, 28
_ROW, _LOOSE_ROW, _HEADING = 50, 56, 34
_MOST_LOOSE = 8
_INDENT = 34
_KEY = 34


def legend_width(sheet: PlanSheet, height: float) -> int:
    """Pixels that its columns need beside a map of a height."""
    columns = len(_columns(sheet, height))
    return columns * _COLUMN + (columns - 1) * _GAP


def legend_of(sheet: PlanSheet, corner: Point, height: float) -> Iterator[Shape]:
    """A row for each tour, in columns, and behind them what found no place."""
    x, y = corner
    *columns, (last, room_for_loose) = _columns(sheet, height)
    for tours, _ in columns:
        yield from _tour_rows(sheet, tours, (x, y))
        x += _COLUMN + _GAP
    yield from _tour_rows(sheet, last, (x, y))
    if room_for_loose:
        yield from _loose_rows(sheet, (x, y + len(last) * _ROW + (10 if last else 0)))
    yield from _key(sheet, (x, corner[1] + height - 14))


def _columns(sheet: PlanSheet, height: float) -> list[tuple[range, bool]]:
    """Which tours stand in each column, and whether what found no place stands below them."""
    count, per_column = len(sheet.tours), int((height - _KEY) // _ROW)
    starts = range(0, max(1, count), per_column)
    columns = [(range(start, min(start + per_column, count)), False) for start in starts]
    if sheet.loose:
        last, _ = columns[-1]
        if len(last) * _ROW + _loose_height(sheet) + _KEY <= height:
            columns[-1] = (last, True)
        else:
            columns.append((range(0), True))
    return columns


def _tour_rows(sheet: PlanSheet, tours: range, corner: Point) -> Iterator[Shape]:
    for row, number in enumerate(tours):
        yield from _tour_row(sheet.tours[number], number, (corner[0], corner[1] + row * _ROW))


def _tour_row(tour: TourSheet, number: int, corner: Point) -> Iterator[Shape]:
    x, y = corner
    look = look_of(number)
    yield Line(((x, y + 14), (x + 22, y + 14)), look.colour, 3)
    yield mark_at(look, (x + 11, y + 14), 7)
    name = tour.driver or tour.vehicle or f"Tour {number + 1}"
    yield Words((x + _INDENT, y + 9), fitting(name, 15, _COLUMN - _INDENT), 15, INK, is_bold=True)
    yield Words((x + _INDENT, y + 29), _figures(tour), 13, SOFT)
    if tour.late:
        text = f"{tour.late} late"
        yield Words((x + _COLUMN, y + 9), text, 13, ALARM, is_bold=True, anchor=Anchor.END)


def _figures(tour: TourSheet) -> str:
    hours, minutes = divmod(round((tour.ends_at - tour.starts_at).total_seconds() / 60), 60)
    kilometres = tour.distance_m / 1000
    parts = [
        f"{len(tour.doors)} {'stop' if len(tour.doors) == 1 else 'stops'}",
        f"{kilometres:.0f} km" if kilometres >= 10 else f"{kilometres:.1f} km",
        f"{hours} h {minutes:02} min",
    ]
    if tour.fullness is not None:
        parts.append(f"{tour.fullness:.0%} full")
    return "  ·  ".join(parts)


def _loose_height(sheet: PlanSheet) -> int:
    if not sheet.loose:
        return 0
    return _HEADING + _LOOSE_ROW * min(len(sheet.loose), _MOST_LOOSE) + 30


def _loose_rows(sheet: PlanSheet, corner: Point) -> Iterator[Shape]:
    x, y = corner
    yield Line(((x, y), (x + _COLUMN, y)), HAIR, 1)
    yield Words((x, y + 20), f"Without a place: {len(sheet.loose)}", 15, INK, is_bold=True)
    y += _HEADING
    for loose in sheet.loose[:_MOST_LOOSE]:
        yield from loose_mark((x + 11, y + 14))
        name = loose.reference or loose.delivery_id
        yield Words((x + _INDENT, y + 7), fitting(name, 13, _COLUMN - _INDENT), 13, INK)
        for number, text in enumerate(wrapped(loose.reason, 12, _COLUMN - _INDENT, most_lines=2)):
            yield Words((x + _INDENT, y + 24 + 15 * number), text, 12, SOFT)
        y += _LOOSE_ROW
    if len(sheet.loose) > _MOST_LOOSE:
        more = f"and {len(sheet.loose) - _MOST_LOOSE} more"
        yield Words((x + _INDENT, y + 10), more, 13, SOFT)


def loose_mark(at: Point, hint: str = "") -> Iterator[Shape]:
    """Hollow: nobody comes there."""
    yield Disc(at, 8, SURFACE, ALARM, 2, hint)
    yield Words(at, "?", 11, ALARM, is_bold=True, anchor=Anchor.MIDDLE)


def _key(sheet: PlanSheet, at: Point) -> Iterator[Shape]:
    x, y = at
    if any(tour.late for tour in sheet.tours):
        yield Disc((x + 11, y), 9, SURFACE, ALARM, 2.5)
        yield Disc((x + 11, y), 5, SOFT)
        yield Words((x + _INDENT, y), "ringed in red: after its window", 12, SOFT)
