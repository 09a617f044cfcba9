"""The merchant's own vans."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint, text

from gateway.store.tables.parts import doc, id_, instant, merchant, metadata

drivers = Table(
    "drivers",
    metadata,
    id_(),
    merchant(),
    Column("device_id", Text, nullable=False),
    doc(),
    UniqueConstraint("device_id", name="drivers_device"),
    Index("drivers_merchant", "merchant_id"),
)

driver_states = Table("driver_states", metadata, id_(), merchant(), instant("seen_at"), doc())

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
