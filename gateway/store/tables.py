"""The tables, as SQLAlchemy Core sees them.

An aggregate is kept whole in `doc` (JSON of its dataclass, see `codec`); the columns beside it are
projections of it that queries and constraints need. The migrations are the truth for DDL; a test
compares the two.

Every table but `ROOMS_WITHOUT_TENANT` carries `merchant_id` and is under forced row level security.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, LargeBinary, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from gateway.store.table_parts import doc as _doc
from gateway.store.table_parts import id_ as _id
from gateway.store.table_parts import instant as _instant
from gateway.store.table_parts import merchant as _merchant
from gateway.store.table_parts import metadata
from gateway.store.tables_for_choosing import (
    boxes,
    carrier_counts,
    requotes,
    rules,
    slot_days,
    slot_holds,
    slot_templates,
)
from gateway.store.tables_for_documents import documents
from gateway.store.tables_for_stacks import stack_waits, stacks

OWNER_ROLE = "doorstep_owner"
APP_ROLE = "doorstep_app"


merchants = Table("merchants", metadata, _id(), _merchant(), _doc())

locations = Table(
    "locations", metadata, _id(), _merchant(), _doc(), Index("locations_merchant", "merchant_id")
)

stores = Table(
    "stores",
    metadata,
    _id(),
    _merchant(),
    Column("platform", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    _doc(),
    UniqueConstraint("platform", "external_id", name="stores_external"),
    Index("stores_merchant", "merchant_id"),
)

carrier_accounts = Table(
    "carrier_accounts",
    metadata,
    _id(),
    _merchant(),
    Column("carrier", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("settings", JSONB, nullable=False),
    _doc(),
    Index("carrier_accounts_merchant", "merchant_id"),
)

orders = Table(
    "orders",
    metadata,
    _id(),
    _merchant(),
    Column("store_id", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("choice_reference", Text, nullable=False),
    _instant("placed_at"),
    _instant("updated_at"),
    _doc(),
    UniqueConstraint("store_id", "external_id", name="orders_external"),
    Index("orders_placed", "merchant_id", "placed_at", "id"),
    Index("orders_of_store", "store_id", "placed_at", "id"),
)

fulfillment_orders = Table(
    "fulfillment_orders",
    metadata,
    _id(),
    _merchant(),
    Column("order_id", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("method", Text, nullable=False),
    _doc(),
    UniqueConstraint("order_id", "external_id", name="fulfillment_orders_external"),
    Index("fulfillment_orders_status", "merchant_id", "status"),
)

quote_sets = Table(
    "quote_sets",
    metadata,
    _id(),
    _merchant(),
    Column("fulfillment_order_id", Text),
    _instant("asked_at"),
    _doc(),
    Index("quote_sets_fulfillment_order", "fulfillment_order_id", "asked_at"),
)

choices = Table(
    "choices",
    metadata,
    _id(),
    _merchant(),
    Column("order_id", Text),
    _instant("chosen_at"),
    _doc(),
    Index("choices_quote_set", "merchant_id", text("(doc ->> 'quote_set_id')")),
)

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    _merchant(),
    Column("order_id", Text, nullable=False),
    Column("fulfillment_order_id", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("is_over", Boolean, nullable=False),
    Column("driver_id", Text),
    _instant("promised_by", nullable=True),
    _instant("created_at"),
    _instant("updated_at"),
    _doc(),
    # Nobody is sent to one door twice: of one fulfillment order at most one delivery lives or arrived.
    Index(
        "deliveries_one_live",
        "fulfillment_order_id",
        unique=True,
        postgresql_where=text("status NOT IN ('CANCELLED', 'FAILED', 'RETURNED')"),
    ),
    Index("deliveries_promised", "merchant_id", "promised_by", "id"),
    Index("deliveries_unfinished", "merchant_id", "mode", postgresql_where=text("NOT is_over")),
)

legs = Table(
    "legs",
    metadata,
    _id(),
    _merchant(),
    Column("delivery_id", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("booking_key", Text, nullable=False),
    Column("status", Text, nullable=False),
    _instant("doubted_at", nullable=True),
    UniqueConstraint("booking_key", name="legs_booking_key"),
    Index(
        "legs_booking",
        "merchant_id",
        "carrier",
        "external_id",
        unique=True,
        postgresql_where=text("external_id <> ''"),
    ),
    Index("legs_delivery", "delivery_id"),
    Index("legs_doubted", "merchant_id", "doubted_at", postgresql_where=text("doubted_at IS NOT NULL")),
)

delivery_events = Table(
    "delivery_events",
    metadata,
    _id(),
    _merchant(),
    Column("delivery_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_event_id", Text, nullable=False),
    _instant("occurred_at"),
    _doc(),
    UniqueConstraint("delivery_id", "source", "source_event_id", name="delivery_events_source"),
    Index("delivery_events_time", "delivery_id", "occurred_at", "id"),
)

drivers = Table(
    "drivers",
    metadata,
    _id(),
    _merchant(),
    Column("device_id", Text, nullable=False),
    _doc(),
    UniqueConstraint("device_id", name="drivers_device"),
    Index("drivers_merchant", "merchant_id"),
)

driver_states = Table("driver_states", metadata, _id(), _merchant(), _instant("seen_at"), _doc())

route_plans = Table(
    "route_plans",
    metadata,
    _id(),
    _merchant(),
    Column("date", Text, nullable=False),
    Column("status", Text, nullable=False),
    _instant("created_at"),
    _doc(),
    Index("route_plans_date", "merchant_id", "date"),
)

routes = Table(
    "routes",
    metadata,
    _id(),
    _merchant(),
    Column("plan_id", Text, nullable=False),
    Column("driver_id", Text, nullable=False),
    Column("date", Text, nullable=False),
    Column("status", Text, nullable=False),
    _instant("starts_at"),
    _doc(),
    Index("routes_driver", "driver_id", "starts_at"),
    Index("routes_date", "merchant_id", "date", "id"),
)

incidents = Table(
    "incidents",
    metadata,
    _id(),
    _merchant(),
    Column("kind", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("delivery_id", Text),
    _instant("due_at"),
    _instant("raised_at"),
    _doc(),
    Index(
        "incidents_one_live",
        "merchant_id",
        "kind",
        "subject",
        unique=True,
        postgresql_where=text("status <> 'RESOLVED'"),
    ),
    Index("incidents_due", "merchant_id", "due_at", "id"),
)

inbox = Table(
    "inbox",
    metadata,
    _id(),
    _merchant(),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("dedupe_id", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    _instant("received_at"),
    _instant("handled_at", nullable=True),
    UniqueConstraint("source", "dedupe_id", name="inbox_dedupe"),
    Index("inbox_waiting", "source", "received_at", "id", postgresql_where=text("handled_at IS NULL")),
    Index("inbox_received", "merchant_id", "received_at"),
    Index("inbox_handled", "merchant_id", "handled_at", postgresql_where=text("handled_at IS NOT NULL")),
)

quarantine = Table(
    "quarantine",
    metadata,
    _id(),
    _merchant(),
    Column("source", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    _instant("received_at"),
    _doc(),
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
    _instant("first_seen_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    _id(),
    _merchant(),
    Column("name", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("allowed_origins", ARRAY(Text), nullable=False),
    _instant("created_at"),
    _instant("expires_at", nullable=True),
    _instant("revoked_at", nullable=True),
    UniqueConstraint("hash", name="api_keys_hash"),
)

store_syncs = Table("store_syncs", metadata, _id(), _merchant(), _doc())

reports = Table(
    "reports",
    metadata,
    _id(),
    _merchant(),
    Column("store_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    _instant("due_at", nullable=True),
    _doc(),
    Index("reports_due", "store_id", "due_at", "id", postgresql_where=text("due_at IS NOT NULL")),
)

products = Table(
    "products",
    metadata,
    _id(),
    _merchant(),
    Column("store_id", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("sku", Text, nullable=False),
    _instant("read_at"),
    _doc(),
    UniqueConstraint("store_id", "external_id", name="products_external"),
    Index("products_sku", "store_id", "sku", postgresql_where=text("sku <> ''")),
)

privacy_requests = Table(
    "privacy_requests",
    metadata,
    _id(),
    _merchant(),
    Column("store_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    _instant("received_at"),
    _instant("due_at"),
    _doc(),
    Index("privacy_requests_due", "merchant_id", "status", "due_at", "id"),
)

ROOMS_WITHOUT_TENANT: frozenset[str] = frozenset({"alembic_version"})
"""Tables of ours that hold nobody's data; procrastinate's tables, which hold ids only, come beside them."""

TENANT_TABLES = tuple(metadata.tables.values())

__all__ = [
    "APP_ROLE",
    "OWNER_ROLE",
    "ROOMS_WITHOUT_TENANT",
    "TENANT_TABLES",
    "boxes",
    "carrier_counts",
    "documents",
    "metadata",
    "requotes",
    "rules",
    "slot_days",
    "slot_holds",
    "slot_templates",
    "stack_waits",
    "stacks",
]
