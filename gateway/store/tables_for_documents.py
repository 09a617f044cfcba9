"""The table of papers that carriers gave us to print."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from gateway.store.table_parts import id_, instant, merchant, metadata

documents = Table(
    "documents",
    metadata,
    id_(),
    merchant(),
    Column("delivery_id", Text, nullable=False),
    Column("leg_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    instant("created_at"),
    UniqueConstraint("merchant_id", "leg_id", "kind", name="documents_of_leg"),
    Index("documents_delivery", "merchant_id", "delivery_id"),
    Index("documents_age", "merchant_id", "created_at"),
)
