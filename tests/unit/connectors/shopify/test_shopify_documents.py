"""The GraphQL documents against the schema that Shopify publishes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    execute_sync,
    get_named_type,
    parse,
    validate,
)

from connectors.stores.shopify.documents import ALL, BULK_ORDERS, ORDERS_BY_ID, ORDERS_PAGE, Document
from connectors.stores.shopify.reporting.documents import ALL as WRITE_BACK
from connectors.stores.shopify.walk import PAGE_SIZE
from simulator.stores.shopify.cost import QUERY_LIMIT, CostCounter
from tests.schemas.shopify import admin_schema

PAYLOADS = Path(__file__).parents[3] / "payloads" / "shopify"
QUERIES = Path(__file__).parents[4] / "connectors" / "stores" / "shopify" / "queries"


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.name)
def test_every_document_is_valid_in_shopifys_own_schema(document: Document) -> None:
    assert validate(admin_schema(), parse(document.text)) == []


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.name)
def test_only_mutations_are_marked_as_writes(document: Document) -> None:
    operations = [
        node for node in parse(document.text).definitions if isinstance(node, OperationDefinitionNode)
    ]
    assert [node.operation is OperationType.MUTATION for node in operations] == [document.is_write]


def test_no_file_lies_around_unused() -> None:
    used = {document.name for document in (*ALL, *WRITE_BACK)} | {"order_parts", "product_parts"}
    assert {file.stem for file in QUERIES.glob("*.graphql")} == used


# floor(2 ln 244) = 10 and floor(2 ln 250) = 11 times an order's 69 points, and 2 for the connection.
@pytest.mark.parametrize(("first", "cost"), [(PAGE_SIZE, 692), (250, 761)])
def test_a_page_of_orders_costs_less_than_one_query_may(first: int, cost: int) -> None:
    counter = CostCounter(admin_schema(), parse(ORDERS_PAGE.text), {"first": first})
    # An order: 1 itself, 1 for who buys, 4 for shipping lines, 20 for lines, 40 for fulfillment orders, 1
    # each for attributes, address and shipments.
    assert counter.requested() == cost < QUERY_LIMIT


def test_the_payload_that_mapping_is_tested_with_is_what_the_schema_answers() -> None:
    order: dict[str, Any] = json.loads((PAYLOADS / "order.json").read_text())["order"]
    answer = execute_sync(
        admin_schema(),
        parse(ORDERS_BY_ID.text),
        {"nodes": lambda _info, **_: [{"__typename": "Order", **order}]},
        variable_values={"ids": [order["id"]]},
    )
    assert answer.errors is None
    assert answer.data == {"nodes": [order]}


def test_a_bulk_operation_reads_what_a_page_reads() -> None:
    assert leaves(ORDERS_PAGE) == leaves(BULK_ORDERS)


def test_a_bulk_operation_keeps_to_shopifys_limits() -> None:
    schema = admin_schema()
    nested: list[int] = []

    def look(node: SelectionSetNode, parent: GraphQLObjectType, depth: int) -> None:
        for field in node.selections:
            if not isinstance(field, FieldNode) or field.selection_set is None:
                continue
            kind = get_named_type(parent.fields[field.name.value].type)
            deeper = depth + kind.name.endswith("Connection")
            if deeper > depth:
                nested.append(depth)
            if isinstance(kind, GraphQLObjectType):
                look(field.selection_set, kind, deeper)

    [operation] = parse(BULK_ORDERS.text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert schema.query_type is not None
    look(operation.selection_set, schema.query_type, 0)
    # Five connections, two levels below the first; 65,535 bytes with the longest search that is put in.
    assert len(nested) == 5
    assert max(nested) == 2
    assert len(BULK_ORDERS.text) < 60_000


def leaves(document: Document) -> set[tuple[str, ...]]:
    """The paths of all plain fields, without what paging and the bulk file add."""
    fragments = {
        node.name.value: node.selection_set
        for node in parse(document.text).definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    found: set[tuple[str, ...]] = set()

    def look(node: SelectionSetNode, path: tuple[str, ...]) -> None:
        for part in node.selections:
            if isinstance(part, FragmentSpreadNode):
                look(fragments[part.name.value], path)
            elif isinstance(part, InlineFragmentNode):
                look(part.selection_set, path)
            elif isinstance(part, FieldNode) and part.selection_set is None:
                found.add((*path, part.name.value))
            elif isinstance(part, FieldNode) and part.selection_set and part.name.value != "pageInfo":
                is_wrapper = part.name.value in {"nodes", "edges", "node"}
                look(part.selection_set, path if is_wrapper else (*path, part.name.value))

    [operation] = [
        node for node in parse(document.text).definitions if isinstance(node, OperationDefinitionNode)
    ]
    look(operation.selection_set, ())
    added = {("orders", "shippingLines", "id"), ("orders", "fulfillmentOrders", "lineItems", "id")}
    return {path for path in found if path[-1] != "__typename"} - added
