"""Linking an EasyPost account, without any network."""

from __future__ import annotations

import pytest

from connectors.parcel.easypost import CONNECTOR
from doorstep.errors import InvalidInput
from doorstep.quote import DeliveryMode
from doorstep.secret import Secret

GOOD = {"api_key": Secret("EZTK_simulated")}


def test_a_missing_key_is_named() -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect({}, "")

    assert refused.value.path == ("api_key",)


@pytest.mark.parametrize("url", ["http://api.easypost.com", "127.0.0.1:80", "http://127.0.0.1.example"])
def test_anything_but_https_stays_on_this_machine(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect(GOOD, url)

    assert refused.value.path == ("base_url",)


@pytest.mark.parametrize("url", ["", "https://api.easypost.com/v2", "http://127.0.0.1:8080/easypost"])
def test_a_good_link_needs_no_network(url: str) -> None:
    carrier = CONNECTOR.connect(GOOD, url)

    assert (carrier.carrier, carrier.mode) == ("easypost", DeliveryMode.PARCEL)
