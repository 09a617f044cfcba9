"""The GraphQL documents against the schema that Shopify publishes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, OperationType, execute_sync, parse, validate

from connectors.stores.shopify.connector import PAGE_SIZE
from connectors.stores.shopify.documents import ALL, ORDER_BY_ID, ORDERS_PAGE, Document
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
    used = {document.name for document in ALL} | {"order_parts"}
    assert {file.stem for file in QUERIES.glob("*.graphql")} == used


@pytest.mark.parametrize(("first", "cost"), [(PAGE_SIZE, 893), (100, 731)])
def test_a_page_of_orders_costs_less_than_one_query_may(first: int, cost: int) -> None:
    counter = CostCounter(admin_schema(), parse(ORDERS_PAGE.text), {"first": first})
    # An order: 4 shipping lines, 14 lines, 59 fulfillment orders, 1 each for attributes, address, shipments.
    assert counter.requested() == cost < QUERY_LIMIT


def test_the_payload_that_mapping_is_tested_with_is_what_the_schema_answers() -> None:
    order: dict[str, Any] = json.loads((PAYLOADS / "order.json").read_text())["order"]
    answer = execute_sync(
        admin_schema(),
        parse(ORDER_BY_ID.text),
        {"order": lambda _info, **_: order},
        variable_values={"id": order["id"]},
    )
    assert answer.errors is None
    assert answer.data == {"order": order}
