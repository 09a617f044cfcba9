"""Addresses that strangers give us to call: stores, webhooks, carriers' base URLs.

Whoever makes a server call an address of their choice can reach what only that server can reach: its own
ports, its neighbours, the metadata service that hands out its cloud credentials. So a name is resolved, every
address it gives is judged, and callers follow no redirects.

The judgement is of the moment. The store's own clients look the name up again when they connect, so that
whoever owns a name and changes what it leads to in between is not caught here: an operator for whom that
matters lets the gateway out through a proxy or firewall that refuses private networks.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit

from doorstep.errors import InvalidInput
from gateway.auth.address_rules import IPAddress, is_allowed_privately, is_public

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""(host, port) -> addresses as text; raises OSError where there are none."""

_MAX_URL_LENGTH = 2048
_DEFAULT_PORTS = {"https": 443, "http": 80}
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True, slots=True)
class ResolvedUrl:
    """An address that may be called, as its name led when it was judged.

    Attributes
    ----------
    url
        As it was given.
    host
        In ASCII, without brackets: for the Host header and the TLS name.
    addresses
        All that the name gave, judged.
    """

    url: str
    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...]


class LeadsNowhere(InvalidInput):
    """A host name that cannot be looked up: misspelt, or its name servers are away for a while.

    For whoever enters an address that is wrong input; for an address that was good once it is an outage.
    """


async def resolve_with_system(host: str, port: int) -> tuple[str, ...]:
    """Ask the machine's resolver, in a thread."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


async def resolve_public(
    url: str,
    *,
    allow_private: bool,
    allow_http: bool = False,
    resolver: Resolver = resolve_with_system,
    path: Sequence[str] = ("url",),
    budget_s: float = 5.0,
) -> ResolvedUrl:
    """Judge an address and say where it leads.

    Parameters
    ----------
    allow_private
        The operator's setting for stores and receivers in networks of their own: loopback, private and
        unique local addresses pass, and plain http with them. Metadata services, link-local, multicast and
        reserved addresses never pass.
    allow_http
        Plain http to public addresses passes too (WooCommerce shops without TLS).
    path
        Names the field in errors.

    Raises
    ------
    LeadsNowhere
        If its name cannot be looked up, at this moment.
    InvalidInput
        If it is no such address, or leads where we do not go. Says nothing of what the name resolved to.
    """
    parts = _split(url, path)
    if parts.scheme == "http" and not (allow_http or allow_private):
        _refuse("must begin with https://", path)
    host, port = _host(parts, path), _port(parts, path)
    literal = _literal(host, path)
    texts = [str(literal)] if literal else await _ask(resolver, host, port, budget_s, path)
    judge = is_allowed_privately if allow_private else is_public
    if not all(judge(address) for address in _parse_all(texts, path)):
        way_out = "" if allow_private else "; DOORSTEP_ALLOW_PRIVATE_STORES=true allows networks of your own"
        _refuse(f"leads to a private or reserved network address, which we do not call{way_out}", path)
    return ResolvedUrl(url, parts.scheme, host, port, tuple(texts))


def _split(url: str, path: Sequence[str]) -> SplitResult:
    # urlsplit drops tabs and newlines and tolerates backslashes, where other readers of the same text differ.
    if len(url) > _MAX_URL_LENGTH or _FORBIDDEN.search(url):
        _refuse(f"must be an address of at most {_MAX_URL_LENGTH} characters without spaces", path)
    try:
        parts = urlsplit(url)
    except ValueError:
        _refuse("cannot be read as an address", path)
    if parts.scheme not in _DEFAULT_PORTS or not parts.netloc:
        _refuse("must begin with https://", path)
    if "@" in parts.netloc:
        _refuse("must not contain a user name or password", path)
    return parts


def _host(parts: SplitResult, path: Sequence[str]) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if ":" in host:
        return host
    try:
        # Full-width digits and the like become plain ones here, before anything is judged.
        ascii_host = host.encode("idna").decode()
    except UnicodeError:
        _refuse("has a host name that cannot be read", path)
    if not _HOST.fullmatch(ascii_host):
        _refuse("has no host name, or one with characters that do not belong there", path)
    return ascii_host.removesuffix(".")


def _port(parts: SplitResult, path: Sequence[str]) -> int:
    try:
        port = parts.port
    except ValueError:
        _refuse("has a port that is no number from 1 to 65535", path)
    if port == 0:
        _refuse("has a port that is no number from 1 to 65535", path)
    return port or _DEFAULT_PORTS[parts.scheme]


def _literal(host: str, path: Sequence[str]) -> IPAddress | None:
    """The IP address that the host is written as, if it is one.

    Readers of URLs take "127.1", "2130706433", "0x7f.1" and "0177.0.0.1" for IPv4 (WHATWG URL, "ends in a
    number"; inet_aton). Only four plain decimal numbers are accepted here.
    """
    if ":" not in host and not _NUMBER.fullmatch(host.rpartition(".")[2]):
        return None
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        _refuse("has an IP address that is not written in its plain form", path)
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        _refuse("has an IP address with a zone, which means something on one machine only", path)
    return address


async def _ask(
    resolver: Resolver, host: str, port: int, budget_s: float, path: Sequence[str]
) -> Sequence[str]:
    try:
        async with asyncio.timeout(budget_s):
            texts = await resolver(host, port)
    except (OSError, UnicodeError):
        texts = ()
    if not texts:
        raise LeadsNowhere(
            f"{_field(path)} has a host name that leads nowhere; check its spelling", path=path
        )
    return texts


def _parse_all(texts: Sequence[str], path: Sequence[str]) -> list[IPAddress]:
    try:
        return [ipaddress.ip_address(text) for text in texts]
    except ValueError:
        _refuse("has a host name that leads nowhere we can call", path)


def _refuse(reason: str, path: Sequence[str]) -> NoReturn:
    raise InvalidInput(f"{_field(path)} {reason}", path=path)


def _field(path: Sequence[str]) -> str:
    return path[-1] if path else "the address"
