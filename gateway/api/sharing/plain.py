"""Answers of documents that ask for nothing but attributes, made without GraphQL's executor.

A selection is compiled once to functions that go from an object to what JSON says of it: a fiftieth of what
the executor takes for a long list (measured, graphql-core 3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphql import (
    FieldNode,
    GraphQLID,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
    is_abstract_type,
    is_leaf_type,
)

from gateway.api.admission.gate import Known
from gateway.api.sharing.selections import NotPlain, below, collected, definition_of, is_resolved

Plain = Callable[[Any], Any]
"""From a value to what JSON says of it; raises anything where GraphQL would tell an error."""


def plain_of(known: Known) -> Plain | None:
    """From an update of a subscription to the data of its message; None where that takes resolvers.

    Whatever the function raises, the executor says it better: a null where there must be none, or a value
    that is none of its type.
    """
    root = known.schema.subscription_type
    if root is None:
        return None
    try:
        ((key, nodes),) = collected(known, root, [known.operation.selection_set]).items()
        told = _written(known, root.fields[nodes[0].name.value].type, nodes)
    except NotPlain:
        return None
    return lambda update: {key: told(update)}


def _written(known: Known, type_: GraphQLOutputType, nodes: Sequence[FieldNode]) -> Plain:
    if isinstance(type_, GraphQLNonNull):
        return _required(_written(known, type_.of_type, nodes))
    if isinstance(type_, GraphQLList):
        return _listed(_written(known, type_.of_type, nodes))
    if is_leaf_type(type_):
        return _text if type_ in (GraphQLString, GraphQLID) else _leaf(type_.serialize)
    if isinstance(type_, GraphQLObjectType):
        return _object(known, type_, nodes)
    if not is_abstract_type(type_):
        raise NotPlain
    by_name = {each.name: _object(known, each, nodes) for each in known.schema.get_possible_types(type_)}
    return lambda value: None if value is None else by_name[_name_of(value)](value)


def _object(known: Known, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Plain:
    fields: list[tuple[str, str, Plain]] = []
    for key, inner in collected(known, type_, below(nodes)).items():
        name = inner[0].name.value
        if name == "__typename":
            # Any attribute would do: every object has this one.
            fields.append((key, "__class__", _constant(type_.name)))
            continue
        if inner[0].arguments or is_resolved(type_, name):
            raise NotPlain
        written = _written(known, type_.fields[name].type, inner)
        fields.append((key, definition_of(type_, name).python_name, written))
    return lambda value: (
        None if value is None else {key: written(getattr(value, name)) for key, name, written in fields}
    )


def _required(inner: Plain) -> Plain:
    def written(value: Any) -> Any:
        if value is None:
            raise ValueError("a field that is never null is null")
        return inner(value)

    return written


def _listed(inner: Plain) -> Plain:
    return lambda values: None if values is None else [inner(value) for value in values]


def _leaf(serialize: Plain) -> Plain:
    return lambda value: None if value is None else serialize(value)


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("a text is none")
    return value


def _constant(text: str) -> Plain:
    return lambda _: text


def _name_of(value: Any) -> str:
    return str(type(value).__strawberry_definition__.name)
