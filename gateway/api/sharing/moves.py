"""What tells nothing but a new place, without reading anything: a template of the last update, with holes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from graphql import (
    FieldNode,
    GraphQLNonNull,
    GraphQLObjectType,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
)

from doorstep.position import Position
from gateway.api.admission.gate import Known
from gateway.api.sharing.selections import NotPlain, below, collected, is_resolved

_encode = msgspec.json.Encoder().encode

Path = tuple[str, ...]


class Moved(msgspec.Struct):
    """A place that is told on top of the update that was read last.

    Attributes
    ----------
    told_at
        The same as `now`, as JSON.
    hidden
        Why this audience may not see the place; None where it may. Asked once, whatever hangs on it.
    """

    update: Any
    position: Position
    cursor: str
    now: datetime
    told_at: bytes
    hidden: Any = None


Mask = Callable[[Position, datetime], Any]
"""Why a place is hidden at a time; None where it is not."""

Fill = Callable[[Moved], Any]
Write = Callable[[Moved], bytes]


@dataclass(frozen=True, slots=True)
class Leaves:
    """What JSON can say of the thing in a hole, worked out all at once: to ask for each by itself costs more.

    Attributes
    ----------
    values
        Of the thing, at a time.
    at
        "Type.field" -> where its value is.
    """

    values: Callable[[Any, datetime], Sequence[object]]
    at: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Moves:
    """How one subscription tells a place without reading.

    Attributes
    ----------
    constants
        "Type.field" -> what JSON says of it for every place.
    heads
        "Type.field" -> its JSON now, for fields that are no objects.
    holes
        "Type.field" -> what it is now, of which `leaves` tells. Everything else is as it was in the update
        before: what changes it is told by a message of its own.
    leaves
        Of what holes are filled with.
    never
        Fields that change without a message; documents that ask for one are read every time.
    may_tell
        Whether the update may still be told at this time.
    mask
        What hides places from this audience, on top of an update that was told at a time.
    goes_by_time
        Whether what the audience may see of the update changes without a message.
    """

    constants: Mapping[str, object]
    heads: Mapping[str, Write]
    holes: Mapping[str, Fill]
    leaves: Leaves
    never: frozenset[str]
    may_tell: Callable[[Any, datetime], bool]
    mask: Callable[[Any, datetime], Mask]
    goes_by_time: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Where the holes of one document are.

    Attributes
    ----------
    constants
        What is put in where, whatever the last answer said.
    has_read
        Something beside the holes is read from elsewhere than the update.
    """

    holes: Sequence[tuple[Path, Write]]
    constants: Sequence[tuple[Path, object]]
    has_read: bool

    def template(self, data: Mapping[str, Any]) -> Template | None:
        """The answer's data with holes; None where a place in it is null."""
        token = secrets.token_hex(8)
        holed: Any = dict(data)
        marks = [(path, f"{token}:{number}") for number, (path, _) in enumerate(self.holes)]
        for path, mark in (*self.constants, *marks):
            inner = holed
            for key in path[:-1]:
                if inner[key] is None:
                    return None
                inner[key] = dict(inner[key])
                inner = inner[key]
            inner[path[-1]] = mark
        parts, order = _split(_encode({"data": holed}), token, len(self.holes))
        pieces = [part for before in parts for part in (before, b"")][:-1]
        return Template(pieces, [(2 * at + 1, self.holes[number][1]) for at, number in enumerate(order)])


@dataclass(frozen=True, slots=True)
class Template:
    """The bytes between the holes, and what fills them.

    Attributes
    ----------
    pieces
        Bytes in their order, with room for what comes between.
    fills
        Places in `pieces`, and what comes there.
    """

    pieces: list[bytes]
    fills: Sequence[tuple[int, Write]]

    def told(self, moved: Moved) -> bytes:
        """The payload of a message."""
        pieces = self.pieces[:]
        for at, write in self.fills:
            pieces[at] = write(moved)
        return b"".join(pieces)


def pattern_of(known: Known, moves: Moves) -> Pattern | None:
    """Where the holes are; None where the document asks for what only reading can tell."""
    root = known.schema.subscription_type
    if root is None:
        return None
    try:
        walk = _Walk(known, moves)
        walk.visit(root, [known.operation.selection_set], ())
    except NotPlain:
        return None
    return Pattern(walk.found, walk.constants, walk.has_read) if walk.found else None


