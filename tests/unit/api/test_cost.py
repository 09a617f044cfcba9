"""Limits and points: before anything runs, and without spoiling the caches."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse
from strawberry.extensions import ParserCache, ValidationCache

from gateway.api.admission.cost import LeakyBucket, cost_of
from gateway.api.schema import GatewaySchema, build_schema
from gateway.api.settings import ApiSettings
from tests.unit.api.conftest import Run, fault
from tests.unit.api.fakes import House, publishable, secret


class Hand:
    """A clock for buckets."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def __call__(self) -> float:
        return self.at_s


async def test_the_second_run_of_a_document_is_neither_parsed_nor_validated_nor_measured_again(
    house: House,
) -> None:
    settings = ApiSettings(cached_documents=77)
    schema = build_schema(settings)
    parsed: Any = ParserCache(maxsize=77).cached_parse_document
    validated: Any = ValidationCache(maxsize=77).cached_validate_document
    document = "query Twice($first: Int!) { orders(first: $first) { nodes { id } } }"
    for first in (1, 2, 3):
        result = await schema.execute(document, {"first": first}, house.context())
        assert result.errors is None
    assert (parsed.cache_info().misses, parsed.cache_info().hits) == (1, 2)
    assert (validated.cache_info().misses, validated.cache_info().hits) == (1, 2)
    assert schema.measures.hits == 2


@pytest.mark.parametrize(
    ("document", "points"),
    [
        # viewer 1, merchant 1.
        ("{ viewer { merchant { name } } }", 2),
        # The connection 1, 10 nodes of 1.
        ("{ orders(first: 10) { nodes { id } } }", 11),
        # The connection 1, 10 nodes of 1, each with a store of 1.
        ("{ orders(first: 10) { nodes { id store { name } } } }", 21),
        # 50 where nothing is asked.
        ("{ orders { nodes { id } } }", 51),
        # pageInfo once, total 5.
        ("{ orders(first: 10) { total { value } pageInfo { hasNextPage } } }", 7),
        # A usual order has 2 fulfillment orders.
        ("{ orders(first: 10) { nodes { fulfillmentOrders { id } } } }", 31),
        # A usual delivery has 2 legs, a tour of 1 has 3 stops of 1.
        ('{ delivery(id: "x") { legs { stack { stops { deliveryReference } } } } }', 11),
        # A fragment costs as much as what it stands for.
        ("{ orders(first: 10) { ...F } } fragment F on OrderConnection { nodes { id } }", 11),
        # deliveryOptions is 20; 1 group of 1, 8 options of 1.
        (
            '{ deliveryOptions(destination: {countryCode: "ES"}) '
            "{ ... on DeliveryOptions { groups { options { id } } } } }",
            29,
        ),
    ],
)
def test_the_price_of_a_document_follows_its_lists(schema: GatewaySchema, document: str, points: int) -> None:
    tree = parse(document)
    operation = tree.definitions[0]
    assert cost_of(schema._schema, tree, operation, {}) == points  # type: ignore[arg-type]  # an operation, as written above


def test_the_price_follows_variables_and_their_defaults(schema: GatewaySchema) -> None:
    tree = parse("query($n: Int = 7) { orders(first: $n) { nodes { id } } }")
    operation = tree.definitions[0]
    assert cost_of(schema._schema, tree, operation, {}) == 8  # type: ignore[arg-type]  # an operation, as written above
    assert cost_of(schema._schema, tree, operation, {"n": 100}) == 101  # type: ignore[arg-type]  # as above


async def test_the_cost_is_told_and_taken_from_the_key(house: House) -> None:
    schema = build_schema(ApiSettings(bucket_points=1000, max_cost=1000, restore_per_s=1))
    document = "{ orders(first: 100) { nodes { id } } }"
    first = await schema.execute(document, context_value=house.context())
    assert first.extensions is not None
    cost = first.extensions["cost"]
    assert (cost["requested"], cost["granted"], cost["limit"], cost["restoreRate"]) == (101, 101, 1000, 1)
    assert cost["remaining"] == 899


