"""Linking a Roadie account, without any network."""

from __future__ import annotations

import pytest

from connectors.couriers.roadie import CONNECTOR
from doorstep.errors import InvalidInput
from doorstep.ports import ChangesBookings, RaisesOffers, ShowsProof
from doorstep.quote import DeliveryMode
from doorstep.secret import Secret

GOOD = {"token": Secret("good")}


def test_a_missing_token_is_named() -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect({"token": Secret("")}, "")

    assert refused.value.path == ("token",)


def test_a_foreign_host_is_spoken_to_by_https_only() -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect(GOOD, "http://connect.roadie.com")

    assert refused.value.path == ("base_url",)


@pytest.mark.parametrize("url", ["", "https://connect-sandbox.roadie.com/v1", "http://localhost:8080/roadie"])
def test_a_good_link_needs_no_network(url: str) -> None:
    carrier = CONNECTOR.connect(GOOD, url)

    assert (carrier.carrier, carrier.mode) == ("roadie", DeliveryMode.COURIER)


def test_it_takes_tips_and_shows_proof_and_its_name_says_that_it_is_beta() -> None:
    carrier = CONNECTOR.connect(GOOD, "")

    assert isinstance(carrier, RaisesOffers)
    assert isinstance(carrier, ShowsProof)
    assert not isinstance(carrier, ChangesBookings)
    assert CONNECTOR.name == "Roadie (beta)"
