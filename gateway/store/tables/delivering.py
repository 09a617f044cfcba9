"""Deliveries and what becomes of them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from gateway.store.tables.parts import doc, id_, instant, merchant, metadata

deliveries = Table(
    "deliveries",
    metadata,
    id_(),
    merchant(),
    Column("order_id", Text, nullable=False),
    Column("fulfillment_order_id", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("is_over", Boolean, nullable=False),
    Column("driver_id", Text),
    instant("promised_by", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    doc(),
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
    id_(),
    merchant(),
    Column("delivery_id", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("booking_key", Text, nullable=False),
    Column("status", Text, nullable=False),
    instant("doubted_at", nullable=True),
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
    id_(),
    merchant(),
    Column("delivery_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_event_id", Text, nullable=False),
    instant("occurred_at"),
    doc(),
    UniqueConstraint("delivery_id", "source", "source_event_id", name="delivery_events_source"),
    Index("delivery_events_time", "delivery_id", "occurred_at", "id"),
)

failed_attempts = Table(
    "failed_attempts",
    metadata,
    id_(),
    merchant(),
    Column("delivery_id", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("is_open", Boolean, nullable=False),
    instant("failed_at"),
    doc(),
    UniqueConstraint("event_id", name="failed_attempts_event"),
    Index("failed_attempts_delivery", "delivery_id", "id"),
    Index("failed_attempts_open", "merchant_id", "id", postgresql_where=text("is_open")),
)

return_requests = Table(
    "return_requests",
    metadata,
    id_(),
    merchant(),
    Column("order_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    doc(),
    Index("return_requests_order", "order_id", "id"),
    Index("return_requests_status", "merchant_id", "status", "id"),
)

loss_claims = Table(
    "loss_claims",
    metadata,
    id_(),
    merchant(),
    Column("order_id", Text, nullable=False),
    Column("delivery_id", Text, nullable=False),
    Column("leg_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    doc(),
    # One booking loses goods once, however many incidents tell of it.
    UniqueConstraint("leg_id", name="loss_claims_leg"),
    Index("loss_claims_order", "order_id"),
    Index("loss_claims_status", "merchant_id", "status", "id"),
)

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

incidents = Table(
    "incidents",
    metadata,
    id_(),
    merchant(),
    Column("kind", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("delivery_id", Text),
    instant("due_at"),
    instant("raised_at"),
    instant("breaches_at"),
    Column("severity_rank", Integer, nullable=False),
    Column("assignee_id", Text),
    doc(),
    Index(
        "incidents_one_live",
        "merchant_id",
        "kind",
        "subject",
        unique=True,
        postgresql_where=text("status <> 'RESOLVED'"),
    ),
    Index("incidents_due", "merchant_id", "due_at", "id", postgresql_where=text("status <> 'RESOLVED'")),
    Index(
        "incidents_breach", "merchant_id", "breaches_at", "id", postgresql_where=text("status <> 'RESOLVED'")
    ),
    Index(
        "incidents_worst", "merchant_id", "severity_rank", "id", postgresql_where=text("status <> 'RESOLVED'")
    ),
    Index(
        "incidents_in_hand",
        "merchant_id",
        "assignee_id",
        "breaches_at",
        "id",
        postgresql_where=text("status <> 'RESOLVED'"),
    ),
    Index("incidents_raised", "merchant_id", "raised_at", "id"),
    Index("incidents_past", "merchant_id", "subject", "kind", "raised_at"),
)
