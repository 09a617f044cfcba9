"""Reads for the API: lists by page, many things by id, what belongs to things. No writes here."""

from gateway.store.queries.reads import SqlReads

__all__ = ["SqlReads"]
