"""Calls to Lalamove: each one signed over its time, method, path and exact body (API guide v3, 2026)."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace

from connectors.calling import Answer, Caller, Request
from connectors.couriers.lalamove.wording import NAME, SYSTEM
from doorstep.deadline import Deadline
from doorstep.json_reading import Json, child
from doorstep.secret import Secret

_RESET = "ratelimit-reset"
_LONGEST_WAIT_S = 60.0
_EARLIEST_INSTANT_S = 1e9


def signature(secret: Secret, timestamp: str, method: str, path: str, body: bytes) -> str:
    """The signature of one call: hexadecimal HMAC-SHA256; calls without a body keep the blank lines."""
    message = f"{timestamp}\r\n{method}\r\n{path}\r\n\r\n".encode() + body
    return hmac.new(secret.reveal().encode(), message, hashlib.sha256).hexdigest()


class LalamoveClient:
    """Speaks to one account in one market.

    Parameters
    ----------
    host
        Without a trailing slash; whatever path it has is not signed.
    """

    def __init__(self, host: str, api_key: str, api_secret: Secret, market: str) -> None:
        self._host = host
        self._key = api_key
        self._secret = api_secret
        self._market = market
        self._caller = Caller(SYSTEM, NAME)

    async def read(self, path: str, deadline: Deadline) -> Answer:
        """GET, tried twice where the first failed in a way that may pass."""
        return await self._caller.twice(
            lambda: self._send("GET", path, None, deadline, is_write=False), deadline
        )

    async def ask(self, path: str, data: Json, deadline: Deadline) -> Answer:
        """POST that binds nobody (a quotation), tried twice like `read`."""
        return await self._caller.twice(
            lambda: self._send("POST", path, data, deadline, is_write=False), deadline
        )

    async def write(self, method: str, path: str, data: Json | None, deadline: Deadline) -> Answer:
        """A call that changes something, sent once; raises `UnknownOutcome` where its answer was lost."""
        return await self._send(method, path, data, deadline, is_write=True)

    async def close(self) -> None:
        """Let go of connections."""
        await self._caller.close()

    async def _send(
        self, method: str, path: str, data: Json | None, deadline: Deadline, *, is_write: bool
    ) -> Answer:
        content = None if data is None else json.dumps({"data": data}, separators=(",", ":")).encode()
        timestamp = str(time.time_ns() // 1_000_000)
        signed = signature(self._secret, timestamp, method, path, content or b"")
        headers = {
            "Authorization": f"hmac {self._key}:{timestamp}:{signed}",
            "Market": self._market,
            "Request-ID": str(uuid.uuid4()),
        }
        request = Request(method, f"{self._host}{path}", headers, content=content, is_write=is_write)
        answer = await self._caller.send(request, deadline)
        return with_wait(answer) if answer.status == 429 else answer


def data_of(answer: Answer) -> Json:
    """What an answer is about: every one wraps it in `data`."""
    return child(answer.body, "data")


def with_wait(answer: Answer) -> Answer:
    """The same with a Retry-After, where a RateLimit-Reset-* header tells when the minute is over."""
    told = [value for name, value in answer.headers.items() if name.lower().startswith(_RESET)]
    if "Retry-After" in answer.headers or not told:
        return answer
    try:
        resets = float(told[0])
    except ValueError:
        return answer
    wait_s = resets - time.time() if resets > _EARLIEST_INSTANT_S else resets
    bounded = min(max(wait_s, 1.0), _LONGEST_WAIT_S)
    headers: Mapping[str, str] = {**answer.headers, "Retry-After": f"{bounded:.0f}"}
    return replace(answer, headers=headers)
