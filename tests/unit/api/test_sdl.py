"""The committed SDL is the schema's."""

from __future__ import annotations

from pathlib import Path

from graphql import build_schema as read_sdl

from gateway.api.schema import GatewaySchema, sdl_of

COMMITTED = Path(__file__).parents[3] / "schema.graphql"


def test_schema_graphql_is_what_the_code_says(schema: GatewaySchema) -> None:
    # Refresh it with: python -m gateway.api > schema.graphql
    assert COMMITTED.read_text(encoding="utf-8") == sdl_of(schema)


def test_the_sdl_can_be_read_by_other_tools(schema: GatewaySchema) -> None:
    read = read_sdl(sdl_of(schema))
    assert read.query_type is not None
    assert {directive.name for directive in read.directives} >= {"access", "bounded", "cost", "closed"}
