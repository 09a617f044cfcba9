"""What the driver reads at the drop-off: one line for each kind of remark, so that one can be replaced."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 1500
"""Characters that Lalamove takes (API guide v3)."""

_UNIT = "Unit"
_NOTE = "Note"


def compose(reference: str, unit: str, items: Iterable[tuple[str, int]], note: str) -> str:
    """Remarks of a new order.

    Parameters
    ----------
    unit
        Second line of the address: floor, flat, building.
    """
    contents = ", ".join(f"{quantity} x {title}" for title, quantity in items)
    lines = (("Ref", reference), (_UNIT, unit), (_NOTE, note), ("Contents", contents))
    return _joined(f"{label}: {_one_line(text)}" for label, text in lines if text.strip())


def revise(lines: Iterable[str], *, unit: str | None = None, note: str | None = None) -> str:
    """The same remarks with another unit or note; None leaves what is there.

    Parameters
    ----------
    lines
        The remarks of the order. All of them have to be sent again, or they are lost (API guide v3).
    """
    wanted = {label: text for label, text in ((_UNIT, unit), (_NOTE, note)) if text is not None}
    kept = [line for line in lines if line.strip() and line.partition(":")[0] not in wanted]
    added = [f"{label}: {_one_line(text)}" for label, text in wanted.items() if text.strip()]
    return _joined([*kept[:1], *added, *kept[1:]])


def _joined(lines: Iterable[str]) -> str:
    # The contents come last, since they are what may be cut off.
    return "\r\n".join(lines)[:LONGEST]


def _one_line(text: str) -> str:
    return " ".join(text.split())
