from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from connectors.stores.woocommerce.client import Limits, WooCommerceClient
from connectors.stores.woocommerce.connector import WooCommerceConnector
from connectors.stores.woocommerce.store_api import Patience, StoreApi
from doorstep.address import Address
from doorstep.errors import AccountProblem, RateLimited, RemoteUnavailable, UnknownOutcome
from doorstep.secret import Secret
from simulator.stores.woocommerce import CONSUMER_KEY, CONSUMER_SECRET, FakeWooCommerce, Trouble, served

Link = Callable[..., Awaitable[WooCommerceConnector]]

PASSING = [
    (Trouble.HTML_200, "html_instead_of_json"),
    (Trouble.HTML_503, "html_instead_of_json"),
    (Trouble.MAINTENANCE, "maintenance"),
    (Trouble.DATABASE_DOWN, "store_unwell"),
    (Trouble.PHP_WARNING, "php_warning_in_answer"),
    (Trouble.EMPTY_200, "unreadable_answer"),
    (Trouble.CUT_OFF, "unreadable_answer"),
    (Trouble.ERROR_200, "store_unwell"),
    (Trouble.HTML_500, "store_unwell"),
    (Trouble.HTML_429, "rate_limited"),
    (Trouble.JSON_429, "rate_limited"),
]
LASTING = [
    (Trouble.REDIRECT, "redirected"),
    (Trouble.HTML_401, "site_password"),
    (Trouble.HTML_404, "api_not_found"),
]


@pytest.mark.parametrize(("kind", "fault"), PASSING)
async def test_a_store_that_stays_unwell_is_unavailable_and_never_empty(
    store: FakeWooCommerce, link: Link, home: Address, kind: Trouble, fault: str
) -> None:
    store.place_order([("BREAD-1", 1)], home)
    store.fail_next(kind, count=1000)
    connector = await link(store)
    with pytest.raises(RemoteUnavailable) as caught:
        [raw async for raw in connector.changed_orders(None)]
    assert caught.value.raw_code == fault
    with pytest.raises(RemoteUnavailable):
        await connector.fetch_order("302")
    with pytest.raises(RemoteUnavailable):
        await connector.count_orders(None)


@pytest.mark.parametrize(("kind", "fault"), LASTING)
async def test_what_a_person_must_mend_is_not_tried_again(
    store: FakeWooCommerce, link: Link, kind: Trouble, fault: str
) -> None:
    store.fail_next(kind, count=1000)
    with pytest.raises(AccountProblem) as caught:
        await (await link(store)).fetch_order("302")
    assert caught.value.raw_code == fault
    assert store.calls() == 1


@pytest.mark.parametrize("kind", [kind for kind, _ in PASSING])
async def test_a_short_illness_is_waited_out(
    store: FakeWooCommerce, link: Link, home: Address, pauses: list[float], kind: Trouble
) -> None:
    order_id = store.place_order([("BREAD-1", 1)], home)
    store.fail_next(kind, count=2)
    raw = await (await link(store)).fetch_order(order_id)
    assert raw is not None
    assert len(pauses) == 2


async def test_waits_grow_raggedly_and_honour_what_the_store_asks_for(
    store: FakeWooCommerce, link: Link, home: Address, pauses: list[float]
) -> None:
    order_id = store.place_order([("BREAD-1", 1)], home)
    store.fail_next(Trouble.JSON_429, count=3)  # Retry-After: 3
    await (await link(store)).fetch_order(order_id)
    assert len(pauses) == 3
    assert all(3 <= pause <= 3 + 0.5 * 2**attempt for attempt, pause in enumerate(pauses))
    assert pauses != [3.5, 4.0, 5.0]


async def test_a_lasting_limit_is_handed_on_with_the_seconds_to_wait(
    store: FakeWooCommerce, link: Link
) -> None:
    store.fail_next(Trouble.JSON_429, count=1000)
    with pytest.raises(RateLimited) as caught:
        await (await link(store)).fetch_order("302")
    assert caught.value.retry_after_s == 3


