"""Tokens that end: fetched once for all who wait, kept until shortly before their end."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from connectors.calling import Answer, Caller
from doorstep.deadline import Deadline
from doorstep.secret import Secret

_RENEW_BEFORE_S = 60.0


@dataclass(frozen=True, slots=True)
class Granted:
    """A token, and how long it lasts, seconds."""

    token: Secret
    lasts_s: float


class SignIn:
    """The token of one account.

    Parameters
    ----------
    fetch
        Asks for a token; raises `AccountProblem` where the credentials are not taken.
    """

    def __init__(self, caller: Caller, fetch: Callable[[Deadline], Awaitable[Granted]]) -> None:
        self._caller = caller
        self._fetch = fetch
        self._token = Secret("")
        self._ends_at_s = -math.inf
        self._lock = asyncio.Lock()

    async def token(self, deadline: Deadline) -> Secret:
        """A token that lasts; callers that come together share one request.

        Raises
        ------
        AccountProblem
            If the carrier does not know these credentials.
        RemoteUnavailable
            If it could not be asked in time.
        """
        try:
            async with asyncio.timeout(self._caller.require(deadline)), self._lock:
                if not self._token or time.monotonic() >= self._ends_at_s:
                    granted = await self._fetch(deadline)
                    self._token = granted.token
                    self._ends_at_s = time.monotonic() + max(0.0, granted.lasts_s - _RENEW_BEFORE_S)
                return self._token
        except TimeoutError:
            text = f"{self._caller.name}'s sign-in did not answer within the time allowed."
            raise self._caller.unavailable(text, "timeout") from None

    async def authorised(self, send: Callable[[Secret], Awaitable[Answer]], deadline: Deadline) -> Answer:
        """Make a call with the token.

        401 means that nothing was done, so one more try with a fresh token is safe even for a write.
        """
        used = await self.token(deadline)
        answer = await send(used)
        if answer.status != 401:
            return answer
        if self._token is used:
            self._token = Secret("")
        return await send(await self.token(deadline))
