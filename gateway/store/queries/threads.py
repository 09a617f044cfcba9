"""Reads of threads for the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, func, literal_column, select

from doorstep.thread import Participant, ThreadMessage
from gateway.store.database import Database
from gateway.store.queries import shapes as s
from gateway.store.queries.pages import count_of, page_of
from gateway.store.repositories.threads import meant_for
from gateway.store.tables import thread_messages

c = thread_messages.c


class SqlThreadReads:
    """Reads bound to one merchant."""

    def __init__(self, database: Database, merchant_id: str) -> None:
        self._database = database
        self._merchant_id = merchant_id

    async def find_thread_messages(
        self, delivery_id: str, viewer: Participant, page: s.PageRequest
    ) -> s.Page[ThreadMessage]:
        where = [c.delivery_id == delivery_id, meant_for(viewer)]
        async with self._database.tenant(self._merchant_id) as connection:
            return await page_of(
                connection, thread_messages, ThreadMessage, where, c.sent_at, page, is_descending=True
            )

    async def count_thread_messages(self, delivery_id: str, viewer: Participant, up_to: int) -> int:
        where = [c.delivery_id == delivery_id, meant_for(viewer)]
        async with self._database.tenant(self._merchant_id) as connection:
            return await count_of(connection, thread_messages, where, up_to)

    async def unread_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Mapping[Participant, int]]:
        """What each side has not seen of the others, by the delivery."""
        # One text in both places: with a bound name the database would not know them for the same.
        to: ColumnElement[str | None] = literal_column("doc ->> 'to'")
        query = (
            select(c.delivery_id, c.sender, to, func.count())
            .where(c.delivery_id.in_(delivery_ids), c.read_at.is_(None))
            .group_by(c.delivery_id, c.sender, to)
        )
        found: dict[str, dict[Participant, int]] = {}
        async with self._database.tenant(self._merchant_id) as connection:
            for delivery_id, sender, only, count in await connection.execute(query):
                of_sides = found.setdefault(delivery_id, {})
                for side in Participant if only is None else (Participant(only),):
                    if side != sender:
                        of_sides[side] = of_sides.get(side, 0) + count
        return found
