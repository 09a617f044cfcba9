"""The columns that most tables have."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()


def id_() -> Column[str]:
    """The key of a row."""
    return Column("id", Text, primary_key=True)


def merchant() -> Column[str]:
    """Whose row it is; row level security looks at it."""
    return Column("merchant_id", Text, nullable=False)


def instant(name: str, *, nullable: bool = False) -> Column[object]:
    """A moment, with its time zone."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def doc() -> Column[object]:
    """An aggregate, whole."""
    return Column("doc", JSONB, nullable=False)
