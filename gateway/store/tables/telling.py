"""Who is told of what: endpoints of merchants' systems with their calls, and notices to shoppers."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from gateway.store.tables.parts import doc, id_, instant, merchant, metadata

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    id_(),
    merchant(),
    Column("enabled", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    instant("archived_at", nullable=True),
    Column("sealed", LargeBinary, nullable=True),
    doc(),
)

webhook_calls = Table(
    "webhook_calls",
    metadata,
    id_(),
    merchant(),
    Column("endpoint_id", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    instant("created_at"),
    instant("due_at", nullable=True),
    doc(),
    Index("webhook_calls_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index("webhook_calls_waiting", "endpoint_id", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index("webhook_calls_subject", "subject_id", "created_at"),
    Index("webhook_calls_message", "endpoint_id", "message_id"),
    Index("webhook_calls_failed", "endpoint_id", "created_at", postgresql_where=text("status = 'FAILED'")),
    Index("webhook_calls_created", "merchant_id", "created_at"),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    id_(),
    merchant(),
    Column("endpoint_id", Text, nullable=False),
    Column("call_id", Text, nullable=False),
    instant("sent_at"),
    doc(),
    Index("webhook_attempts_log", "endpoint_id", "sent_at", "id"),
    Index("webhook_attempts_call", "call_id"),
    Index("webhook_attempts_sent", "merchant_id", "sent_at"),
)

notices = Table(
    "notices",
    metadata,
    id_(),
    merchant(),
    Column("delivery_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("occasion", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("recipient_key", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("provider_id", Text, nullable=False),
    instant("created_at"),
    instant("due_at", nullable=True),
    instant("sent_at", nullable=True),
    doc(),
    UniqueConstraint("delivery_id", "event", "occasion", "channel", "recipient_key", name="notices_once"),
    Index("notices_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index("notices_taken", "account_id", "provider_id", postgresql_where=text("provider_id <> ''")),
    Index("notices_recipient", "merchant_id", "recipient_key", "sent_at"),
    Index("notices_unsettled", "merchant_id", "sent_at", postgresql_where=text("status = 'TAKEN'")),
    Index("notices_created", "merchant_id", "created_at"),
)

notice_templates = Table("notice_templates", metadata, id_(), merchant(), doc())

suppressions = Table("suppressions", metadata, id_(), merchant(), doc())

consents = Table(
    "consents",
    metadata,
    id_(),
    merchant(),
    Column("channel", Text, nullable=False),
    Column("recipient_key", Text, nullable=False),
    instant("at"),
    doc(),
    Index("consents_recipient", "merchant_id", "recipient_key", "channel", "at"),
)

notice_accounts = Table(
    "notice_accounts",
    metadata,
    id_(),
    merchant(),
    Column("provider", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=True),
    doc(),
)

thread_messages = Table(
    "thread_messages",
    metadata,
    id_(),
    merchant(),
    Column("delivery_id", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("key", Text, nullable=False),
    instant("sent_at"),
    instant("read_at", nullable=True),
    doc(),
    UniqueConstraint("delivery_id", "key", name="thread_messages_once"),
    Index("thread_messages_thread", "delivery_id", "sent_at", "id"),
    Index("thread_messages_sent", "merchant_id", "sent_at"),
)

uploads = Table(
    "uploads",
    metadata,
    id_(),
    merchant(),
    Column("owner", Text, nullable=False),
    Column("delivery_id", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    instant("created_at"),
    instant("sent_at", nullable=True),
    Column("body", LargeBinary, nullable=True),
    Index("uploads_delivery", "merchant_id", "delivery_id"),
    Index("uploads_waiting", "merchant_id", "owner", postgresql_where=text("sent_at IS NULL")),
    Index("uploads_age", "merchant_id", "created_at"),
)
