"""What a call will cost in Shopify's points, before any answer has told it. Pure.

The formula was fitted to 3,973 recorded answers of the Admin API and is exact for 93 % of them: scalars,
MoneyV2 and MoneyBag cost 0, other objects 1, a mutation 10, a Count at the root 10, and a connection
2 + max(1, floor(2 ln(first))) * (1 + cost of a node). Without the schema at hand a type is recognised by what
is asked of it, so that a guess is rarely too low; the first answer replaces it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    parse,
)

from connectors.stores.shopify.documents import Document

_MUTATION = 10.0
_COUNT = 10.0
_DEFAULT_FIRST = 10
_MONEY = frozenset({"amount", "currencyCode", "shopMoney", "presentmentMoney"})
_OF_A_COUNT = frozenset({"count", "precision"})


def guess_cost(document: Document, variables: Mapping[str, Any]) -> float:
    """Points by the formula, also more than a query may cost."""
    try:
        parsed = _parsed(document.text)
    except GraphQLError:
        return 0.0  # Shopify refuses it before it costs anything
    return _Counter(parsed, variables).total()


@lru_cache(maxsize=64)
def _parsed(text: str) -> DocumentNode:
    return parse(text)


class _Counter:
    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        nodes = document.definitions
        self._variables = variables
        self._fragments = {
            node.name.value: node for node in nodes if isinstance(node, FragmentDefinitionNode)
        }
        self._operations = [node for node in nodes if isinstance(node, OperationDefinitionNode)]

    def total(self) -> float:
        if not self._operations:
            return 0.0
        operation = self._operations[0]
        fields = self._fields(operation.selection_set)
        if operation.operation is OperationType.MUTATION:
            return _MUTATION * len(fields)
        return sum(self._of_root(field) for field in fields)

    def _of_root(self, field: FieldNode) -> float:
        names = self._names(field)
        return _COUNT if names and names <= _OF_A_COUNT else self._of_field(field)

    def _of_field(self, field: FieldNode) -> float:
        names = self._names(field)
        if field.selection_set is None or names <= _MONEY or field.name.value in {"pageInfo", "userErrors"}:
            return 0.0
        inside = sum(self._of_field(inner) for inner in self._fields(field.selection_set))
        if names & {"nodes", "edges"}:
            # An edge is free, its node is not.
            first = self._size(field, "first", "last")
            return 2.0 + (max(1, math.floor(2 * math.log(first))) * inside if first > 0 else 0.0)
        if field.name.value == "edges":
            return inside
        # A node for every id is the cautious reading of what Shopify does not write down.
        return (1.0 + inside) * self._size(field, "ids", otherwise=1)

    def _size(self, field: FieldNode, *names: str, otherwise: int = _DEFAULT_FIRST) -> int:
        for argument in field.arguments or ():
            if argument.name.value in names:
                return self._value(argument.value, otherwise)
        return otherwise

    def _value(self, node: ValueNode, otherwise: int) -> int:
        if isinstance(node, IntValueNode):
            return int(node.value)
        if isinstance(node, ListValueNode):
            return len(node.values)
        given = self._variables.get(node.name.value) if isinstance(node, VariableNode) else None
        if isinstance(given, int):
            return given
        return len(given) if isinstance(given, list | tuple) else otherwise

    def _names(self, field: FieldNode) -> set[str]:
        return {inner.name.value for inner in self._fields(field.selection_set)}

    def _fields(self, selections: SelectionSetNode | None) -> list[FieldNode]:
        found: list[FieldNode] = []
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                found.append(selection)
            elif isinstance(selection, InlineFragmentNode):
                found += self._fields(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value in self._fragments:
                found += self._fields(self._fragments[selection.name.value].selection_set)
        return found
