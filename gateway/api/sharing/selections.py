"""Reading a document's selections without GraphQL's executor, as far as they are plain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    is_abstract_type,
)

from gateway.api.admission.gate import Known

_BACKREF = "strawberry-definition"


class NotPlain(Exception):
    """The document needs the whole of GraphQL."""


def collected(
    known: Known, parent: GraphQLObjectType, sets: Sequence[SelectionSetNode]
) -> dict[str, list[FieldNode]]:
    """Fields by the name that they are answered under, as GraphQL's CollectFields.

    Raises
    ------
    NotPlain
        If there are conditions or other directives.
    """
    found: dict[str, list[FieldNode]] = {}
    for selected in sets:
        for node in selected.selections:
            if node.directives:
                raise NotPlain
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
                continue
            if isinstance(node, FragmentSpreadNode):
                fragment: FragmentDefinitionNode | InlineFragmentNode = known.fragments[node.name.value]
            elif isinstance(node, InlineFragmentNode):
                fragment = node
            else:
                raise NotPlain
            condition = fragment.type_condition
            if condition is None or _applies(known.schema, condition.name.value, parent):
                for key, nodes in collected(known, parent, [fragment.selection_set]).items():
                    found.setdefault(key, []).extend(nodes)
    return found


def below(nodes: Sequence[FieldNode]) -> list[SelectionSetNode]:
    """What is selected of a field."""
    return [node.selection_set for node in nodes if node.selection_set is not None]


def definition_of(parent: GraphQLObjectType, name: str) -> Any:
    """Strawberry's word on a field; None where it knows none."""
    return parent.fields[name].extensions.get(_BACKREF)


def is_resolved(parent: GraphQLObjectType, name: str) -> bool:
    """Whether a field is more than an attribute."""
    definition = definition_of(parent, name)
    return definition is None or definition.base_resolver is not None


def _applies(schema: GraphQLSchema, name: str, parent: GraphQLObjectType) -> bool:
    if name == parent.name:
        return True
    type_ = schema.get_type(name)
    return type_ is not None and is_abstract_type(type_) and schema.is_sub_type(type_, parent)
