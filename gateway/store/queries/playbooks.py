"""Reads of playbooks for the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doorstep.playbook import Playbook
from gateway.flow.mending.book import book_of, kind_of_standard
from gateway.flow.mending.standard import standard_playbook
from gateway.store import tables as t
from gateway.store.database import Database
from gateway.store.queries.pages import by_id
from gateway.store.repositories.playbooks import SqlPlaybooks


class SqlPlaybookReads:
    """Reads bound to one merchant."""

    def __init__(self, database: Database, merchant_id: str) -> None:
        self._database = database
        self._merchant_id = merchant_id

    async def playbooks(self, ids: Sequence[str]) -> Mapping[str, Playbook]:
        standard = {
            id_: found
            for id_ in ids
            if (kind := kind_of_standard(id_)) and (found := standard_playbook(kind, self._merchant_id))
        }
        async with self._database.tenant(self._merchant_id) as connection:
            return standard | await by_id(connection, t.playbooks, Playbook, ids)

    async def all_playbooks(self) -> Sequence[Playbook]:
        async with self._database.tenant(self._merchant_id) as connection:
            own = await SqlPlaybooks(connection).playbooks()
        return book_of(self._merchant_id, own).all()
