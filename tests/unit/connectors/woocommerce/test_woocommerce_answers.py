from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from connectors.stores.woocommerce.answers import Reply, date_of, judge
from connectors.stores.woocommerce.diagnosis import Fault, fault_of
from doorstep.errors import AccountProblem, RateLimited, RemoteError, RemoteUnavailable


def reply(status: int, body: bytes, **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def error_body(code: str, status: int) -> bytes:
    return json.dumps({"code": code, "message": "Désolé", "data": {"status": status}}).encode()


def fault(given: Reply, *, is_write: bool = False) -> Fault:
    with pytest.raises(RemoteError) as caught:
        judge(given, is_write=is_write)
    return fault_of(caught.value)


HTML = b"<!DOCTYPE html><title>Back soon</title>"
CANNOT = "woocommerce_rest_cannot_view"
AUTHENTICATION = "woocommerce_rest_authentication_error"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (reply(200, HTML), Fault.HTML_INSTEAD_OF_JSON),
        (
            reply(200, b"<br />\n<b>Warning</b>:  Undefined x in <b>/p.php</b><br />[]"),
            Fault.PHP_WARNING_IN_ANSWER,
        ),
        (reply(200, b"\nNotice: Undefined index in /p.php on line 2\n[]"), Fault.PHP_WARNING_IN_ANSWER),
        (reply(200, b"PHP Deprecated: x\n[]"), Fault.PHP_WARNING_IN_ANSWER),
        (reply(200, b""), Fault.UNREADABLE_ANSWER),
        (reply(200, b'[{"id":1'), Fault.UNREADABLE_ANSWER),
        (reply(200, error_body("internal_server_error", 500)), Fault.STORE_UNWELL),
        (reply(200, error_body(AUTHENTICATION, 401)), Fault.SECRET_REJECTED),
        (reply(301, b"", location="https://www.shop.example/x?oauth_signature=s"), Fault.REDIRECTED),
        (reply(401, error_body(CANNOT, 401)), Fault.KEY_REJECTED),
        (reply(403, error_body(CANNOT, 403)), Fault.RIGHTS_MISSING),
        (reply(401, error_body(AUTHENTICATION, 401)), Fault.SECRET_REJECTED),
        (reply(401, HTML, www_authenticate="Basic"), Fault.SITE_PASSWORD),
        (reply(401, error_body("rest_login_required", 401)), Fault.FIREWALL),
        (reply(403, HTML), Fault.FIREWALL),
        (reply(404, error_body("rest_no_route", 404)), Fault.PLUGIN_MISSING),
        (reply(404, HTML), Fault.API_NOT_FOUND),
        (reply(404, error_body("woocommerce_rest_shop_order_invalid_id", 404)), Fault.QUESTION_REFUSED),
        (reply(400, error_body("rest_invalid_param", 400)), Fault.QUESTION_REFUSED),
        (reply(429, HTML), Fault.RATE_LIMITED),
        (reply(500, HTML), Fault.STORE_UNWELL),
        (reply(502, b""), Fault.STORE_UNWELL),
        (reply(503, HTML), Fault.HTML_INSTEAD_OF_JSON),
        (reply(503, error_body("wp_die", 503)), Fault.MAINTENANCE),
        (reply(200, error_body("wp_die", 503)), Fault.MAINTENANCE),
        (reply(503, error_body("overloaded", 503)), Fault.STORE_UNWELL),
        (reply(500, error_body("wp_die", 500)), Fault.STORE_UNWELL),
    ],
)
def test_every_bad_answer_has_its_fault(given: Reply, expected: Fault) -> None:
    assert fault(given) is expected


def test_a_key_that_may_read_and_not_write_is_told_from_a_wrong_secret() -> None:
    assert fault(reply(401, error_body(AUTHENTICATION, 401)), is_write=True) is Fault.KEY_READ_ONLY


def test_a_byte_order_mark_before_the_json_does_no_harm() -> None:
    assert judge(reply(200, b"\xef\xbb\xbf[]")).rows() == []


@pytest.mark.parametrize("body", [b"{}", b"null", b"7", b"[1]", b'"x"', b'[{"id":1}, null]'])
def test_what_is_no_list_of_objects_is_never_taken_for_no_orders(body: bytes) -> None:
    with pytest.raises(RemoteUnavailable):
        judge(reply(200, body)).rows()


@pytest.mark.parametrize(("given", "total"), [("7", 7), ("0", 0), ("", None), ("many", None), ("-1", None)])
def test_the_total_is_read_from_the_header(given: str, total: int | None) -> None:
    assert judge(reply(200, b"[]", x_wp_total=given)).total == total


def test_a_missing_order_is_an_answer_where_it_may_be_missing() -> None:
    body = error_body("woocommerce_rest_shop_order_invalid_id", 404)
    assert judge(reply(404, body), may_be_missing=True).payload is None


@pytest.mark.parametrize("body", [HTML, error_body("rest_no_route", 404)])
def test_a_missing_interface_is_no_missing_order(body: bytes) -> None:
    with pytest.raises(AccountProblem):
        judge(reply(404, body), may_be_missing=True)


def test_only_woocommerce_itself_can_say_that_an_order_is_gone() -> None:
    with pytest.raises(RemoteError):
        judge(reply(404, error_body("cache_miss", 404)), may_be_missing=True)


def test_a_redirect_tells_where_to_without_the_signed_query() -> None:
    with pytest.raises(AccountProblem) as caught:
        judge(reply(302, b"", location="https://www.shop.example/wp-json/wc/v3/orders?oauth_consumer_key=ck"))
    assert "https://www.shop.example/wp-json" in caught.value.message
    assert "oauth" not in caught.value.message


@pytest.mark.parametrize(
    ("given", "expected"), [("7", 7.0), ("", 5.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 5.0), ("-1", 5.0)]
)
def test_a_firewall_that_names_no_seconds_gets_a_few(given: str, expected: float) -> None:
    with pytest.raises(RateLimited) as caught:
        judge(reply(429, HTML, retry_after=given))
    assert caught.value.retry_after_s == expected


def test_the_stores_own_words_are_kept_without_markup() -> None:
    body = json.dumps({"code": "rest_x", "message": "<p>Nein</p>", "data": {"status": 400}}).encode()
    with pytest.raises(RemoteError) as caught:
        judge(reply(400, body))
    assert caught.value.raw_message == "Nein"


@pytest.mark.parametrize("given", ["", "soon", "Sun, 99 Nov 2026 13:00:00 GMT"])
def test_a_missing_or_odd_date_header_is_no_clock(given: str) -> None:
    assert date_of({"date": given}) is None


def test_the_date_header_is_the_stores_clock() -> None:
    assert date_of({"date": "Sun, 22 Nov 2026 13:00:00 GMT"}) == datetime(2026, 11, 22, 13, tzinfo=UTC)
