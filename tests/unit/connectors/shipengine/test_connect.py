"""Linking a ShipEngine account, without any network."""

from __future__ import annotations

import pytest

from connectors.parcel.shipengine import CONNECTOR
from connectors.parcel.shipengine.connector import root_of
from doorstep.errors import InvalidInput
from doorstep.quote import DeliveryMode
from doorstep.secret import Secret

GOOD = {"api_key": Secret("TEST_simulated")}


def test_a_missing_key_is_named() -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect({}, "")

    assert refused.value.path == ("api_key",)


def test_a_foreign_host_is_spoken_to_by_https_only() -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect(GOOD, "http://api.shipengine.com")

    assert refused.value.path == ("base_url",)


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("", "https://api.shipengine.com/v1"),
        ("https://api.shipengine.com/", "https://api.shipengine.com/v1"),
        ("https://api.shipengine.com/v1", "https://api.shipengine.com/v1"),
        ("https://api.shipstation.com", "https://api.shipstation.com/v2"),
        ("https://api.shipstation.com/v2/", "https://api.shipstation.com/v2"),
        ("http://127.0.0.1:8080/shipengine", "http://127.0.0.1:8080/shipengine/v1"),
        ("http://127.0.0.1:8080/shipengine/v2", "http://127.0.0.1:8080/shipengine/v2"),
    ],
)
def test_the_address_may_name_a_version_and_has_one_anyway(url: str, root: str) -> None:
    assert root_of(url) == root


def test_a_good_link_needs_no_network() -> None:
    carrier = CONNECTOR.connect(GOOD, "https://api.shipstation.com")

    assert (carrier.carrier, carrier.mode) == ("shipengine", DeliveryMode.PARCEL)


def test_nothing_is_asked_twice_at_a_time_since_calls_are_counted() -> None:
    assert not CONNECTOR.quoting.may_hedge
