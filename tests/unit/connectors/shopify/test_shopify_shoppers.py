"""Session tokens and app proxy calls, with the examples that the app's own page publishes."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jwt
import pytest

from connectors.stores.shopify.shoppers import (
    Shopper,
    read_claimed_shop,
    read_proxy_call,
    read_session_token,
)
from doorstep.errors import BadSignature
from doorstep.secret import Secret

README = (Path(__file__).parents[4] / "storefront" / "shopify-app" / "README.md").read_text()
HUSH = Secret("hush")
CLIENT_ID = "0123456789abcdef0123456789abcdef"
SHOP = "corner-shop.myshopify.com"
NOW = datetime.fromtimestamp(1795000000, UTC)
KEY = Secret("a-client-secret-of-an-app-" + "x" * 64)
GOOD = {"dest": SHOP, "aud": CLIENT_ID, "exp": 1795000300}

pytestmark = pytest.mark.filterwarnings("ignore:The HMAC key is:jwt.warnings.InsecureKeyLengthWarning")


def token(key: Secret = KEY, algorithm: str = "HS256", **claims: Any) -> str:
    given = {name: value for name, value in (GOOD | claims).items() if value is not None}
    return jwt.encode(given, key.reveal() if algorithm != "none" else "", algorithm)


def published_query() -> str:
    found = re.search(r"POST /shopify/proxy/tracking\?(\S+)", README)
    assert found is not None
    return found[1]


def signed(pairs: list[tuple[str, str]], key: Secret = HUSH) -> str:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    message = "".join(sorted(f"{name}={','.join(several)}" for name, several in values.items()))
    digest = hmac.new(key.reveal().encode(), message.encode(), hashlib.sha256).hexdigest()
    return urlencode([*pairs, ("signature", digest)])


def test_the_token_of_the_apps_page_is_read() -> None:
    found = re.search(r"\n\{\"alg\".*\n\{\"dest\".*\n(\S+)\n", README)
    assert found is not None
    assert read_session_token(found[1], CLIENT_ID, [HUSH], NOW) == Shopper(SHOP)
    assert read_claimed_shop(found[1]) == SHOP


@pytest.mark.parametrize("dest", [SHOP, f"https://{SHOP}"])
def test_a_shop_is_taken_with_its_scheme_and_without(dest: str) -> None:
    customer = "gid://shopify/Customer/207119551"
    mine = token(dest=dest, sub=customer)
    assert read_session_token(mine, CLIENT_ID, [HUSH, KEY], NOW) == Shopper(SHOP, "207119551")


def test_an_app_of_the_shops_own_is_told_by_its_secret_alone() -> None:
    assert read_session_token(token(aud="another-app"), "", [KEY], NOW) == Shopper(SHOP)
    assert read_session_token(token(sub="gid://shopify/Customer/x"), "", [KEY], NOW).customer_id == ""


@pytest.mark.parametrize(
    "forged",
    [
        token(key=Secret("somebody-else-s-secret-of-some-length-0123456789")),
        token(algorithm="none"),
        token(algorithm="HS512"),
        token(aud="another-app"),
        token(aud=None),
        token(dest=None),
        token(dest="shop.example"),
        token(dest=f"{SHOP}.evil.example"),
        token(exp=None),
        token(exp=1794999900),
        token(exp="tomorrow"),
        token(nbf=1795000100),
        "",
        "not.a.token",
        "a" * 20_000,
    ],
)
def test_what_is_not_shopifys_word_for_this_app_and_moment_is_refused(forged: str) -> None:
    with pytest.raises(BadSignature):
        read_session_token(forged, CLIENT_ID, [KEY], NOW)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", token(dest=7), token(dest="evil.example")])
def test_a_token_that_names_no_shop_claims_none(text: str) -> None:
    assert read_claimed_shop(text) == ""


def test_the_call_of_the_apps_page_is_read() -> None:
    assert read_proxy_call(published_query(), [HUSH], NOW) == Shopper(SHOP, "", "/apps/doorstep")
    late = datetime.fromtimestamp(1795000090, UTC)
    assert read_proxy_call(published_query(), [KEY, HUSH], late).shop == SHOP


def test_shopifys_own_example_is_read() -> None:
    query = (
        "extra=1&extra=2&shop=shop-name.myshopify.com&logged_in_customer_id=1"
        "&path_prefix=%2Fapps%2Fawesome_reviews&timestamp=1317327555"
        "&signature=4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb"
    )
    then = datetime.fromtimestamp(1317327555, UTC)
    assert read_proxy_call(query, [HUSH], then) == Shopper(
        "shop-name.myshopify.com", "1", "/apps/awesome_reviews"
    )


BASE = [
    ("shop", SHOP),
    ("logged_in_customer_id", ""),
    ("path_prefix", "/apps/doorstep"),
    ("timestamp", "1795000000"),
]


@pytest.mark.parametrize(
    "query",
    [
        "",
        published_query().partition("&signature=")[0],
        published_query()[:-1] + "0",
        published_query().replace("signature=", "signature=%C3%A9"),
        published_query().replace("corner-shop", "other-shop"),
        published_query() + "&extra=1",
        signed(BASE, KEY),
        signed([*BASE[:3], ("timestamp", "1794999909")]),
        signed([*BASE[:3], ("timestamp", "1795000091")]),
        signed([*BASE[:3], ("timestamp", "soon")]),
        signed(BASE[:3]),
        *(signed([*BASE, pair]) for pair in BASE),
        published_query() + "&signature=" + dict(parse_qsl(published_query()))["signature"],
        signed([("shop", "shop.example"), *BASE[1:]]),
    ],
)
def test_a_call_that_shopify_did_not_just_sign_is_refused(query: str) -> None:
    with pytest.raises(BadSignature):
        read_proxy_call(query, [HUSH], NOW)


def test_the_published_body_is_what_the_gateway_reads() -> None:
    body = re.search(r'^(\{"order":.*\})$', README, re.MULTILINE)
    assert body is not None
    assert json.loads(body[1]).keys() == {"order", "contact"}
