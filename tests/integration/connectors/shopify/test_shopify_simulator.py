"""The simulated shop against Shopify's published schema, and against itself."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    parse,
    specified_scalar_types,
)

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.documents import Document
from simulator.actor import Actor
from simulator.clock import WorldClock
from simulator.postman import Postman
from simulator.stores.shopify import FakeShopify
from simulator.stores.shopify.cost import Bucket, CostCounter
from simulator.stores.shopify.endpoint import shop_schema
from tests.integration.connectors.shopify.conftest import ANA, HOME, TEA, WAREHOUSE, Serve
from tests.schemas.shopify import admin_schema

OURS = sorted(
    name
    for name in shop_schema().type_map
    if not name.startswith("__") and name not in specified_scalar_types
)
# Hundreds of codes each; the simulated shop lets any text pass.
OPEN_LISTS = {"CountryCode", "CurrencyCode"}


def fields_of(kind: GraphQLNamedType) -> dict[str, str]:
    """Every field and argument with its type, as text."""
    found: dict[str, str] = {}
    if isinstance(kind, GraphQLInputObjectType):
        found = {name: str(field.type) for name, field in kind.fields.items()}
    if isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)):
        for name, field in kind.fields.items():
            found[name] = str(field.type)
            found |= {f"{name}({argument}:)": str(given.type) for argument, given in field.args.items()}
        found |= {f"implements {interface.name}": "" for interface in kind.interfaces}
    if isinstance(kind, GraphQLEnumType):
        found = dict.fromkeys(kind.values, "value")
    if isinstance(kind, GraphQLUnionType):
        found = {member.name: "member" for member in kind.types}
    return found


@pytest.mark.parametrize("name", OURS)
def test_every_type_field_and_argument_of_the_simulated_shop_is_shopifys(name: str) -> None:
    simulated, real = shop_schema().type_map[name], admin_schema().get_type(name)
    assert real is not None, "Shopify has no such type"
    if name in OPEN_LISTS:
        assert isinstance(simulated, GraphQLScalarType)
        return
    assert type(simulated) is type(real)
    theirs = fields_of(real)
    assert {field: theirs.get(field) for field in fields_of(simulated)} == fields_of(simulated)


def test_the_simulated_schema_is_not_empty() -> None:
    assert len(OURS) > 150


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ shop { name plan { publicDisplayName } } }", 2),
        ("{ ordersCount { count } }", 10),
        ("{ orders(first: 0) { nodes { id } } }", 2),
        # 2 + floor(2 ln 10) * 1
        ("{ orders(first: 10) { nodes { id totalPriceSet { shopMoney { amount } } } } }", 6),
        # 2 + floor(2 ln 250) * (1 + 1)
        ("{ orders(first: 250) { pageInfo { hasNextPage } nodes { shippingAddress { zip } } } }", 24),
        ("{ orders(first: 250) { edges { cursor node { shippingAddress { zip } } } } }", 24),
        ('mutation { webhookSubscriptionDelete(id: "x") { userErrors { message } } }', 10),
    ],
)
def test_costs_follow_the_formula(query: str, cost: int) -> None:
    assert CostCounter(shop_schema(), parse(query), {}).requested() == cost


def test_the_bucket_leaks_back_to_full_and_no_further() -> None:
    now = [0.0]
    bucket = Bucket(lambda: now[0], capacity=1000, restore_per_s=100)
    assert bucket.take(900)
    assert not bucket.take(200)
    now[0] = 1.0
    assert bucket.take(200)
    bucket.give_back(150)
    assert bucket.status()["currentlyAvailable"] == 150
    now[0] = 100.0
    assert bucket.available == 1000


def shop_of(seed: int) -> FakeShopify:
    clock = WorldClock(datetime(2026, 11, 22, tzinfo=UTC), rate=0)
    return FakeShopify(
        clock, Postman(clock, random.Random(0)), random.Random(seed), places=[("Home", WAREHOUSE)]
    )


def test_a_seed_makes_the_same_ids_again_and_all_of_them_exceed_what_a_float_holds() -> None:
    one, same, other = shop_of(1), shop_of(1), shop_of(2)
    ids = [shop.place_order(ANA, HOME, [TEA]) for shop in (one, same, other)]
    assert ids[0] == ids[1] != ids[2]
    number = int(ids[0].rpartition("/")[2])
    assert number > 2**53


def test_it_is_an_actor() -> None:
    actor: Actor = shop_of(1)
    assert actor.name == "shopify"


async def test_cursors_go_both_ways_and_bad_ones_are_refused(
    shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient]
) -> None:
    gids = [shop.place_order(ANA, HOME, [TEA]) for _ in range(5)]
    asking = client(await serve(shop.app))
    text = """query Pages($a: String, $r: Boolean) {
        orders(first: 2, after: $a, reverse: $r, sortKey: ID) {
            edges { cursor node { id } } pageInfo { hasNextPage }
        }
    }"""
    document = Document("pages", text)
    seen: list[str] = []
    after = None
    while True:
        page = (await asking.send(document, {"a": after, "r": True})).data["orders"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["edges"][-1]["cursor"]
    assert seen == gids[::-1]
    with pytest.raises(Exception, match="refused"):
        await asking.send(document, {"a": "no cursor"})
