"""Who works for a merchant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.errors import NotFound, StateConflict
from doorstep.person import FORGOTTEN, Person
from gateway.store.documents import Documents
from gateway.store.repositories.rules import next_version
from gateway.store.tables import api_keys, people

c = people.c


class SqlPeople:
    """See `gateway.flow.ports.people.People`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._people = Documents(connection, people, Person, _columns)

    async def person(self, person_id: str, *, lock: bool = False) -> Person | None:
        return await self._people.get(person_id, lock=lock)

    async def people(self) -> Sequence[Person]:
        return await self._people.find(c.archived_at.is_(None), order_by=c.id)

    async def save(self, person: Person, expected_version: int | None) -> Person:
        version = await next_version(self._connection, people, person.id, expected_version)
        saved = replace(person, version=version)
        await self._people.put(saved)
        return saved

    async def archive(self, person_id: str, expected_version: int, now: datetime, *, forget: bool) -> Person:
        kept = await self._people.get(person_id, lock=True)
        if kept is None:
            raise NotFound(person_id, path=("input", "id"))
        if kept.version != expected_version or not (kept.is_here or forget):
            text = "This person was changed by someone else since you read it, or is archived already."
            raise StateConflict(text, current_id=kept.id, current_version=kept.version)
        archived = replace(kept, archived_at=kept.archived_at or now, version=kept.version + 1)
        archived = archived.forgotten() if forget else archived
        await self._people.put(archived)
        return archived

    async def end_keys(self, person_id: str, now: datetime, *, forget: bool) -> None:
        keys = api_keys.c
        theirs = update(api_keys).where(keys.person_id == person_id)
        await self._connection.execute(theirs.where(keys.revoked_at.is_(None)).values(revoked_at=now))
        if forget:
            # Keys are often called after whoever has them.
            await self._connection.execute(theirs.values(name=FORGOTTEN))


def _columns(person: Person) -> dict[str, object]:
    return {
        "id": person.id,
        "merchant_id": person.merchant_id,
        "version": person.version,
        "archived_at": person.archived_at,
    }
