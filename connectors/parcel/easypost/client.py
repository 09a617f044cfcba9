"""Calls to EasyPost with one key."""

from __future__ import annotations

import base64

from connectors.calling import Answer, Caller, Request
from doorstep.deadline import Deadline
from doorstep.json_reading import Json
from doorstep.secret import Secret

SYSTEM = "easypost"
NAME = "EasyPost"


class EasyPostClient:
    """Speaks with one key.

    Parameters
    ----------
    host
        Stands for https://api.easypost.com, without a trailing slash; paths carry /v2 or /beta.
    """

    def __init__(self, host: str, api_key: Secret) -> None:
        self._host = host
        self._api_key = api_key
        self._caller = Caller(SYSTEM, NAME)

    async def read(self, path: str, deadline: Deadline) -> Answer:
        """GET, tried twice where the first failed in a way that may pass."""
        return await self._twice("GET", path, None, deadline)

    async def ask(self, path: str, body: Json, deadline: Deadline) -> Answer:
        """POST that costs nothing (rates, a shipment without postage), tried twice like `read`."""
        return await self._twice("POST", path, body, deadline)

    async def write(self, path: str, body: Json, deadline: Deadline) -> Answer:
        """POST that buys or refunds, sent once; raises `UnknownOutcome` where its answer was lost."""
        return await self._send("POST", path, body, deadline, is_write=True)

    async def close(self) -> None:
        """Let go of connections."""
        await self._caller.close()

    async def _twice(self, method: str, path: str, body: Json | None, deadline: Deadline) -> Answer:
        async def once() -> Answer:
            return await self._send(method, path, body, deadline, is_write=False)

        return await self._caller.twice(once, deadline)

    async def _send(
        self, method: str, path: str, body: Json | None, deadline: Deadline, *, is_write: bool
    ) -> Answer:
        # Basic authentication: the key is the user name, the password is empty.
        basic = base64.b64encode(f"{self._api_key.reveal()}:".encode()).decode()
        headers = {"Authorization": f"Basic {basic}"}
        request = Request(method, f"{self._host}{path}", headers, json_body=body, is_write=is_write)
        return await self._caller.send(request, deadline)
