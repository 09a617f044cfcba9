from __future__ import annotations

import pytest

from connectors.stores.woocommerce.receiver import why_refused

STORE = "https://shop.example:8443/blog"


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example/in",
        "http://hooks.example/in",
        "http://hooks.example:8080/in",
        "https://hooks.example:443",
    ],
)
def test_wordpress_posts_to_a_public_address_on_its_three_ports(url: str) -> None:
    assert why_refused(url, STORE, ["93.184.215.14"]) == ""


@pytest.mark.parametrize("port", [8000, 8443, 3000, 0, 65535])
def test_other_ports_are_refused(port: int) -> None:
    assert why_refused(f"https://hooks.example:{port}/in", STORE, ["93.184.215.14"]) == f"port {port}"


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"]
)
def test_private_addresses_are_refused(address: str) -> None:
    assert why_refused("https://hooks.example/in", STORE, [address]) == "a private address"


def test_on_the_stores_own_host_private_addresses_and_its_port_are_allowed() -> None:
    assert why_refused("https://shop.example:8443/in", STORE, ["10.0.0.1"]) == ""
    assert why_refused("https://shop.example:9000/in", STORE, ["10.0.0.1"]) == "port 9000"


@pytest.mark.parametrize("url", ["https://user@hooks.example/in", "https://[2001:db8::1]/in"])
def test_user_names_and_ipv6_addresses_are_refused(url: str) -> None:
    assert why_refused(url, STORE, []) != ""


def test_a_name_that_nobody_knows_here_is_judged_by_its_port() -> None:
    assert why_refused("https://hooks.example/in", STORE, []) == ""
