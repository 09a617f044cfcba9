"""A picture as a list of shapes, so that whoever paints it needs to know four of them.

Pixels from the top left corner; colours as "#rrggbb"; what comes later lies above.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from enum import StrEnum

Point = tuple[float, float]

NO_FILL = "none"


class Anchor(StrEnum):
    """Which end of a text its place is; SVG's own words."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points.

    Attributes
    ----------
    dashes
        Lengths of dash and gap; () for a solid line.
    """

    points: tuple[Point, ...]
    colour: str
    width: float
    dashes: tuple[float, float] | tuple[()] = ()
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed shape, filled and edged.

    Attributes
    ----------
    hint
        Told by whoever can, when it is pointed at.
    """

    points: tuple[Point, ...]
    fill: str
    edge: str = NO_FILL
    edge_width: float = 0.0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle, filled and edged; see `Polygon`."""

    middle: Point
    radius: float
    fill: str
    edge: str = NO_FILL
    edge_width: float = 0.0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; `at` is on its middle line, at its `anchor`."""

    at: Point
    text: str
    size: float
    colour: str
    is_bold: bool = False
    anchor: Anchor = Anchor.START


Shape = Line | Polygon | Disc | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished picture; `title` is its description for whoever cannot see it."""

    width: int
    height: int
    background: str
    title: str
    shapes: tuple[Shape, ...]


def box(x: float, y: float, width: float, height: float) -> tuple[Point, ...]:
    """Corners of a rectangle."""
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def fitting(text: str, size: float, width: float) -> str:
    """As much of a text as fits a width, with an ellipsis where it was longer."""
    most = _letters(size, width)
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def wrapped(text: str, size: float, width: float, *, most_lines: int) -> list[str]:
    """A text in lines that fit a width, with an ellipsis where they are not enough."""
    return textwrap.wrap(text, _letters(size, width), max_lines=most_lines, placeholder=" …")


def _letters(size: float, width: float) -> int:
    # Nobody measures letters here: those of a sans-serif font are about 0.54 of its size wide.
    return max(2, int(width / (0.54 * size)))
