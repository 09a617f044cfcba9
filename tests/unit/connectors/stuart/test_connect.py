"""Linking a Stuart account, without any network."""

from __future__ import annotations

import pytest

from connectors.couriers.stuart import CONNECTOR
from doorstep.errors import InvalidInput
from doorstep.ports import ChangesBookings, RaisesOffers, ShowsProof, StacksDeliveries
from doorstep.quote import DeliveryMode
from doorstep.secret import Secret

GOOD = {"client_id": Secret("client"), "client_secret": Secret("hush")}


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_credential_is_named(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect({**GOOD, name: Secret("")}, "")

    assert refused.value.path == (name,)


def test_a_foreign_host_is_spoken_to_by_https_only() -> None:
    with pytest.raises(InvalidInput) as refused:
        CONNECTOR.connect(GOOD, "http://api.stuart.com")

    assert refused.value.path == ("base_url",)


@pytest.mark.parametrize("url", ["", "https://api.sandbox.stuart.com/v2", "http://127.0.0.1:8080/stuart"])
def test_a_good_link_needs_no_network(url: str) -> None:
    carrier = CONNECTOR.connect(GOOD, url)

    assert (carrier.carrier, carrier.mode) == ("stuart", DeliveryMode.COURIER)


def test_it_changes_bookings_shows_proof_stacks_and_takes_no_tips() -> None:
    carrier = CONNECTOR.connect(GOOD, "")

    assert CONNECTOR.most_stops == 8
    assert isinstance(carrier, StacksDeliveries)
    assert isinstance(carrier, ChangesBookings)
    assert isinstance(carrier, ShowsProof)
    assert not isinstance(carrier, RaisesOffers)
