"""Waves of orders, and who was chosen for each."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text, text

from gateway.store.tables.parts import doc, id_, instant, merchant, metadata

mode_waves = Table(
    "mode_waves",
    metadata,
    id_(),
    merchant(),
    Column("status", Text, nullable=False),
    Column("plan_id", Text, nullable=False),
    instant("created_at"),
    doc(),
    Index(
        "mode_waves_under_way",
        "merchant_id",
        "created_at",
        postgresql_where=text("status IN ('CHOOSING', 'BOOKING')"),
    ),
    Index("mode_waves_plan", "merchant_id", "plan_id", postgresql_where=text("plan_id <> ''")),
)

# The id is that of the fulfillment order.
mode_choices = Table(
    "mode_choices",
    metadata,
    id_(),
    merchant(),
    Column("wave_id", Text, nullable=False),
    instant("done_at", nullable=True),
    doc(),
    Index("mode_choices_wave", "merchant_id", "wave_id", "id"),
)
