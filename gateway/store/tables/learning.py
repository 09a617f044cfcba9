"""Arrivals that were foretold, and versions of what foretells them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text, text

from gateway.store.tables.parts import doc, instant, metadata

eta_trips = Table(
    "eta_trips",
    metadata,
    Column("merchant_id", Text, primary_key=True),
    Column("delivery_id", Text, primary_key=True),
    Column("horizon", Integer, primary_key=True),
    instant("asked_at"),
    instant("arrived_at", nullable=True),
    doc(),
    Index(
        "eta_trips_arrived",
        "merchant_id",
        "arrived_at",
        postgresql_where=text("arrived_at IS NOT NULL"),
    ),
    Index("eta_trips_asked", "merchant_id", "asked_at"),
)

eta_versions = Table(
    "eta_versions",
    metadata,
    Column("merchant_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("is_current", Boolean, nullable=False),
    doc(),
    Column("body", LargeBinary, nullable=True),
    Index("eta_versions_current", "merchant_id", unique=True, postgresql_where=text("is_current")),
)
