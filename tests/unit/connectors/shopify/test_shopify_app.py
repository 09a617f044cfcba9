"""Who opens the app, and what Shopify grants: forged, old, foreign and broken ones are told apart."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import jwt
import pytest

from connectors.stores.shopify.answers import Reply
from connectors.stores.shopify.app import AppKeys, ShopifyApp
from connectors.stores.shopify.grants import read_grant
from connectors.stores.shopify.visitors import Visitor
from doorstep.errors import (
    AccountProblem,
    BadSignature,
    InvalidInput,
    RateLimited,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
)
from doorstep.secret import Secret

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHOP = "corner-shop.myshopify.com"
SECRET = "present-secret-of-more-than-32-bytes"
OLD_SECRET = "former-secret-of-more-than-32-bytes"
OTHER_SECRET = "another-secret-of-more-than-32-bytes"
KEYS = AppKeys("client-1", Secret(SECRET), Secret(OLD_SECRET))


class StillClock:
    def now(self) -> datetime:
        return NOW


APP = ShopifyApp(KEYS, clock=StillClock())


def claims(**changed: Any) -> dict[str, Any]:
    now_s = int(NOW.timestamp())
    usual = {
        "iss": f"https://{SHOP}/admin",
        "dest": f"https://{SHOP}",
        "aud": "client-1",
        "sub": "42",
        "exp": now_s + 60,
        "nbf": now_s,
        "iat": now_s,
        "jti": "f8912129-1af6-4cad-9ca3-76b0f7621087",
        "sid": "aaea182f2732d44c23057c0fea584021a4485b2bd25d3eb7fd349313ad24c685",
    }
    return {name: value for name, value in (usual | changed).items() if value is not None}


def token(secret: str = SECRET, algorithm: str = "HS256", **changed: Any) -> str:
    return jwt.encode(claims(**changed), secret, algorithm=algorithm)


def after(seconds: float) -> int:
    return int(NOW.timestamp() + seconds)


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET], ids=["present", "before the rotation"])
def test_an_id_token_names_the_shop_and_the_person(secret: str) -> None:
    assert APP.read_id_token(token(secret)) == Visitor(SHOP, "42")


@pytest.mark.parametrize("changed", [{"exp": after(-9)}, {"nbf": after(9), "iat": after(9)}, {"nbf": None}])
def test_clocks_may_differ_by_ten_seconds(changed: dict[str, Any]) -> None:
    assert APP.read_id_token(token(**changed)).shop == SHOP


@pytest.mark.parametrize(
    ("forged", "word"),
    [
        (token(OTHER_SECRET), "not signed"),
        (token()[:-4] + "AAAA", "not signed"),
        (jwt.encode(claims(), "", algorithm="none"), "none"),
        (token(SECRET * 2, "HS512"), "none"),
        (token(aud="client-2"), "another app"),
        (token(aud=None), "lacks"),
        (token(exp=None), "lacks"),
        (token(sid=None), "lacks"),
        (token(dest=None), "lacks"),
        (token(exp=after(-11)), "ended"),
        (token(exp=True), "time"),
        (token(nbf=after(11)), "not come"),
        (token(iat=after(11)), "not come"),
        (token(dest="https://other.myshopify.com"), "not of a shop"),
        (token(iss="https://evil.test/admin", dest="https://evil.test"), "not of a shop"),
        (token(iss=f"http://{SHOP}/admin", dest=f"http://{SHOP}"), "not of a shop"),
        (token(iss=f"https://{SHOP}:444/admin", dest=f"https://{SHOP}:444"), "not of a shop"),
        (token(iss=f"https://a@{SHOP}", dest=f"https://a@{SHOP}"), "not of a shop"),
        (token(iss=f"https://{SHOP}.evil.test", dest=f"https://{SHOP}.evil.test"), "not of a shop"),
        ("", "none"),
        ("a.b.c", "none"),
        ("é", "none"),
        ("x" * 20_000, "too long"),
    ],
    ids=lambda value: value if len(value) < 40 else "token",
)
def test_any_other_token_is_turned_away_with_its_reason(forged: str, word: str) -> None:
    with pytest.raises(BadSignature, match=word) as refusal:
        APP.read_id_token(forged)
    assert "secret" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def signed(secret: str = SECRET, **parameters: str) -> str:
    """As Shopify's documentation has it: the other parameters, sorted and joined."""
    message = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()))
    digest = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    return urlencode({**parameters, "hmac": digest})


def stamp(seconds: float = 0) -> str:
    return str(after(seconds))


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET], ids=["present", "before the rotation"])
@pytest.mark.parametrize("seconds", [0, -86_000, 60])
def test_a_signed_address_of_the_last_day_names_the_shop(secret: str, seconds: float) -> None:
    query = signed(secret, shop=SHOP, timestamp=stamp(seconds), host="YWRtaW4", session="")
    assert APP.read_signed_shop(query) == SHOP


def test_delimiters_and_lists_in_a_signed_address_are_escaped_before_they_are_compared() -> None:
    message = f'a%3Db=1%26%25&ids=["1", "2"]&shop={SHOP}&timestamp={stamp()}'
    digest = hmac.new(SECRET.encode(), message.encode(), hashlib.sha256).hexdigest()
    rest = f"shop={SHOP}&timestamp={stamp()}&hmac={digest}"
    assert APP.read_signed_shop(f"ids[]=1&ids[]=2&{quote('a=b')}={quote('1&%')}&{rest}") == SHOP


