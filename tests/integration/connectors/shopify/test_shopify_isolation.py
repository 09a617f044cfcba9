"""Two shops' calls through the client, a thousand at a time; a million run as a benchmark of their own."""

from __future__ import annotations

import json
import os

import pytest

from bench import interleaved
from bench.interleaved import OutputCapture, Shop

PATH = "/admin/api/2026-10/graphql.json"


def test_a_thousand_interleaved_calls_of_two_shops_never_cross() -> None:
    result = interleaved.main(["--calls", "1000", "--at-once", "32"])
    crossed = {key: result[key] for key in ("wrong_token", "wrong_host", "after_redirect", "wrong_answer")}
    assert crossed == {"wrong_token": 0, "wrong_host": 0, "after_redirect": 0, "wrong_answer": 0}
    assert result["printed"] == 0
    # One call in fifty is redirected, and what is not redirected is answered by the second try at the latest,
    # but for one in four hundred.
    assert result["answered"] == 1000 - int(str(result["failed"]))
    assert 900 < int(str(result["answered"])) < 1000
    assert int(str(result["redirects"])) > 0
    assert int(str(result["requests"])) > 1000


@pytest.mark.parametrize(
    ("path", "token", "host", "asked", "noticed"),
    [
        (PATH, "shpat-one-0", "127.0.0.1:1", "one", set()),
        (PATH, "shpat-two-0", "127.0.0.1:1", "one", {"wrong_token"}),
        (PATH, "", "127.0.0.1:1", "one", {"wrong_token"}),
        (PATH, "shpat-one-0", "127.0.0.1:2", "one", {"wrong_host"}),
        (PATH, "shpat-one-0", "127.0.0.1:1", "two", {"wrong_host"}),
        (f"/redirected{PATH}", "shpat-one-0", "127.0.0.1:1", "one", {"after_redirect"}),
    ],
)
def test_a_call_that_crosses_would_be_noticed(
    path: str, token: str, host: str, asked: str, noticed: set[str]
) -> None:
    shop = Shop("one", seed=1)
    shop.address = "http://127.0.0.1:1"
    body = json.dumps({"variables": {"shop": asked}}).encode()
    shop.answer(path, {"x-shopify-access-token": token, "host": host}, body)
    counted = {key for key in ("wrong_token", "wrong_host", "after_redirect") if shop.seen[key]}
    assert counted == noticed


def test_whatever_is_printed_by_whatever_way_would_be_noticed() -> None:
    capture = OutputCapture()
    with capture.running():
        print("12345")  # noqa: T201 - what is tested
        os.write(1, b"12")
        os.write(2, b"12")
    # Five characters and the end of the line, and twice two.
    assert capture.printed == 10
    with capture.running():
        pass
    assert capture.printed == 0
