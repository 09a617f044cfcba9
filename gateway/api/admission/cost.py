"""What a document costs, before anything runs, and the bucket that each key spends from.

A field that gives objects costs one point for each, or what `@cost` says; scalars are free. A connection
counts as long as `first`, any other list as long as its `@bounded` says that it usually is.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from gateway.api.admission.access import field_of, fragment_type, fragments_of, mark_of
from gateway.api.marks import Bounded, Cost

PAGE_ARGUMENTS = ("first", "snapshot")
PAGE_LISTS = frozenset({"nodes", "edges"})


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left after a payment, or what stands in its way."""

    is_paid: bool
    remaining: int
    retry_after_s: float = 0.0


class Bucket(Protocol):
    """Where keys pay. One process counts for itself; a shared store can stand in its place."""

    async def pay(self, key: str, points: int) -> Balance:
        """Take points if there are so many."""
        ...


class LeakyBucket:
    """Counts in this process: each key has `capacity` points and gets `restore_per_s` back a second.

    Parameters
    ----------
    now_s
        A clock that never goes back, seconds.
    most_keys
        Keys remembered; the one not seen for longest is forgotten first, and then starts full.
    """

    def __init__(
        self,
        capacity: int,
        restore_per_s: int,
        *,
        now_s: Callable[[], float] = time.monotonic,
        most_keys: int = 10_000,
    ) -> None:
        self._capacity = capacity
        self._restore_per_s = restore_per_s
        self._now_s = now_s
        self._most_keys = most_keys
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def pay(self, key: str, points: int) -> Balance:
        """Take points if there are so many."""
        now = self._now_s()
        level, at = self._levels.pop(key, (float(self._capacity), now))
        level = min(self._capacity, level + (now - at) * self._restore_per_s)
        is_paid = points <= level
        if is_paid:
            level -= points
        self._levels[key] = (level, now)
        if len(self._levels) > self._most_keys:
            self._levels.popitem(last=False)
        wait = 0.0 if is_paid else (points - level) / self._restore_per_s
        return Balance(is_paid, int(level), wait)


def page_variables(document: DocumentNode) -> frozenset[str]:
    """Names of the variables that the size of a page depends on."""
    names: set[str] = set()
    stack: list[Any] = list(document.definitions)
    while stack:
        node = stack.pop()
        if isinstance(node, FieldNode):
            for argument in node.arguments or ():
                if argument.name.value in PAGE_ARGUMENTS and isinstance(argument.value, VariableNode):
                    names.add(argument.value.name.value)
        selected = getattr(node, "selection_set", None)
        if selected is not None:
            stack.extend(selected.selections)
    return frozenset(names)


def cost_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, object],
) -> int:
    """Points that one operation of a valid document asks for."""
    pricing = _Pricing(schema, fragments_of(document), _with_defaults(operation, variables))
    root = schema.get_root_type(operation.operation)
    return 0 if root is None else max(1, pricing.price(root, operation.selection_set, None))


def _with_defaults(operation: OperationDefinitionNode, variables: Mapping[str, object]) -> dict[str, object]:
    defaults: dict[str, object] = {
        definition.variable.name.value: int(definition.default_value.value)
        for definition in operation.variable_definitions or ()
        if isinstance(definition.default_value, IntValueNode)
    }
    return defaults | dict(variables)


class _Pricing:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, object],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        # A fragment is priced once for each page size that it is spread in: documents cannot blow this up.
        self._priced: dict[tuple[str, int | None], int] = {}

    def price(self, parent: GraphQLCompositeType, selected: SelectionSetNode, page: int | None) -> int:
        return sum(self._selection(parent, node, page) for node in selected.selections)

    def _selection(self, parent: GraphQLCompositeType, node: Any, page: int | None) -> int:
        if isinstance(node, FieldNode):
            return self._field(parent, node, page)
        if isinstance(node, InlineFragmentNode):
            return self.price(fragment_type(self._schema, parent, node), node.selection_set, page)
        if isinstance(node, FragmentSpreadNode):
            key = (node.name.value, page)
            if key not in self._priced:
                fragment = self._fragments[node.name.value]
                below = fragment_type(self._schema, parent, fragment)
                self._priced[key] = self.price(below, fragment.selection_set, page)
            return self._priced[key]
        return 0

    def _field(self, parent: GraphQLCompositeType, node: FieldNode, page: int | None) -> int:
        definition = field_of(parent, node)
        if definition is None:
            return 0
        mark, below = mark_of(definition, Cost), get_named_type(definition.type)
        own = mark.points if mark is not None else int(is_composite_type(below))
        if node.selection_set is None or not is_composite_type(below):
            return own
        within = self._page_size(definition, node)
        inside = self.price(below, node.selection_set, within)
        return own + inside if mark is not None else _times(definition, node, page) * (own + inside)

    def _page_size(self, definition: GraphQLField, node: FieldNode) -> int | None:
        name = next((name for name in PAGE_ARGUMENTS if name in definition.args), None)
        if name is None:
            return None
        given = next((arg.value for arg in node.arguments or () if arg.name.value == name), None)
        if isinstance(given, IntValueNode):
            return max(1, int(given.value))
        if isinstance(given, VariableNode):
            value = self._variables.get(given.name.value)
            if isinstance(value, int):
                return max(1, value)
        default = definition.args[name].default_value
        return default if isinstance(default, int) else 1


def _times(definition: GraphQLField, node: FieldNode, page: int | None) -> int:
    if not is_list_type(get_nullable_type(definition.type)):
        return 1
    if page is not None and node.name.value in PAGE_LISTS:
        return page
    bound = mark_of(definition, Bounded)
    return 1 if bound is None else bound.usual or bound.max
