"""What a merchant may enter when linking a shop."""

from __future__ import annotations

import pytest

from connectors.stores.shopify import CONNECTOR
from connectors.stores.shopify.link import CREDENTIALS, read_link
from doorstep.errors import InvalidInput
from doorstep.order import StorePlatform
from doorstep.ports import StoreLink
from doorstep.secret import Secret

GOOD = {"access_token": Secret("shpat_0"), "client_secret": Secret("s")}


@pytest.mark.parametrize(
    "url",
    [
        "https://corner-shop.myshopify.com",
        "corner-shop.myshopify.com",
        " https://corner-shop.myshopify.com/ ",
    ],
)
def test_the_permanent_domain_is_taken_with_or_without_its_scheme(url: str) -> None:
    link = read_link(StoreLink(url, GOOD))
    assert link.shop == "corner-shop.myshopify.com"
    assert link.url == "https://corner-shop.myshopify.com/admin/api/2026-10/graphql.json"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://corner-shop.myshopify.com",
        "https://corner-shop.com",
        "https://Corner.myshopify.com",
        "https://-shop.myshopify.com",
        "https://myshopify.com",
        "https://shop.myshopify.com.evil.test",
        "https://evil.test/shop.myshopify.com",
        "https://a@shop.myshopify.com",
        "https://shop.myshopify.com:444",
        "https://shop.myshopify.com\n",
        "shop.myshopify.com/admin",
    ],
)
def test_any_other_address_is_refused_by_name(url: str) -> None:
    if url.endswith("\n"):
        url = f"x{url}y.myshopify.com"
    with pytest.raises(InvalidInput) as refusal:
        read_link(StoreLink(url, GOOD))
    assert refusal.value.path == ("url",)


@pytest.mark.parametrize(
    "endpoint",
    ["http://127.0.0.1:8081/shopify", "http://localhost:1", "http://[::1]:8/", "https://proxy.test"],
)
def test_a_base_address_may_be_secure_or_on_this_machine(endpoint: str) -> None:
    link = read_link(StoreLink("shop.myshopify.com", {**GOOD, "api_endpoint": Secret(endpoint)}))
    assert link.url == f"{endpoint.rstrip('/')}/admin/api/2026-10/graphql.json"
    assert link.is_loopback == endpoint.startswith("http:")


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://shop.test",
        "http://127.0.0.1.evil.test",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "https://user@proxy.test",
        "https://proxy.test?x=1",
        "https://proxy.test:99999",
        "https://",
        "nonsense",
    ],
)
def test_a_base_address_that_would_carry_the_token_in_the_open_is_refused(endpoint: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_link(StoreLink("shop.myshopify.com", {**GOOD, "api_endpoint": Secret(endpoint)}))
    assert refusal.value.path == ("credentials", "api_endpoint")


@pytest.mark.parametrize(
    ("credentials", "name"),
    [
        ({"client_secret": Secret("s")}, "access_token"),
        ({"access_token": Secret(""), "client_secret": Secret("s")}, "access_token"),
        ({"access_token": Secret("a\r\nX: y"), "client_secret": Secret("s")}, "access_token"),
        ({"access_token": Secret("shpät"), "client_secret": Secret("s")}, "access_token"),
        ({"access_token": Secret("shpat_0")}, "client_secret"),
        ({"access_token": Secret("shpat_0"), "client_secret": Secret("")}, "client_secret"),
    ],
)
def test_a_missing_or_broken_credential_is_named(credentials: dict[str, Secret], name: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        CONNECTOR.connect(StoreLink("shop.myshopify.com", credentials))
    assert refusal.value.path == ("credentials", name)


def test_the_plugin_says_what_it_needs_and_connects_without_asking_anybody() -> None:
    connector = CONNECTOR.connect(StoreLink("shop.myshopify.com", GOOD))
    assert connector.platform is CONNECTOR.platform is StorePlatform.SHOPIFY
    secrets = {field.name for field in CREDENTIALS if field.is_secret}
    assert secrets == {"access_token", "client_secret"}


class NoTokens:
    async def current(self) -> Secret:
        raise AssertionError("nobody is asked while linking")

    async def renewed(self, rejected: Secret) -> Secret:
        raise AssertionError("nobody is asked while linking")


def test_a_shop_whose_tokens_end_needs_none_to_be_entered() -> None:
    tokens = NoTokens()
    link = StoreLink("shop.myshopify.com", {"client_secret": Secret("s")}, tokens=tokens)
    checked = read_link(link)
    assert checked.tokens is tokens
    assert not checked.token
    assert CONNECTOR.connect(link).platform is StorePlatform.SHOPIFY


def test_tokens_that_end_go_before_one_that_was_entered() -> None:
    assert not read_link(StoreLink("shop.myshopify.com", GOOD, tokens=NoTokens())).token
