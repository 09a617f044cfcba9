"""A drawing as PNG. Painted by matplotlib, which comes with PyVRP; no other part of the gateway needs it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from doorstep.errors import InvalidInput
from gateway.flow.showing.drawing import Anchor, Disc, Drawing, Line, Polygon, Shape, Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CONTENT_TYPE = "image/png"

_DPI = 100.0
_POINTS_PER_PX = 72 / _DPI
_SIDES = {Anchor.START: "left", Anchor.MIDDLE: "center", Anchor.END: "right"}


def png_of(drawing: Drawing, *, scale: float = 2.0) -> bytes:
    """The drawing, `scale` times as many pixels wide as it says.

    Raises
    ------
    InvalidInput
        If matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise InvalidInput("A PNG needs matplotlib; ask for .svg instead.", path=("out",)) from None

    figure = Figure(figsize=(drawing.width / _DPI, drawing.height / _DPI), dpi=_DPI * scale)
    figure.set_facecolor(drawing.background)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0, drawing.width)
    axes.set_ylim(drawing.height, 0)
    for order, shape in enumerate(drawing.shapes):
        _paint(axes, shape, order)
    painted = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(painted, format="png", facecolor=drawing.background)
    return painted.getvalue()


def _paint(axes: Axes, shape: Shape, order: int) -> None:
    match shape:
        case Line():
            _paint_line(axes, shape, order)
        case Polygon() | Disc():
            _paint_area(axes, shape, order)
        case Words():
            x, y = shape.at
            axes.text(
                x,
                y,
                shape.text.replace("$", r"\$"),
                fontsize=shape.size * _POINTS_PER_PX * 0.94,
                color=shape.colour,
                fontweight="bold" if shape.is_bold else "normal",
                horizontalalignment=_SIDES[shape.anchor],
                verticalalignment="center_baseline",
                zorder=order,
            )


def _paint_line(axes: Axes, line: Line, order: int) -> None:
    from matplotlib.lines import Line2D

    xs, ys = zip(*line.points, strict=True)
    width = line.width * _POINTS_PER_PX
    # matplotlib counts dashes in widths of the line.
    style = (0.0, tuple(length / line.width for length in line.dashes)) if line.dashes else None
    axes.add_line(
        Line2D(
            xs,
            ys,
            color=line.colour,
            linewidth=width,
            linestyle=style or "solid",
            alpha=line.opacity,
            solid_capstyle="round",
            solid_joinstyle="round",
            dash_capstyle="round",
            zorder=order,
        )
    )


def _paint_area(axes: Axes, shape: Polygon | Disc, order: int) -> None:
    from matplotlib import patches

    looks = {
        "facecolor": shape.fill,
        "edgecolor": shape.edge,
        "linewidth": shape.edge_width * _POINTS_PER_PX,
        "zorder": order,
    }
    if isinstance(shape, Disc):
        axes.add_patch(patches.Circle(shape.middle, shape.radius, **looks))
    else:
        axes.add_patch(patches.Polygon(shape.points, closed=True, joinstyle="round", **looks))
