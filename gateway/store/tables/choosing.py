"""What options are chosen by: slots, rules, boxes, and counts of carriers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY

from doorstep.scorecard import COUNTED
from gateway.store.tables.parts import doc, id_, instant, merchant, metadata

slot_templates = Table(
    "slot_templates",
    metadata,
    id_(),
    merchant(),
    Column("location_id", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    instant("archived_at", nullable=True),
    doc(),
    Index("slot_templates_location", "merchant_id", "location_id"),
)

# Who takes or gives back a place in a slot writes its row first; the id is the slot's.
slot_days = Table("slot_days", metadata, id_(), merchant(), Column("turn", BigInteger, nullable=False))

slot_holds = Table(
    "slot_holds",
    metadata,
    id_(),
    merchant(),
    Column("slot_id", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("status", Text, nullable=False),
    instant("expires_at"),
    Column("key", Text, nullable=False),
    Column("owner", Text, nullable=False),
    doc(),
    UniqueConstraint("merchant_id", "key", name="slot_holds_key"),
    # No two have one place, whatever the code above forgets to lock; it also finds the live ones of a slot.
    Index(
        "slot_holds_one_live",
        "slot_id",
        "place",
        unique=True,
        postgresql_where=text("status IN ('HELD', 'CONFIRMED')"),
    ),
    Index(
        "slot_holds_one_confirmed",
        "merchant_id",
        "owner",
        unique=True,
        postgresql_where=text("status = 'CONFIRMED' AND owner <> ''"),
    ),
    Index(
        "slot_holds_options",
        "merchant_id",
        text("(doc ->> 'options_id')"),
        postgresql_where=text("status = 'HELD'"),
    ),
    Index(
        "slot_holds_held_by",
        "merchant_id",
        text("(doc ->> 'held_by')"),
        postgresql_where=text("status = 'HELD'"),
    ),
)

rules = Table(
    "rules",
    metadata,
    id_(),
    merchant(),
    Column("priority", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    instant("archived_at", nullable=True),
    doc(),
    Index("rules_order", "merchant_id", "priority", "id", postgresql_where=text("archived_at IS NULL")),
    Index("rules_version", "merchant_id", "version"),
)

boxes = Table(
    "boxes",
    metadata,
    id_(),
    merchant(),
    Column("version", Integer, nullable=False),
    instant("updated_at"),
    instant("archived_at", nullable=True),
    doc(),
    Index("boxes_merchant", "merchant_id"),
)

carrier_counts = Table(
    "carrier_counts",
    metadata,
    Column("merchant_id", Text, primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("currency", Text, primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in COUNTED),
    Column("cost_minor", BigInteger, nullable=False),
    Column("responses", ARRAY(BigInteger), nullable=False),
    Index("carrier_counts_day", "merchant_id", "day"),
)

requotes = Table(
    "requotes",
    metadata,
    id_(),
    merchant(),
    Column("account_id", Text, nullable=False),
    instant("noted_at"),
    doc(),
    Index("requotes_account", "account_id", "noted_at", "id"),
)
