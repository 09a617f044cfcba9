"""Remembered: documents that were read before, by the version of their row.

A day's thousand deliveries are read again for each order that comes in, and hardly one of them has changed.
Which rows a reader gets, and in which version, the database says each time; only what is in them is not sent
and unpacked again. So several processes need not tell each other anything.

They hold names and doors: what was not used for an hour is forgotten, and all of it when somebody is erased.
Other processes see before they next look anything up for the merchant that somebody was: the database counts.

A row's version is PostgreSQL's own: which transaction wrote it (`xmin`) and where it lies (`ctid`). Both are
other after each change, whoever made it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, cast, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.kept import Kept
from gateway.store.tables import erasures

MOST_ROWS = 20_000
"""In one process, of all merchants: some 60 MB of deliveries."""

KEPT_FOR_S = 3600.0
"""After a row was used last."""

RowKey = tuple[str, str]
"""A table's name and a row's id."""


class RowMemory:
    """Values that were read, those that were used last; for one thread.

    Parameters
    ----------
    most
        How many rows.
    kept_for_s
        So long after it was used last a row is forgotten, as soon as anything is looked up.
    now_s
        Seconds that only grow.

    Raises
    ------
    ValueError
        If `most` is below 1.
    """

    def __init__(
        self,
        most: int = MOST_ROWS,
        *,
        kept_for_s: float = KEPT_FOR_S,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        if most < 1:
            raise ValueError(f"most must be at least 1, got {most}")
        self._most = most
        self._kept_for_s, self._now_s = kept_for_s, now_s
        self._kept: OrderedDict[RowKey, _Row] = OrderedDict()
        self._erasures: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def known(self, table: str, versions: Mapping[str, str]) -> dict[str, Any]:
        """Of these rows, by id, the values of those that are in this version here."""
        now_s = self._now_s()
        self._forget_old(now_s)
        found = {}
        for id_, version in versions.items():
            kept = self._kept.get((table, id_))
            if kept is not None and kept.version == version:
                kept.used_at_s = now_s
                self._kept.move_to_end((table, id_))
                found[id_] = kept.value
        return found

    def keep(self, table: str, rows: Sequence[tuple[str, str, Any]]) -> None:
        """Remember (id, version, value) of some rows; what was used longest ago is forgotten."""
        now_s = self._now_s()
        for id_, version, value in rows:
            self._kept[table, id_] = _Row(version, value, now_s)
            self._kept.move_to_end((table, id_))
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        self._forget_old(now_s)

    def forget_erased(self, merchant_id: str, erasures: int) -> None:
        """Forget everything if more of a merchant's shoppers were erased than when this was asked last."""
        if self._erasures.get(merchant_id, 0) != erasures:
            self._erasures[merchant_id] = erasures
            self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()

    def _forget_old(self, now_s: float) -> None:
        # They stand in the order in which they were used.
        while self._kept and next(iter(self._kept.values())).used_at_s < now_s - self._kept_for_s:
            self._kept.popitem(last=False)


class TenantMemory:
    """A process's memory as one transaction of a merchant uses it; values of that merchant alone."""

    def __init__(self, connection: AsyncConnection, merchant_id: str, rows: RowMemory) -> None:
        self._connection, self._merchant_id, self._rows = connection, merchant_id, rows
        self._is_asked = False

    async def known(self, table: str, versions: Mapping[str, str]) -> dict[str, Any]:
        """See `RowMemory.known`; nothing of who was erased since is among it."""
        if not self._is_asked:
            counted = await _ERASURES.rows(self._connection, {"merchant_id": self._merchant_id})
            self._rows.forget_erased(self._merchant_id, counted[0][0] if counted else 0)
            self._is_asked = True
        return self._rows.known(table, versions)

    def keep(self, table: str, rows: Sequence[tuple[str, str, Any]]) -> None:
        """See `RowMemory.keep`."""
        self._rows.keep(table, rows)


_ERASURES = Kept(select(erasures.c.times).where(erasures.c.merchant_id == bindparam("merchant_id")))


@dataclass(slots=True)
class _Row:
    version: str
    value: Any
    used_at_s: float


def version_of(table: str) -> ColumnElement[str]:
    """The version of a table's row."""
    return cast(literal_column(f"{table}.xmin"), Text) + cast(literal_column(f"{table}.ctid"), Text)
