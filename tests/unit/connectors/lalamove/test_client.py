"""Signatures of calls, and how long a rate limit lasts."""

from __future__ import annotations

import time

import pytest

from connectors.calling import Answer
from connectors.couriers.lalamove.client import signature, with_wait
from doorstep.secret import Secret


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        # openssl dgst -sha256 -hmac sk_test_hush over the same lines.
        (
            "POST",
            "/v3/orders",
            b'{"data":{"quotationId":"1"}}',
            "f4a62d36f1bb0e375a391e18d3c3202a4433178bdd24fef4b2aa736dea74ba7e",
        ),
        ("GET", "/v3/cities", b"", "253c62bc0e6358632703e36f5a674469b179041aaff09356abca502acb87595b"),
    ],
)
def test_a_call_is_signed_over_time_method_path_and_body(
    method: str, path: str, body: bytes, expected: str
) -> None:
    assert signature(Secret("sk_test_hush"), "1700000000123", method, path, body) == expected


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "7", "RateLimit-Reset-PostOrders": "30"}, 7),
        ({"RateLimit-Reset-PostOrders": "30"}, 30),
    ],
    ids=["its own word", "seconds"],
)
def test_a_rate_limit_lasts_as_long_as_it_says(headers: dict[str, str], wait_s: float) -> None:
    assert with_wait(Answer(429, {}, b"", headers)).retry_after_s == wait_s


@pytest.mark.parametrize(
    ("reset_in_s", "wait_s"),
    [(-3_600.0, 1), (86_400.0, 60)],
    ids=["an instant of the past", "a clock that is wrong"],
)
def test_a_reset_that_is_an_instant_never_lasts_longer_than_its_minute(
    reset_in_s: float, wait_s: float
) -> None:
    headers = {"ratelimit-reset-postorders": str(time.time() + reset_in_s)}

    assert with_wait(Answer(429, {}, b"", headers)).retry_after_s == wait_s


def test_a_reset_that_is_an_instant_is_waited_for() -> None:
    headers = {"ratelimit-reset-postorders": str(time.time() + 40)}

    waiting = with_wait(Answer(429, {}, b"", headers)).retry_after_s

    assert waiting is not None
    assert 1 <= waiting <= 40


@pytest.mark.parametrize("headers", [{}, {"RateLimit-Reset-PostOrders": "soon"}])
def test_a_rate_limit_that_tells_no_end_is_left_as_it_is(headers: dict[str, str]) -> None:
    assert with_wait(Answer(429, {}, b"", headers)).retry_after_s is None
