"""GraphQL over HTTP (draft of the GraphQL foundation, 2025): POST for all, GET for queries.

Two media types: `application/graphql-response+json`, whose status tells whether the request was understood,
and `application/json`, where everything that was well formed answers 200.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from gateway.api.ports.session import CredentialRejected, RequestInfo
from gateway.api.transport import origins
from gateway.api.transport.endpoint import Endpoint, OriginRefused, request_info
from webhooks.inbound.receiver import read_bounded

RESPONSE_JSON = "application/graphql-response+json"
PLAIN_JSON = "application/json"
_EXPLORER = Path(__file__).with_name("explorer.html")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"


@dataclass(frozen=True, slots=True)
class Ask:
    """A document to run."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None


class Refused(Exception):
    """A request that is answered without running anything."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


async def answer(request: Request, endpoint: Endpoint) -> Response:
    """Answer one HTTP request to the endpoint."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=origins.PREFLIGHT)
    if _wants_explorer(request, endpoint):
        text = _EXPLORER.read_text(encoding="utf-8")
        return HTMLResponse(text, headers={"Content-Security-Policy": _POLICY})
    info = request_info(request.headers, "http")
    try:
        return await _run(request, endpoint, info)
    except Refused as refused:
        return _refusal(refused, request)
    except CredentialRejected as rejected:
        headers = {"WWW-Authenticate": 'Bearer realm="doorstep"'}
        return _refusal(Refused(401, "UNAUTHENTICATED", str(rejected), headers), request)
    except OriginRefused as refused:
        return _refusal(Refused(403, "ORIGIN_NOT_ALLOWED", str(refused)), request)


async def _run(request: Request, endpoint: Endpoint, info: RequestInfo) -> Response:
    media_type = _media_type(request)
    session = await endpoint.admit(request.headers.get("authorization"), info)
    ask = await _read(request, endpoint.settings.max_body_bytes)
    allowed = {OperationType.QUERY}
    if request.method == "POST":
        allowed |= {OperationType.MUTATION}
    try:
        result = await endpoint.schema.execute(
            ask.query,
            variable_values=ask.variables,
            context_value=endpoint.context(session, info),
            operation_name=ask.operation_name,
            allowed_operation_types=allowed,
        )
    except MissingQueryError:
        raise Refused(400, "BAD_REQUEST", "The request has no query.") from None
    except CannotGetOperationTypeError:
        raise Refused(400, "UNKNOWN_OPERATION", "operationName names no operation of the document.") from None
    except InvalidOperationTypeError as fault:
        raise _wrong_operation(fault.operation_type) from None
    headers = origins.headers_for(info) | _spending(result)
    return _response(_body(result), _status(result, media_type), media_type, headers)


async def _read(request: Request, most: int) -> Ask:
    if request.method == "GET":
        fields: Any = dict(request.query_params)
        for key in ("variables", "extensions"):
            if fields.get(key):
                fields[key] = _decoded(fields[key].encode(), key)
    else:
        # Only this content type makes a browser ask first when another page is behind the request.
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != PLAIN_JSON:
            raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", f"Send the request as {PLAIN_JSON}.")
        fields = _decoded(await _body_of(request, most), "body")
    if not isinstance(fields, dict):
        raise Refused(400, "BAD_REQUEST", "The body must be one JSON object; batches are not taken.")
    query, variables, name = fields.get("query"), fields.get("variables"), fields.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise Refused(400, "BAD_REQUEST", "query must be a document as text.")
    if not isinstance(variables, dict | None) or not isinstance(name, str | None):
        raise Refused(400, "BAD_REQUEST", "variables must be an object and operationName a text.")
    if not isinstance(fields.get("extensions"), dict | None):
        raise Refused(400, "BAD_REQUEST", "extensions must be an object.")
    return Ask(query, variables or {}, name or None)


async def _body_of(request: Request, most: int) -> bytes:
    body = await read_bounded(request.stream(), most)
    if body is None:
        raise Refused(413, "TOO_LARGE", f"The body is longer than {most} bytes.")
    return body


def _decoded(text: bytes, what: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(400, "BAD_REQUEST", f"{what} is not JSON.") from None


def _wrong_operation(kind: OperationType) -> Refused:
    if kind is OperationType.SUBSCRIPTION:
        return Refused(400, "BAD_REQUEST", "Subscriptions run over graphql-transport-ws at this address.")
    return Refused(405, "METHOD_NOT_ALLOWED", "Mutations are sent with POST.", {"Allow": "POST"})


def _media_type(request: Request) -> str:
    parts = request.headers.get("accept", "").split(",")
    accepted = [part.partition(";")[0].strip().lower() for part in parts]
    if RESPONSE_JSON in accepted:
        return RESPONSE_JSON
    if not {"", "*/*", "application/*", PLAIN_JSON} & set(accepted):
        raise Refused(406, "NOT_ACCEPTABLE", f"Answers are {RESPONSE_JSON} or {PLAIN_JSON}.")
    return PLAIN_JSON


def _status(result: ExecutionResult, media_type: str) -> int:
    if not result.errors or result.data is not None:
        return 200
    codes = {str((error.extensions or {}).get("code")) for error in result.errors}
    if "THROTTLED" in codes:
        return 429
    # An error with a path happened while running: the request itself was understood.
    if media_type == PLAIN_JSON or any(error.path for error in result.errors):
        return 200
    if "INTERNAL" in codes:
        return 500
    return 403 if "FORBIDDEN" in codes else 400


def _spending(result: ExecutionResult) -> dict[str, str]:
    cost = (result.extensions or {}).get("cost")
    headers: dict[str, str] = {}
    if isinstance(cost, dict):
        headers = {
            "RateLimit-Limit": str(cost["limit"]),
            "RateLimit-Remaining": str(cost["remaining"]),
        }
    for error in result.errors or ():
        wait: object = (error.extensions or {}).get("retryAfterSeconds")
        if isinstance(wait, int | float):
            headers["Retry-After"] = str(math.ceil(wait))
    return headers


def _body(result: ExecutionResult) -> dict[str, object]:
    body: dict[str, object] = {}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    # The specification leaves `data` out where nothing was run.
    if result.data is not None or any(error.path for error in result.errors or ()):
        body["data"] = result.data
    if result.extensions:
        body["extensions"] = result.extensions
    return body


def _refusal(refused: Refused, request: Request) -> Response:
    error = {"message": refused.message, "extensions": {"code": refused.code, "retryable": False}}
    accepts_new = RESPONSE_JSON in request.headers.get("accept", "")
    # It holds nothing of anybody's, and a page should be able to read why it was refused.
    headers = {"Access-Control-Allow-Origin": "*"} | refused.headers
    return _response(
        {"errors": [error]}, refused.status, RESPONSE_JSON if accepts_new else PLAIN_JSON, headers
    )


def _response(
    body: Mapping[str, object], status: int, media_type: str, headers: Mapping[str, str]
) -> Response:
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type=f"{media_type}; charset=utf-8",
        headers={"Cache-Control": "no-store", **headers},
    )


def _wants_explorer(request: Request, endpoint: Endpoint) -> bool:
    is_browser = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    return endpoint.settings.explorer and is_browser and "query" not in request.query_params
