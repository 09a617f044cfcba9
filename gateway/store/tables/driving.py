"""The merchant's own vans."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Double,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gateway.store.tables.parts import doc, id_, instant, merchant, metadata

drivers = Table(
    "drivers",
    metadata,
    id_(),
    merchant(),
    doc(),
    Index("drivers_merchant", "merchant_id"),
)

driver_states = Table("driver_states", metadata, id_(), merchant(), instant("seen_at"), doc())

positions = Table(
    "positions",
    metadata,
    Column("driver_id", Text, primary_key=True),
    Column("recorded_at", DateTime(timezone=True), primary_key=True),
    merchant(),
    instant("received_at"),
    Column("lat", Double, nullable=False),
    Column("lng", Double, nullable=False),
    Column("speed_mps", Double),
    Column("heading_deg", Double),
    Column("accuracy_m", Double),
    Column("is_late", Boolean, nullable=False),
    Column("is_coarse", Boolean, nullable=False),
    Index("positions_recorded", "recorded_at", postgresql_using="brin"),
)

last_positions = Table(
    "last_positions",
    metadata,
    Column("driver_id", Text, primary_key=True),
    merchant(),
    instant("recorded_at", nullable=True),
    instant("heard_at", nullable=True),
    Column("lat", Double),
    Column("lng", Double),
    Column("speed_mps", Double),
    Column("heading_deg", Double),
    Column("accuracy_m", Double),
    Column("rejected", JSONB, nullable=False),
    Index("last_positions_merchant", "merchant_id"),
)

device_keys = Table(
    "device_keys",
    metadata,
    id_(),
    merchant(),
    Column("driver_id", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("hint", Text, nullable=False),
    instant("created_at"),
    instant("ends_at", nullable=True),
    UniqueConstraint("hash", name="device_keys_hash"),
    Index("device_keys_driver", "merchant_id", "driver_id"),
)

driver_sessions = Table(
    "driver_sessions",
    metadata,
    id_(),
    merchant(),
    Column("driver_id", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("hint", Text, nullable=False),
    instant("created_at"),
    instant("expires_at"),
    instant("ended_at", nullable=True),
    UniqueConstraint("hash", name="driver_sessions_hash"),
    Index("driver_sessions_driver", "merchant_id", "driver_id"),
)

route_plans = Table(
    "route_plans",
    metadata,
    id_(),
    merchant(),
    Column("date", Text, nullable=False),
    Column("status", Text, nullable=False),
    instant("created_at"),
    doc(),
    Index("route_plans_date", "merchant_id", "date"),
    Index("route_plans_created", "merchant_id", "created_at"),
)

routes = Table(
    "routes",
    metadata,
    id_(),
    merchant(),
    Column("plan_id", Text, nullable=False),
    Column("driver_id", Text, nullable=False),
    Column("date", Text, nullable=False),
    Column("status", Text, nullable=False),
    instant("starts_at"),
    doc(),
    Index("routes_driver", "driver_id", "starts_at"),
    Index("routes_date", "merchant_id", "date", "id"),
    Index("routes_plan", "merchant_id", "plan_id", "starts_at"),
    Index(
        "routes_unfinished",
        "merchant_id",
        "starts_at",
        "id",
        postgresql_where=text("status IN ('PUBLISHED', 'STARTED')"),
    ),
)

# Row level security keeps indexes on what is inside of `doc` from being used: their operators could tell of
# other rows before the policy has looked. Equality of columns cannot.
route_stops = Table(
    "route_stops",
    metadata,
    Column("route_id", Text, primary_key=True),
    Column("stop_id", Text, primary_key=True),
    merchant(),
    Column("delivery_id", Text, nullable=False),
    Index("route_stops_stop", "stop_id"),
    Index("route_stops_delivery", "delivery_id"),
)
