"""Keyset pages: a position is the sort value and id of a row, so that pages neither overlap nor skip."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.errors import InvalidInput
from doorstep.window import require_utc
from gateway.store.codec import from_json
from gateway.store.queries.shapes import Page, PageRequest

Sortable = ColumnElement[Any]


async def page_of[T](
    connection: AsyncConnection,
    table: Table,
    kind: type[T],
    where: Sequence[ColumnElement[bool]],
    by: Sortable,
    page: PageRequest,
    *,
    is_descending: bool = False,
) -> Page[T]:
    """One page of a table's aggregates, sorted by a column and then by id.

    Raises
    ------
    InvalidInput
        If the position was never given out.
    """
    query = select(table.c.doc, by.label("sort"), table.c.id).where(*where)
    if page.after is not None:
        value, id_ = _read_position(page.after, by)
        edge = tuple_(by, table.c.id)
        query = query.where(edge < (value, id_) if is_descending else edge > (value, id_))
    order = (by.desc(), table.c.id.desc()) if is_descending else (by.asc(), table.c.id.asc())
    rows = (await connection.execute(query.order_by(*order).limit(page.first + 1))).all()
    shown = rows[: page.first]
    return Page(
        items=tuple(from_json(row.doc, kind) for row in shown),
        positions=tuple(_write_position(row.sort, row.id) for row in shown),
        has_next=len(rows) > page.first,
    )


async def count_of(
    connection: AsyncConnection, table: Table, where: Sequence[ColumnElement[bool]], up_to: int
) -> int:
    """How many rows match; stops counting at `up_to`."""
    some = select(table.c.id).where(*where).limit(up_to).subquery()
    return (await connection.execute(select(func.count()).select_from(some))).scalar_one()


async def by_id[T](
    connection: AsyncConnection, table: Table, kind: type[T], ids: Sequence[str]
) -> dict[str, T]:
    """Many aggregates at once; what does not exist is left out."""
    rows = await connection.execute(select(table.c.id, table.c.doc).where(table.c.id.in_(ids)))
    return {row.id: from_json(row.doc, kind) for row in rows}


async def grouped[T](
    connection: AsyncConnection,
    table: Table,
    kind: type[T],
    key: ColumnElement[Any],
    ids: Sequence[str],
    order_by: Sequence[Any],
    limit: int,
    *where: ColumnElement[bool],
) -> dict[str, list[T]]:
    """The first `limit` aggregates for each key, in the order asked."""
    place = func.row_number().over(partition_by=key, order_by=order_by).label("place")
    ranked = select(key.label("key"), table.c.doc, place).where(key.in_(ids), *where).subquery()
    query = select(ranked.c.key, ranked.c.doc).where(ranked.c.place <= limit)
    groups: dict[str, list[T]] = {}
    for row in await connection.execute(query.order_by(ranked.c.key, ranked.c.place)):
        groups.setdefault(row.key, []).append(from_json(row.doc, kind))
    return groups


def _write_position(value: object, id_: str) -> str:
    if isinstance(value, datetime):
        return _pack(["t", value.isoformat(), id_])
    return _pack(["v", value, id_])


def _pack(parts: list[object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def _read_position(position: str, by: Sortable) -> tuple[object, str]:
    """The sort value and id; PostgreSQL would not compare a value of another type than the column's."""
    try:
        kind, value, id_ = json.loads(base64.urlsafe_b64decode(position.encode()))
        value = require_utc("after", datetime.fromisoformat(value)) if kind == "t" else value
    except (ValueError, TypeError):
        value = id_ = None
    if isinstance(id_, str) and not _is_nought_in(id_, value) and type(value) in _kinds_of(by):
        return value, id_
    raise InvalidInput("This cursor was never given out.", path=("after",))


def _is_nought_in(*texts: object) -> bool:
    return any(isinstance(text, str) and "\0" in text for text in texts)


def _kinds_of(by: Sortable) -> tuple[type, ...]:
    kind = by.type.python_type
    return (float, int) if kind is float else (kind,)