async def test_a_failing_product_list_fails_the_walk_instead_of_losing_weights(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    store.place_order([("BREAD-1", 1)], home)
    store.fail_next(Trouble.HTML_200, count=1000, where="products")
    connector = await link(store)
    with pytest.raises(RemoteUnavailable):
        [raw async for raw in connector.changed_orders(None)]


async def test_failing_refunds_fail_the_fetch_instead_of_shipping_what_was_refunded(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    order_id = store.place_order([("BREAD-1", 2)], home)
    store.refund(order_id, {"BREAD-1": 1})
    store.fail_next(Trouble.HTML_200, count=1000, where=f"orders/{order_id}/refunds")
    with pytest.raises(RemoteUnavailable):
        await (await link(store)).fetch_order(order_id)


async def test_a_store_that_does_not_answer_is_given_up(store: FakeWooCommerce, link: Link) -> None:
    store.door.delay_s = 0.5
    connector = await link(store, limits=Limits(connect_s=0.1, call_s=0.1))
    with pytest.raises(RemoteUnavailable) as caught:
        await connector.fetch_order("302")
    assert caught.value.raw_code == "too_slow"


async def test_a_body_that_drips_in_is_given_up_at_the_deadline() -> None:
    async def drip(_: Request) -> StreamingResponse:
        async def drops() -> AsyncIterator[bytes]:
            for _ in range(200):
                yield b" "
                await asyncio.sleep(0.02)

        return StreamingResponse(drops(), media_type="application/json")

    async with served(_everywhere(drip)) as url:
        with pytest.raises(RemoteUnavailable) as caught:
            await _linked(url, Limits(call_s=0.2)).fetch_order("302")
    assert caught.value.raw_code == "too_slow"


async def test_a_body_without_end_is_cut_off() -> None:
    async def flood(_: Request) -> StreamingResponse:
        async def waves() -> AsyncIterator[bytes]:
            while True:
                yield b"[" * 65_536
                await asyncio.sleep(0)

        return StreamingResponse(waves(), media_type="application/json")

    async with served(_everywhere(flood)) as url:
        with pytest.raises(RemoteUnavailable) as caught:
            await _linked(url, Limits(body_bytes=1_000_000)).fetch_order("302")
    assert caught.value.raw_code == "answer_too_large"


async def test_a_dead_address_is_unreachable_and_its_error_holds_no_key() -> None:
    async with served(Starlette()) as url:
        dead = url
    with pytest.raises(RemoteUnavailable) as caught:
        await _linked(dead, Limits()).fetch_order("302")
    assert caught.value.raw_code == "unreachable"
    told = "".join(traceback.format_exception(caught.value))
    assert CONSUMER_KEY not in told
    assert "oauth_signature" not in told


async def test_a_missing_ca_file_is_named() -> None:
    client = WooCommerceClient(
        "https://127.0.0.1:9", Secret(CONSUMER_KEY), Secret(CONSUMER_SECRET), ca_file="/nowhere/ca.pem"
    )
    with pytest.raises(AccountProblem) as caught:
        await WooCommerceConnector(StoreApi(client)).fetch_order("302")
    assert caught.value.raw_code == "ca_file_unreadable"


async def test_a_certificate_of_an_unknown_authority_is_refused(store: FakeWooCommerce, link: Link) -> None:
    with pytest.raises(AccountProblem) as caught:
        await (await link(store, https=True, trusts=False)).fetch_order("302")
    assert caught.value.raw_code == "certificate_untrusted"
    assert store.door.seen == []


async def test_a_write_whose_answer_is_lost_is_not_repeated_and_found_the_next_time(
    store: FakeWooCommerce, link: Link
) -> None:
    connector = await link(store)
    store.fail_next(Trouble.CUT_OFF, where="webhooks", method="POST")
    with pytest.raises(UnknownOutcome):
        await connector.ensure_webhooks("http://127.0.0.1/in", Secret("s" * 20))
    assert (store.calls("POST", "webhooks"), len(store.hooks.webhooks)) == (1, 1)
    await connector.ensure_webhooks("http://127.0.0.1/in", Secret("s" * 20))
    assert sorted(webhook.topic for webhook in store.hooks.webhooks.values()) == [
        "order.created",
        "order.deleted",
        "order.restored",
        "order.updated",
    ]


def _everywhere(endpoint: Callable[[Request], Awaitable[StreamingResponse]]) -> Starlette:
    return Starlette(routes=[Route("/{path:path}", endpoint)])


def _linked(url: str, limits: Limits) -> WooCommerceConnector:
    client = WooCommerceClient(url, Secret(CONSUMER_KEY), Secret(CONSUMER_SECRET), limits=limits)
    return WooCommerceConnector(StoreApi(client, patience=Patience(tries=1)))
