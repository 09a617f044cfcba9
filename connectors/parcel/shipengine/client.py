"""Calls to ShipEngine with one key."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

from connectors.calling import Answer, Caller, Request
from doorstep.deadline import Deadline
from doorstep.json_reading import Json, children, text
from doorstep.secret import Secret

SYSTEM = "shipengine"
NAME = "ShipEngine"


class ShipEngineClient:
    """Speaks with one key.

    Numbers with a point arrive as `Decimal`: ShipEngine writes money as JSON numbers.

    Parameters
    ----------
    root
        Stands for https://api.shipengine.com/v1, without a trailing slash.
    keys_url
        Where the keys are published that webhooks are signed with.
    """

    def __init__(self, root: str, api_key: Secret, keys_url: str) -> None:
        self._root = root
        self._keys_url = keys_url
        self._api_key = api_key
        self._caller = Caller(SYSTEM, NAME)

    @property
    def is_sandbox(self) -> bool:
        """Whether the key is one for tests: its labels carry nothing, and it sends no webhooks."""
        return self._api_key.reveal().startswith("TEST_")

    async def read(self, path: str, deadline: Deadline) -> Answer:
        """GET, tried twice where the first failed in a way that may pass."""
        return await self._twice("GET", path, None, deadline)

    async def ask(self, path: str, body: Json, deadline: Deadline) -> Answer:
        """POST that costs nothing (rates), tried twice like `read`."""
        return await self._twice("POST", path, body, deadline)

    async def write(self, method: str, path: str, body: Json | None, deadline: Deadline) -> Answer:
        """Buy or void, sent once; raises `UnknownOutcome` where the answer was lost."""
        return await self._send(method, path, body, deadline, is_write=True)

    async def published_keys(self, deadline: Deadline) -> Answer:
        """The JWKS, which anybody may read: the key stays here."""
        return await self._caller.send(Request("GET", self._keys_url), deadline)

    async def close(self) -> None:
        """Let go of connections."""
        await self._caller.close()

    async def _twice(self, method: str, path: str, body: Json | None, deadline: Deadline) -> Answer:
        async def once() -> Answer:
            return await self._send(method, path, body, deadline, is_write=False)

        return await self._caller.twice(once, deadline, is_final=_is_a_carriers_word)

    async def _send(
        self, method: str, path: str, body: Json | None, deadline: Deadline, *, is_write: bool
    ) -> Answer:
        headers = {"API-Key": self._api_key.reveal()}
        request = Request(method, f"{self._root}{path}", headers, json_body=body, is_write=is_write)
        answer = await self._caller.send(request, deadline)
        return replace(answer, content=exact(answer.raw))


def exact(raw: bytes) -> object:
    """The JSON in some bytes with its numbers as they were written; None where it is none."""
    try:
        parsed: object = json.loads(raw, parse_float=Decimal, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return parsed


def _is_a_carriers_word(answer: Answer) -> bool:
    """What a carrier behind ShipEngine refused arrives as 500 as well, and asking again changes nothing."""
    return any(text(error, "error_source") == "carrier" for error in children(answer.body, "errors"))
