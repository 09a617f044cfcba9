"""What tells nothing but a new place, without reading anything: a template of the last update, with holes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    is_abstract_type,
    is_leaf_type,
)

from doorstep.position import Position
from gateway.api.gate import Known

_BACKREF = "strawberry-definition"
_encode = msgspec.json.Encoder().encode

Complete = Callable[[Any], object]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A place that is told on top of the update that was read last."""

    update: Any
    position: Position
    cursor: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Moves:
    """How one subscription tells a place without reading.

    Attributes
    ----------
    holes
        "Type.field" -> what it is now. Everything else is as it was in the update before: what changes it is
        told by a message of its own.
    never
        Fields that change without a message; documents that ask for one are read every time.
    may_tell
        Whether the update may still be told at this time.
    """

    holes: Mapping[str, Callable[[Moved], object]]
    never: frozenset[str]
    may_tell: Callable[[Any, datetime], bool]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Where the holes of one document are.

    Attributes
    ----------
    has_read
        Something beside the holes is read from elsewhere than the update.
    """

    holes: Sequence[tuple[Path, Callable[[Moved], object]]]
    has_read: bool

    def template(self, data: Mapping[str, Any]) -> Template | None:
        """The answer's data with holes; None where a place in it is null."""
        token = secrets.token_hex(8)
        holed: Any = dict(data)
        for number, (path, _) in enumerate(self.holes):
            inner = holed
            for key in path[:-1]:
                if inner[key] is None:
                    return None
                inner[key] = dict(inner[key])
                inner = inner[key]
            inner[path[-1]] = f"{token}:{number}"
        rest, parts, fills = _encode({"data": holed}), [], []
        for number in _in_order(rest, token, len(self.holes)):
            part, _, rest = rest.partition(f'"{token}:{number}"'.encode())
            parts.append(part)
            fills.append(self.holes[number][1])
        return Template(parts, fills, rest)


@dataclass(frozen=True, slots=True)
class Template:
    """The bytes between the holes, and what fills them."""

    parts: Sequence[bytes]
    fills: Sequence[Callable[[Moved], object]]
    end: bytes

    def told(self, moved: Moved) -> bytes:
        """The payload of a message."""
        pieces: list[bytes] = []
        for part, fill in zip(self.parts, self.fills, strict=True):
            pieces.append(part)
            pieces.append(_encode(fill(moved)))
        pieces.append(self.end)
        return b"".join(pieces)


def pattern_of(known: Known, moves: Moves) -> Pattern | None:
    """Where the holes are; None where the document asks for what only reading can tell."""
    root = known.schema.subscription_type
    if root is None:
        return None
    try:
        walk = _Walk(known, moves)
        walk.visit(root, [known.operation.selection_set], ())
    except _NotPlain:
        return None
    return Pattern(walk.found, walk.has_read) if walk.found else None


class _NotPlain(Exception):
    """The document needs the whole of GraphQL."""


@dataclass(slots=True)
class _Walk:
    known: Known
    moves: Moves
    found: list[tuple[Path, Callable[[Moved], object]]] = field(default_factory=list)
    has_read: bool = False

    def visit(self, parent: GraphQLObjectType, sets: Sequence[SelectionSetNode], path: Path) -> None:
        for key, nodes in _collected(self.known, parent, sets).items():
            name = nodes[0].name.value
            coordinate = f"{parent.name}.{name}"
            if coordinate in self.moves.never:
                raise _NotPlain
            if name.startswith("__"):
                continue
            type_ = parent.fields[name].type
            fill = self.moves.holes.get(coordinate)
            if fill is not None:
                self.found.append(((*path, key), _filled(fill, _completer(self.known, type_, nodes))))
                continue
            self.has_read |= bool(path) and _is_read(parent, name)
            below = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
            inner = [node.selection_set for node in nodes if node.selection_set is not None]
            if isinstance(below, GraphQLObjectType):
                self.visit(below, inner, (*path, key))
            else:
                self._refuse_never(inner)

    def _refuse_never(self, sets: Iterable[SelectionSetNode]) -> None:
        # Holes are not looked for in lists and unions, so nothing that must be read may hide in one.
        names = {coordinate.partition(".")[2] for coordinate in self.moves.never}
        for selected in sets:
            if any(isinstance(node, FieldNode) and node.name.value in names for node in selected.selections):
                raise _NotPlain


def _collected(
    known: Known, parent: GraphQLObjectType, sets: Sequence[SelectionSetNode]
) -> dict[str, list[FieldNode]]:
    """Fields by the name that they are answered under, as GraphQL's CollectFields without conditions."""
    found: dict[str, list[FieldNode]] = {}
    for selected in sets:
        for node in selected.selections:
            if node.directives:
                raise _NotPlain
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
                continue
            if isinstance(node, FragmentSpreadNode):
                fragment: FragmentDefinitionNode | InlineFragmentNode = known.fragments[node.name.value]
            elif isinstance(node, InlineFragmentNode):
                fragment = node
            else:
                raise _NotPlain
            condition = fragment.type_condition
            if condition is None or _applies(known.schema, condition.name.value, parent):
                for key, nodes in _collected(known, parent, [fragment.selection_set]).items():
                    found.setdefault(key, []).extend(nodes)
    return found


def _applies(schema: GraphQLSchema, name: str, parent: GraphQLObjectType) -> bool:
    if name == parent.name:
        return True
    type_ = schema.get_type(name)
    return type_ is not None and is_abstract_type(type_) and schema.is_sub_type(type_, parent)


def _completer(known: Known, type_: GraphQLOutputType, nodes: Sequence[FieldNode]) -> Complete:
    """From a value to what JSON says of it, for types whose fields are plain attributes."""
    if isinstance(type_, GraphQLNonNull):
        return _completer(known, type_.of_type, nodes)
    if isinstance(type_, GraphQLList):
        each = _completer(known, type_.of_type, nodes)
        return lambda values: None if values is None else [each(value) for value in values]
    if is_leaf_type(type_):
        serialize = type_.serialize
        return lambda value: None if value is None else serialize(value)
    if not isinstance(type_, GraphQLObjectType):
        raise _NotPlain
    fields: list[tuple[str, str, Complete]] = []
    sets = [node.selection_set for node in nodes if node.selection_set is not None]
    for key, inner in _collected(known, type_, sets).items():
        name = inner[0].name.value
        if name.startswith("__") or inner[0].arguments or _is_read(type_, name):
            raise _NotPlain
        definition = type_.fields[name].extensions[_BACKREF]
        fields.append((key, definition.python_name, _completer(known, type_.fields[name].type, inner)))
    return lambda value: (
        None if value is None else {key: below(getattr(value, name)) for key, name, below in fields}
    )


def _filled(fill: Callable[[Moved], object], complete: Complete) -> Callable[[Moved], object]:
    return lambda moved: complete(fill(moved))


def _is_read(parent: GraphQLObjectType, name: str) -> bool:
    definition = parent.fields[name].extensions.get(_BACKREF)
    return definition is None or definition.base_resolver is not None


def _in_order(data: bytes, token: str, count: int) -> list[int]:
    return sorted(range(count), key=lambda number: data.index(f'"{token}:{number}"'.encode()))
