"""Calls to Roadie: one account's shipments, with a token that does not end."""

from __future__ import annotations

from connectors.calling import Answer, Caller, Request
from doorstep.deadline import Deadline
from doorstep.json_reading import Json
from doorstep.secret import Secret

SYSTEM = "roadie"
NAME = "Roadie"


class RoadieClient:
    """Speaks to one account.

    Parameters
    ----------
    api
        https://connect.roadie.com/v1, or its sandbox; no trailing slash.
    """

    def __init__(self, api: str, token: Secret) -> None:
        self._api = api
        self._token = token
        self._caller = Caller(SYSTEM, NAME)

    def url(self, path: str) -> str:
        """Where a path lies."""
        return f"{self._api}{path}"

    async def read(self, path: str, deadline: Deadline) -> Answer:
        """GET, tried twice where the first failed in a way that may pass."""
        return await self._caller.twice(lambda: self._send("GET", path, None, deadline), deadline)

    async def ask(self, path: str, body: Json, deadline: Deadline) -> Answer:
        """POST that changes nothing (an estimate), tried twice like `read`."""
        return await self._caller.twice(lambda: self._send("POST", path, body, deadline), deadline)

    async def write(self, method: str, path: str, body: Json | None, deadline: Deadline) -> Answer:
        """Change something, once; raises `UnknownOutcome` where the answer was lost."""
        return await self._send(method, path, body, deadline, is_write=True)

    async def close(self) -> None:
        """Let go of connections."""
        await self._caller.close()

    async def _send(
        self, method: str, path: str, body: Json | None, deadline: Deadline, *, is_write: bool = False
    ) -> Answer:
        headers = {"Authorization": f"Bearer {self._token.reveal()}"}
        request = Request(method, self.url(path), headers, json_body=body, is_write=is_write)
        return await self._caller.send(request, deadline)
