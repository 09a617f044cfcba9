from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.errors import InvalidInput
from gateway.auth.address_guard import resolve_public
from gateway.auth.address_rules import is_allowed_privately, is_public

PUBLIC_V4, PUBLIC_V6 = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


class Names:
    """A resolver of a few names; everything else leads nowhere."""

    def __init__(self, **names: Sequence[str]) -> None:
        self.names = {name.replace("_", "."): addresses for name, addresses in names.items()}
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        if host not in self.names:
            raise OSError("Name or service not known")
        return self.names[host]


NAMES = {
    "shop_example": [PUBLIC_V4, PUBLIC_V6],
    "both_example": [PUBLIC_V4, "10.0.0.7"],
    "home_example": ["192.168.1.20"],
    "localhost": ["127.0.0.1"],
    "mapped_example": ["::ffff:10.0.0.7"],
    "metadata_example": ["169.254.169.254"],
    "empty_example": [],
    "xn--bcher-kva_example": [PUBLIC_V4],
}


async def test_a_public_name_is_resolved_once_and_pinned() -> None:
    names = Names(**NAMES)
    found = await resolve_public("https://Shop.Example:8443/wp-json?x=1", allow_private=False, resolver=names)
    assert found.addresses == (PUBLIC_V4, PUBLIC_V6)
    assert (found.scheme, found.host, found.port) == ("https", "shop.example", 8443)
    assert names.asked == [("shop.example", 8443)]


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://shop.example", "shop.example", 443),
        ("https://shop.example./x", "shop.example", 443),
        ("HTTPS://bücher.example/", "xn--bcher-kva.example", 443),
        ("https://93.184.215.14/", "93.184.215.14", 443),
        ("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:444/", PUBLIC_V6, 444),
    ],
)
async def test_ordinary_addresses_pass(url: str, host: str, port: int) -> None:
    found = await resolve_public(url, allow_private=False, resolver=Names(**NAMES))
    assert (found.host, found.port) == (host, port)


REFUSED_ALWAYS = """
ftp://shop.example/
//shop.example/
shop.example
https://
https:///path
https://user@shop.example/
https://user:password@shop.example/
https://shop.example@127.0.0.1/
https://shop.example\\@127.0.0.1/
https://shop.example:0/
https://shop.example:65536/
https://shop.example:port/
https://[::1/
https://[fe80::1%25eth0]/
https://[fe80::1%eth0]/
https://2130706433/
https://0x7f000001/
https://0x7f.0.0.1/
https://0177.0.0.1/
https://127.1/
https://127.0.1/
https://0/
https://0x/
https://1.2.3.4.5/
https://256.256.256.256/
https://example.0x10/
https://-shop.example/
https://shop%2eexample/
https://shop example/
https://nowhere.example/
https://empty.example/
https://metadata.example/
https://169.254.169.254/latest/meta-data/
https://169.254.1.1/
https://[fd00:ec2::254]/
https://100.100.100.200/
https://168.63.129.16/
https://0.0.0.0/
https://[::]/
https://224.0.0.1/
https://[ff02::1]/
https://255.255.255.255/
https://240.0.0.1/
https://192.0.2.1/
https://[2001:db8::1]/
https://[fe80::1]/
https://[fec0::1]/
https://[::ffff:169.254.169.254]/
https://[64:ff9b::7f00:1]/
https://[64:ff9b:1::1]/
https://[2002:7f00:1::]/
https://[2001:0:7f00:1::]/
https://[::127.0.0.1]/
https://[::ffff:0:127.0.0.1]/
""".strip().splitlines()


@pytest.mark.parametrize("allow_private", [False, True])
@pytest.mark.parametrize("url", [*REFUSED_ALWAYS, "https://shop.example/\n", "https://shop.\texample/", ""])
async def test_no_setting_lets_these_pass(url: str, allow_private: bool) -> None:
    with pytest.raises(InvalidInput) as refused:
        await resolve_public(
            url, allow_private=allow_private, resolver=Names(**NAMES), path=("input", "callbackUrl")
        )
    assert refused.value.path == ("input", "callbackUrl")
    assert refused.value.message.startswith("callbackUrl ")


PRIVATE = """
https://127.0.0.1/
https://127.8.8.8/
https://127.0.0.1./
https://①②⑦.⓪.⓪.①/
https://10.1.2.3/
https://172.16.0.1/
https://172.31.255.255/
https://192.168.1.20:8080/
https://100.64.0.1/
https://[::1]/
https://[fd12:3456::1]/
https://[::ffff:127.0.0.1]/
https://[::ffff:7f00:1]/
https://[::ffff:10.0.0.7]/
https://localhost/
https://home.example/
https://both.example/
https://mapped.example/
http://home.example/
""".strip().splitlines()


@pytest.mark.parametrize("url", PRIVATE)
async def test_private_networks_pass_only_where_the_operator_allows_them(url: str) -> None:
    allowed = await resolve_public(url, allow_private=True, resolver=Names(**NAMES))
    assert allowed.addresses
    with pytest.raises(InvalidInput):
        await resolve_public(url, allow_private=False, resolver=Names(**NAMES))


async def test_a_refusal_does_not_say_what_a_name_leads_to() -> None:
    with pytest.raises(InvalidInput) as refused:
        await resolve_public("https://home.example/", allow_private=False, resolver=Names(**NAMES))
    assert "192.168" not in str(refused.value)


async def test_plain_http_passes_only_where_it_is_allowed() -> None:
    names = Names(**NAMES)
    with pytest.raises(InvalidInput, match="https://"):
        await resolve_public("http://shop.example/", allow_private=False, resolver=names)
    found = await resolve_public("http://shop.example/", allow_private=False, allow_http=True, resolver=names)
    assert found.port == 80


async def test_a_resolver_that_hangs_is_given_up() -> None:
    async def hang(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        raise AssertionError("never reached")

    with pytest.raises(InvalidInput, match="leads nowhere"):
        await resolve_public("https://shop.example/", allow_private=False, resolver=hang, budget_s=0.01)


async def test_a_very_long_address_is_refused_before_it_is_read() -> None:
    with pytest.raises(InvalidInput, match="2048"):
        await resolve_public(
            "https://shop.example/" + "x" * 2048, allow_private=False, resolver=Names(**NAMES)
        )


async def test_the_machines_own_resolver_knows_loopback() -> None:
    found = await resolve_public("http://localhost:8080/", allow_private=True)
    assert set(found.addresses) <= {"127.0.0.1", "::1"}


@given(st.ip_addresses())
def test_what_is_public_is_global_and_stays_allowed_privately(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast
        assert is_allowed_privately(address)


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_is_public_inside_an_ipv6_one(address: ipaddress.IPv4Address) -> None:
    for prefix in ("::", "::ffff:", "::ffff:0:", "64:ff9b::"):
        assert not is_public(ipaddress.ip_address(f"{prefix}{address}"))