@pytest.mark.parametrize(
    "query",
    [
        "",
        urlencode({"shop": SHOP, "timestamp": stamp()}),
        signed(OTHER_SECRET, shop=SHOP, timestamp=stamp()),
        signed(shop=SHOP, timestamp=stamp()) + "&hmac=00",
        signed(shop=SHOP, timestamp=stamp()) + "&embedded=1",
        signed(shop=SHOP, timestamp=stamp()).replace(SHOP, "other.myshopify.com"),
        signed(shop=SHOP, timestamp=stamp(-86_500)),
        signed(shop=SHOP, timestamp="nan"),
        signed(shop=SHOP, timestamp="soon"),
        signed(shop=SHOP),
        urlencode({"shop": SHOP, "timestamp": stamp(), "hmac": "é"}),
    ],
    ids=len,
)
def test_an_address_that_shopify_did_not_sign_today_is_turned_away(query: str) -> None:
    with pytest.raises(BadSignature):
        APP.read_signed_shop(query)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "shop=",
        "shop=evil.test",
        "shop=evil.test/corner-shop.myshopify.com",
        f"shop={SHOP}.evil.test",
        f"shop={SHOP}%0A",
        f"shop={SHOP}&shop=other.myshopify.com",
        f"shop=https://{SHOP}",
    ],
)
def test_a_page_is_opened_for_a_shop_and_nothing_else(query: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        APP.read_home_shop(query)
    assert refusal.value.path == ("shop",)


def test_the_shop_of_a_page_is_read() -> None:
    assert APP.read_home_shop(f"embedded=1&shop={SHOP}&host=YWRtaW4") == SHOP


@pytest.mark.parametrize(
    ("keys", "field"),
    [
        (("", Secret(SECRET)), "client_id"),
        (("client-1", Secret("")), "client_secret"),
        (("client-1", Secret(SECRET), None, "https://evil.test"), "api_endpoint"),
        (("client-1", Secret(SECRET), None, "http://127.0.0.1.evil.test"), "api_endpoint"),
    ],
)
def test_an_app_without_a_secret_or_with_a_strange_address_is_refused(
    keys: tuple[Any, ...], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        AppKeys(*keys)
    assert refusal.value.path == (field,)


def reply(body: object, status: int = 200, **headers: str) -> Reply:
    return Reply(status, headers, json.dumps(body).encode())


PAIR = {
    "access_token": "shpat_1",
    "scope": "read_orders, write_fulfillments",
    "expires_in": 3600,
    "refresh_token": "shprt_1",
    "refresh_token_expires_in": 7_776_000,
}


def test_a_pair_of_tokens_ends_a_little_before_shopify_says() -> None:
    granted = read_grant(reply(PAIR), NOW)
    assert granted.access_token == Secret("shpat_1")
    assert granted.refresh_token == Secret("shprt_1")
    assert granted.scopes == {"read_orders", "write_fulfillments"}
    assert granted.ends_at == NOW + timedelta(minutes=58)
    assert granted.refresh_ends_at == NOW + timedelta(days=90) - timedelta(hours=6)
    assert "shp" not in repr(granted)


def test_a_token_of_a_minute_is_not_over_before_it_began() -> None:
    assert read_grant(reply(PAIR | {"expires_in": 60}), NOW).ends_at == NOW + timedelta(seconds=54)


@pytest.mark.parametrize("lasts", [None, "soon", float("inf")])
def test_a_token_without_an_end_does_not_end(lasts: object) -> None:
    body = {"access_token": "shpat_1", "scope": "", "expires_in": lasts}
    granted = read_grant(reply(body), NOW)
    assert (granted.ends_at, granted.refresh_token, granted.refresh_ends_at) == (None, None, None)


@pytest.mark.parametrize(
    ("given", "error", "code"),
    [
        (reply({"error": "invalid_grant"}, 400), AccountProblem, "invalid_grant"),
        (reply({"error": "invalid_subject_token"}, 400), AccountProblem, "invalid_subject_token"),
        (reply({"error": "invalid_client"}, 401), AccountProblem, "invalid_client"),
        (reply("no", 401), AccountProblem, "invalid_client"),
        (reply({}, 402), AccountProblem, "402"),
        (reply({}, 404), AccountProblem, "404"),
        (
            reply({"error": "invalid_scope", "error_description": "shpat_1"}, 400),
            RemoteRefused,
            "invalid_scope",
        ),
        (reply({"error": "Ana lives at 350 5th Ave"}, 400), RemoteRefused, "400"),
        (reply({}, 302), RemoteRefused, "redirect"),
        (reply({}, 429, **{"retry-after": "3"}), RateLimited, "429"),
        (reply({}, 503), RemoteUnavailable, "503"),
        (Reply(200, {}, b"<html>"), RemoteUnavailable, "not_json"),
        (reply([]), RemoteUnavailable, "not_json"),
        (reply({"scope": "read_orders"}), RemoteUnavailable, "not_json"),
        (reply(PAIR | {"access_token": "a\r\nX: y"}), RemoteUnavailable, "not_json"),
    ],
)
def test_what_shopify_does_not_grant_is_one_of_our_errors_and_quotes_no_body(
    given: Reply, error: type[RemoteError], code: str
) -> None:
    with pytest.raises(error) as failure:
        read_grant(given, NOW)
    assert failure.value.raw_code == code
    shown = f"{failure.value!r} {vars(failure.value)}"
    assert "shpat" not in shown
    assert "Ana" not in shown
