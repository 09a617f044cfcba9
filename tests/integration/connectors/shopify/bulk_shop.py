"""Bulk operations in front of a simulated shop, and the storage that their files lie in.

Everything else is passed on to the shop. The lists at the top say what goes wrong, one entry an operation or
a request; what is not listed goes well.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.integration.connectors.shopify.bulk_files import Node, file_of

_BOUND = re.compile(r"created_at:(>=|<)'([^']+)'")


class BulkShop:
    """A shop with bulk operations.

    Attributes
    ----------
    orders
        What the files hold, as pages show them.
    endings
        How the next operations end: "COMPLETED", "FAILED", "CANCELED", "EXPIRED".
    refusals
        Codes of user errors that the next starts meet.
    storage
        What the next requests for a file meet: a status such as "503", "half", "redirect", "elsewhere", or
        "damaged".
    is_packed
        Whether files come as gzip.
    looks
        How often an operation is seen running before it has ended.
    never_ends
        Operations run for ever, and read nothing.
    partial
        Bytes that a failed operation leaves behind.
    searches, ranges, tokens, cancelled
        What was asked, and with which token.
    """

    def __init__(self, shop: ASGIApp) -> None:
        self.shop = shop
        self.orders: list[Node] = []
        self.endings: list[str] = []
        self.refusals: list[str] = []
        self.storage: list[str] = []
        self.is_packed = False
        self.never_ends = False
        self.looks = 2
        self.partial = 0
        self.searches: list[str] = []
        self.ranges: list[str] = []
        self.cancelled: list[str] = []
        self.tokens: list[str | None] = []
        self.url = ""
        self._operations: dict[str, dict[str, Any]] = {}
        self._files = Starlette(routes=[Route("/files/{name}", self._file)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] != "http" or scope["path"].startswith("/files/"):
            await self._files(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        answer = self._answer(json.loads(body))
        if answer is not None:
            await JSONResponse({"data": answer})(scope, receive, send)
            return

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self.shop(scope, again, send)

    def _answer(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        query, variables = payload["query"], payload["variables"]
        if "bulkOperationRunQuery" in query:
            return {"bulkOperationRunQuery": self._start(variables["query"])}
        if "bulkOperationCancel" in query:
            self.cancelled.append(variables["id"])
            return {"bulkOperationCancel": {"bulkOperation": None, "userErrors": []}}
        if "bulkOperation(" in query:
            return {"bulkOperation": self._look(variables["id"])}
        return None

    def _start(self, query: str) -> dict[str, Any]:
        if self.refusals:
            code = self.refusals.pop(0)
            return {"bulkOperation": None, "userErrors": [{"field": None, "message": "No.", "code": code}]}
        [search] = re.findall(r'orders\(query: "([^"]*)"\)', query)
        self.searches.append(search)
        gid = f"gid://shopify/BulkOperation/{len(self._operations) + 1}"
        ending = self.endings.pop(0) if self.endings else "COMPLETED"
        orders = [order for order in self.orders if _is_found(order, search)]
        self._operations[gid] = {"looks": self.looks, "ending": ending, "orders": orders, "file": b""}
        return {"bulkOperation": {"id": gid, "status": "CREATED"}, "userErrors": []}

    def _look(self, gid: str) -> dict[str, Any]:
        operation = self._operations[gid]
        operation["looks"] -= 1
        answer = {"id": gid, "status": "RUNNING", "errorCode": None, "objectCount": "0", "url": None}
        answer |= {"rootObjectCount": "0", "fileSize": None, "partialDataUrl": None}
        if self.never_ends or operation["looks"] >= 0:
            return answer
        answer["status"] = operation["ending"]
        whole = file_of(operation["orders"], random.Random(5))
        url = f"{self.url}/files/{gid.rpartition('/')[2]}"
        if operation["ending"] == "COMPLETED" and whole:
            operation["file"] = whole
            answer |= {"url": url, "rootObjectCount": str(len(operation["orders"]))}
            answer["fileSize"] = str(len(whole))
        elif operation["ending"] in {"FAILED", "CANCELED"} and self.partial:
            operation["file"] = whole[: self.partial]
            answer["partialDataUrl"] = url
        return answer

    async def _file(self, request: Request) -> Response:
        self.tokens.append(request.headers.get("x-shopify-access-token"))
        self.ranges.append(request.headers.get("range", ""))
        fault = self.storage.pop(0) if self.storage else ""
        whole: bytes = self._operations[f"gid://shopify/BulkOperation/{request.path_params['name']}"]["file"]
        if fault.isdecimal():
            return Response(status_code=int(fault))
        if fault == "redirect":
            return RedirectResponse(request.url.path)
        if fault == "elsewhere":
            return RedirectResponse("https://storage.example.test/file")
        if fault == "damaged":
            whole = whole[:-20] + b"?" * 20
        if self.is_packed:
            whole = gzip.compress(whole, mtime=0)
        headers = {"ETag": '"one"', "Accept-Ranges": "bytes"}
        start = 0
        asked = request.headers.get("range", "")
        if asked and request.headers.get("if-range") == '"one"':
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            headers["Content-Range"] = f"bytes {start}-{len(whole) - 1}/{len(whole)}"
        part = whole[start:]
        headers["Content-Length"] = str(len(part))

        async def pieces() -> Any:
            yield part[: len(part) // 2]
            if fault == "half":
                raise ConnectionResetError
            yield part[len(part) // 2 :]

        return StreamingResponse(pieces(), 206 if start else 200, headers)


def _is_found(order: Node, search: str) -> bool:
    made = order["createdAt"]
    return all(
        made >= bound if operator == ">=" else made < bound for operator, bound in _BOUND.findall(search)
    )
