"""The search index of a simulated shop: sorted by time, and behind the books by as much as it is told."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

Key = tuple[int, int]
"""Seconds since 1970, then the record's number: a total order, also among ties."""


class Indexed(Protocol):
    """What can be searched for."""

    number: int
    created_at: datetime
    updated_at: datetime


class SearchIndex[Record: Indexed]:
    """Finds records by the instants that the index has heard of.

    A record is found under its former `updated_at` until the index has caught up with its change, and a
    new one is not found at all until then.
    """

    def __init__(self) -> None:
        self._records: dict[int, Record] = {}
        self._known: dict[int, tuple[Key, Key]] = {}
        self._sorted: dict[str, list[Key]] = {"updated_at": [], "created_at": [], "id": []}
        self._late: deque[tuple[datetime, int, Key]] = deque()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, number: int) -> Record | None:
        """The record of that number, if the index knows it."""
        return self._records[number] if number in self._known else None

    def oldest(self) -> Record | None:
        """The record that was made first."""
        keys = self._sorted["created_at"]
        return self._records[keys[0][1]] if keys else None

    def note(self, record: Record, now: datetime) -> None:
        """A record is new or was changed."""
        self._records[record.number] = record
        self._late.append((now, record.number, _key(record.updated_at, record.number)))

    def catch_up(self, now: datetime, lag: timedelta) -> None:
        """Learn of what was noted `lag` before `now` or earlier."""
        while self._late and self._late[0][0] + lag <= now:
            _, number, updated = self._late.popleft()
            record = self._records.get(number)
            if record is not None:
                self._learn(record, updated)

    def forget(self, number: int) -> None:
        """A record is gone."""
        self._records.pop(number, None)
        self._drop(number)

    def bounds(self, by: str, low: Key | None, high: Key | None) -> tuple[int, int]:
        """Where the keys from `low` up to but without `high` lie in the order `by`."""
        keys = self._sorted[by]
        start = bisect_left(keys, low) if low is not None else 0
        end = bisect_left(keys, high) if high is not None else len(keys)
        return start, max(start, end)

    def walk(self, by: str, start: int, end: int, *, reverse: bool) -> Iterator[tuple[Key, Record]]:
        """The records between two positions, in order."""
        keys = self._sorted[by]
        for at in range(end - 1, start - 1, -1) if reverse else range(start, end):
            yield keys[at], self._records[keys[at][1]]

    def after(self, by: str, key: Key, *, reverse: bool) -> int:
        """The position behind a key: of the next one, or in reverse of the end before it."""
        keys: Sequence[Key] = self._sorted[by]
        return bisect_left(keys, key) if reverse else bisect_right(keys, key)

    def key_of(self, by: str, record: Record) -> Key:
        """What a record is sorted by."""
        updated, created = self._known[record.number]
        return {"updated_at": updated, "created_at": created}.get(by, (0, record.number))

    def _learn(self, record: Record, updated: Key) -> None:
        self._drop(record.number)
        created = _key(record.created_at, record.number)
        self._known[record.number] = (updated, created)
        insort(self._sorted["updated_at"], updated)
        insort(self._sorted["created_at"], created)
        insort(self._sorted["id"], (0, record.number))

    def _drop(self, number: int) -> None:
        known = self._known.pop(number, None)
        if known is None:
            return
        for by, key in zip(self._sorted, (*known, (0, number)), strict=True):
            keys = self._sorted[by]
            del keys[bisect_left(keys, key)]


def _key(instant: datetime, number: int) -> Key:
    return int(instant.timestamp()), number
