"""Labels and other papers, with their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.flow.documents.document import Document, DocumentCard, DocumentKind
from gateway.store.codec import to_json
from gateway.store.documents import insert_new
from gateway.store.tables import deliveries, documents

c = documents.c
CARD = (c.id, c.merchant_id, c.delivery_id, c.leg_id, c.kind, c.content_type, c.size, c.created_at)
"""Everything but the bytes."""


class SqlDocuments:
    """See `gateway.flow.ports.Documents`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, document_id: str) -> Document | None:
        found = (await self._connection.execute(select(*CARD, c.body).where(c.id == document_id))).first()
        return None if found is None else Document(card_in(found), bytes(found.body))

    async def has(self, leg_id: str, kind: DocumentKind) -> bool:
        query = select(c.id).where(c.leg_id == leg_id, c.kind == kind)
        return (await self._connection.execute(query)).first() is not None

    async def put(self, document: Document) -> bool:
        card = document.card
        row = {name.key: getattr(card, name.key) for name in CARD}
        return await insert_new(self._connection, documents, {**row, "body": document.body})

    async def let_go(self, before: datetime) -> Sequence[str]:
        statement = delete(documents).where(c.created_at < before).returning(c.id)
        return list((await self._connection.execute(statement)).scalars())


def card_in(row: Row[*tuple[Any, ...]]) -> DocumentCard:
    """The card in a row of the columns `CARD`."""
    return DocumentCard(
        id=row.id,
        merchant_id=row.merchant_id,
        delivery_id=row.delivery_id,
        leg_id=row.leg_id,
        kind=DocumentKind(row.kind),
        content_type=row.content_type,
        size=row.size,
        created_at=row.created_at,
    )


async def documents_of_orders(connection: AsyncConnection, order_ids: Sequence[str]) -> list[object]:
    """What is kept for orders, as plain JSON without the bytes; whoever wants those reads them by the id."""
    theirs = select(deliveries.c.id).where(deliveries.c.order_id.in_(list(order_ids)))
    query = select(*CARD).where(c.delivery_id.in_(theirs)).order_by(c.id)
    return [to_json(card_in(row)) for row in await connection.execute(query)]


async def erase_documents(connection: AsyncConnection, delivery_ids: Sequence[str]) -> None:
    """Delete what shows where these deliveries went."""
    await connection.execute(delete(documents).where(c.delivery_id.in_(list(delivery_ids))))
