"""Connections that lead to the addresses that were judged, whatever their name would say by now."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from gateway.auth.address_guard import ResolvedUrl, Resolver, resolve_public, resolve_with_system


class Pinned(AbstractResolver):
    """Gives the addresses of one name that was looked up before."""

    def __init__(self, where: ResolvedUrl) -> None:
        self._where = where

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - the library's
    ) -> list[ResolveResult]:
        return [_result(host, port, address) for address in self._where.addresses]

    async def close(self) -> None:
        """Nothing is held."""


def pinned_connector(where: ResolvedUrl) -> aiohttp.TCPConnector:
    """A connector that goes there and nowhere else."""
    return aiohttp.TCPConnector(resolver=Pinned(where), use_dns_cache=False)


def guard(
    *, allow_private: bool, resolver: Resolver = resolve_with_system
) -> Callable[[str], AbstractAsyncContextManager[aiohttp.TCPConnector]]:
    """What opens connectors to addresses that strangers gave.

    The name is looked up once; what it gives is judged, and the connection goes to just that.
    """

    @asynccontextmanager
    async def opened(url: str) -> AsyncIterator[aiohttp.TCPConnector]:
        connector = pinned_connector(
            await resolve_public(url, allow_private=allow_private, resolver=resolver, path=())
        )
        try:
            yield connector
        finally:
            await connector.close()

    return opened


def _result(host: str, port: int, address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=flags)
