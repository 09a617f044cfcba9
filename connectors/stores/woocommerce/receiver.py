"""Which receivers stock WordPress sends webhooks to: `wp_http_validate_url()` of WordPress 6.9. Pure.

REST answers 201 "active" for every address all the same, so nobody notices but who looks here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

_PORTS = frozenset({80, 443, 8080})
_REFUSED_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)


def why_refused(receiver_url: str, store_url: str, addresses: Iterable[str]) -> str:
    """What WordPress has against a receiver, "" where nothing.

    Parameters
    ----------
    store_url
        A receiver on the store's own host may be private and may use the store's port.
    addresses
        IPv4 addresses of the receiver's name; an unknown name gives none and is judged by the rest alone.
    """
    receiver, store = urlsplit(receiver_url), urlsplit(store_url)
    host = (receiver.hostname or "").lower()
    is_same_host = host == (store.hostname or "").lower()
    if receiver.username is not None or ":" in host:
        return "a user name or an IPv6 address in it"
    if not is_same_host and any(_is_private(address) for address in addresses):
        return "a private address"
    port = _port(receiver.netloc)
    if port is None or port in _PORTS or (is_same_host and port == _port(store.netloc)):
        return ""
    return f"port {port}"


def _port(netloc: str) -> int | None:
    try:
        return urlsplit(f"//{netloc}").port
    except ValueError:
        return 0


def _is_private(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in _REFUSED_NETWORKS)
