"""Calls to DoorDash Drive: one access key's deliveries, each call with a token of its own."""

from __future__ import annotations

import uuid
from urllib.parse import quote

from connectors.calling import Answer, Caller, Request
from connectors.couriers.doordash.signing import Signer
from connectors.couriers.doordash.wording import NAME, SYSTEM
from doorstep.deadline import Deadline
from doorstep.json_reading import Json

_QUOTE_PREFIX = "dsq-"


class DoorDashClient:
    """Speaks for one access key.

    Parameters
    ----------
    base_url
        Ends in /drive/v2 and has no trailing slash.
    """

    def __init__(self, base_url: str, signer: Signer) -> None:
        self._base_url = base_url
        self._signer = signer
        self._caller = Caller(SYSTEM, NAME)

    async def read(self, external_delivery_id: str, deadline: Deadline) -> Answer:
        """A delivery, asked for twice where the first time failed in a way that may pass."""
        path = delivery_path(external_delivery_id)
        return await self._caller.twice(lambda: self._send("GET", path, None, deadline), deadline)

    async def quote(self, body: Json, deadline: Deadline) -> Answer:
        """Ask for a price, twice like `read`; each time under a new id, because DoorDash takes none twice."""

        async def once() -> Answer:
            named = {**body, "external_delivery_id": f"{_QUOTE_PREFIX}{uuid.uuid4().hex}"}
            return await self._send("POST", "/quotes", named, deadline)

        return await self._caller.twice(once, deadline)

    async def write(self, method: str, path: str, body: Json, deadline: Deadline) -> Answer:
        """Change something, sent once; raises `UnknownOutcome` where its answer was lost."""
        return await self._send(method, path, body, deadline, is_write=True)

    async def close(self) -> None:
        """Let go of connections."""
        await self._caller.close()

    async def _send(
        self, method: str, path: str, body: Json | None, deadline: Deadline, *, is_write: bool = False
    ) -> Answer:
        headers = {"Authorization": f"Bearer {self._signer.token()}"}
        url = f"{self._base_url}{path}"
        request = Request(method, url, headers, json_body=body, is_write=is_write)
        return await self._caller.send(request, deadline)


def delivery_path(external_delivery_id: str) -> str:
    """Where a delivery or a quote lies."""
    return f"/deliveries/{quote(external_delivery_id, safe='')}"


def accept_path(external_delivery_id: str) -> str:
    """Where a quote is accepted."""
    return f"/quotes/{quote(external_delivery_id, safe='')}/accept"
