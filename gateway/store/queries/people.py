"""Reads of people for the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, select

from doorstep.person import Person
from gateway.store import tables as t
from gateway.store.database import Database
from gateway.store.queries import shapes as s
from gateway.store.queries.pages import by_id, count_of, page_of


class SqlPeopleReads:
    """Reads bound to one merchant."""

    def __init__(self, database: Database, merchant_id: str) -> None:
        self._database = database
        self._merchant_id = merchant_id

    async def people(self, ids: Sequence[str]) -> Mapping[str, Person]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await by_id(connection, t.people, Person, ids)

    async def find_people(self, page: s.PageRequest, *, with_archived: bool) -> s.Page[Person]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await page_of(connection, t.people, Person, _which(with_archived), t.people.c.id, page)

    async def count_people(self, up_to: int, *, with_archived: bool) -> int:
        async with self._database.tenant(self._merchant_id) as connection:
            return await count_of(connection, t.people, _which(with_archived), up_to)

    async def key_names(self, ids: Sequence[str]) -> Mapping[str, str]:
        query = select(t.api_keys.c.id, t.api_keys.c.name).where(t.api_keys.c.id.in_(ids))
        async with self._database.tenant(self._merchant_id) as connection:
            return {row.id: row.name for row in await connection.execute(query)}


def _which(with_archived: bool) -> list[ColumnElement[bool]]:
    return [] if with_archived else [t.people.c.archived_at.is_(None)]
