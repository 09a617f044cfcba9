"""What Shopify's replies mean, by status and by the codes inside HTTP 200."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from connectors.stores.shopify.answers import Reply, read_answer, read_page
from connectors.stores.shopify.payload import Field
from doorstep.errors import AccountProblem, RateLimited, RemoteError, RemoteRefused, RemoteUnavailable

PRIVATE = "ana@example.test"


def reply(body: object, status: int = 200, **headers: str) -> Reply:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, names, body.encode() if isinstance(body, str) else json.dumps(body).encode())


def errors(code: str, message: str = "No", **rest: object) -> dict[str, object]:
    return {"errors": [{"message": message, "extensions": {"code": code}}], **rest}


@pytest.mark.parametrize(
    ("given", "error", "code"),
    [
        (reply(PRIVATE, 401), AccountProblem, "401"),
        (reply(PRIVATE, 402), AccountProblem, "402"),
        (reply(PRIVATE, 403), AccountProblem, "403"),
        (reply(PRIVATE, 404), AccountProblem, "404"),
        (reply(PRIVATE, 423), AccountProblem, "423"),
        (reply(PRIVATE, 400), RemoteRefused, "400"),
        (reply(PRIVATE, 302), RemoteRefused, "redirect"),
        (reply(PRIVATE, 500), RemoteUnavailable, "500"),
        (reply(PRIVATE, 503), RemoteUnavailable, "503"),
        (reply(PRIVATE, 408), RemoteUnavailable, "408"),
        (reply(f"<html>{PRIVATE}"), RemoteUnavailable, "not_json"),
        (reply([PRIVATE]), RemoteUnavailable, "not_json"),
        (reply({}), RemoteUnavailable, "no_data"),
        (reply({"data": None}), RemoteUnavailable, "no_data"),
        (reply(errors("INTERNAL_SERVER_ERROR")), RemoteUnavailable, "INTERNAL_SERVER_ERROR"),
        (reply(errors("ACCESS_DENIED", data=None)), AccountProblem, "ACCESS_DENIED"),
        (reply(errors("undefinedField")), RemoteRefused, "undefinedField"),
        (reply(errors("MAX_COST_EXCEEDED")), RemoteRefused, "MAX_COST_EXCEEDED"),
        (reply({"errors": "Not Found"}), RemoteRefused, ""),
        (reply({"errors": [3]}), RemoteRefused, ""),
    ],
)
def test_every_failure_has_its_place_in_the_tree(given: Reply, error: type[RemoteError], code: str) -> None:
    with pytest.raises(error) as failure:
        read_answer(given)
    assert type(failure.value) is error
    assert failure.value.raw_code == code
    assert failure.value.system == "shopify"
    assert PRIVATE not in f"{failure.value} {failure.value.raw_message}", "bodies are never quoted"


def bucket(requested: float, available: float, restore_rate: float) -> dict[str, object]:
    status = {"maximumAvailable": 2000, "currentlyAvailable": available, "restoreRate": restore_rate}
    return {"requestedQueryCost": requested, "actualQueryCost": None, "throttleStatus": status}


def throttled(cost: object) -> Reply:
    return reply(errors("THROTTLED", "Throttled", extensions={"cost": cost}))


@pytest.mark.parametrize(
    ("given", "wait_s"),
    [
        # (900 - 400) / 100
        (
            throttled(bucket(900, 400, 100)),
            5,
        ),
        (
            throttled(bucket(9, 9, 50)),
            0.05,
        ),
        (
            throttled(bucket(900, 0, 1)),
            60,
        ),
        (
            throttled(bucket(9, 0, 0)),
            2,
        ),
        (throttled(None), 2),
        (reply("", 429, retry_after="7.5"), 7.5),
        (reply("", 429), 2),
        (reply("", 429, retry_after="nan"), 2),
        (reply("", 429, retry_after="86400"), 60),
    ],
)
def test_how_long_shopify_wants_us_to_wait_is_told(given: Reply, wait_s: float) -> None:
    with pytest.raises(RateLimited) as failure:
        read_answer(given)
    assert failure.value.retry_after_s == pytest.approx(wait_s)


def test_fields_that_the_app_may_not_see_come_as_paths_beside_the_data() -> None:
    denial = {
        "message": "This app is not approved to use the shippingAddress field.",
        "path": ["orders", "nodes", 0, "shippingAddress"],
        "extensions": {"code": "ACCESS_DENIED"},
    }
    data = {"orders": {"nodes": [{"shippingAddress": None}]}}
    answer = read_answer(reply({"data": data, "errors": [denial]}))
    assert answer.data == data
    assert answer.denied == (("orders", "nodes", "0", "shippingAddress"),)


def test_a_denial_beside_another_error_does_not_hide_it() -> None:
    denial = {"message": "No", "path": ["order", "email"], "extensions": {"code": "ACCESS_DENIED"}}
    failure = {"message": "No", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    with pytest.raises(RemoteUnavailable):
        read_answer(reply({"data": {"order": {}}, "errors": [denial, failure]}))


def test_a_search_that_shopify_only_half_understood_is_refused() -> None:
    warning = {"field": "updatedat", "message": "Invalid search field", "code": "invalid_field"}
    body = {"data": {"orders": {}}, "extensions": {"search": [{"path": ["orders"], "warnings": [warning]}]}}
    with pytest.raises(RemoteRefused) as failure:
        read_answer(reply(body))
    assert failure.value.raw_code == "search_warning"


def test_the_answer_says_which_version_served_it_and_what_time_it_is_there() -> None:
    given = reply({"data": {}}, x_shopify_api_version="2026-10", date="Sun, 22 Nov 2026 14:00:00 GMT")
    answer = read_answer(given)
    assert (answer.api_version, answer.date) == ("2026-10", datetime(2026, 11, 22, 14, tzinfo=UTC))
    assert read_answer(reply({"data": {}}, date="noon")).date is None


@pytest.mark.parametrize(
    "connection",
    [
        None,
        [],
        {},
        {"nodes": None, "pageInfo": {"hasNextPage": False}},
        {"nodes": [], "pageInfo": None},
        {"nodes": [], "pageInfo": {}},
        {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": None}},
    ],
)
def test_a_page_in_disorder_never_looks_like_the_last_one(connection: object) -> None:
    with pytest.raises(RemoteUnavailable):
        read_page(Field(connection))
