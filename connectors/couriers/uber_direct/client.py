"""All of the network code for Uber Direct: tokens, time-outs and the difference between "no" and "lost"."""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import aiohttp

from doorstep.errors import AccountProblem, RemoteUnavailable, UnknownOutcome
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, number, text
from doorstep.secret import Secret

SYSTEM = "uber_direct"

_SCOPE = "eats.deliveries"
_LARGEST_ANSWER = 4 * 1024 * 1024
_RENEW_BEFORE_S = 60.0
_TOO_LITTLE_TO_RETRY_S = 0.3
_WORTH_ANOTHER_TRY = frozenset({408, 500, 502, 503, 504})
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
            raise RemoteUnavailable(
                "Uber Direct did not answer within the time allowed.",
                system=SYSTEM,
                raw_code="timeout",
                kind=IncidentKind.CARRIER_DOWN,
            )
        return left_s


@dataclass(frozen=True, slots=True)
class Answer:
    """What Uber said. `body` is {} where it was no JSON object."""

    status: int
    body: Json
    retry_after_s: float | None = None

    @property
    def is_yes(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """Uber's error code, "" where it gave none: then a proxy spoke, not Uber."""
        return text(self.body, "code")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where Uber listens: `api` ends in /v1 and has no trailing slash."""

    api: str
    token: str


class UberClient:
    """Speaks to one customer's account. Opens its session inside the loop that first uses it.

    Parameters
    ----------
    customer_id
        The organisation or location that deliveries belong to; part of every path.
    """

    def __init__(
        self, endpoints: Endpoints, customer_id: str, client_id: Secret, client_secret: Secret
    ) -> None:
        self._endpoints = endpoints
        self._customer_id = quote(customer_id, safe="")
        self._client_id = client_id
        self._client_secret = client_secret
        self._session: aiohttp.ClientSession | None = None
        self._token = Secret("")
        self._token_ends_at_s = -math.inf
        self._token_lock = asyncio.Lock()

    async def read(self, path: str, deadline: Deadline) -> Answer:
        """GET, tried twice where the first failed in a way that may pass."""
        return await self._twice("GET", path, None, deadline)

    async def ask(self, path: str, body: Json, deadline: Deadline) -> Answer:
        """POST that changes nothing (a quote), tried twice like `read`."""
        return await self._twice("POST", path, body, deadline)

    async def write(self, path: str, body: Json, deadline: Deadline) -> Answer:
        """POST that changes something, sent once.

        Raises
        ------
        UnknownOutcome
            If the request may have arrived and the answer did not.
        """
        return await self._authorised("POST", path, body, deadline, is_write=True)

    async def sign_in(self, deadline: Deadline) -> None:
        """Get a token if there is none that lasts; callers that come together share one request.

        Raises
        ------
        AccountProblem
            If Uber does not know these credentials.
        RemoteUnavailable
            If it could not be asked in time.
        """
        try:
            async with asyncio.timeout(deadline.require()), self._token_lock:
                if not self._token or time.monotonic() >= self._token_ends_at_s:
                    await self._fetch_token(deadline)
        except TimeoutError:
            raise _unavailable("Uber's sign-in did not answer within the time allowed.", "timeout") from None

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _twice(self, method: str, path: str, body: Json | None, deadline: Deadline) -> Answer:
        try:
            answer = await self._authorised(method, path, body, deadline, is_write=False)
            # An error of Uber's own wording is an answer: asking again within the second changes nothing.
            if answer.status not in _WORTH_ANOTHER_TRY or answer.code.endswith("couriers_busy"):
                return answer
        except RemoteUnavailable:
            if deadline.left_s < _TOO_LITTLE_TO_RETRY_S:
                raise
        else:
            if deadline.left_s < _TOO_LITTLE_TO_RETRY_S:
                return answer
        await asyncio.sleep(random.uniform(0.05, 0.2))  # noqa: S311 - jitter, not a secret
        return await self._authorised(method, path, body, deadline, is_write=False)

    async def _authorised(
        self, method: str, path: str, body: Json | None, deadline: Deadline, *, is_write: bool
    ) -> Answer:
        url = f"{self._endpoints.api}/customers/{self._customer_id}{path}"
        await self.sign_in(deadline)
        used = self._token
        answer = await self._send(method, url, deadline, is_write=is_write, token=used, json_body=body)
        if answer.status != 401:
            return answer
        # 401 means that nothing was done, so one more try with a fresh token is safe even for a write.
        if self._token is used:
            self._token = Secret("")
        await self.sign_in(deadline)
        return await self._send(method, url, deadline, is_write=is_write, token=self._token, json_body=body)

    async def _fetch_token(self, deadline: Deadline) -> None:
        form = {
            "client_id": self._client_id.reveal(),
            "client_secret": self._client_secret.reveal(),
            "grant_type": "client_credentials",
            "scope": _SCOPE,
        }
        answer = await self._send("POST", self._endpoints.token, deadline, is_write=False, form=form)
        token = text(answer.body, "access_token")
        if answer.is_yes and token:
            self._token = Secret(token)
            lasts_s = number(answer.body, "expires_in") or 0.0
            self._token_ends_at_s = time.monotonic() + max(0.0, lasts_s - _RENEW_BEFORE_S)
            return
        if answer.status in {400, 401, 403}:
            raise AccountProblem(
                "Uber does not accept the client id and secret. Copy both again from direct.uber.com.",
                system=SYSTEM,
                raw_code=text(answer.body, "error") or str(answer.status),
            )
        raise _unavailable("Uber's sign-in is not working at the moment.", str(answer.status))

    async def _send(
        self,
        method: str,
        url: str,
        deadline: Deadline,
        *,
        is_write: bool,
        token: Secret | None = None,
        json_body: Json | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        headers = {"Authorization": f"Bearer {token.reveal()}"} if token is not None else {}
        timeout = aiohttp.ClientTimeout(total=deadline.require(), ceil_threshold=math.inf)
        try:
            async with self._open_session().request(
                method,
                url,
                json=json_body,
                data=form,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,  # a redirect would carry the token to somebody else
            ) as response:
                raw = await response.content.read(_LARGEST_ANSWER)
                return Answer(response.status, _as_object(raw), _retry_after_s(response.headers))
        except _NOTHING_WAS_SENT:
            raise _unavailable("Uber Direct cannot be reached.", "unreachable") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raw_code = "timeout" if isinstance(error, TimeoutError) else "connection_lost"
            if is_write:
                raise UnknownOutcome(
                    "Uber Direct did not answer, so it is not known whether it did what was asked.",
                    system=SYSTEM,
                    raw_code=raw_code,
                    kind=IncidentKind.CARRIER_DOWN,
                ) from None
            raise _unavailable("Uber Direct did not answer within the time allowed.", raw_code) from None

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
