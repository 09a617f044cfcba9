"""Orders kept sorted by an instant: pages and counts cost a bisection and not a look at every order."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence

Key = tuple[int, int, int]
"""Unix second, order among rows of one second, order id."""

ANY = "any"
"""The group of all orders but those in the trash."""


class Ranking:
    """Keys of orders in ascending order, once for each status and once for `any`.

    Insertions are mostly at the end, where time goes on, and a list's own memory move is cheap besides.
    """

    def __init__(self) -> None:
        self._groups: dict[str, list[Key]] = {ANY: []}

    def add(self, key: Key, status: str) -> None:
        """Take in an order of this status."""
        for group in _groups_of(status):
            insort(self._groups.setdefault(group, []), key)

    def remove(self, key: Key, status: str) -> None:
        """Forget an order that was added with this key and status."""
        for group in _groups_of(status):
            keys = self._groups[group]
            del keys[bisect_left(keys, key)]

    def between(self, group: str, first_s: int | None, end_s: int | None) -> tuple[Sequence[Key], int, int]:
        """The group's keys, and the bounds [start, stop) of those with first_s <= second < end_s."""
        keys = self._groups.get(group, [])
        start = 0 if first_s is None else bisect_left(keys, (first_s,))
        stop = len(keys) if end_s is None else bisect_left(keys, (end_s,))
        return keys, start, max(start, stop)


def _groups_of(status: str) -> tuple[str, ...]:
    return (status,) if status == "trash" else (ANY, status)
