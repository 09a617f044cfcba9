"""One way to keep an aggregate: its JSON whole, and the columns that queries need beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.codec import from_json, to_json, write_json
from gateway.store.kept import Kept
from gateway.store.remembered import TenantMemory, version_of

Projection = Callable[[Any], Mapping[str, object]]


async def insert_new(connection: AsyncConnection, table: Table, row: Mapping[str, object]) -> bool:
    """Insert a row unless one is there already; says whether it was new.

    What came back tells, not the row count: SQLAlchemy 2.1 reports -1 for such an insert (measured).
    """
    names = tuple(row)
    return bool(await _kept_insert(table, names).rows(connection, _as_sent(table, names, row)))


class Documents[T]:
    """Rows of one table as dataclasses of one type.

    Parameters
    ----------
    project
        Aggregate -> the columns beside `doc`, `id` among them.
    memory
        What `recall` remembers; None for nothing.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        table: Table,
        kind: type[T],
        project: Projection,
        memory: TenantMemory | None = None,
    ) -> None:
        self._connection = connection
        self._table = table
        self._kind = kind
        self._project = project
        self._memory = memory

    async def get(self, id_: str, *, lock: bool = False) -> T | None:
        """The aggregate with this id; `lock` keeps others from changing it until the commit."""
        found = await self.ask(_by_id(self._table, lock), id_=id_)
        return found[0] if found else None

    async def all(self) -> Sequence[T]:
        """Every one that the transaction's tenant has, in the order of the ids."""
        return await self.ask(_in_order(self._table))

    async def ask(self, kept: Kept, **values: object) -> Sequence[T]:
        """The aggregates that a kept statement gives."""
        return [from_json(doc, self._kind) for (doc,) in await kept.rows(self._connection, values)]

    async def run(self, query: Select[tuple[Any]], **values: object) -> Sequence[T]:
        """The aggregates that a statement gives."""
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

    async def several(self, ids: Sequence[str], *, lock: bool = False) -> Sequence[T]:
        """Those of these ids that there are, in the order of the ids; read anew, and locked in that order."""
        if not ids:
            return []
        return await self.ask(_by_ids(self._table, lock), ids=list(ids))

    async def recall(self, versions: Kept, **values: object) -> Sequence[T]:
        """The aggregates of a statement of ids and versions (`version_of`), in its order.

        Only those are sent that are not as they were when this process read them last. One that goes between
        the two statements is left out.
        """
        rows = await versions.rows(self._connection, values)
        memory, table = self._memory, self._table.name
        found = {} if memory is None else await memory.known(table, dict(rows))
        if missing := [id_ for id_, _ in rows if id_ not in found]:
            fresh = [
                (id_, version, from_json(doc, self._kind))
                for id_, version, doc in await _versioned(self._table).rows(
                    self._connection, {"ids": missing}
                )
            ]
            if memory is not None:
                memory.keep(table, fresh)
            found |= {id_: value for id_, _, value in fresh}
        return [found[id_] for id_, _ in rows if id_ in found]

    async def put(self, value: T, **columns: object) -> None:
        """Insert, or replace what has the same id."""
        await self.put_all([value], **columns)

    async def put_all(self, values: Sequence[T], **columns: object) -> None:
        """The same for many, sent to the database together; `columns` are the same for all."""
        if not values:
            return
        rows = [{**self._project(value), "doc": to_json(value), **columns} for value in values]
        names = tuple(rows[0])
        if len(rows) == 1:
            as_sent = _as_sent(self._table, names, rows[0])
            await _kept_upsert(self._table, names).send(self._connection, as_sent)
        else:
            await self._connection.execute(_upsert(self._table, names), rows)


@cache
def _by_id(table: Table, lock: bool) -> Kept:
    query = select(table.c.doc).where(table.c.id == bindparam("id_"))
    return Kept(query.with_for_update() if lock else query)


@cache
def _in_order(table: Table) -> Kept:
    return Kept(select(table.c.doc).order_by(table.c.id))


@cache
def _by_ids(table: Table, lock: bool) -> Kept:
    query = select(table.c.doc).where(among(table.c.id)).order_by(table.c.id)
    return Kept(query.with_for_update() if lock else query)


@cache
def _versioned(table: Table) -> Kept:
    return Kept(select(table.c.id, version_of(table.name), table.c.doc).where(among(table.c.id)))


def among(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a column has one of the values `ids` of a kept statement, which are given as a list."""
    return column == func.any(cast(bindparam("ids"), ARRAY(Text)))


@cache
def _kept_upsert(table: Table, names: tuple[str, ...]) -> Kept:
    return Kept(_upsert(table, names), names)


@cache
def _kept_insert(table: Table, names: tuple[str, ...]) -> Kept:
    return Kept(insert(table).on_conflict_do_nothing().returning(table.c[0]), names)


def _as_sent(table: Table, names: tuple[str, ...], row: Mapping[str, object]) -> Mapping[str, object]:
    return {**row, **{name: write_json(row[name]) for name in _documents(table, names)}}


@cache
def _documents(table: Table, names: tuple[str, ...]) -> tuple[str, ...]:
    """Columns that hold JSON."""
    return tuple(name for name in names if isinstance(table.c[name].type, JSONB))


def _upsert(table: Table, names: tuple[str, ...]) -> Insert:
    statement = insert(table)
    changes = {name: statement.excluded[name] for name in names if name != "id"}
    return statement.on_conflict_do_update(index_elements=["id"], set_=changes)
