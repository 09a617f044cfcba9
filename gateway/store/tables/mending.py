"""What is done about exceptions: playbooks that merchants have saved."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, text

from gateway.store.tables.parts import doc, id_, instant, merchant, metadata

playbooks = Table(
    "playbooks",
    metadata,
    id_(),
    merchant(),
    Column("version", Integer, nullable=False),
    instant("archived_at", nullable=True),
    doc(),
    Index("playbooks_live", "merchant_id", "id", postgresql_where=text("archived_at IS NULL")),
)
