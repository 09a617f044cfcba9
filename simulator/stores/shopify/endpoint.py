"""The simulated shop's HTTP side: /admin/api/<version>/graphql.json."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.stores.shopify.cost import QUERY_LIMIT, CostCounter
from simulator.stores.shopify.faults import SHOP_STATES, Fault, response_of
from simulator.stores.shopify.resolvers import Root
from simulator.stores.shopify.subscribing import Mutations

if TYPE_CHECKING:
    from simulator.stores.shopify.shop import FakeShopify

VERSIONS = ("2026-01", "2026-04", "2026-07", "2026-10")
"""Served now; any other is answered by the oldest, without a word but the response header."""

_BAD_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105 - what Shopify says


@cache
def shop_schema() -> GraphQLSchema:
    """The schema that the simulated shop serves."""
    text = (resources.files(__package__) / "schema.graphql").read_text(encoding="utf-8")
    return build_schema(text)


@cache
def _checked(query: str) -> DocumentNode | tuple[GraphQLError, ...]:
    try:
        document = parse(query)
    except GraphQLError as unreadable:
        unreadable.extensions = {"code": "PARSE_ERROR"}
        return (unreadable,)
    errors = validate(shop_schema(), document)
    for error in errors:
        unknown = error.message.startswith("Cannot query field")
        error.extensions = {"code": "undefinedField" if unknown else "argumentLiteralsIncompatible"}
    return tuple(errors) or document


class Endpoint:
    """Answers GraphQL for one shop, with its throttle, its scopes and the faults it is told to have."""

    def __init__(self, shop: FakeShopify) -> None:
        self._shop = shop
        self._closing = asyncio.Event()
        self.app = Starlette(
            routes=[Route("/admin/api/{version}/graphql.json", self._answer, methods=["POST"])]
        )

    def close(self) -> None:
        """Let go of requests that are never answered."""
        self._closing.set()

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        shop = self._shop
        shop.requests += 1
        if shop.state in SHOP_STATES:
            status, words = SHOP_STATES[shop.state]
            return JSONResponse({"errors": words}, status)
        if not shop.accepts_token(request.headers.get("x-shopify-access-token", "")):
            return JSONResponse({"errors": _BAD_TOKEN}, 401)
        fault = shop.faults.take()
        if fault is not None and (response := response_of(fault)) is not None:
            return response
        if fault is Fault.THROTTLED:
            shop.bucket.drain()
        answer = self._execute(body)
        if fault is Fault.LOST_ANSWER:
            await self._until_abandoned(request)
        return JSONResponse(answer, headers=self._headers(request.path_params["version"]))

    def _execute(self, body: bytes) -> dict[str, Any]:
        shop = self._shop
        shop.settle(shop.now())
        try:
            payload = json.loads(body)
            query, variables = payload["query"], payload.get("variables") or {}
        except (ValueError, KeyError, TypeError, AttributeError):
            return _errors(GraphQLError("Bad request", extensions={"code": "BAD_REQUEST"}))
        checked = _checked(query)
        if isinstance(checked, tuple):
            return _errors(*checked)
        counter = CostCounter(shop_schema(), checked, variables)
        requested = counter.requested()
        if requested > QUERY_LIMIT:
            return _errors(_too_dear(requested))
        if not shop.bucket.take(requested):
            throttled = GraphQLError("Throttled", extensions={"code": "THROTTLED"})
            return _errors(throttled) | {"extensions": {"cost": self._cost(requested, None)}}
        return self._run(checked, variables, counter, requested)

    def _run(
        self, document: DocumentNode, variables: dict[str, Any], counter: CostCounter, requested: int
    ) -> dict[str, Any]:
        root = Root(self._shop)
        is_write = any(
            isinstance(node, OperationDefinitionNode) and node.operation is OperationType.MUTATION
            for node in document.definitions
        )
        result = execute_sync(
            shop_schema(),
            document,
            root_value=Mutations(self._shop) if is_write else root,
            variable_values=variables,
        )
        for error in result.errors or ():
            if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
                # A mistake of the simulated shop's own must not pass for one of Shopify's.
                raise error.original_error
        actual = min(requested, counter.actual(result.data))
        self._shop.bucket.give_back(requested - actual)
        answer: dict[str, Any] = dict(result.formatted)
        answer["extensions"] = {"cost": self._cost(requested, actual)}
        if root.searches:
            answer["extensions"]["search"] = root.searches
        return answer

    def _cost(self, requested: int, actual: int | None) -> dict[str, Any]:
        return {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": self._shop.bucket.status(),
        }

    def _headers(self, asked: str) -> dict[str, str]:
        shop = self._shop
        served = asked if asked in VERSIONS and asked not in shop.retired_versions else _oldest(shop)
        headers = {"X-Shopify-API-Version": served}
        if shop.clock_offset_s:
            date = datetime.now(UTC) + timedelta(seconds=shop.clock_offset_s)
            headers["Date"] = format_datetime(date, usegmt=True)
        return headers

    async def _until_abandoned(self, request: Request) -> None:
        """Wait until the client gives up, or the shop closes."""

        async def gone() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass

        waits = [asyncio.ensure_future(gone()), asyncio.ensure_future(self._closing.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


def _oldest(shop: FakeShopify) -> str:
    return next((version for version in VERSIONS if version not in shop.retired_versions), VERSIONS[-1])


def _errors(*errors: GraphQLError) -> dict[str, Any]:
    return {"errors": [dict(error.formatted) for error in errors]}


def _too_dear(cost: int) -> GraphQLError:
    return GraphQLError(
        f"Query cost is {cost}, which exceeds the single query max cost limit ({QUERY_LIMIT}).",
        extensions={"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": QUERY_LIMIT},
    )
