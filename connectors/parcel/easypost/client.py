"""All of the network code for EasyPost: one key, time-outs, and the difference between "no" and "lost"."""

from __future__ import annotations

import asyncio
import base64
import json
import math
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from doorstep.errors import RemoteUnavailable, UnknownOutcome
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, child, children, text
from doorstep.secret import Secret

SYSTEM = "easypost"

_LARGEST_ANSWER = 8 * 1024 * 1024
_TOO_LITTLE_TO_RETRY_S = 0.3
_NOTHING_WAS_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class Deadline:
    """The end of a budget that several calls share."""

    def __init__(self, budget_s: float) -> None:
        self._ends_at_s = time.monotonic() + budget_s

    @property
    def left_s(self) -> float:
        """Machine seconds that are left, never negative."""
        return max(0.0, self._ends_at_s - time.monotonic())

    def require(self) -> float:
        """Seconds left.

        Raises
        ------
        RemoteUnavailable
            If there are none.
        """
        left_s = self.left_s
        if left_s <= 0:
            raise _unavailable("EasyPost did not answer within the time allowed.", "timeout")
        return left_s


@dataclass(frozen=True, slots=True)
class Answer:
    """What EasyPost said. `body` is {} where it was no JSON object."""

    status: int
    body: Json
    retry_after_s: float | None = None

    @property
    def is_yes(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """EasyPost's error code, "" where it gave none."""
        return text(child(self.body, "error"), "code")

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields that an error is about; never what stood in them."""
        listed = children(child(self.body, "error"), "errors")
        return tuple(name for entry in listed if (name := text(entry, "field")))


class EasyPostClient:
    """Speaks with one key. Opens its session inside the loop that first uses it.

    Parameters
    ----------
    host
        Stands for https://api.easypost.com, without a trailing slash; paths carry /v2 or /beta.
    """

    def __init__(self, host: str, api_key: Secret) -> None:
        self._host = host
        self._api_key = api_key
        self._session: aiohttp.ClientSession | None = None

    async def read(self, path: str, deadline: Deadline) -> Answer:
        """GET, tried twice where the first failed in a way that may pass."""
        return await self._twice("GET", path, None, deadline)

    async def ask(self, path: str, body: Json, deadline: Deadline) -> Answer:
        """POST that costs nothing (rates, a shipment without postage), tried twice like `read`."""
        return await self._twice("POST", path, body, deadline)

    async def write(self, path: str, body: Json, deadline: Deadline) -> Answer:
        """POST that buys or refunds, sent once.

        Raises
        ------
        UnknownOutcome
            If the request may have arrived and the answer did not.
        """
        return await self._send("POST", path, body, deadline, is_write=True)

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _twice(self, method: str, path: str, body: Json | None, deadline: Deadline) -> Answer:
        try:
            answer = await self._send(method, path, body, deadline, is_write=False)
            if answer.status < 500 or deadline.left_s < _TOO_LITTLE_TO_RETRY_S:
                return answer
        except RemoteUnavailable:
            if deadline.left_s < _TOO_LITTLE_TO_RETRY_S:
                raise
        await asyncio.sleep(random.uniform(0.05, 0.2))  # noqa: S311 - jitter, not a secret
        return await self._send(method, path, body, deadline, is_write=False)

    async def _send(
        self, method: str, path: str, body: Json | None, deadline: Deadline, *, is_write: bool
    ) -> Answer:
        timeout = aiohttp.ClientTimeout(total=deadline.require(), ceil_threshold=math.inf)
        try:
            async with self._open_session().request(
                method,
                f"{self._host}{path}",
                json=body,
                headers={"Authorization": self._authorization()},
                timeout=timeout,
                allow_redirects=False,  # a redirect would carry the key to somebody else
            ) as response:
                raw = await response.content.read(_LARGEST_ANSWER)
                return Answer(response.status, _as_object(raw), _retry_after_s(response.headers))
        except _NOTHING_WAS_SENT:
            raise _unavailable("EasyPost cannot be reached.", "unreachable") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raw_code = "timeout" if isinstance(error, TimeoutError) else "connection_lost"
            if is_write:
                raise UnknownOutcome(
                    "EasyPost did not answer, so it is not known whether it did what was asked.",
                    system=SYSTEM,
                    raw_code=raw_code,
                    kind=IncidentKind.CARRIER_DOWN,
                ) from None
            raise _unavailable("EasyPost did not answer within the time allowed.", raw_code) from None

    def _authorization(self) -> str:
        """Basic authentication: the key is the user name, the password is empty."""
        return f"Basic {base64.b64encode(f'{self._api_key.reveal()}:'.encode()).decode()}"

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession()
        return self._session


def _unavailable(message: str, raw_code: str) -> RemoteUnavailable:
    return RemoteUnavailable(message, system=SYSTEM, raw_code=raw_code, kind=IncidentKind.CARRIER_DOWN)


def _as_object(raw: bytes) -> Json:
    try:
        parsed: object = json.loads(raw)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    try:
        return max(0.0, float(headers.get("Retry-After", "")))
    except ValueError:
        return None
