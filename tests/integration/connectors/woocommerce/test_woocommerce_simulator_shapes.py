"""The simulated store's answers have the keys and JSON types of those captured from a real one, 10.5."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from doorstep.address import Address
from simulator.clock import WorldClock
from simulator.postman import Postman
from simulator.stores.woocommerce import FakeWooCommerce, served
from tests.unit.simulator.woocommerce.visitor import visiting

MakeStore = Callable[..., FakeWooCommerce]
Place = Callable[[FakeWooCommerce, Address], str]
PAYLOADS = Path(__file__).parents[3] / "payloads" / "woocommerce"
_TRACKING = {
    "tracking_provider": "",
    "custom_tracking_provider": "Bikes Inc",
    "custom_tracking_link": "https://track.example/1",
    "tracking_number": "X9",
    "date_shipped": "1795354983",
    "tracking_id": "abc",
}


def captured(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def shape(document: object, path: str = "$") -> Iterator[tuple[str, str]]:
    """(path, JSON type) of every place in a document; the members of an array share one path."""
    if isinstance(document, dict):
        yield path, "object"
        for key, value in document.items():
            yield from shape(value, f"{path}.{key}")
    elif isinstance(document, list):
        yield path, "array"
        for member in document:
            yield from shape(member, f"{path}[]")
    else:
        names = {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}
        yield path, names[type(document)]


def by_path(document: object) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path, kind in shape(document):
        found.setdefault(path, set()).add(kind)
    return found


def assert_same_shape(made: object, real: object) -> None:
    assert by_path(made) == by_path(real)


def blocks(store: FakeWooCommerce, home: Address) -> str:
    order_id = store.place_order([("BREAD-1", 2)], home, in_blocks=True, choice="cho_1")
    store.write_meta(order_id, "is_vat_exempt", "no")
    return order_id


def classic(store: FakeWooCommerce, home: Address) -> str:
    order_id = store.place_order([("BREAD-1", 1)], home, choice="cho_1")
    store.write_meta(order_id, "is_vat_exempt", "no")
    return order_id


def without_address(store: FakeWooCommerce, home: Address) -> str:
    lines = [("FISH-1", 1)]
    return store.place_order(lines, None, billing=home, shipping_method="", by_rest=True, status="cancelled")


def in_other_letters(store: FakeWooCommerce, home: Address) -> str:
    order_id = store.place_order([("BREAD-1", 3), ("FLOW-1", 1)], home, payment_method="", by_rest=True)
    store.write_meta(order_id, "_auto_fulfill_processed", "1")
    return order_id


def refunded_in_part(store: FakeWooCommerce, home: Address) -> str:
    lines = [("BREAD-1", 3), ("FLOW-1", 1)]
    order_id = store.place_order(lines, home, payment_method="", by_rest=True)
    store.write_meta(order_id, "_auto_fulfill_processed", "1")
    store.write_meta(order_id, "_wc_shipment_tracking_items", [_TRACKING])
    store.refund(order_id, {"BREAD-1": 1}, "1 loaf squashed")
    return order_id


def of_a_deleted_product(store: FakeWooCommerce, home: Address) -> str:
    order_id = store.place_order([("BREAD-1", 2)], home, payment_method="", by_rest=True)
    store.write_meta(order_id, "_auto_fulfill_processed", "1")
    store.delete_product("BREAD-1")
    return order_id


def virtual(store: FakeWooCommerce, home: Address) -> str:
    order_id = store.place_order([("GIFT-25", 1), ("EBOOK", 1)], home)
    store.write_meta(order_id, "_auto_fulfill_processed", "1")
    store.write_meta(order_id, "slot", {"from": "18:00", "to": "20:00"})
    return order_id


ORDERS: dict[str, tuple[Place, str]] = {
    "order-blocks-checkout": (blocks, "8.875"),
    "order-classic-checkout": (classic, "8.875"),
    "order-no-shipping-address": (without_address, "8.875"),
    "order-nonlatin-html": (in_other_letters, "0"),
    "order-partial-refund": (refunded_in_part, "8.875"),
    "order-product-deleted": (of_a_deleted_product, "8.875"),
    "order-virtual-only": (virtual, "0"),
}


@pytest.mark.parametrize("name", sorted(ORDERS))
async def test_an_order_has_the_shape_of_the_captured_one(
    make_store: MakeStore, home: Address, name: str
) -> None:
    place, tax_percent = ORDERS[name]
    store = make_store(treat_as_https=True, tax_percent=tax_percent)
    order_id = place(store, home)
    async with visiting(store) as visitor:
        made = (await visitor.get(f"orders/{order_id}")).payload
        (listed,) = (await visitor.get("orders")).payload
    assert_same_shape(made, captured(name))
    assert listed == made


async def test_refunds_have_the_shape_of_the_captured_ones(make_store: MakeStore, home: Address) -> None:
    store = make_store(treat_as_https=True)
    order_id = refunded_in_part(store, home)
    async with visiting(store) as visitor:
        refunds = (await visitor.get(f"orders/{order_id}/refunds")).payload
    assert_same_shape(refunds, captured("order-refunds-list"))


async def test_fulfillments_have_the_shape_of_the_captured_ones(make_store: MakeStore, home: Address) -> None:
    store = make_store(treat_as_https=True, has_fulfillments=True)
    order_id = store.place_order([("BREAD-1", 2)], home)
    (real,) = captured("fulfillments")
    async with visiting(store) as visitor:
        meta = [entry for entry in real["meta_data"] if entry["key"] != "_date_fulfilled"]
        asked = {"status": "fulfilled", "is_fulfilled": True, "meta_data": meta}
        made = await visitor.post(f"orders/{order_id}/fulfillments", asked)
        listed = (await visitor.get(f"orders/{order_id}/fulfillments")).payload
    assert made.status == 201
    assert listed == [made.payload]
    assert_same_shape(listed, [real])


class Box:
    """Keeps what was delivered to it."""

    def __init__(self) -> None:
        self.letters: list[tuple[dict[str, str], bytes]] = []
        self.app = Starlette(routes=[Route("/in", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        self.letters.append((dict(request.headers), await request.body()))
        return Response()


async def deliver(store: FakeWooCommerce, postman: Postman, clock: WorldClock) -> None:
    clock.advance(60)
    await store.tick(clock.now())
    await postman.tick(clock.now())


def headers_of(capture: dict[str, Any]) -> set[str]:
    # Ours come through HTTP/1.1 of another client: what it adds to any request is not WooCommerce's.
    return {name.lower() for name, _ in capture["headers"]} - {"connection", "accept-encoding", "accept"}


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("webhook-order-created", "order.created"),
        ("webhook-order-updated-draft", "order.updated"),
        ("webhook-order-updated-error-body", "order.updated"),
        ("webhook-ping", ""),
    ],
)
async def test_a_delivery_has_the_headers_and_the_body_of_the_captured_one(
    make_store: MakeStore, home: Address, clock: WorldClock, postman: Postman, name: str, topic: str
) -> None:
    store = make_store(treat_as_https=True, tax_percent="8.875")
    store.owner_lost_rights = "error" in name
    box, capture = Box(), captured(name)
    async with served(box.app) as url:
        store.hooks.create("all", topic or "order.created", f"{url}/in", "whsec-test")
        await deliver(store, postman, clock)
        if topic:
            box.letters.clear()
            _cause(store, home, name)
            await deliver(store, postman, clock)
    ((headers, body),) = box.letters
    assert set(headers) - {"connection", "accept-encoding", "accept"} == headers_of(capture)
    assert headers["content-type"] == dict(map(tuple, capture["headers"]))["Content-Type"]
    if not topic:
        assert body == capture["body"].encode()
        return
    assert_same_shape(json.loads(body), json.loads(capture["body"]))
    # As PHP writes JSON: nothing but ASCII, no spaces, and a backslash before every slash.
    assert b"\\/" in body or "error" in name
    assert json.dumps(json.loads(body), separators=(",", ":")).replace("/", "\\/").encode() == body


def _cause(store: FakeWooCommerce, home: Address, name: str) -> None:
    if name == "webhook-order-created":
        store.place_order(
            [], None, shipping_method="", fee="5.00", payment_method="", by_rest=True, status="on-hold"
        )
    else:
        draft = store.start_checkout([("BREAD-1", 2)], home, choice="cho_1")
        meta = {"id": 1, "key": "is_vat_exempt", "value": "no"}
        store.shelf.order(draft).meta.append(meta)


def test_shapes_differ_where_a_key_or_a_type_does() -> None:
    assert by_path({"a": [1, 2.5], "b": None}) == by_path({"a": [3], "b": None})
    assert by_path({"a": 1}) != by_path({"a": "1"})
    assert by_path({"a": 1}) != by_path({"a": 1, "b": 2})
