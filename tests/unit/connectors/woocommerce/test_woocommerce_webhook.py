from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.stores.woocommerce.webhook import WooCommerceWebhookReader
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.ports import NoticeKind
from doorstep.secret import Secret

PAYLOADS = Path(__file__).parents[3] / "payloads" / "woocommerce"
READER = WooCommerceWebhookReader()
SECRET = Secret("whsec-test")
CAPTURED = ["webhook-order-created", "webhook-order-updated-draft", "webhook-order-updated-error-body"]


def captured(name: str) -> tuple[dict[str, str], bytes]:
    delivery = json.loads((PAYLOADS / f"{name}.json").read_text())
    return {key.lower(): value for key, value in delivery["headers"]}, delivery["body"].encode()


@pytest.mark.parametrize("name", CAPTURED)
def test_what_a_real_store_signed_is_accepted(name: str) -> None:
    headers, body = captured(name)
    READER.verify(headers, body, [SECRET])


@pytest.mark.parametrize("name", CAPTURED)
def test_the_secret_before_the_last_one_still_counts(name: str) -> None:
    headers, body = captured(name)
    READER.verify(headers, body, [Secret("the new one"), SECRET])


def test_one_changed_byte_is_refused() -> None:
    headers, body = captured("webhook-order-created")
    with pytest.raises(BadSignature):
        READER.verify(headers, body.replace(b"327", b"328", 1), [SECRET])


@pytest.mark.parametrize("secrets", [[], [Secret("")], [Secret("other")]])
def test_without_the_right_secret_nothing_is_accepted(secrets: list[Secret]) -> None:
    headers, body = captured("webhook-order-created")
    with pytest.raises(BadSignature):
        READER.verify(headers, body, secrets)


def test_a_missing_signature_is_refused() -> None:
    headers, body = captured("webhook-order-created")
    del headers["x-wc-webhook-signature"]
    with pytest.raises(BadSignature):
        READER.verify(headers, body, [SECRET])


def test_a_created_order_is_named() -> None:
    notice = READER.read(*captured("webhook-order-created"))
    assert (notice.topic, notice.order_external_id, notice.is_deletion) == ("order.created", "327", False)
    assert notice.dedupe_id.startswith("4f074c4b3c84416580617e6fac36701d:")


def test_a_signed_error_object_is_a_notice_about_no_order_and_about_lost_rights() -> None:
    notice = READER.read(*captured("webhook-order-updated-error-body"))
    assert (notice.topic, notice.order_external_id) == ("order.updated", "")
    assert notice.kind is NoticeKind.SCOPES


def test_a_signed_error_object_about_an_order_that_is_gone_asks_for_nothing() -> None:
    headers, _ = captured("webhook-order-updated-error-body")
    gone = b'{"code":"woocommerce_rest_shop_order_invalid_id","message":"Invalid ID.","data":{"status":404}}'
    assert READER.read(headers, gone).kind is NoticeKind.OTHER


@pytest.mark.parametrize("name", ["webhook-order-created", "webhook-order-updated-draft"])
def test_an_order_is_a_hint_to_fetch_it(name: str) -> None:
    assert READER.read(*captured(name)).kind is NoticeKind.ORDER


def test_there_are_no_privacy_requests() -> None:
    with pytest.raises(UnreadablePayload):
        READER.read_privacy(*captured("webhook-order-created"))


def test_the_trash_is_a_deletion() -> None:
    headers, _ = captured("webhook-order-created")
    notice = READER.read(headers | {"x-wc-webhook-topic": "order.deleted"}, b'{"id":327}')
    assert (notice.order_external_id, notice.is_deletion) == ("327", True)


def test_two_orders_told_of_in_one_second_share_a_delivery_id_and_are_told_apart() -> None:
    headers, _ = captured("webhook-order-created")
    first, second = READER.read(headers, b'{"id":1}'), READER.read(headers, b'{"id":2}')
    assert first.dedupe_id != second.dedupe_id
    assert first.dedupe_id == READER.read(headers, b'{"id":1}').dedupe_id


def test_a_product_is_no_order() -> None:
    headers, body = captured("webhook-order-created")
    notice = READER.read(headers | {"x-wc-webhook-topic": "product.updated"}, body)
    assert (notice.order_external_id, notice.kind) == ("", NoticeKind.OTHER)


@pytest.mark.parametrize("body", [b"", b"not json", b"[1]", b"7", b"\xff\xfe", b"[" * 50_000])
def test_what_is_no_object_is_unreadable(body: bytes) -> None:
    headers, _ = captured("webhook-order-created")
    with pytest.raises(UnreadablePayload):
        READER.read(headers, body)


@pytest.mark.parametrize("given", ["0", "-4", "true", '"12"', "1.5", "null", "[]"])
def test_an_odd_id_names_no_order(given: str) -> None:
    headers, _ = captured("webhook-order-created")
    assert READER.read(headers, f'{{"id":{given}}}'.encode()).order_external_id == ""


def test_the_captured_ping_is_a_ping() -> None:
    assert READER.is_ping(*captured("webhook-ping"))


@pytest.mark.parametrize("name", CAPTURED)
def test_a_delivery_is_no_ping(name: str) -> None:
    assert not READER.is_ping(*captured(name))


@pytest.mark.parametrize("body", [b"webhook_id=", b"webhook_id=1&x=2", b"{}", b"", b"webhook_id=1;rm"])
def test_what_only_resembles_a_ping_is_none(body: bytes) -> None:
    assert not READER.is_ping({"content-type": "application/x-www-form-urlencoded"}, body)
