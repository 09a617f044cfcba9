"""One way to keep an aggregate: its JSON whole, and the columns that queries need beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.codec import from_json, to_json

Projection = Callable[[Any], Mapping[str, object]]


async def insert_new(connection: AsyncConnection, table: Table, row: Mapping[str, object]) -> bool:
    """Insert a row unless one is there already; says whether it was new.

    What came back tells, not the row count: SQLAlchemy 2.1 reports -1 for such an insert (measured).
    """
    statement = insert(table).values(row).on_conflict_do_nothing().returning(table.c[0])
    return (await connection.execute(statement)).first() is not None


class Documents[T]:
    """Rows of one table as dataclasses of one type.

    Parameters
    ----------
    project
        Aggregate -> the columns beside `doc`, `id` among them.
    """

    def __init__(self, connection: AsyncConnection, table: Table, kind: type[T], project: Projection) -> None:
        self._connection = connection
        self._table = table
        self._kind = kind
        self._project = project

    async def get(self, id_: str, *, lock: bool = False) -> T | None:
        """The aggregate with this id; `lock` keeps others from changing it until the commit."""
        rows = await self._connection.execute(_by_id(self._table, lock), {"id_": id_})
        doc = rows.scalar_one_or_none()
        return None if doc is None else from_json(doc, self._kind)

    async def run(self, query: Select[tuple[Any]], **values: object) -> Sequence[T]:
        """The aggregates that a kept statement gives; where one is asked for often, that is half the work."""
        rows = await self._connection.execute(query, values)
        return [from_json(doc, self._kind) for (doc,) in rows]

    async def first(self, *where: ColumnElement[bool], lock: bool = False, order_by: Any = None) -> T | None:
        """The first match."""
        found = await self.find(*where, lock=lock, order_by=order_by, limit=1)
        return found[0] if found else None

    async def find(
        self, *where: ColumnElement[bool], order_by: Any = None, limit: int | None = None, lock: bool = False
    ) -> Sequence[T]:
        """All matches, in the order asked."""
        query = select(self._table.c.doc).where(*where)
        if order_by is not None:
            query = query.order_by(*(order_by if isinstance(order_by, tuple) else (order_by,)))
        if limit is not None:
            query = query.limit(limit)
        if lock:
            query = query.with_for_update()
        rows = await self._connection.execute(query)
        return [from_json(doc, self._kind) for (doc,) in rows]

    async def put(self, value: T, **columns: object) -> None:
        """Insert, or replace what has the same id."""
        await self.put_all([value], **columns)

    async def put_all(self, values: Sequence[T], **columns: object) -> None:
        """The same for many, sent to the database together; `columns` are the same for all."""
        if not values:
            return
        rows = [{**self._project(value), "doc": to_json(value), **columns} for value in values]
        await self._connection.execute(_upsert(self._table, tuple(rows[0])), rows)


# Written once and kept: to write these two anew each time costs as much as to send them.
@cache
def _by_id(table: Table, lock: bool) -> Select[tuple[Any]]:
    query = select(table.c.doc).where(table.c.id == bindparam("id_"))
    return query.with_for_update() if lock else query


@cache
def _upsert(table: Table, names: tuple[str, ...]) -> Insert:
    statement = insert(table)
    changes = {name: statement.excluded[name] for name in names if name != "id"}
    return statement.on_conflict_do_update(index_elements=["id"], set_=changes)
