"""A shop that is unwell, busy or closed: nothing is lost, and nothing looks like an empty shop."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.types import Receive, Scope, Send

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.connector import ShopifyConnector
from connectors.stores.shopify.documents import ORDERS_PAGE, Document
from connectors.stores.shopify.link import Patience
from doorstep.errors import (
    AccountProblem,
    RateLimited,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
)
from doorstep.secret import Secret
from simulator.stores.shopify import FakeShopify, Fault
from tests.integration.connectors.shopify.conftest import ANA, CLIENT_SECRET, HOME, TEA, Serve


async def walked(connector: ShopifyConnector) -> int:
    return len([raw async for raw in connector.changed_orders(None)])


@pytest.fixture
def seven_orders(shop: FakeShopify) -> None:
    for _ in range(7):
        shop.place_order(ANA, HOME, [TEA])


@pytest.mark.usefixtures("seven_orders")
@pytest.mark.parametrize(
    "fault", [Fault.SERVER_ERROR, Fault.BAD_GATEWAY, Fault.INTERNAL_ERROR, Fault.HTML, Fault.EMPTY_OBJECT]
)
async def test_a_page_that_fails_is_asked_for_again_with_growing_pauses(
    connector: ShopifyConnector, shop: FakeShopify, pauses: list[float], fault: Fault
) -> None:
    shop.fail_next(fault, 3)
    assert await walked(connector) == 7
    # 0.5, 1 and 2 seconds, each times 0.5 to 1.5.
    assert len(pauses) == 3
    for pause_s, usual_s in zip(pauses, (0.5, 1.0, 2.0), strict=True):
        assert 0.5 * usual_s <= pause_s <= 1.5 * usual_s


@pytest.mark.usefixtures("seven_orders")
@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.HTML, Fault.EMPTY_OBJECT])
async def test_a_shop_that_stays_unwell_is_an_error_and_not_an_empty_shop(
    connector: ShopifyConnector, shop: FakeShopify, pauses: list[float], fault: Fault
) -> None:
    shop.fail_next(fault, 99)
    with pytest.raises(RemoteUnavailable):
        await walked(connector)
    assert len(pauses) == 4, "five tries have four pauses between them"


@pytest.mark.usefixtures("seven_orders")
async def test_throttling_is_sat_out_for_as_long_as_the_bucket_needs(
    connector: ShopifyConnector, shop: FakeShopify, pauses: list[float]
) -> None:
    shop.fail_next(Fault.THROTTLED)
    assert await walked(connector) == 7
    # A page of three costs 2 + floor(2 ln 3) * 69 = 140 points, and an empty bucket gets 100 a second. Its
    # clock moves with these pauses alone: three pages take at least three times 1.40 seconds.
    assert sum(pauses) >= 4.1


@pytest.mark.usefixtures("seven_orders")
async def test_the_pause_of_a_429_is_the_one_that_shopify_names(
    connector: ShopifyConnector, shop: FakeShopify, pauses: list[float]
) -> None:
    shop.fail_next(Fault.TOO_MANY_REQUESTS, 2)
    assert await walked(connector) == 7
    assert pauses == [2.0, 2.0]


@pytest.mark.usefixtures("seven_orders")
async def test_waiting_ends_when_shopify_never_stops_asking_for_it(
    connector: ShopifyConnector, shop: FakeShopify, pauses: list[float]
) -> None:
    shop.fail_next(Fault.TOO_MANY_REQUESTS, 99)
    with pytest.raises(RateLimited) as failure:
        await walked(connector)
    assert failure.value.retry_after_s == 2.0
    assert sum(pauses) <= Patience().waiting_s


@pytest.mark.usefixtures("seven_orders")
async def test_walking_a_whole_shop_is_slowed_to_what_the_bucket_gives(
    connector: ShopifyConnector, shop: FakeShopify, pauses: list[float]
) -> None:
    shop.bucket.capacity = 200.0
    assert await walked(connector) == 7
    assert pauses, "three pages cost more than the bucket holds"
    assert shop.bucket.available >= 0


@pytest.mark.usefixtures("seven_orders")
async def test_an_answer_that_never_comes_is_asked_for_again(
    shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient], pauses: list[float]
) -> None:
    url = await serve(shop.app)
    shop.fail_next(Fault.LOST_ANSWER)
    patient = client(url, patience=Patience(call_s=0.3))
    assert await walked(ShopifyConnector(patient, Secret(CLIENT_SECRET))) == 7
    assert len(pauses) == 1


@pytest.mark.usefixtures("seven_orders")
@pytest.mark.parametrize(
    ("state", "code"), [("frozen", "402"), ("forbidden", "403"), ("unknown", "404"), ("locked", "423")]
)
async def test_a_closed_shop_is_an_account_problem_and_is_not_asked_twice(
    connector: ShopifyConnector, shop: FakeShopify, pauses: list[float], state: str, code: str
) -> None:
    shop.state = state
    with pytest.raises(AccountProblem) as failure:
        await walked(connector)
    assert failure.value.raw_code == code
    assert pauses == []


@pytest.mark.parametrize(
    "ask",
    [
        walked,
        lambda connector: connector.count_orders(None),
        lambda connector: connector.fetch_order("1"),
        lambda connector: connector.locations(),
    ],
    ids=["walk", "count", "fetch", "locations"],
)
async def test_a_revoked_token_is_told_by_every_question(
    connector: ShopifyConnector, shop: FakeShopify, ask: Callable[[ShopifyConnector], object]
) -> None:
    shop.revoke_token()
    with pytest.raises(AccountProblem) as failure:
        await ask(connector)  # type: ignore[misc]  # each gives a coroutine of its own type
    assert failure.value.raw_code == "401"
    assert "shpat" not in str(failure.value)


@pytest.mark.usefixtures("seven_orders")
async def test_orders_whose_fulfillment_orders_are_closed_to_the_app_are_not_read_as_orders_without(
    connector: ShopifyConnector, shop: FakeShopify
) -> None:
    shop.scopes = {"read_orders", "read_locations"}
    with pytest.raises(AccountProblem) as failure:
        await walked(connector)
    assert failure.value.raw_code == "ACCESS_DENIED"


async def test_a_redirect_is_not_followed(connector: ShopifyConnector, shop: FakeShopify) -> None:
    shop.fail_next(Fault.REDIRECT)
    with pytest.raises(RemoteRefused) as failure:
        await walked(connector)
    assert failure.value.raw_code == "redirect"
    assert shop.requests == 1


@pytest.mark.parametrize(
    ("document", "variables", "code"),
    [
        (ORDERS_PAGE, {"first": 3, "query": "updatedat:>='2026-01-01' AND status:any"}, "search_warning"),
        (Document("none", "{ nonsense }"), {}, "undefinedField"),
        (Document("broken", "{"), {}, "PARSE_ERROR"),
        (ORDERS_PAGE, {"first": 251, "query": "status:any"}, "BAD_REQUEST"),
        (
            Document(
                "dear",
                "{ orders(first: 250) { nodes { fulfillmentOrders(first: 250) { nodes { order { "
                "lineItems(first: 250) { nodes { id } } } } } } } }",
            ),
            {},
            "MAX_COST_EXCEEDED",
        ),
    ],
)
async def test_a_question_that_shopify_refuses_is_refused_once_and_with_its_code(
    shop: FakeShopify,
    serve: Serve,
    client: Callable[..., ShopifyClient],
    document: Document,
    variables: dict[str, object],
    code: str,
) -> None:
    asking = client(await serve(shop.app))
    with pytest.raises(RemoteError) as failure:
        await asking.send(document, variables)
    assert isinstance(failure.value, RemoteRefused)
    assert failure.value.raw_code == code
    assert shop.requests == 1


async def test_an_order_that_disappears_while_it_is_read_is_left_out(
    serve: Serve, client: Callable[..., ShopifyClient], shop: FakeShopify
) -> None:
    gid = shop.place_order(ANA, HOME, [TEA] * 40)
    other = shop.place_order(ANA, HOME, [TEA])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await shop.app(scope, receive, send)
        if len(shop.orders) == 2:
            # The first page has been answered; the merchant deletes the order before the rest is asked for.
            shop.delete_order(gid)

    connector = ShopifyConnector(client(await serve(app)), Secret(CLIENT_SECRET))
    assert [raw.external_id async for raw in connector.changed_orders(None)] == [other]
