from __future__ import annotations

import pytest

from connectors.stores.woocommerce import CONNECTOR, connect, store_url
from doorstep.errors import InvalidInput
from doorstep.order import StorePlatform
from doorstep.ports import StoreLink
from doorstep.secret import Secret

KEYS = {"consumer_key": Secret("ck_1"), "consumer_secret": Secret("cs_1"), "webhook_secret": Secret("w")}


@pytest.mark.parametrize(
    ("pasted", "address"),
    [
        ("https://shop.example", "https://shop.example"),
        ("https://shop.example/", "https://shop.example"),
        ("  https://Shop.example/blog/ ", "https://shop.example/blog"),
        ("https://shop.example/wp-admin/admin.php?page=wc", "https://shop.example"),
        ("https://shop.example/blog/wp-json/wc/v3/", "https://shop.example/blog"),
        ("http://127.0.0.1:8080/woocommerce", "http://127.0.0.1:8080/woocommerce"),
        ("https://[::1]:8443/", "https://[::1]:8443"),
    ],
)
def test_the_address_is_found_in_what_a_merchant_pastes(pasted: str, address: str) -> None:
    assert store_url(pasted) == address


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "shop.example",
        "ftp://shop.example",
        "https://",
        "https://u:p@shop.example",
        "file:///etc/passwd",
        "http://[x",
    ],
)
def test_what_is_no_address_is_refused_by_name(pasted: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        store_url(pasted)
    assert caught.value.path == ("url",)


@pytest.mark.parametrize(
    ("name", "value"),
    [("consumer_key", ""), ("consumer_key", "cs_1"), ("consumer_secret", " "), ("consumer_secret", "ck_1")],
)
def test_a_missing_or_swapped_credential_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        connect(StoreLink("https://shop.example", KEYS | {name: Secret(value)}))
    assert caught.value.path == ("credentials", name)


def test_the_refusal_does_not_repeat_the_secret() -> None:
    with pytest.raises(InvalidInput) as caught:
        connect(StoreLink("https://shop.example", KEYS | {"consumer_secret": Secret("hunter2")}))
    assert "hunter2" not in str(caught.value)


async def test_the_plug_in_links_a_store_without_any_traffic() -> None:
    connector = CONNECTOR.connect(StoreLink("https://shop.example/blog", KEYS))
    assert connector.platform is StorePlatform.WOOCOMMERCE
    await connector.close()


def test_every_credential_that_is_asked_for_is_secret() -> None:
    assert [field.name for field in CONNECTOR.credentials] == list(KEYS)
    assert all(field.is_secret for field in CONNECTOR.credentials)
