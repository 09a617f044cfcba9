"""GraphQL over HTTP, against a real server."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from gateway.api.settings import ApiSettings
from tests.integration.api.conftest import SHOP, Gateway, Serve
from tests.unit.api import world as w

NEW = "application/graphql-response+json"
VIEWER = {"query": "{ viewer { audience merchant { name } } }"}


async def _post(
    http: aiohttp.ClientSession,
    gateway: Gateway,
    body: Any,
    credential: str | None = "sk_test",
    **headers: str,
) -> tuple[aiohttp.ClientResponse, Any]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if credential is not None:
        sent["Authorization"] = f"Bearer {credential}"
    async with http.post(f"{gateway.url}/graphql", json=body, headers=sent) as response:
        return response, await response.json(content_type=None)


async def test_a_query_is_answered_with_its_cost(http: aiohttp.ClientSession, gateway: Gateway) -> None:
    response, body = await _post(http, gateway, VIEWER)
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert body["data"] == {"viewer": {"audience": "SECRET", "merchant": {"name": "Green Grocer"}}}
    assert body["extensions"]["cost"]["requested"] == 2
    assert response.headers["RateLimit-Limit"] == "200000"
    assert response.headers["Cache-Control"] == "no-store"


async def test_the_new_media_type_is_answered_where_it_is_accepted(
    http: aiohttp.ClientSession, gateway: Gateway
) -> None:
    response, _ = await _post(http, gateway, VIEWER, Accept=f"{NEW}, application/json;q=0.9")
    assert response.headers["Content-Type"] == f"{NEW}; charset=utf-8"


@pytest.mark.parametrize(
    ("query", "credential", "new_status", "code"),
    [
        ("{ viewer {", "sk_test", 400, "SYNTAX_ERROR"),
        ("{ nothing }", "sk_test", 400, "VALIDATION_FAILED"),
        ("query($f: Int!) { orders(first: $f) { nodes { id } } }", "sk_test", 400, "BAD_REQUEST"),
        ("{ orders { nodes { id } } }", "pk_test", 403, "FORBIDDEN"),
    ],
)
async def test_a_request_that_was_not_run_has_a_status_in_the_new_media_type_and_200_in_the_old(
    http: aiohttp.ClientSession, gateway: Gateway, query: str, credential: str, new_status: int, code: str
) -> None:
    response, body = await _post(http, gateway, {"query": query}, credential, Accept=NEW)
    assert (response.status, body["errors"][0]["extensions"]["code"]) == (new_status, code)
    assert "data" not in body
    old, _ = await _post(http, gateway, {"query": query}, credential, Accept="application/json")
    assert old.status == 200


@pytest.mark.parametrize("credential", [None, "sk_unknown", ""])
async def test_without_a_good_credential_the_answer_is_401_in_graphqls_own_shape(
    http: aiohttp.ClientSession, gateway: Gateway, credential: str | None
) -> None:
    response, body = await _post(http, gateway, VIEWER, credential)
    assert response.status == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert body["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED", "retryable": False}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
async def test_content_types_that_need_no_preflight_are_refused(
    http: aiohttp.ClientSession, gateway: Gateway, content_type: str
) -> None:
    headers = {"Authorization": "Bearer sk_test", "Content-Type": content_type}
    async with http.post(
        f"{gateway.url}/graphql", data=b'{"query":"{viewer{audience}}"}', headers=headers
    ) as got:
        assert got.status == 415


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([VIEWER], 400),
        ({}, 400),
        ({"query": 7}, 400),
        ({"query": "{ viewer { audience } }", "variables": []}, 400),
        ({"query": "query A { viewer { audience } }", "operationName": "B"}, 400),
        ({"query": "{ viewer { audience } }" + " " * 300_000}, 413),
    ],
)
async def test_requests_without_a_document_are_refused(
    http: aiohttp.ClientSession, gateway: Gateway, body: Any, status: int
) -> None:
    response, answer = await _post(http, gateway, body)
    assert response.status == status
    assert answer["errors"][0]["message"]


async def test_of_several_operations_none_runs_unless_one_is_named(
    http: aiohttp.ClientSession, gateway: Gateway
) -> None:
    query = "query A { viewer { audience } } query B { viewer { audience } }"
    _, answer = await _post(http, gateway, {"query": query})
    assert "data" not in answer
    assert "operationName" in answer["errors"][0]["message"]
    _, answer = await _post(http, gateway, {"query": query, "operationName": "B"})
    assert answer["data"] == {"viewer": {"audience": "SECRET"}}


async def test_what_is_not_json_is_refused(http: aiohttp.ClientSession, gateway: Gateway) -> None:
    headers = {"Authorization": "Bearer sk_test", "Content-Type": "application/json"}
    for text in (b"{", b"\xff\xfe", b"[" * 100_000):
        async with http.post(f"{gateway.url}/graphql", data=text, headers=headers) as got:
            assert got.status == 400


async def test_get_runs_queries_and_nothing_that_writes(
    http: aiohttp.ClientSession, gateway: Gateway
) -> None:
    headers = {"Authorization": "Bearer sk_test"}
    query = {"query": "query($n: Int!) { orders(first: $n) { nodes { id } } }", "variables": '{"n": 1}'}
    async with http.get(f"{gateway.url}/graphql", params=query, headers=headers) as got:
        assert (await got.json())["data"]["orders"]["nodes"] == [{"id": w.ORDER.id}]
    write = {"query": "mutation { replayQuarantined(input: {ids: []}) { __typename } }"}
    async with http.get(f"{gateway.url}/graphql", params=write, headers=headers) as got:
        assert (got.status, got.headers["Allow"]) == (405, "POST")
    assert gateway.house.commands.asked == []


async def test_an_accept_header_that_we_cannot_meet_is_406(
    http: aiohttp.ClientSession, gateway: Gateway
) -> None:
    response, _ = await _post(http, gateway, VIEWER, Accept="text/csv")
    assert response.status == 406


async def test_a_preflight_is_answered_to_everybody_without_credentials(
    http: aiohttp.ClientSession, gateway: Gateway
) -> None:
    headers = {"Origin": "https://anywhere.example", "Access-Control-Request-Method": "POST"}
    async with http.options(f"{gateway.url}/graphql", headers=headers) as got:
        assert got.status == 204
        assert got.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in got.headers
        assert "Authorization" in got.headers["Access-Control-Allow-Headers"]


async def test_a_publishable_key_works_on_its_own_pages_only(
    http: aiohttp.ClientSession, gateway: Gateway
) -> None:
    own, _ = await _post(http, gateway, VIEWER, "pk_test", Origin=SHOP)
    assert (own.status, own.headers["Access-Control-Allow-Origin"], own.headers["Vary"]) == (
        200,
        SHOP,
        "Origin",
    )
    foreign, body = await _post(http, gateway, VIEWER, "pk_test", Origin="https://thief.example")
    assert (foreign.status, body["errors"][0]["extensions"]["code"]) == (403, "ORIGIN_NOT_ALLOWED")
    same_host, _ = await _post(http, gateway, VIEWER, "pk_test", Origin=gateway.url)
    assert same_host.status == 200
    server, _ = await _post(http, gateway, VIEWER, "pk_test")
    assert server.status == 200


async def test_a_key_that_has_spent_its_points_gets_429_and_when_to_come_back(
    http: aiohttp.ClientSession, serve: Serve
) -> None:
    gateway = await serve(ApiSettings(bucket_points=60, max_cost=60, restore_per_s=1))
    body = {"query": "{ orders(first: 50) { nodes { id } } }"}
    assert (await _post(http, gateway, body))[0].status == 200
    response, _ = await _post(http, gateway, body)
    assert response.status == 429
    assert 35 <= int(response.headers["Retry-After"]) <= 51


async def test_the_schema_is_served_as_text(http: aiohttp.ClientSession, gateway: Gateway) -> None:
    async with http.get(f"{gateway.url}/schema.graphql") as got:
        assert "type Query" in await got.text()
        assert got.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_browser_gets_a_page_that_loads_nothing_from_elsewhere(
    http: aiohttp.ClientSession, gateway: Gateway, serve: Serve
) -> None:
    headers = {"Accept": "text/html,*/*"}
    async with http.get(f"{gateway.url}/graphql", headers=headers) as got:
        page = await got.text()
        assert got.status == 200
        assert "default-src 'none'" in got.headers["Content-Security-Policy"]
    assert "<textarea" in page
    assert "://" not in page.replace("http-equiv", "")
    closed = await serve(ApiSettings(explorer=False))
    async with http.get(f"{closed.url}/graphql", headers=headers) as got:
        assert got.status == 401


async def test_a_fault_of_ours_tells_an_id_and_nothing_else(
    http: aiohttp.ClientSession, gateway: Gateway
) -> None:
    gateway.house.commands.answers["replay_quarantined"] = RuntimeError("secret of the house")
    body = {"query": "mutation { replayQuarantined(input: {ids: []}) { __typename } }"}
    response, answer = await _post(http, gateway, body)
    assert response.status == 200
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "secret of the house" not in str(answer)
