"""The simulated shop on Shopify's own schema and on the part of it that ships: both answer alike."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    execute_sync,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
    parse,
)

from simulator.clock import WorldClock
from simulator.postman import Postman
from simulator.stores.shopify import Company, FakeShopify
from simulator.stores.shopify.access import in_words
from simulator.stores.shopify.execution import Execution, resolve
from simulator.stores.shopify.queries import Queries
from simulator.stores.shopify.schema import PUBLISHED, edition
from simulator.stores.shopify.units import Tracking
from tests.integration.connectors.shopify.conftest import ANA, HOME, TEA, WAREHOUSE


def shop_with_everything(admin_api: Path | None) -> FakeShopify:
    """One order that was partly shipped, refunded, returned and held."""
    clock = WorldClock(datetime(2026, 11, 22, tzinfo=UTC), rate=0)
    shop = FakeShopify(
        clock,
        Postman(clock, random.Random(0)),
        random.Random(3),
        places=[("Home", WAREHOUSE), ("Away", WAREHOUSE)],
        admin_api=admin_api,
        seconds=lambda: 0.0,
    )
    now = clock.now()
    gid = shop.place_order(
        ANA, HOME, [TEA], company=Company("Amber", "Head"), delivery_window=(now, now), note="Thanks"
    )
    clock.advance(5)
    shop.settle(clock.now())
    [unit] = shop.orders[0].units
    shop.ship_unit(unit.gid, {0: 1}, [Tracking("UPS", "1Z", "https://t.test")])
    shop.start_return(gid, {0: 1})
    shop.refund(gid, {0: 1}, "NO_RESTOCK")
    shop.hold(gid)
    return shop


def ask(shop: FakeShopify, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps({"query": query, "variables": variables}).encode()
    return Execution(shop, edition(shop.admin_api), body).answer()


DOCUMENTS = [
    "{ orders(first: 5, sortKey: UPDATED_AT) { nodes { id name fulfillments { id displayStatus } } } }",
    "{ orders(first: 5) { nodes { fulfillmentOrders(first: 1) { nodes { "
    "fulfillmentHolds { heldByApp { id } } } } } } }",
    '{ orders(first: 5, query: "nonsense:1") { pageInfo { endCursor } } }',
    "{ orders { nodes { id } } }",
    "{ nonsense }",
    "{",
    "{ ordersCount { count precision } }",
    "{ locations(first: 1) { nodes { address { zip } } } }",
    '{ fulfillmentOrder(id: "gid://shopify/Order/1") { id } }',
    "{ shop(x: 1) { id } }",
    "{ order { id } }",
    "query($first: Int!) { orders(first: $first) { nodes { id } } }",
    'mutation { fulfillmentCancel(id: "gid://shopify/Fulfillment/1") { userErrors { field message } } }',
    'mutation { fulfillmentOrderMove(id: "gid://shopify/FulfillmentOrder/1", newLocationId: '
    '"gid://shopify/Location/1") { userErrors { code message } } }',
]


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("scopes", [None, frozenset({"read_orders"})], ids=["granted", "orders-only"])
def test_both_schemas_answer_alike(document: str, scopes: frozenset[str] | None) -> None:
    answers = []
    for admin_api in (PUBLISHED, None):
        shop = shop_with_everything(admin_api)
        shop.scopes = scopes if scopes is not None else shop.scopes
        answer = ask(shop, document, {})
        for error in answer.get("errors", ()):
            # The validator's suggestions and Shopify's remarks on permissions know more names.
            error["message"] = error["message"].partition("Did you mean")[0].partition("Required access")[0]
            error.get("extensions", {}).pop("requiredAccess", None)
        answers.append(answer)
    assert answers[0] == answers[1]


def test_the_shops_default_is_shopifys_own_schema_where_it_is_there() -> None:
    assert PUBLISHED is not None, "run make setup"
    assert len(edition(PUBLISHED).schema.type_map) > 3000
    assert len(edition(None).schema.type_map) < 300
    assert edition(PUBLISHED, "2026-07") is not edition(PUBLISHED)


def test_the_scopes_that_ship_are_those_that_shopify_publishes() -> None:
    ours, theirs = edition(None), edition(PUBLISHED)
    types = ours.schema.type_map
    for (kind, field), need in theirs.needs.items():
        if kind in types and (not field or field in getattr(types[kind], "fields", {})):
            assert ours.needs[kind, field].any_of == need.any_of, (kind, field)
    assert set(ours.needs) <= set(theirs.needs)


def test_a_need_is_worded_as_shopify_words_it() -> None:
    assert in_words(["a"]) == "`a` access scope."
    assert in_words(["a", "b", "c"]) == "`a` access scope, `b` access scope or `c` access scope."


def everything(schema: GraphQLSchema, kind: GraphQLNamedType, depth: int) -> str:
    """A selection of every field that needs no argument of its own, so many levels deep."""
    if is_abstract_type(kind):
        members = schema.get_possible_types(kind)
        return " ".join(
            f"... on {member.name} {{ {everything(schema, member, depth)} }}"
            for member in members
            if depth > 1 or any(is_leaf_type(get_named_type(f.type)) for f in member.fields.values())
        )
    assert isinstance(kind, GraphQLObjectType)
    parts = []
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        page = "(first: 2)" if "first" in field.args else ""
        if is_leaf_type(inner):
            parts.append(f"{kind.name}_{name}: {name}")
        elif depth > 1 and (selected := everything(schema, inner, depth - 1)):
            parts.append(f"{kind.name}_{name}: {name}{page} {{ {selected} }}")
    return " ".join(parts)


def test_every_field_of_the_schema_that_ships_is_served() -> None:
    shop = shop_with_everything(None)
    schema = edition(None).schema
    gids = {
        "order": shop.orders[0].gid,
        "fulfillmentOrder": shop.orders[0].units[0].gid,
        "fulfillment": shop.orders[0].fulfillments[0].gid,
        "location": shop.places[0].gid,
    }
    lists = ("products", "productVariants", "inventoryItems", "webhookSubscriptions", "bulkOperations")
    query = schema.query_type
    assert query is not None

    def inside(name: str, depth: int) -> str:
        return everything(schema, get_named_type(query.fields[name].type), depth)

    roots = [f'{name}(id: "{gid}") {{ {inside(name, 5)} }}' for name, gid in gids.items()]
    roots += [f"{name}(first: 1) {{ {inside(name, 6)} }}" for name in lists]
    shop.catch_up()
    for root in [*roots, "shop { id plan { publicDisplayName } } currentAppInstallation { app { handle } }"]:
        result = execute_sync(
            schema, parse(f"{{ {root} }}"), root_value=Queries(shop).fields(), field_resolver=resolve
        )
        assert not result.errors, result.errors