@dataclass(slots=True)
class _Walk:
    known: Known
    moves: Moves
    found: list[tuple[Path, Write]] = field(default_factory=list)
    constants: list[tuple[Path, object]] = field(default_factory=list)
    has_read: bool = False

    def visit(self, parent: GraphQLObjectType, sets: Sequence[SelectionSetNode], path: Path) -> None:
        for key, nodes in collected(self.known, parent, sets).items():
            name = nodes[0].name.value
            coordinate = f"{parent.name}.{name}"
            if coordinate in self.moves.never:
                raise NotPlain
            if name.startswith("__"):
                continue
            if coordinate in self.moves.constants:
                self.constants.append(((*path, key), self.moves.constants[coordinate]))
                continue
            write = self._write(coordinate, parent, nodes)
            if write is not None:
                self.found.append(((*path, key), write))
                continue
            self.has_read |= bool(path) and is_resolved(parent, name)
            inner = _object_type(parent, name)
            if inner is not None:
                self.visit(inner, below(nodes), (*path, key))
            else:
                self._look_into(parent, nodes)

    def _look_into(self, parent: GraphQLObjectType, nodes: Sequence[FieldNode]) -> None:
        """See that nothing in a list or a union changes with the place: holes are not made there."""
        named = get_named_type(parent.fields[nodes[0].name.value].type)
        if is_leaf_type(named):
            return
        types = (
            [named] if isinstance(named, GraphQLObjectType) else self.known.schema.get_possible_types(named)
        )
        for type_ in types:
            for inner in collected(self.known, type_, below(nodes)).values():
                name = inner[0].name.value
                coordinate = f"{type_.name}.{name}"
                if name.startswith("__"):
                    continue
                if coordinate in self.moves.never or coordinate in self.moves.holes:
                    raise NotPlain
                self.has_read |= is_resolved(type_, name)
                self._look_into(type_, inner)

    def _write(self, coordinate: str, parent: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Write | None:
        fill = self.moves.holes.get(coordinate)
        if fill is None:
            return self.moves.heads.get(coordinate)
        if not below(nodes):
            raise NotPlain
        return self._leaves(fill, parent, nodes)

    def _leaves(self, fill: Fill, parent: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Write:
        token, wanted = secrets.token_hex(8), list[int]()
        shape = self._shape(parent, nodes, token, wanted)
        parts, order = _split(_encode(shape), token, len(wanted))
        # No name in GraphQL has a percent sign.
        form, values = b"%b".join(parts), self.moves.leaves.values
        indices = [wanted[number] for number in order]

        def write(moved: Moved) -> bytes:
            thing = fill(moved)
            if thing is None:
                return b"null"
            found = values(thing, moved.now)
            return form % tuple([_encode(found[index]) for index in indices])

        return write

    def _shape(
        self, parent: GraphQLObjectType, nodes: Sequence[FieldNode], token: str, wanted: list[int]
    ) -> object:
        """What is selected of a field, with marks for its leaves, whose indices go to `wanted`."""
        if not below(nodes):
            name = nodes[0].name.value
            if name == "__typename":
                return parent.name
            index = self.moves.leaves.at.get(f"{parent.name}.{name}")
            if index is None or nodes[0].arguments:
                raise NotPlain
            wanted.append(index)
            return f"{token}:{len(wanted) - 1}"
        type_ = _object_type(parent, nodes[0].name.value)
        if type_ is None:
            raise NotPlain
        fields = collected(self.known, type_, below(nodes))
        return {key: self._shape(type_, inner, token, wanted) for key, inner in fields.items()}


def _object_type(parent: GraphQLObjectType, name: str) -> GraphQLObjectType | None:
    type_ = parent.fields[name].type
    named = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    return named if isinstance(named, GraphQLObjectType) else None


def _split(data: bytes, token: str, count: int) -> tuple[list[bytes], list[int]]:
    """What stands around the marks of a token, and the marks' numbers as they come."""
    marks = [f'"{token}:{number}"'.encode() for number in range(count)]
    order = sorted(range(count), key=lambda number: data.index(marks[number]))
    parts: list[bytes] = []
    for number in order:
        part, _, data = data.partition(marks[number])
        parts.append(part)
    return [*parts, data], order
