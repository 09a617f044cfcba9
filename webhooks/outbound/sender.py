"""Makes one call to an address that a merchant gave: guarded, bounded, without detours."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp

from doorstep.errors import InvalidInput
from doorstep.webhook import WebhookAnswer

BUDGET_S = 15.0
"""For the whole call, the looking up of its name included."""

EXCERPT_BYTES = 1024
"""So much of an answer is read and kept; the rest is never fetched."""

OpenConnector = Callable[[str], AbstractAsyncContextManager[aiohttp.BaseConnector]]
"""Address -> a connector that leads to where the guard has judged it to lead, and nowhere else.

Raises `InvalidInput` where it leads somewhere that is not called.
"""


class Sender:
    """Posts bodies. Holds no connection between two calls: each goes to an address judged for it.

    Parameters
    ----------
    open_connector
        The guard; one for all addresses that strangers give us.
    """

    def __init__(self, open_connector: OpenConnector, *, budget_s: float = BUDGET_S) -> None:
        self._open_connector = open_connector
        self._budget_s = budget_s

    async def post(self, url: str, headers: Mapping[str, str], body: str) -> WebhookAnswer:
        """Send a body and say what came of it; nothing is raised."""
        started = time.monotonic()

        def answer(status: int | None, excerpt: str = "", error: str = "") -> WebhookAnswer:
            return WebhookAnswer(status, round((time.monotonic() - started) * 1000), excerpt, error)

        try:
            async with asyncio.timeout(self._budget_s), self._posted(url, headers, body) as response:
                excerpt = await _beginning(response)
                return answer(response.status, excerpt, _fault(response.status))
        except InvalidInput as refused:
            return answer(None, error=refused.message)
        except TimeoutError:
            return answer(None, error=f"There was no answer within {self._budget_s:g} seconds.")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return answer(None, error=f"The call did not get through ({type(error).__name__}).")

    @asynccontextmanager
    async def _posted(
        self, url: str, headers: Mapping[str, str], body: str
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        timeout = aiohttp.ClientTimeout(total=None, ceil_threshold=math.inf)  # the deadline is around it
        sent = {"Content-Type": "application/json", "User-Agent": "Doorstep-Webhooks/1", **headers}
        async with (
            self._open_connector(url) as connector,
            aiohttp.ClientSession(
                connector=connector, timeout=timeout, trust_env=False, auto_decompress=False
            ) as session,
            session.post(url, data=body.encode(), headers=sent, allow_redirects=False) as response,
        ):
            yield response
            # What is left of a long answer is not worth reading to keep the connection.
            response.close()


async def _beginning(response: aiohttp.ClientResponse) -> str:
    found = b""
    while len(found) < EXCERPT_BYTES and (part := await response.content.read(EXCERPT_BYTES - len(found))):
        found += part
    return found.decode("utf-8", "replace")


def _fault(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"It answered {status}: redirects are not followed, enter the address that it leads to."
    if status == 410:
        return "It answered 410: it wants no more calls."
    return f"It answered {status}."
