"""The schema that the simulated shop executes on: Shopify's own where it is there, else the part that ships.

Shopify publishes the introspection of its Admin API with the scopes that every type and field needs (npm
package @shopify/dev-mcp 1.16.0, folder dist/data). It is not ours to ship.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_client_schema,
    build_schema,
    get_named_type,
    parse,
    validate,
    visit,
)

from simulator.stores.shopify.access import Need, Needs, needs_of, published_needs, shipped_needs

NEWEST = "2026-10"
_DOWNLOADED = (
    Path(__file__).resolve().parents[3] / ".cache" / "npm" / "@shopify+dev-mcp-1.16.0" / "dist" / "data"
)
PUBLISHED: Path | None = _DOWNLOADED if (_DOWNLOADED / f"admin_{NEWEST}.json.gz").exists() else None
"""Where Shopify's own schema lies in a checkout whose `make setup` has run; None elsewhere."""

_MOST_DOCUMENTS = 1000


@dataclass(frozen=True, slots=True)
class Checked:
    """A document that was parsed and validated once.

    Attributes
    ----------
    errors
        What is wrong with it; it is not executed then.
    guarded
        (type, field) of what it reads -> what that needs.
    """

    document: DocumentNode
    errors: tuple[GraphQLError, ...]
    guarded: dict[tuple[str, str], list[Need]]
    is_write: bool

    def refused(self, granted: Collection[str]) -> dict[tuple[str, str], Need]:
        """What an app with these scopes may not read."""
        return {
            key: need for key, needs in self.guarded.items() for need in needs if not need.is_met(granted)
        }


class Edition:
    """One version of the Admin API, with the documents that were checked against it."""

    def __init__(self, schema: GraphQLSchema, needs: Needs) -> None:
        # Six deprecations on fields of interfaces are against the letter of the GraphQL specification.
        schema._validation_errors = []
        self.schema = schema
        self.needs = needs
        self._documents: dict[str, Checked] = {}

    def check(self, query: str) -> Checked:
        """Parse and validate a document, once."""
        known = self._documents.get(query)
        if known is None:
            if len(self._documents) >= _MOST_DOCUMENTS:
                self._documents.clear()
            known = self._documents[query] = self._checked(query)
        return known

    def _checked(self, query: str) -> Checked:
        try:
            document = parse(query)
        except GraphQLError as unreadable:
            unreadable.extensions = {"code": "PARSE_ERROR"}
            return Checked(DocumentNode(), (unreadable,), {}, False)
        errors = validate(self.schema, document)
        for error in errors:
            error.extensions = {"code": _code_of(error.message)}
        is_write = any(
            isinstance(node, OperationDefinitionNode) and node.operation is OperationType.MUTATION
            for node in document.definitions
        )
        return Checked(document, tuple(errors), {} if errors else self._guarded(document), is_write)

    def _guarded(self, document: DocumentNode) -> dict[tuple[str, str], list[Need]]:
        found: dict[tuple[str, str], list[Need]] = {}
        type_info = TypeInfo(self.schema)
        needs = self.needs

        class Collect(Visitor):
            def enter_field(self, node: FieldNode, *_: Any) -> None:
                parent, kind = type_info.get_parent_type(), type_info.get_type()
                if isinstance(parent, GraphQLObjectType) and kind is not None:
                    name = node.name.value
                    wanted = needs_of(needs, parent.name, name, get_named_type(kind))
                    if wanted:
                        found[parent.name, name] = wanted

        visit(document, TypeInfoVisitor(type_info, Collect()))
        return found


def edition(folder: Path | None, version: str = NEWEST) -> Edition:
    """The API of a version; the newest where its own schema is not there."""
    if folder is None:
        return _shipped()
    file = folder / f"admin_{version}.json.gz"
    return _published(file if file.exists() else folder / f"admin_{NEWEST}.json.gz")


@cache
def _published(file: Path) -> Edition:
    with gzip.open(file) as packed:
        published = json.load(packed)
    schema = build_client_schema(published["data"], assume_valid=True)
    return Edition(schema, published_needs(published["offline_scopes"]["items"]))


@cache
def _shipped() -> Edition:
    folder = resources.files(__package__)
    schema = build_schema((folder / "schema.graphql").read_text(encoding="utf-8"), assume_valid=True)
    return Edition(schema, shipped_needs((folder / "scopes.txt").read_text(encoding="utf-8")))


def _code_of(message: str) -> str:
    return next((code for start, code in _CODES.items() if start in message), "argumentLiteralsIncompatible")


_CODES = {
    "Cannot query field": "undefinedField",
    "Unknown argument": "argumentNotAccepted",
    "is required, but it was not provided": "missingRequiredArguments",
    "Unknown directive": "undefinedDirective",
    "must have a selection of subfields": "selectionMismatch",
    "must not have a selection since": "selectionMismatch",
    "of required type": "missingRequiredInputObjectAttribute",
}
