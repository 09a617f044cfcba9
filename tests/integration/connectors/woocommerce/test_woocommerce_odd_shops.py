from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.stores.woocommerce.client import WooCommerceClient
from connectors.stores.woocommerce.connector import WooCommerceConnector
from connectors.stores.woocommerce.store_api import Patience, StoreApi
from doorstep.address import Address
from doorstep.secret import Secret
from simulator.stores.woocommerce import FakeWooCommerce, served

MakeStore = Callable[..., FakeWooCommerce]
Link = Callable[..., Awaitable[WooCommerceConnector]]


async def test_the_stores_own_address_is_its_one_location(store: FakeWooCommerce, link: Link) -> None:
    (location,) = await (await link(store)).locations()
    assert location.name == "The corner & Co"
    assert location.address.one_line == "1 Market Lane, New York, NY 10001, US"
    assert location.time_zone == "America/New_York"


@pytest.mark.parametrize(
    ("typed", "phone"),
    [("(212) 736-3100", "+12127363100"), ("+44 20 7031 3000", "+442070313000"), ("ask for Till", None)],
)
async def test_the_number_that_couriers_call_is_read_as_they_take_it(
    make_store: MakeStore, link: Link, typed: str, phone: str | None
) -> None:
    (location,) = await (await link(make_store(pickup_phone=typed))).locations()
    assert (location.address.phone, location.address.phone_raw) == (phone, typed)


@pytest.mark.parametrize(
    ("offset", "zone"),
    [("+5.5", "Asia/Kolkata"), ("-9.5", "Pacific/Marquesas"), ("-5", "Etc/GMT+5"), ("+12.75", "UTC")],
)
async def test_a_bare_offset_becomes_a_zone_that_keeps_it_all_year(
    make_store: MakeStore, link: Link, offset: str, zone: str
) -> None:
    (location,) = await (await link(make_store(time_zone=offset))).locations()
    assert location.time_zone == zone


async def test_goods_sold_by_length_come_in_with_what_was_given_back(
    store: FakeWooCommerce, link: Link, home: Address
) -> None:
    order_id = store.place_order([("FISH-1", 2.5)], home)
    store.refund(order_id, {"FISH-1": 1})
    connector = await link(store)
    raw = await connector.fetch_order(order_id)
    assert raw is not None
    (line,) = connector.read_order(raw).lines
    assert (line.quantity, line.weight_g) == (1, 6000)  # 1.5 boxes of 4 kg are left


async def test_a_user_who_may_not_see_orders_is_told_together_with_what_its_webhooks_do() -> None:
    async def refuse(_: Request) -> JSONResponse:
        code = "woocommerce_rest_cannot_view"
        return JSONResponse({"code": code, "message": "Sorry.", "data": {"status": 403}}, 403)

    async with served(Starlette(routes=[Route("/{path:path}", refuse)])) as url:
        client = WooCommerceClient(url, Secret("ck_12345678"), Secret("cs_12345678"))
        checks = await WooCommerceConnector(StoreApi(client, patience=Patience(tries=1))).check()
    assert {check.name: check.fault for check in checks if not check.passed} == {
        "credentials": "rights_missing",
        "scopes": "rights_missing",
    }
    assert all("webhooks bring errors" in check.text for check in checks if not check.passed)
