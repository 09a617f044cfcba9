"""Which IP addresses may be called on behalf of a stranger."""

from __future__ import annotations

import ipaddress

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",  # AWS, Google Cloud, Azure, DigitalOcean, OpenStack, Oracle
        "169.254.170.2",  # AWS ECS tasks
        "169.254.170.23",  # AWS EKS pods
        "fd00:ec2::254",  # AWS over IPv6
        "fd00:ec2::23",  # AWS EKS pods over IPv6
        "fd20:ce::254",  # Google Cloud over IPv6
        "100.100.100.200",  # Alibaba Cloud
        "168.63.129.16",  # Azure's wire server; looks like a public address
        "192.0.0.192",  # Oracle Cloud, classic
    )
)

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_UNIQUE_LOCAL = ipaddress.ip_network("fc00::/7")
_SHARED = ipaddress.ip_network("100.64.0.0/10")

_CARRIERS_OF_IPV4 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "::/96",  # IPv4-compatible, RFC 4291 (deprecated)
        "::ffff:0:0/96",  # IPv4-mapped, RFC 4291
        "::ffff:0:0:0/96",  # IPv4-translated, RFC 2765
        "64:ff9b::/96",  # NAT64, RFC 6052
        "64:ff9b:1::/48",  # NAT64 of a local network, RFC 8215
        "2001::/32",  # Teredo, RFC 4380
        "2002::/16",  # 6to4, RFC 3056
    )
)

_SPECIAL_IPV6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, RFC 2928
        "2001:db8::/32",  # documentation, RFC 3849
        "3fff::/20",  # documentation, RFC 9637
    )
)

_PRIVATE_IPV4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",  # between carriers and in overlay networks, RFC 6598
    )
)


def is_public(address: IPAddress) -> bool:
    """Whether this is an ordinary host on the Internet, reached under its own address.

    Addresses that carry an IPv4 address inside (mapped, 6to4, Teredo, NAT64) are refused whatever they carry:
    no honest name needs them, and each is a second spelling of an address to be judged.
    """
    if address in _METADATA or address.is_multicast or address.is_reserved or not address.is_global:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address not in _SHARED
    special = (*_CARRIERS_OF_IPV4, *_SPECIAL_IPV6)
    return address in _GLOBAL_UNICAST and not any(address in network for network in special)


def is_allowed_privately(address: IPAddress) -> bool:
    """Whether an operator who allows private networks means this one: public, loopback or private.

    Unique local IPv6 addresses are private ones. An IPv4-mapped address is judged by the IPv4 address inside,
    since some resolvers write it so.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_allowed_privately(address.ipv4_mapped)
        is_own = address.is_loopback or address in _UNIQUE_LOCAL
        return (is_own and address not in _METADATA) or is_public(address)
    is_private = any(address in network for network in _PRIVATE_IPV4)
    return (is_private and address not in _METADATA) or is_public(address)
