"""Fetches what carriers keep for us, from addresses that they named: guarded, bounded, without detours."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

import aiohttp

from doorstep.errors import InvalidInput, RemoteRefused, RemoteUnavailable
from gateway.auth.address_guard import (
    LeadsNowhere,
    ResolvedUrl,
    Resolver,
    resolve_public,
    resolve_with_system,
)
from gateway.bootstrap.pinned import pinned_connector

_SYSTEM = "files"
_CHUNK = 64 * 1024
_MAY_PASS = frozenset({404, 408, 425, 429})
"""A label may be told of before it can be fetched; servers are busy or down for a while (and all of 5xx)."""


class GuardedFiles:
    """See `gateway.flow.ports.Files`.

    The name is looked up once; what it gives is judged, and the connection goes to just that. Nothing of ours
    is sent along, and no redirect is followed.

    Parameters
    ----------
    allow_private
        The operator's setting for systems in networks of their own; plain http passes with it.
    """

    def __init__(self, *, allow_private: bool, resolver: Resolver = resolve_with_system) -> None:
        self._allow_private = allow_private
        self._resolver = resolver

    async def fetch(self, url: str, largest: int, budget_s: float) -> bytes:
        """The bytes behind an address; raises as the port says."""
        try:
            async with asyncio.timeout(budget_s):
                where = await resolve_public(
                    url, allow_private=self._allow_private, resolver=self._resolver, budget_s=budget_s
                )
                return await _read(where, largest)
        except LeadsNowhere:
            raise _unavailable("Its host cannot be looked up.", "no_host") from None
        except InvalidInput:
            raise _refused("Its address is not one that we call.", "bad_address") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _unavailable("It could not be read.", type(error).__name__) from None


async def _read(where: ResolvedUrl, largest: int) -> bytes:
    connector = pinned_connector(where)
    # The block around has the deadline.
    timeout = aiohttp.ClientTimeout(total=None, ceil_threshold=math.inf)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session,
        session.get(where.url, allow_redirects=False) as response,
    ):
        status = response.status
        if status >= 500 or status in _MAY_PASS:
            raise _unavailable(f"Its server answered {status}.", str(status))
        if status != 200:
            raise _refused(f"Its server answered {status}.", str(status))
        return b"".join(await _chunks(response, largest))


async def _chunks(response: aiohttp.ClientResponse, largest: int) -> Sequence[bytes]:
    found, size = [], 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        size += len(chunk)
        if size > largest:
            raise _refused(f"It is longer than {largest} bytes.", "too_long")
        found.append(chunk)
    return found


def _refused(message: str, raw_code: str) -> RemoteRefused:
    return RemoteRefused(message, system=_SYSTEM, raw_code=raw_code)


def _unavailable(message: str, raw_code: str) -> RemoteUnavailable:
    return RemoteUnavailable(message, system=_SYSTEM, raw_code=raw_code)
