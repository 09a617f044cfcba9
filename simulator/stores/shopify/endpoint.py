"""The simulated shop's HTTP side: the Admin API, OAuth, and the files of bulk operations."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from graphql import GraphQLSchema
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from simulator.stores.shopify.cutting import SEND_KEY, Cut
from simulator.stores.shopify.execution import Execution
from simulator.stores.shopify.faults import SHOP_STATES, Fault, response_of
from simulator.stores.shopify.schema import edition

if TYPE_CHECKING:
    from simulator.stores.shopify.shop import FakeShopify

VERSIONS = ("2026-01", "2026-04", "2026-07", "2026-10")
"""Served now; any other is answered by the oldest, without a word but the response header."""

_BAD_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105 - what Shopify says


def shop_schema() -> GraphQLSchema:
    """The part of the Admin API's schema that ships with the simulated shop."""
    return edition(None).schema


class Endpoint:
    """Answers for one shop, with the faults it is told to have."""

    def __init__(self, shop: FakeShopify) -> None:
        self._shop = shop
        self._closing = asyncio.Event()
        self._starlette = Starlette(
            routes=[
                Route("/admin/api/{version}/graphql.json", self._graphql, methods=["POST"]),
                Route("/admin/oauth/access_token", self._token, methods=["POST"]),
                Route("/bulk/{name}", self._file, methods=["GET"]),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        await self._starlette({**scope, SEND_KEY: send}, receive, send)

    def close(self) -> None:
        """Let go of requests that are never answered."""
        self._closing.set()

    async def _graphql(self, request: Request) -> Response:
        body = await request.body()
        shop = self._shop
        shop.requests += 1
        shop.bulk.learn_base_url(request)
        shop.settle(shop.clock.now())
        if shop.state in SHOP_STATES:
            status, words = SHOP_STATES[shop.state]
            return JSONResponse({"errors": words}, status)
        if not shop.accepts_token(request.headers.get("x-shopify-access-token", "")):
            return JSONResponse({"errors": _BAD_TOKEN}, 401)
        version = self._served(request.path_params["version"])
        execution = Execution(shop, edition(shop.admin_api, version), body)
        fault = shop.faults.take(shop.clock.now(), is_write=execution.is_write)
        response = await self._before(fault, request)
        if response is not None:
            return response
        return await self._after(fault, request, self._answer(fault, execution), version)

    def _answer(self, fault: Fault, execution: Execution) -> bytes:
        shop = self._shop
        if fault is Fault.THROTTLED:
            shop.bucket.drain()
        shown = shop.shows_personal_data
        shop.shows_personal_data = shown and fault is not Fault.PARTIAL_DATA
        try:
            return json.dumps(execution.answer(), ensure_ascii=False, separators=(",", ":")).encode()
        finally:
            shop.shows_personal_data = shown

    async def _before(self, fault: Fault, request: Request) -> Response | None:
        """What a fault answers when nothing is carried out; None where it is."""
        if fault is Fault.CUT_BEFORE:
            return Cut()
        if fault is Fault.NO_ANSWER:
            await self._until_abandoned(request)
            return Cut()
        return response_of(fault)

    async def _after(self, fault: Fault, request: Request, answer: bytes, version: str) -> Response:
        if fault is Fault.CUT_AFTER:
            return Cut()
        if fault is Fault.HALF_BODY:
            return Cut(half_of=answer)
        if fault is Fault.LOST_ANSWER:
            await self._until_abandoned(request)
        return Response(answer, headers=self._headers(version), media_type="application/json")

    async def _token(self, request: Request) -> Response:
        shop = self._shop
        shop.requests += 1
        body = await request.body()
        fault = shop.faults.take(shop.clock.now(), is_write=True)
        response = await self._before(fault, request)
        if response is not None:
            return response
        status, answer = shop.oauth.answer(body)
        written = json.dumps(answer).encode()
        if status == 200 and fault is not Fault.NONE:
            return await self._after(fault, request, written, VERSIONS[-1])
        return Response(written, status, media_type="application/json")

    async def _file(self, request: Request) -> Response:
        shop = self._shop
        shop.settle(shop.clock.now())
        fault = shop.faults.take(shop.clock.now(), is_write=False)
        response = await self._before(fault, request)
        if response is not None:
            return response
        file = shop.bulk.path(request.path_params["name"])
        if file is None:
            return Response("<Error><Code>NoSuchKey</Code></Error>", 404, media_type="application/xml")
        if fault in {Fault.HALF_BODY, Fault.CUT_AFTER}:
            return Cut(half_of=file.read_bytes())
        return FileResponse(file, media_type="application/jsonl")

    def _served(self, asked: str) -> str:
        live = [version for version in VERSIONS if version not in self._shop.retired_versions]
        return asked if asked in live else next(iter(live), VERSIONS[-1])

    def _headers(self, served: str) -> dict[str, str]:
        headers = {"X-Shopify-API-Version": served}
        if self._shop.clock_offset_s:
            date = datetime.now(UTC) + timedelta(seconds=self._shop.clock_offset_s)
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
