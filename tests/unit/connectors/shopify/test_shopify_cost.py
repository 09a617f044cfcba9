"""What calls cost: read from answers, remembered by shape, and guessed before."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse

from connectors.stores.shopify import documents
from connectors.stores.shopify.cost import Cost, CostBook, read_cost
from connectors.stores.shopify.documents import ORDERS_COUNT, Document
from connectors.stores.shopify.reporting import documents as report_documents
from simulator.stores.shopify.cost import CostCounter
from tests.schemas.shopify import admin_schema

DOCUMENTS = (*documents.ALL, *report_documents.ALL)


@pytest.mark.parametrize("first", [1, 50, 250])
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_without_the_schema_no_shipped_document_is_guessed_to_cost_less_than_with_it(
    document: Document, first: int
) -> None:
    variables = {"first": first, "ids": ["gid"]}
    counted = CostCounter(admin_schema(), parse(document.text), variables).requested()
    assert CostBook().expect(document, variables) == min(counted, 1000.0)


@pytest.mark.parametrize(
    ("text", "variables", "points"),
    [
        ("{ orders(first: 250) { nodes { id } } }", {}, 2 + 11),
        ("{ orders(last: 10) { edges { cursor node { id } } } }", {}, 2 + 4),
        ("{ orders { nodes { id } } }", {}, 2 + 4),
        ("{ orders(first: 0) { nodes { id } } }", {}, 2),
        ("{ orders(first: 2) { nodes { totalPriceSet { shopMoney { amount } } } } }", {}, 2 + 1),
        ("{ ordersCount { count precision } }", {}, 10),
        ("query Q($n: Int) { orders(first: $n) { nodes { id } } }", {"n": 100}, 2 + 9),
        ("query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["1", "2", "3"]}, 3),
        ('{ nodes(ids: ["1", "2"]) { id } }', {}, 2),
        ("mutation { a { b { c } } d { e } }", {}, 20),
        (
            "{ orders(first: 250) { nodes { a(first: 250) { nodes { b(first: 250) { nodes { id }}}}}}}",
            {},
            1000,
        ),
        ("{ broken", {}, 0),
        ("{ ...Nowhere }", {}, 0),
        ("fragment F on Order { id }", {}, 0),
    ],
)
def test_a_cost_is_guessed_by_the_formula(text: str, variables: dict[str, Any], points: float) -> None:
    assert CostBook().expect(Document("any", text), variables) == points


def test_what_an_answer_said_goes_before_the_guess_for_variables_of_the_same_sizes() -> None:
    book = CostBook()
    page = Document(
        "page", "query Q($n: Int, $after: String) { orders(first: $n, after: $after) { nodes { id } } }"
    )
    book.learn(page, {"n": 250, "after": None}, 77.0)
    assert book.expect(page, {"n": 250, "after": "another cursor"}) == 77.0
    assert book.expect(page, {"n": 100, "after": None}) == 11.0
    assert book.expect(ORDERS_COUNT, {"query": ""}) == 10.0


def told(**changed: Any) -> dict[str, Any]:
    status = {"maximumAvailable": 2000.0, "currentlyAvailable": 1990, "restoreRate": 100.0}
    cost = {"requestedQueryCost": 12, "actualQueryCost": 10, "throttleStatus": status}
    for name, value in changed.items():
        (status if name in status else cost)[name] = value
    return {"cost": cost}


def test_the_cost_of_an_answer_is_read() -> None:
    assert read_cost(told()) == Cost(12.0, 10.0, 1990.0, 2000.0, 100.0)
    assert read_cost(told(actualQueryCost=None)) == Cost(12.0, None, 1990.0, 2000.0, 100.0)


@pytest.mark.parametrize(
    "extensions",
    [
        {},
        {"cost": None},
        {"cost": {"requestedQueryCost": 12}},
        told(requestedQueryCost="many"),
        told(currentlyAvailable=None),
        told(currentlyAvailable=float("nan")),
        told(restoreRate=0),
        told(maximumAvailable=-1),
        told(throttleStatus="busy"),
    ],
)
def test_an_answer_that_says_nothing_usable_of_its_cost_says_nothing(extensions: dict[str, Any]) -> None:
    assert read_cost(extensions) is None
