"""A drawing as SVG 1.1, complete in itself: no script, no font, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from gateway.flow.showing.drawing import Disc, Drawing, Line, Point, Polygon, Shape, Words
from gateway.flow.showing.xml_text import fit_for_xml

CONTENT_TYPE = "image/svg+xml"

_FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif"


def svg_of(drawing: Drawing) -> bytes:
    """The drawing as a file of its own."""
    width, height = drawing.width, drawing.height
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" font-family={quoteattr(_FONT)}>',
        f"<title>{_text(drawing.title)}</title>",
        f'<rect width="{width}" height="{height}" fill="{drawing.background}"/>',
        *(_shape(shape) for shape in drawing.shapes),
        "</svg>",
    ]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _shape(shape: Shape) -> str:
    match shape:
        case Line():
            return _line(shape)
        case Polygon():
            return _hinted("polygon", f'points="{_points(shape.points)}"', shape)
        case Disc():
            (x, y), radius = shape.middle, shape.radius
            return _hinted("circle", f'cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"', shape)
        case Words():
            return _words(shape)


def _line(line: Line) -> str:
    dashes = f' stroke-dasharray="{_n(line.dashes[0])} {_n(line.dashes[1])}"' if line.dashes else ""
    opacity = f' stroke-opacity="{line.opacity:g}"' if line.opacity < 1 else ""
    return (
        f'<polyline points="{_points(line.points)}" fill="none" stroke="{line.colour}" '
        f'stroke-width="{_n(line.width)}" stroke-linejoin="round" stroke-linecap="round"{dashes}{opacity}/>'
    )


def _hinted(tag: str, where: str, shape: Polygon | Disc) -> str:
    edge = f' stroke="{shape.edge}" stroke-width="{_n(shape.edge_width)}"' if shape.edge_width else ""
    looks = f'{where} fill="{shape.fill}"{edge}'
    return f"<{tag} {looks}><title>{_text(shape.hint)}</title></{tag}>" if shape.hint else f"<{tag} {looks}/>"


def _words(words: Words) -> str:
    x, y = words.at
    bold = ' font-weight="600"' if words.is_bold else ""
    # The middle of small letters lies a third of the size above their line, whatever the font.
    return (
        f'<text x="{_n(x)}" y="{_n(y + 0.35 * words.size)}" font-size="{_n(words.size)}" '
        f'fill="{words.colour}" text-anchor="{words.anchor}"{bold}>{_text(words.text)}</text>'
    )


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _text(text: str) -> str:
    return escape(fit_for_xml(text))
