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


def test_a_foreign_host_is_spoken_to_by_https_only() -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect(GOOD, "http://api.easypost.com")

    assert refused.value.path == ("base_url",)


@pytest.mark.parametrize("url", ["", "https://api.easypost.com/v2", "http://127.0.0.1:8080/easypost"])
def test_a_good_link_needs_no_network(url: str) -> None:
    carrier = CONNECTOR.connect(GOOD, url)

    assert (carrier.carrier, carrier.mode) == ("easypost", DeliveryMode.PARCEL)
