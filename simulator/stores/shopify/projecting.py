"""Bulk queries: which are legal, and the JSON lines that they give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_argument_values,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

from simulator.stores.shopify.listing import EVERYTHING
from simulator.stores.shopify.plain import View
from simulator.stores.shopify.schema import Checked

MOST_CONNECTIONS = 5
DEEPEST_NESTING = 2
"""Levels of connections below the first."""

Line = dict[str, Any]


class BulkQuery:
    """One query of a bulk operation."""

    def __init__(self, schema: GraphQLSchema, checked: Checked) -> None:
        self._schema = schema
        definitions = checked.document.definitions
        self._fragments = {
            node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._operation = next(node for node in definitions if isinstance(node, OperationDefinitionNode))
        self._root = schema.query_type
        self._arguments: dict[int, dict[str, Any]] = {}
        self._selected: dict[tuple[int, str], list[FieldNode]] = {}

    def trouble(self) -> str:
        """Why Shopify would not run it, "" where it would. Limits documented; wording from memory."""
        assert self._root is not None  # noqa: S101 - every schema here has queries
        top = self._fields(self._operation.selection_set, self._root)
        if len(top) != 1 or top[0].name.value in {"node", "nodes"}:
            return "Bulk queries must have exactly one top-level field, which is a connection."
        count, depth, in_list = self._measure(self._operation.selection_set, self._root, 0, False)
        if not count:
            return "Bulk queries must contain at least one connection."
        if count > MOST_CONNECTIONS:
            return f"Bulk queries cannot contain more than {MOST_CONNECTIONS} connections."
        if depth - 1 > DEEPEST_NESTING:
            return (
                "Bulk queries cannot contain connections with a nesting depth greater than "
                f"{DEEPEST_NESTING}."
            )
        if in_list:
            return "Queries that contain a connection field within a list field are not currently supported."
        return ""

    def lines(self, fields: Mapping[str, Any]) -> Iterator[tuple[Line, list[Line]]]:
        """Each object of the top connection with its descendants, given the resolvers of QueryRoot."""
        assert self._root is not None  # noqa: S101 - every schema here has queries
        field = self._fields(self._operation.selection_set, self._root)[0]
        view = fields[field.name.value](
            _info(field), **{**self._given(self._root, field), "first": EVERYTHING}
        )
        inner, kind = self._node_of(self._root, field)
        for node in view["nodes"]:
            below: list[Line] = []
            yield self._object(node, inner, kind, below), below

    def _measure(
        self, selections: SelectionSetNode, kind: GraphQLNamedType, depth: int, in_list: bool
    ) -> tuple[int, int, bool]:
        count, deepest, trouble = 0, depth, False
        for field in self._fields(selections, kind):
            found = _field_type(kind, field)
            if found is None or field.selection_set is None:
                continue
            named = get_named_type(found)
            is_connection = named.name.endswith("Connection")
            is_list = in_list or (_is_list(found) and field.name.value not in {"nodes", "edges"})
            inside = self._measure(field.selection_set, named, depth + is_connection, is_list)
            count += is_connection + inside[0]
            deepest = max(deepest, inside[1])
            trouble = trouble or inside[2] or (is_connection and in_list)
        return count, deepest, trouble

    def _object(
        self, view: View, selections: SelectionSetNode, kind: GraphQLNamedType, below: list[Line]
    ) -> Line:
        if is_abstract_type(kind):
            kind = self._schema.type_map[view["__typename"]]
        line: Line = {}
        for field in self._fields(selections, kind):
            name = field.name.value
            key = field.alias.value if field.alias else name
            if name == "__typename":
                line[key] = kind.name
                continue
            value = view[name]
            found = _field_type(kind, field)
            named = get_named_type(found)
            if named is not None and named.name.endswith("Connection"):
                below += self._children(view, value, field, kind)
                continue
            if callable(value):
                value = value(_info(field), **self._given(kind, field))
            line[key] = self._value(value, field, named, below)
        return line

    def _value(self, value: Any, field: FieldNode, named: Any, below: list[Line]) -> Any:
        if value is None or field.selection_set is None or is_leaf_type(named):
            return value
        if isinstance(value, (list, tuple)):
            return [self._object(one, field.selection_set, named, below) for one in value]
        return self._object(value, field.selection_set, named, below)

    def _children(self, parent: View, resolve: Any, field: FieldNode, kind: GraphQLNamedType) -> list[Line]:
        given = self._given(kind, field)
        view = resolve(_info(field), **{**given, "first": EVERYTHING})
        inner, named = self._node_of(kind, field)
        found: list[Line] = []
        for node in view["nodes"]:
            below: list[Line] = []
            found.append({**self._object(node, inner, named, below), "__parentId": parent["id"]})
            found += below
        return found

    def _node_of(self, kind: GraphQLNamedType, field: FieldNode) -> tuple[SelectionSetNode, GraphQLNamedType]:
        """What is selected of a connection's nodes, and their type."""
        connection = get_named_type(_field_type(kind, field))
        assert isinstance(connection, GraphQLObjectType)  # noqa: S101 - a connection is one
        assert field.selection_set is not None  # noqa: S101 - validation came before
        for inner in self._fields(field.selection_set, connection):
            if inner.selection_set is None:
                continue
            if inner.name.value == "nodes":
                return inner.selection_set, get_named_type(connection.fields["nodes"].type)
            if inner.name.value == "edges":
                edge = get_named_type(connection.fields["edges"].type)
                for node in self._fields(inner.selection_set, edge):
                    if node.name.value == "node" and node.selection_set is not None:
                        return node.selection_set, get_named_type(connection.fields["nodes"].type)
        return SelectionSetNode(selections=()), get_named_type(connection.fields["nodes"].type)

    def _given(self, kind: GraphQLNamedType, field: FieldNode) -> dict[str, Any]:
        known = self._arguments.get(id(field))
        if known is None:
            assert isinstance(kind, GraphQLObjectType)  # noqa: S101 - only these have arguments here
            definition = kind.fields[field.name.value]
            known = self._arguments[id(field)] = get_argument_values(definition, field)
        return known

    def _fields(self, selections: SelectionSetNode, kind: GraphQLNamedType) -> list[FieldNode]:
        key = (id(selections), kind.name)
        known = self._selected.get(key)
        if known is None:
            known = self._selected[key] = list(self._walk(selections, kind))
        return known

    def _walk(self, selections: SelectionSetNode, kind: GraphQLNamedType) -> Iterator[FieldNode]:
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or self._fits(condition.name.value, kind):
                    yield from self._walk(selection.selection_set, kind)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments[selection.name.value]
                if self._fits(fragment.type_condition.name.value, kind):
                    yield from self._walk(fragment.selection_set, kind)

    def _fits(self, name: str, kind: GraphQLNamedType) -> bool:
        if name == kind.name or is_abstract_type(kind):
            return True
        wanted = self._schema.get_type(name)
        return (
            is_abstract_type(wanted)
            and isinstance(kind, GraphQLObjectType)
            and self._schema.is_sub_type(wanted, kind)
        )


def _info(field: FieldNode) -> Any:
    return SimpleNamespace(field_name=field.name.value)


def _field_type(kind: GraphQLNamedType, field: FieldNode) -> Any:
    definition = getattr(kind, "fields", {}).get(field.name.value)
    return definition.type if definition else None


def _is_list(found: Any) -> bool:
    return isinstance(found.of_type if isinstance(found, GraphQLNonNull) else found, GraphQLList)
