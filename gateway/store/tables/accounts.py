"""Who is served: merchants with their places, stores, carriers and keys."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from gateway.store.tables.parts import doc, id_, instant, merchant, metadata

merchants = Table("merchants", metadata, id_(), merchant(), doc())

locations = Table("locations", metadata, id_(), merchant(), doc(), Index("locations_merchant", "merchant_id"))

stores = Table(
    "stores",
    metadata,
    id_(),
    merchant(),
    Column("platform", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    doc(),
    UniqueConstraint("platform", "external_id", name="stores_external"),
    Index("stores_merchant", "merchant_id"),
)

carrier_accounts = Table(
    "carrier_accounts",
    metadata,
    id_(),
    merchant(),
    Column("carrier", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("settings", JSONB, nullable=False),
    doc(),
    Index("carrier_accounts_merchant", "merchant_id"),
)

carrier_unknowns = Table(
    "carrier_unknowns",
    metadata,
    Column("merchant_id", Text, primary_key=True),
    Column("carrier", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("seen", BigInteger, nullable=False),
    instant("first_at"),
    instant("last_at"),
)

link_checks = Table("link_checks", metadata, id_(), merchant(), doc())

api_keys = Table(
    "api_keys",
    metadata,
    id_(),
    merchant(),
    Column("name", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("allowed_origins", ARRAY(Text), nullable=False),
    instant("created_at"),
    instant("expires_at", nullable=True),
    instant("revoked_at", nullable=True),
    Column("person_id", Text),
    UniqueConstraint("hash", name="api_keys_hash"),
    Index("api_keys_person", "merchant_id", "person_id", postgresql_where=text("person_id IS NOT NULL")),
)

people = Table(
    "people",
    metadata,
    id_(),
    merchant(),
    Column("version", Integer, nullable=False),
    instant("archived_at", nullable=True),
    doc(),
    Index("people_merchant", "merchant_id", "id"),
)
