"""What the schema's conventions promise, checked on the schema itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from gateway.api.admission.access import mark_of
from gateway.api.marks import Access, Bounded, Closed
from gateway.api.nodes import NODES
from gateway.api.schema import GatewaySchema
from gateway.auth.caller import Audience

KEYWORDS = {
    "class",
    "def",
    "from",
    "import",
    "is",
    "lambda",
    "new",
    "return",
    "function",
    "delete",
    "default",
    "export",
}


@pytest.fixture(scope="module")
def core(schema: GatewaySchema) -> GraphQLSchema:
    return schema._schema


def _types(core: GraphQLSchema, *kinds: type) -> Iterator[Any]:
    return (
        type_
        for name, type_ in core.type_map.items()
        if not name.startswith("__") and isinstance(type_, kinds)
    )


def _roots(core: GraphQLSchema) -> Iterator[tuple[str, Any]]:
    for root in (core.query_type, core.mutation_type, core.subscription_type):
        assert root is not None
        yield from ((f"{root.name}.{name}", field) for name, field in root.fields.items())


def test_every_list_that_is_given_or_taken_is_bounded(core: GraphQLSchema) -> None:
    unbounded = []
    for type_ in _types(core, GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType):
        for name, field in type_.fields.items():
            places = [(f"{type_.name}.{name}", field)]
            places += [(f"{type_.name}.{name}({arg})", a) for arg, a in getattr(field, "args", {}).items()]
            unbounded += [
                where
                for where, place in places
                if is_list_type(get_nullable_type(place.type)) and mark_of(place, Bounded) is None
            ]
    assert unbounded == []


def test_every_enum_that_is_given_out_is_closed_or_can_grow(core: GraphQLSchema) -> None:
    given_out = {
        get_named_type(field.type)
        for type_ in _types(core, GraphQLObjectType, GraphQLInterfaceType)
        for field in type_.fields.values()
    }
    rigid = [
        type_.name
        for type_ in given_out
        if isinstance(type_, GraphQLEnumType)
        and mark_of(type_, Closed) is None
        and not {"OTHER", "UNKNOWN"} & set(type_.values)
    ]
    assert rigid == []


def test_a_closed_enum_has_no_value_for_what_may_come(core: GraphQLSchema) -> None:
    closed = [type_ for type_ in _types(core, GraphQLEnumType) if mark_of(type_, Closed)]
    assert len(closed) >= 5
    assert [type_.name for type_ in closed if {"OTHER", "UNKNOWN"} & set(type_.values)] == []


def test_every_mutation_takes_one_input_of_its_own_and_answers_a_union_of_success_and_problems(
    core: GraphQLSchema,
) -> None:
    assert core.mutation_type is not None
    problem = core.type_map["Problem"]
    for name, field in core.mutation_type.fields.items():
        pascal = name[0].upper() + name[1:]
        assert list(field.args) == ["input"], name
        given, answer = field.args["input"].type, field.type
        assert isinstance(given, GraphQLNonNull)
        assert get_named_type(given).name == f"{pascal}Input"
        union = get_named_type(answer)
        assert isinstance(union, GraphQLUnionType)
        assert union.name == f"{pascal}Result"
        success, *problems = union.types
        assert success.name == f"{pascal}Success"
        assert problems
        assert all(problem in member.interfaces for member in problems), name


def test_every_root_field_says_who_may_use_it(core: GraphQLSchema) -> None:
    assert [where for where, field in _roots(core) if mark_of(field, Access) is None] == []


def test_root_fields_are_open_to_drivers_only_where_a_rule_says_which_rows(core: GraphQLSchema) -> None:
    # See `own_tours`: a driver's session must reach nothing by accident.
    rules = {where: mark_of(field, Access) for where, field in _roots(core)}
    opened = [where for where, rule in rules.items() if rule is not None and Audience.DRIVER in rule.to]
    assert sorted(opened) == [
        "Mutation.createUpload",
        "Mutation.readThread",
        "Mutation.sendMessage",
        "Query.route",
        "Query.thread",
        "Query.viewer",
        "Subscription.routeUpdated",
    ]


def test_every_type_and_every_root_field_is_described(core: GraphQLSchema) -> None:
    types = [type_.name for type_ in core.type_map.values() if not type_.description]
    fields = [where for where, field in _roots(core) if not field.description]
    assert (types, fields) == ([], [])


def test_every_connection_pages_with_first_and_after(core: GraphQLSchema) -> None:
    for type_ in _types(core, GraphQLObjectType):
        for name, field in type_.fields.items():
            if get_named_type(field.type).name.endswith("Connection"):
                assert {"first", "after"} <= set(field.args), f"{type_.name}.{name}"


def test_what_spends_or_may_be_sent_twice_takes_a_non_null_idempotency_key(core: GraphQLSchema) -> None:
    for name in ("ChooseDeliveryOption", "RequestQuotes", "Dispatch", "CancelDelivery", "PlanRoutes"):
        given = core.type_map[f"{name}Input"]
        assert isinstance(given, GraphQLInputObjectType)
        assert str(given.fields["idempotencyKey"].type) == "String!", name


def test_every_type_that_is_a_node_can_be_read_as_one(core: GraphQLSchema) -> None:
    node = core.type_map["Node"]
    shown = {type_.name for type_ in _types(core, GraphQLObjectType) if node in type_.interfaces}
    readable = {show.__qualname__.partition(".")[0] for _, show in NODES.values()}
    exceptions = {name for name in shown if name.endswith("Exception")}
    assert shown - exceptions == readable - {"show_exception"}
    assert len(exceptions) == 4


def test_no_name_is_a_keyword_of_the_languages_that_clients_use(core: GraphQLSchema) -> None:
    names = {
        name for type_ in _types(core, GraphQLObjectType, GraphQLInputObjectType) for name in type_.fields
    }
    assert names & KEYWORDS == set()


def test_nothing_secret_is_shown_of_a_driver_or_a_key(core: GraphQLSchema) -> None:
    driver, key = core.type_map["Driver"], core.type_map["ApiKey"]
    assert isinstance(driver, GraphQLObjectType)
    assert isinstance(key, GraphQLObjectType)
    assert "deviceId" not in driver.fields
    assert "secret" not in key.fields
