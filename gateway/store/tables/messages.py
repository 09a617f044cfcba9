"""What stores say and are told, and what is remembered of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from gateway.store.tables.parts import doc, id_, instant, merchant, metadata

inbox = Table(
    "inbox",
    metadata,
    id_(),
    merchant(),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("dedupe_id", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    instant("received_at"),
    instant("handled_at", nullable=True),
    UniqueConstraint("source", "dedupe_id", name="inbox_dedupe"),
    Index("inbox_waiting", "source", "received_at", "id", postgresql_where=text("handled_at IS NULL")),
    Index("inbox_received", "merchant_id", "received_at"),
    Index("inbox_handled", "merchant_id", "handled_at", postgresql_where=text("handled_at IS NOT NULL")),
)

quarantine = Table(
    "quarantine",
    metadata,
    id_(),
    merchant(),
    Column("source", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    instant("received_at"),
    doc(),
    Index(
        "quarantine_one_waiting",
        "source",
        "external_id",
        unique=True,
        postgresql_where=text("status = 'WAITING'"),
    ),
)

memory = Table(
    "memory",
    metadata,
    Column("merchant_id", Text, primary_key=True),
    Column("operation", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("answer", Text, nullable=False),
    instant("first_seen_at"),
)

erasures = Table(
    "erasures",
    metadata,
    Column("merchant_id", Text, primary_key=True),
    Column("times", BigInteger, nullable=False),
)

store_syncs = Table("store_syncs", metadata, id_(), merchant(), doc())

reports = Table(
    "reports",
    metadata,
    id_(),
    merchant(),
    Column("store_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    instant("due_at", nullable=True),
    doc(),
    Index("reports_due", "store_id", "due_at", "id", postgresql_where=text("due_at IS NOT NULL")),
)

products = Table(
    "products",
    metadata,
    id_(),
    merchant(),
    Column("store_id", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("sku", Text, nullable=False),
    instant("read_at"),
    doc(),
    UniqueConstraint("store_id", "external_id", name="products_external"),
    Index("products_sku", "store_id", "sku", postgresql_where=text("sku <> ''")),
)

privacy_requests = Table(
    "privacy_requests",
    metadata,
    id_(),
    merchant(),
    Column("store_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    instant("received_at"),
    instant("due_at"),
    doc(),
    Index("privacy_requests_due", "merchant_id", "status", "due_at", "id"),
)
