"""Looks of tours that can be told apart, also without seeing colours: a colour and a shape.

The colours are those of Okabe and Ito ("Color Universal Design", 2008) without yellow, which is hard to see
on white. Whoever has more tours than colours gets the next shape with them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from gateway.flow.showing.drawing import Disc, Point, Polygon

INK = "#1b1e24"
SOFT = "#626872"
HAIR = "#e6e4dd"
PAPER = "#f4f2ec"
SURFACE = "#ffffff"
ALARM = "#b0132b"

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#8a5a00", "#4d4d4d")


class Mark(Enum):
    """Shape of a stop: corners, and how far round the first of them stands, in turns."""

    CIRCLE = (0, 0.0)
    SQUARE = (4, 0.125)
    DIAMOND = (4, 0.0)
    HEXAGON = (6, 0.0)


@dataclass(frozen=True, slots=True)
class Look:
    """How a tour is drawn."""

    colour: str
    mark: Mark

    @property
    def on_colour(self) -> str:
        """Of what is written on the colour: the one of ink and white that stands out."""
        red, green, blue = (int(self.colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
        return INK if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.28 else SURFACE


def look_of(number: int) -> Look:
    """The look of a tour, counted from 0; after 28 tours they come again."""
    marks = list(Mark)
    return Look(COLOURS[number % len(COLOURS)], marks[number // len(COLOURS) % len(marks)])


def mark_at(
    look: Look, at: Point, radius: float, *, edge: str = SURFACE, edge_width: float = 1.5, hint: str = ""
) -> Disc | Polygon:
    """A stop of a tour."""
    corners, turn = look.mark.value
    if not corners:
        return Disc(at, radius, look.colour, edge, edge_width, hint)
    # Shapes with corners are as large as the circle to the eye.
    reach = radius * math.sqrt(math.pi / (corners / 2 * math.sin(2 * math.pi / corners)))
    points = []
    for corner in range(corners):
        angle = 2 * math.pi * (corner / corners + turn)
        points.append((at[0] + reach * math.sin(angle), at[1] - reach * math.cos(angle)))
    return Polygon(tuple(points), look.colour, edge, edge_width, hint)
