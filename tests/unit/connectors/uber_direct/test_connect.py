"""Linking an Uber Direct account, without any network."""

from __future__ import annotations

import pytest

from connectors.couriers.uber_direct import CONNECTOR
from doorstep.errors import InvalidInput
from doorstep.quote import DeliveryMode
from doorstep.secret import Secret

GOOD = {
    "customer_id": Secret("cus_42"),
    "client_id": Secret("client"),
    "client_secret": Secret("hush"),
}


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_credential_is_named(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect({**GOOD, name: Secret("")}, "")

    assert refused.value.path == (name,)


def test_a_foreign_host_is_spoken_to_by_https_only() -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect(GOOD, "http://api.uber.com")

    assert refused.value.path == ("base_url",)


def test_a_foreign_sign_in_address_is_checked_alike() -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect({**GOOD, "token_url": Secret("http://example.com/token")}, "")

    assert refused.value.path == ("token_url",)


@pytest.mark.parametrize(
    "url", ["", "https://api.uber.com/v1", "http://127.0.0.1:8080/uber", "http://localhost:1"]
)
def test_a_good_link_needs_no_network(url: str) -> None:
    carrier = CONNECTOR.connect(GOOD, url)

    assert (carrier.carrier, carrier.mode) == ("uber_direct", DeliveryMode.COURIER)
