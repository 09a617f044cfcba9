"""Stretches of a tour, and the stops that they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.routes.insertion.legs import NO_RELOAD
from optimizer.routes.numbered.task import UNBOUNDED, TaskVan

Stretch = tuple[int, int, int]
"""Seconds that it takes, and the first and last second of beginning it so."""

Span = tuple[int, int]

_ALWAYS: tuple[Span, ...] = ((0, UNBOUNDED),)


@dataclass(frozen=True, slots=True)
class Stop:
    """What a tour does at one place. A rest is a stop at the door before it, with no gap of its own.

    Attributes
    ----------
    grace_s
        How late after the last window is still possible.
    leaves_s
        Not earlier than this: goods are loaded that are ready then.
    reload
        At which of the van's reload places; `NO_RELOAD` elsewhere.
    """

    place: int
    service_s: int
    windows: tuple[Span, ...] = _ALWAYS
    grace_s: int = 0
    leaves_s: int = 0
    is_rest: bool = False
    reload: int = NO_RELOAD


def joined(before: Stretch, drive_s: int, after: Stretch) -> Stretch | None:
    """Two stretches with a drive between them as one; None where the second comes too late."""
    takes_s, first, last = before
    after_s, after_first, after_last = after
    on_the_way_s = takes_s + drive_s
    wait_s = after_first - on_the_way_s - last
    if wait_s > 0:
        return (on_the_way_s + wait_s + after_s, last, last) if first <= last else None
    first = max(after_first - on_the_way_s, first)
    last = min(after_last - on_the_way_s, last)
    return None if first > last else (on_the_way_s + after_s, first, last)


def chosen(stop: Stop, ready_s: int) -> Span:
    """The window that service begins in; one that is over is stretched as far as lateness may go."""
    for first, last in stop.windows:
        if ready_s <= last:
            return first, last
    first, last = stop.windows[-1]
    return first, min(ready_s, last + stop.grace_s)


def behind(limits: TaskVan, met: Sequence[tuple[Stop, int, Span]], home_s: int) -> list[tuple[int, ...]]:
    """The second part of each gap's column, from the end of the tour on."""
    due = limits.shift_end_s + limits.overtime_s
    stretch: Stretch = (0, 0, due)
    columns: list[tuple[int, ...]] = [(*stretch, due, UNBOUNDED, 0, 0)]
    drive_s = home_s
    for stop, drive_to_s, span in reversed(met):
        if stop.leaves_s:
            stretch = joined((0, stop.leaves_s, UNBOUNDED), drive_s, stretch) or stretch
            due, drive_s = due - drive_s, 0
        due = latest(stop, due - drive_s - stop.service_s)
        stretch = joined((stop.service_s, *span), drive_s, stretch) or stretch
        if not stop.is_rest:
            columns.append((*stretch, due, UNBOUNDED if stop.reload != NO_RELOAD else stop.service_s, *span))
        drive_s = drive_to_s
    return columns[::-1]


def latest(stop: Stop, limit_s: int) -> int:
    """The last second up to `limit_s` at which a stop can begin; -1 where there is none."""
    grace_s = stop.grace_s
    for first, last in reversed(stop.windows):
        latest = min(last + grace_s, limit_s)
        if first <= latest:
            return latest
        grace_s = 0
    return -1
