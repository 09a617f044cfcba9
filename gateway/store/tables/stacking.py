"""What goes together with one courier, and what waits for that."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text, text

from gateway.store.tables.parts import doc, id_, instant, merchant, metadata

stacks = Table("stacks", metadata, id_(), merchant(), instant("created_at"), doc())

# The id is that of the fulfillment order.
stack_waits = Table(
    "stack_waits",
    metadata,
    id_(),
    merchant(),
    Column("location_id", Text, nullable=False),
    Column("stack_id", Text, nullable=False),
    instant("since"),
    instant("until"),
    instant("told_at", nullable=True),
    doc(),
    Index("stack_waits_location", "merchant_id", "location_id", postgresql_where=text("stack_id = ''")),
    Index("stack_waits_until", "merchant_id", "until"),
)
