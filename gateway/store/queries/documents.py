"""Reads of documents for the API, without their bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.flow.documents.document import DocumentCard
from gateway.store.repositories.documents import CARD, c, card_in


async def cards_of(
    connection: AsyncConnection, leg_ids: Sequence[str]
) -> Mapping[str, Sequence[DocumentCard]]:
    """What each leg has; legs without any are left out."""
    query = select(*CARD).where(c.leg_id.in_(list(leg_ids))).order_by(c.id)
    found: dict[str, list[DocumentCard]] = {}
    for row in await connection.execute(query):
        found.setdefault(row.leg_id, []).append(card_in(row))
    return found
