"""Remembered: documents that were read before, by the version of their row.

A day's thousand deliveries are read again for each order that comes in, and hardly one of them has changed.
Which rows a reader gets, and in which version, the database says each time; only what is in them is not sent
and unpacked again. So several processes need not tell each other anything.

A row's version is PostgreSQL's own: which transaction wrote it (`xmin`) and where it lies (`ctid`). Both are
other after each change, whoever made it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, literal_column

MOST_ROWS = 20_000
"""In one process, of all merchants: some 60 MB of deliveries."""

RowKey = tuple[str, str]
"""A table's name and a row's id."""


class RowMemory:
    """Values that were read, those that were used last; for one thread.

    Parameters
    ----------
    most
        How many rows.

    Raises
    ------
    ValueError
        If `most` is below 1.
    """

    def __init__(self, most: int = MOST_ROWS) -> None:
        if most < 1:
            raise ValueError(f"most must be at least 1, got {most}")
        self._most = most
        self._kept: OrderedDict[RowKey, tuple[str, Any]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def known(self, table: str, versions: Mapping[str, str]) -> dict[str, Any]:
        """Of these rows, by id, the values of those that are in this version here."""
        found = {}
        for id_, version in versions.items():
            kept = self._kept.get((table, id_))
            if kept is not None and kept[0] == version:
                self._kept.move_to_end((table, id_))
                found[id_] = kept[1]
        return found

    def keep(self, table: str, rows: Sequence[tuple[str, str, Any]]) -> None:
        """Remember (id, version, value) of some rows; what was used longest ago is forgotten."""
        for id_, version, value in rows:
            self._kept[table, id_] = version, value
            self._kept.move_to_end((table, id_))
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


def version_of(table: str) -> ColumnElement[str]:
    """The version of a table's row."""
    return cast(literal_column(f"{table}.xmin"), Text) + cast(literal_column(f"{table}.ctid"), Text)
