from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.stores.woocommerce.authorize import authorize_url, read_callback, was_granted
from doorstep.errors import InvalidInput, UnreadablePayload

STATE = "st_0123456789abcdef"
ASKED = {
    "app_name": "Doorstep",
    "state": STATE,
    "return_url": "https://doorstep.example/stores/back",
    "callback_url": "https://doorstep.example/stores/keys",
}
POSTED = {
    "key_id": 7,
    "user_id": STATE,
    "consumer_key": "ck_" + "1" * 40,
    "consumer_secret": "cs_" + "2" * 40,
    "key_permissions": "read_write",
}


def posted(**changes: Any) -> bytes:
    return json.dumps(POSTED | changes).encode()


def test_the_merchant_is_sent_to_the_page_of_a_shop_under_a_path() -> None:
    parts = urlsplit(authorize_url("https://shop.example/blog", **ASKED))
    assert (parts.hostname, parts.path) == ("shop.example", "/blog/wc-auth/v1/authorize")
    assert parse_qs(parts.query) == {
        "app_name": ["Doorstep"],
        "scope": ["read_write"],
        "user_id": [STATE],
        "return_url": [ASKED["return_url"]],
        "callback_url": [ASKED["callback_url"]],
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("callback_url", "http://doorstep.example/keys"),
        ("callback_url", "doorstep.example/keys"),
        ("callback_url", "https://u:p@doorstep.example/keys"),
        ("callback_url", "https://doorstep.example/a%2Fb"),
        ("callback_url", "https://doorstep.example/a+b"),
        ("callback_url", "https://türstufe.example/keys"),
        ("return_url", "javascript:alert(1)"),
        ("return_url", "https://"),
        ("return_url", "http://[x"),
        ("state", "short"),
        ("state", "with spaces and <b>"),
        ("app_name", " "),
        ("app_name", "x" * 171),
    ],
)
def test_what_the_store_would_refuse_or_garble_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        authorize_url("https://shop.example", **(ASKED | {name: value}))
    assert caught.value.path == (name,)


def test_the_browser_may_come_back_over_plain_http() -> None:
    assert authorize_url("https://shop.example", **(ASKED | {"return_url": "http://localhost:8000/back"}))


def test_a_simulated_store_on_this_machine_may_post_over_plain_http() -> None:
    assert authorize_url("http://127.0.0.1:8000", **(ASKED | {"callback_url": "http://127.0.0.1:9000/keys"}))


def test_the_posted_key_becomes_credentials() -> None:
    granted = read_callback(posted())
    assert (granted.state, granted.key_id) == (STATE, 7)
    assert granted.credentials["consumer_key"].reveal() == POSTED["consumer_key"]
    assert granted.credentials["consumer_secret"].reveal() == POSTED["consumer_secret"]
    assert str(POSTED["consumer_secret"]) not in repr(granted)


@pytest.mark.parametrize("permissions", ["read", "write", "", None, "read_write "])
def test_a_key_that_may_not_do_both_is_told_in_words(permissions: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_callback(posted(key_permissions=permissions))
    assert caught.value.path == ("key_permissions",)
    assert "Read/Write" in caught.value.message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("user_id", None),
        ("user_id", 7),
        ("user_id", "<b>"),
        ("consumer_key", "cs_" + "1" * 40),
        ("consumer_key", ""),
        ("consumer_secret", ["cs_1"]),
        ("consumer_secret", "ck_secretive"),
    ],
)
def test_a_missing_or_odd_field_is_named_without_its_value(name: str, value: object) -> None:
    with pytest.raises(UnreadablePayload) as caught:
        read_callback(posted(**{name: value}))
    assert caught.value.path == (name,)
    assert "secretive" not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"consumer_key=ck_1", b"\xff", b"[" * 50_000])
def test_what_is_no_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadablePayload):
        read_callback(body)


@pytest.mark.parametrize(
    ("query", "granted"), [({"success": "1"}, True), ({"success": "0"}, False), ({}, False)]
)
def test_only_a_one_means_that_the_merchant_agreed(query: dict[str, str], granted: bool) -> None:
    assert was_granted(query) is granted
