"""Which access scopes the app needs for what it asks, and what it is told without them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from graphql import GraphQLError, GraphQLNamedType, GraphQLObjectType, get_named_type


@dataclass(frozen=True, slots=True)
class Need:
    """Any one of some scopes, and Shopify's words for it."""

    any_of: tuple[str, ...]
    words: str

    def is_met(self, granted: Collection[str]) -> bool:
        """Whether one of them was granted; writing includes reading."""
        return any(
            scope in granted or scope.replace("read_", "write_", 1) in granted for scope in self.any_of
        )


Needs = Mapping[tuple[str, str], Need]
"""By type and field; the field "" stands for the type itself."""


_IN_WORDS_ALONE = {("DeliveryCarrierService", ""): ("read_orders", "read_shipping")}
"""What Shopify's list names in its sentence and leaves out of its scopes."""


def needs_of(needs: Needs, parent: str, field: str, kind: GraphQLNamedType) -> list[Need]:
    """What reading a field takes: the field's own need and that of the type it gives."""
    found = [needs.get((parent, field)), needs.get((_element(kind).name, ""))]
    return [need for need in found if need is not None]


def denied(field: str, need: Need) -> GraphQLError:
    """As Shopify answers an app without the scope."""
    return GraphQLError(
        f"Access denied for {field} field. Required access: {need.words}",
        extensions={
            "code": "ACCESS_DENIED",
            "documentation": "https://shopify.dev/api/usage/access-scopes",
            "requiredAccess": need.words,
        },
    )


def in_words(scopes: Collection[str]) -> str:
    """ "`a` access scope, `b` access scope or `c` access scope." """
    each = [f"`{scope}` access scope" for scope in scopes]
    return f"{', '.join(each[:-1])} or {each[-1]}." if len(each) > 1 else f"{each[0]}."


def published_needs(items: Collection[Mapping[str, object]]) -> Needs:
    """Shopify's own list of scopes by type and field."""
    needs: dict[tuple[str, str], Need] = {}
    for item in items:
        scopes = item["offlineScopes"]
        if isinstance(scopes, list) and scopes:
            key = (str(item["typeName"]), str(item.get("fieldName") or ""))
            any_of = (*map(str, scopes), *_IN_WORDS_ALONE.get(key, ()))
            needs[key] = Need(any_of, str(item["requiredAccess"]))
    return needs


def shipped_needs(table: str) -> Needs:
    """The lines "Type[.field]: scope scope" of the file that ships with the simulated shop."""
    needs: dict[tuple[str, str], Need] = {}
    for row in table.splitlines():
        if row and not row.startswith("#"):
            name, _, scopes = row.partition(":")
            kind, _, field = name.partition(".")
            needs[kind, field] = Need(tuple(scopes.split()), in_words(scopes.split()))
    return needs


def _element(kind: GraphQLNamedType) -> GraphQLNamedType:
    if isinstance(kind, GraphQLObjectType) and kind.name.endswith("Connection") and "nodes" in kind.fields:
        node: GraphQLNamedType = get_named_type(kind.fields["nodes"].type)
        return node
    return kind