async def test_a_key_that_has_spent_everything_is_told_when_to_come_back_and_others_are_not_touched(
    house: House,
) -> None:
    schema = build_schema(ApiSettings(bucket_points=110, max_cost=110, restore_per_s=1))
    document = "{ orders(first: 100) { nodes { id } } }"
    assert (await schema.execute(document, context_value=house.context())).errors is None
    again = await schema.execute(document, context_value=house.context())
    assert fault(again)["code"] == "THROTTLED"
    assert fault(again)["retryable"] is True
    assert fault(again)["retryAfterSeconds"] == pytest.approx(92, abs=2)
    assert house.reads.calls["find_orders"] == 1
    other = await schema.execute("{ viewer { audience } }", context_value=house.context(publishable()))
    assert other.errors is None


async def test_a_document_that_costs_too_much_is_refused_before_it_runs(run: Run, house: House) -> None:
    document = "{ orders(first: 250) { nodes { deliveries(first: 250) { nodes { id } } } } }"
    result = await run(document)
    assert fault(result)["code"] == "TOO_COSTLY"
    assert house.reads.calls["find_orders"] == 0


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (
            "{ orders { nodes {" + " deliveries { nodes { order {" * 4 + " id" + " } } }" * 4 + " } } }",
            "TOO_DEEP",
        ),
        ("{" + " ".join(f"a{n}: viewer {{ audience }}" for n in range(31)) + "}", "TOO_MANY_ALIASES"),
        ("{ orders { nodes { id" + " id" * 5000 + " } } }", "SYNTAX_ERROR"),
    ],
)
async def test_documents_that_are_too_deep_repetitive_or_long_are_refused(
    run: Run, document: str, code: str
) -> None:
    result = await run(document)
    assert fault(result)["code"] == code


async def test_fragments_that_spread_each_other_many_times_are_priced_in_no_time(run: Run) -> None:
    # Without remembering a fragment's price this walks 2^60 fields and never ends.
    bomb = "".join(
        f"fragment F{n} on OrderConnection {{ pageInfo {{ hasNextPage }} ...F{n + 1} ...F{n + 1} }}"
        for n in range(60)
    )
    last = "fragment F60 on OrderConnection { pageInfo { endCursor } }"
    result = await run(f"{{ orders(first: 1) {{ ...F0 }} }} {bomb} {last}")
    assert fault(result)["code"] == "TOO_COSTLY"


async def test_a_bucket_gives_back_with_time_and_never_more_than_it_holds() -> None:
    hand = Hand()
    bucket = LeakyBucket(100, 10, now_s=hand)
    assert (await bucket.pay("k", 90)).remaining == 10
    refused = await bucket.pay("k", 50)
    assert (refused.is_paid, refused.remaining, refused.retry_after_s) == (False, 10, 4.0)
    hand.at_s = 4.0
    assert (await bucket.pay("k", 50)).is_paid
    hand.at_s = 1_000.0
    assert (await bucket.pay("k", 1)).remaining == 99


async def test_a_bucket_forgets_the_key_that_it_has_not_seen_for_longest() -> None:
    bucket = LeakyBucket(10, 1, now_s=lambda: 0.0, most_keys=2)
    for key in ("a", "b", "c"):
        await bucket.pay(key, 10)
    assert not (await bucket.pay("c", 1)).is_paid
    assert (await bucket.pay("a", 1)).is_paid


async def test_two_audiences_pay_from_their_own_buckets(run: Run) -> None:
    mine = await run("{ viewer { audience } }", secret())
    theirs = await run("{ viewer { audience } }", publishable())
    assert mine.extensions is not None
    assert theirs.extensions is not None
    assert theirs.extensions["cost"]["remaining"] > 0
