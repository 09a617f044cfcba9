"""Orders, what was offered for them, and what was chosen."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint, text

from gateway.store.tables.parts import doc, id_, instant, merchant, metadata

orders = Table(
    "orders",
    metadata,
    id_(),
    merchant(),
    Column("store_id", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("choice_reference", Text, nullable=False),
    instant("placed_at"),
    instant("updated_at"),
    doc(),
    UniqueConstraint("store_id", "external_id", name="orders_external"),
    Index("orders_placed", "merchant_id", "placed_at", "id"),
    Index("orders_of_store", "store_id", "placed_at", "id"),
    Index("orders_number", "store_id", text("lower(number)")),
)

fulfillment_orders = Table(
    "fulfillment_orders",
    metadata,
    id_(),
    merchant(),
    Column("order_id", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("method", Text, nullable=False),
    doc(),
    UniqueConstraint("order_id", "external_id", name="fulfillment_orders_external"),
    Index("fulfillment_orders_status", "merchant_id", "status"),
)

quote_sets = Table(
    "quote_sets",
    metadata,
    id_(),
    merchant(),
    Column("fulfillment_order_id", Text),
    Column("cart_key", Text),
    instant("asked_at"),
    doc(),
    Index("quote_sets_fulfillment_order", "fulfillment_order_id", "asked_at"),
    Index(
        "quote_sets_cart",
        "merchant_id",
        "cart_key",
        "asked_at",
        postgresql_where=text("cart_key IS NOT NULL"),
    ),
)

choices = Table(
    "choices",
    metadata,
    id_(),
    merchant(),
    Column("order_id", Text),
    instant("chosen_at"),
    doc(),
    Index("choices_quote_set", "merchant_id", text("(doc ->> 'quote_set_id')")),
    Index(
        "choices_cart",
        "merchant_id",
        text("(doc ->> 'cart_id')"),
        postgresql_where=text("order_id IS NULL"),
    ),
)
