"""The GraphQL documents of the pages are valid, and cheap enough to run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, parse, validate

from gateway.api.admission.cost import cost_of
from gateway.api.schema import build_schema
from gateway.api.settings import ApiSettings

STATIC = Path(__file__).parents[2] / "gateway/app/static"
CONSTANT = re.compile(r"const (\w+) = /\* GraphQL \*/ `(.*?)`;", re.DOTALL)


def documents() -> Mapping[str, str]:
    """Name -> document of every exported constant, with the fragments that it spreads."""
    sources = STATIC.rglob("documents.js")
    return {name: text for source in sources for name, text in _exported(source.read_text("utf-8")).items()}


def _exported(text: str) -> Mapping[str, str]:
    known = dict(CONSTANT.findall(text))
    exported = re.findall(r"export const (\w+) =", text)
    return {name: re.sub(r"\$\{(\w+)\}", lambda part: known[part[1]], known[name]) for name in exported}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(ApiSettings())._schema


@pytest.mark.parametrize("name", documents())
def test_every_document_of_the_pages_fits_the_schema(schema: GraphQLSchema, name: str) -> None:
    assert validate(schema, parse(documents()[name])) == []


@pytest.mark.parametrize("name", documents())
def test_a_page_can_send_every_document_many_times_before_its_bucket_is_empty(
    schema: GraphQLSchema, name: str
) -> None:
    document = parse(documents()[name])
    operation = cast("OperationDefinitionNode", document.definitions[0])
    limits = ApiSettings()
    cost = cost_of(schema, document, operation, {})
    assert cost <= limits.max_cost
    assert cost * 10 <= limits.bucket_points
