"""Who may run a document: computed from the document alone, compared with the caller afterwards.

The verdict must not be cached with the validation, which does not know who asks: what is kept for a document
is which audiences may run it and which scopes it needs, and each request compares itself with that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
)

from gateway.api.marks import Access
from gateway.auth.caller import Audience, Caller, Scope

_BACKREF = "strawberry-definition"
SECRET_ONLY = Access(to=[Audience.SECRET])


def access_of(parent: GraphQLObjectType | GraphQLInterfaceType, name: str) -> Access:
    """The rule of a field: its own, else its type's, else secret keys alone."""
    for place in (parent.fields[name], parent):
        mark = mark_of(place, Access)
        if mark is not None:
            return mark
    return SECRET_ONLY


def mark_of[M](place: object, kind: type[M]) -> M | None:
    """The directive of this kind on a type, field or argument of the built schema."""
    definition = getattr(place, "extensions", {}).get(_BACKREF)
    marks: Iterable[object] = getattr(definition, "directives", None) or ()
    return next((mark for mark in marks if isinstance(mark, kind)), None)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a document needs.

    Attributes
    ----------
    closed_to
        Audience -> the first field, in the order of the document, that it may not read.
    scopes
        Scope -> the first field that asks a secret key for it.
    """

    closed_to: Mapping[Audience, str]
    scopes: Mapping[Scope, str]

    def refusal(self, caller: Caller) -> GraphQLError | None:
        """Why this caller may not run it; None where they may."""
        if caller.audience is not Audience.SECRET:
            closed = self.closed_to.get(caller.audience)
            return None if closed is None else _forbidden(closed, f"a {caller.audience.lower()} credential")
        for scope, coordinate in self.scopes.items():
            if not caller.may(scope):
                return _forbidden(coordinate, f"a key without the scope {scope}", scope)
        return None


def needs_of(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Needs:
    """Walk one operation of a valid document with every fragment that it reaches."""
    walk = _Walk(fragments_of(document))
    root = schema.get_root_type(operation.operation)
    if root is not None:
        walk.visit(schema, root, operation.selection_set)
    return Needs(walk.closed_to, walk.scopes)


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The document's fragments by name."""
    return {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }


def field_of(parent: GraphQLCompositeType, node: FieldNode) -> GraphQLField | None:
    """The field that a node asks for; None for `__typename` and introspection."""
    if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        return None
    found: GraphQLField | None = parent.fields.get(node.name.value)
    return found


def fragment_type(
    schema: GraphQLSchema, parent: GraphQLCompositeType, node: InlineFragmentNode | FragmentDefinitionNode
) -> GraphQLCompositeType:
    """What a fragment is on."""
    condition = node.type_condition
    named = None if condition is None else schema.get_type(condition.name.value)
    return named if named is not None and is_composite_type(named) else parent


@dataclass(slots=True)
class _Walk:
    fragments: Mapping[str, FragmentDefinitionNode]
    closed_to: dict[Audience, str] = field(default_factory=dict)
    scopes: dict[Scope, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def visit(self, schema: GraphQLSchema, parent: GraphQLCompositeType, selected: SelectionSetNode) -> None:
        for node in selected.selections:
            if isinstance(node, FieldNode):
                self._field(schema, parent, node)
            elif isinstance(node, InlineFragmentNode):
                self.visit(schema, fragment_type(schema, parent, node), node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in self.seen:
                self.seen.add(node.name.value)
                fragment = self.fragments[node.name.value]
                self.visit(schema, fragment_type(schema, parent, fragment), fragment.selection_set)

    def _field(self, schema: GraphQLSchema, parent: GraphQLCompositeType, node: FieldNode) -> None:
        definition = field_of(parent, node)
        if definition is None or not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return
        rule, coordinate = access_of(parent, node.name.value), f"{parent.name}.{node.name.value}"
        for audience in Audience:
            if audience is not Audience.SECRET and audience not in rule.to:
                self.closed_to.setdefault(audience, coordinate)
        self.scopes.setdefault(rule.scope, coordinate)
        below = get_named_type(definition.type)
        if node.selection_set is not None and is_composite_type(below):
            self.visit(schema, below, node.selection_set)


def _forbidden(coordinate: str, who: str, scope: Scope | None = None) -> GraphQLError:
    extensions: dict[str, object] = {"code": "FORBIDDEN", "retryable": False, "field": coordinate}
    if scope is not None:
        extensions["scope"] = scope.value
    return GraphQLError(f"{coordinate} is not open to {who}.", extensions=extensions)
