"""The one error of the embedded PostgreSQL."""

from __future__ import annotations


class PostgresUnavailable(RuntimeError):
    """The embedded PostgreSQL cannot be used; the message says why and what to do about it."""
