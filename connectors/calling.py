"""Calling a carrier's HTTP API: time-outs, second tries, and the difference between "no" and "lost".

What every carrier's client shares. Each adds how it signs in and where its errors carry their code.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import aiohttp

from doorstep.deadline import Deadline
from doorstep.errors import RemoteUnavailable, UnknownOutcome
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json

LARGEST_ANSWER = 8 * 1024 * 1024
"""Bytes; what is longer is cut off and then reads as empty."""

LONGEST_WAIT_S = 86_400.0

_TOO_LITTLE_TO_RETRY_S = 0.3
_MAY_PASS = frozenset({408, 500, 502, 503, 504})
_NOTHING_WAS_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


@dataclass(frozen=True, slots=True)
class Request:
    """One call. At most one of `json_body`, `form` and `content` is given.

    Attributes
    ----------
    url
        Whole, with its query.
    content
        The exact bytes, for carriers that want them signed.
    is_write
        Whether it changes something: then a lost answer is an `UnknownOutcome`.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    json_body: object = None
    form: Mapping[str, str] | None = None
    content: bytes | None = None
    is_write: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a carrier said.

    Attributes
    ----------
    content
        The parsed JSON, whatever it is; None where it was none.
    raw
        The bytes, for pictures and labels.
    """

    status: int
    content: object
    raw: bytes
    headers: Mapping[str, str]

    @property
    def body(self) -> Json:
        """The JSON object, {} where it was none."""
        return self.content if isinstance(self.content, dict) else {}

    @property
    def is_yes(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300

    @property
    def retry_after_s(self) -> float | None:
        """How long the carrier wishes to be left alone, seconds; a day at most, whatever it says."""
        try:
            wished_s = float(self.headers.get("Retry-After", ""))
        except ValueError:
            return None
        return None if math.isnan(wished_s) else min(max(0.0, wished_s), LONGEST_WAIT_S)


class Caller:
    """Makes the calls of one account. Opens its session inside the loop that first uses it.

    Parameters
    ----------
    system
        Stable code, "uber_direct".
    name
        For sentences, "Uber Direct".
    """

    def __init__(self, system: str, name: str) -> None:
        self.system = system
        self.name = name
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request, deadline: Deadline) -> Answer:
        """Make one call.

        Raises
        ------
        RemoteUnavailable
            If nothing was sent, or a call that changes nothing was not answered in time.
        UnknownOutcome
            If a write may have arrived and its answer did not.
        """
        timeout = aiohttp.ClientTimeout(total=self.require(deadline), ceil_threshold=math.inf)
        headers = dict(request.headers)
        if request.content is not None:
            headers.setdefault("Content-Type", "application/json")
        try:
            async with self._open_session().request(
                request.method,
                request.url,
                json=request.json_body,
                data=request.content if request.content is not None else request.form,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,  # a redirect would carry the credentials to somebody else
            ) as response:
                raw = await response.content.read(LARGEST_ANSWER)
                while not response.content.at_eof() and len(raw) < LARGEST_ANSWER:
                    raw += await response.content.read(LARGEST_ANSWER - len(raw))
                return Answer(response.status, _parsed(raw), raw, response.headers)
        except _NOTHING_WAS_SENT:
            raise self.unavailable(f"{self.name} cannot be reached.", "unreachable") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raw_code = "timeout" if isinstance(error, TimeoutError) else "connection_lost"
            if request.is_write:
                raise self.lost(raw_code) from None
            raise self.unavailable(f"{self.name} did not answer within the time allowed.", raw_code) from None

    async def twice(
        self,
        send: Callable[[], Awaitable[Answer]],
        deadline: Deadline,
        *,
        is_final: Callable[[Answer], bool] = lambda _: False,
    ) -> Answer:
        """Make a call that changes nothing, and once more where it failed in a way that may pass.

        Parameters
        ----------
        is_final
            Whether an error is an answer, so that asking again within the second changes nothing.
        """
        try:
            answer = await send()
            is_short = deadline.left_s < _TOO_LITTLE_TO_RETRY_S
            if answer.status not in _MAY_PASS or is_short or is_final(answer):
                return answer
        except RemoteUnavailable:
            if deadline.left_s < _TOO_LITTLE_TO_RETRY_S:
                raise
        await asyncio.sleep(random.uniform(0.05, 0.2))  # noqa: S311 - jitter, not a secret
        return await send()

    def require(self, deadline: Deadline) -> float:
        """Seconds left.

        Raises
        ------
        RemoteUnavailable
            If there are none.
        """
        left_s = deadline.left_s
        if left_s <= 0:
            raise self.unavailable(f"{self.name} did not answer within the time allowed.", "timeout")
        return left_s

    def unavailable(self, message: str, raw_code: str) -> RemoteUnavailable:
        """The error for a carrier that could not be asked."""
        kind = IncidentKind.CARRIER_DOWN
        return RemoteUnavailable(message, system=self.system, raw_code=raw_code, kind=kind)

    def lost(self, raw_code: str) -> UnknownOutcome:
        """The error for a write whose answer nobody heard."""
        return UnknownOutcome(
            f"{self.name} did not answer, so it is not known whether it did what was asked.",
            system=self.system,
            raw_code=raw_code,
            kind=IncidentKind.CARRIER_DOWN,
        )

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession()
        return self._session


def _parsed(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):  # a thousand brackets are no answer either
        return None
